"""The feed of a backend whose library is not installed: who asks for a market reads what to do."""

from typing import NoReturn

from ems.errors import MissingLibrary
from ems.market import Market
from ems.ports import TickSink, Unsubscribe
from ems.ticks import Bars


class MissingFeed:
    """Has no market, and says why; see `ems.ports.Feed`.

    Parameters
    ----------
    name : str
        The backend's.
    why : MissingLibrary
        What it lacks, and what to install.
    """

    def __init__(self, name: str, why: MissingLibrary) -> None:
        self.name = name
        self._why = why

    async def search(self, text: str) -> list[Market]:
        """Return nothing: no market is known."""
        return []

    async def market(self, fqsn: str) -> Market:
        """Raise `MissingLibrary`."""
        self._refuse()

    def period_ns(self, fqsn: str) -> int:
        """Raise `MissingLibrary`."""
        self._refuse()

    async def bars(
        self, fqsn: str, period_ns: int, *, end_ns: int | None = None, count: int = 1000
    ) -> Bars:
        """Raise `MissingLibrary`."""
        self._refuse()

    async def subscribe(self, fqsn: str, sink: TickSink) -> Unsubscribe:
        """Raise `MissingLibrary`."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise MissingLibrary(str(self._why)) from self._why
