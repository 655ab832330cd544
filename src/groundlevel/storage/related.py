"""What a transaction finds on the other side of records: the relations that are shown with them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Final

from groundlevel.model import Relation
from groundlevel.storage.place import Placed

RELATIONS_SHOWN: Final = 100
"""Most relations that are shown with a record; a page of records costs no more than this, however many there are."""


class RelatedMethods(Placed):
    """The part of a transaction that looks at relations from the side of records."""

    @abstractmethod
    async def relations_shown(self, record_ids: Sequence[str]) -> dict[str, list[Relation]]:
        """Up to RELATIONS_SHOWN relations of each record that has any, in which it stands on either side.

        By association, the oldest first. A relation of a record with itself comes once.
        """
