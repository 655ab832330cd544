"""Refusals about the log of changes and what is brought back from it."""

from __future__ import annotations

from collections.abc import Mapping

from groundlevel.kernel.errors import SHOWN, Conflict, Gone, NotFound
from groundlevel.kernel.model import Json
from groundlevel.kernel.timestamps import iso


class AuditOff(Conflict):
    """Changes are not logged: the setting audit is off"""

    code = "audit_off"
    hint = "Start the server with --audit changes; what happens from then on is logged."
    about = "History, the bin and the feed of changes are read from a log, which the setting `audit` turns off."


class CursorGone(Gone):
    """The changes behind the cursor are no longer kept"""

    code = "cursor_gone"
    hint = "Read everything anew, then follow the changes from the cursor in meta.oldest."
    about = (
        "Changes are kept for `audit_days` days, and of those `audit_max_rows` at most. The cursor is older than that, "
        "or one of another database; `meta.oldest` is the oldest that can be followed from, `meta.newest` the newest."
    )

    def __init__(self, cursor: int, *, oldest: int, newest: int) -> None:
        which = "are no longer kept" if cursor < oldest else "are none of this database"
        super().__init__(f"The changes behind the cursor {cursor} {which}")
        self._meta = {"oldest": str(oldest), "newest": str(newest)}

    @property
    def meta(self) -> Mapping[str, Json]:
        return self._meta

    @classmethod
    def example(cls) -> CursorGone:
        return cls(17, oldest=4_200, newest=9_000)


class MomentGone(Gone):
    """What the records were at that time is no longer known"""

    code = "moment_gone"
    hint = "Name a time at or after the one in meta.oldest."
    about = (
        "Changes are kept for `audit_days` days, and of those `audit_max_rows` at most. Records are led back by what "
        "is kept of their changes, so not to a time before the oldest of these."
    )

    def __init__(self, oldest: int) -> None:
        super().__init__("What the records were at that time is no longer known")
        self._oldest = oldest

    @property
    def meta(self) -> Mapping[str, Json]:
        return {"oldest": iso(self._oldest)}

    @classmethod
    def example(cls) -> MomentGone:
        return cls(1_720_690_539_032)


class VersionGone(Gone):
    """What the record was in that version is no longer known"""

    code = "version_gone"
    hint = "GET /x/objects/{key}/records/{id}/history lists the versions that are known."
    about = (
        "The changes since that version are no longer all kept, or were not all logged, so that it cannot be found out."
    )

    def __init__(self, record_id: str, version: int) -> None:
        super().__init__(f"What record ({record_id[:SHOWN]}) was in version {version} is no longer known")

    @classmethod
    def example(cls) -> VersionGone:
        return cls("668fa61b0802420000000001", 2)


class VersionNotFound(NotFound):
    """The record has not had that version"""

    code = "version_not_found"
    hint = "GET /x/objects/{key}/records/{id}/history lists the versions of the record."
    about = "A record is restored to a version that it has had: from 1 up to the one it has."

    def __init__(self, record_id: str, version: int) -> None:
        super().__init__(f"Record ({record_id[:SHOWN]}) has not had version {version}")

    @classmethod
    def example(cls) -> VersionNotFound:
        return cls("668fa61b0802420000000001", 9)


class NotInBin(NotFound):
    """No deleted record with this id can be brought back"""

    code = "not_in_bin"
    hint = "GET /x/bin lists the records that can be brought back."
    about = (
        "Deleted records can be brought back for `bin_days` days. This one was never there, is there, or went earlier."
    )

    def __init__(self, record_id: str) -> None:
        super().__init__(f"No deleted record ({record_id[:SHOWN]}) can be brought back")

    @classmethod
    def example(cls) -> NotInBin:
        return cls("668fa61b0802420000000001")


class PlaceTaken(Conflict):
    """Another record has the place of the deleted one"""

    code = "place_taken"
    hint = "Create the record anew from what GET /x/bin shows of it."
    about = (
        "Records of an object stand in the order in which they were created. The place of a deleted one is kept free, "
        "but not in a database to which the log was moved from another one. Nothing was stored."
    )

    def __init__(self, record_id: str) -> None:
        super().__init__(f"Record ({record_id[:SHOWN]}) cannot come back: another one has its place")

    @classmethod
    def example(cls) -> PlaceTaken:
        return cls("668fa61b0802420000000001")


class RecordInTheWay(Conflict):
    """Another record has a unique value of the deleted one"""

    code = "record_in_the_way"
    hint = "Change or delete the record in meta.recordId, then bring this one back."
    about = "A deleted record gives its unique values up, and another record has taken one. Nothing was stored."

    def __init__(self, name: str, record_id: str, *, field_key: str) -> None:
        super().__init__(
            f"{name} must be unique: record ({record_id[:SHOWN]}) has this value by now", field_key=field_key
        )
        self._record_id = record_id

    @property
    def meta(self) -> Mapping[str, Json]:
        return {"recordId": self._record_id}

    @classmethod
    def example(cls) -> RecordInTheWay:
        return cls("Chip", "668fa61b0802420000000002", field_key="custom_objects.pet.chip")
