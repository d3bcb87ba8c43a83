"""Which answer of a venue is how things are now, and which one was overtaken on its way."""

from collections.abc import Callable
from enum import Enum, auto

from ems.messages import BrokerdReport


class Verdict(Enum):
    """What a report is worth."""

    NEWS = auto()  # it answers our newest question, and nothing was heard since
    OVERTAKEN = auto()  # it does, and something was heard or sent since: ask again
    OLD = auto()  # it answers an earlier question, or one that was answered


class Questions:
    """The newest question about each order.

    Parameters
    ----------
    clock
        Now, UTC ns.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._last_ns = 0
        self.open: dict[str, tuple[int, bool]] = {}
        """By oid, what has no answer yet: when it was asked, and whether it is overtaken."""

    def ask(self, oid: str) -> int:
        """Note a question about the order; return its time, which no other question has."""
        self._last_ns = max(self._last_ns + 1, self._clock())
        self.open[oid] = (self._last_ns, False)
        return self._last_ns

    def overtake(self, oid: str) -> None:
        """Note that something happened to the order since it was asked for."""
        asked = self.open.get(oid)
        if asked is not None:
            self.open[oid] = (asked[0], True)

    def forget(self, oid: str) -> None:
        """Note that no answer is needed any more."""
        self.open.pop(oid, None)

    def verdict(self, report: BrokerdReport) -> Verdict:
        """Judge a report, and close the question that it answers."""
        if report.asked_ns is None:  # the backend does not tell its answers apart
            self.open.pop(report.oid, None)
            return Verdict.NEWS
        asked_ns, overtaken = self.open.get(report.oid, (None, False))
        if asked_ns != report.asked_ns:
            return Verdict.OLD
        del self.open[report.oid]
        return Verdict.OVERTAKEN if overtaken else Verdict.NEWS
