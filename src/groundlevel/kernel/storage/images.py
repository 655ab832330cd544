"""Takes images of everything that is stored and puts them back: for databases that somebody has called disposable."""

from __future__ import annotations

from abc import ABC, abstractmethod

from groundlevel.kernel.storage.transaction import Work


class Images(ABC):
    """The images of one database. They last as long as the process that has taken them.

    Putting one back replaces every row, under the feet of whoever uses the database, so nobody but those who have
    asked `is_disposable` may do it. Every method may raise StorageUnavailable.
    """

    @property
    @abstractmethod
    def names(self) -> list[str]:
        """The names of what was taken, oldest first."""

    @abstractmethod
    async def is_disposable(self) -> bool:
        """Whether everything in the database may be replaced at any time."""

    @abstractmethod
    async def mark_disposable(self, *, disposable: bool = True) -> None:
        """Says so, or that it may not. The mark is a part of the images that are taken later."""

    @abstractmethod
    async def take(self, name: str, look: Work[None] | None = None) -> None:
        """Takes an image of what is committed now, in place of one of that name.

        `look` reads what is in it, in a transaction without a location.
        """

    @abstractmethod
    async def put_back(self, name: str) -> None:
        """Makes everything as it was when the image was taken, in one step. Raises KeyError when there is none.

        Work that is running ends before, work that is waiting runs after it.
        """

    @abstractmethod
    async def drop(self, name: str) -> None:
        """Lets go of an image. Raises KeyError when there is none."""
