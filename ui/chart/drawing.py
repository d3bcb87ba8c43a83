"""What a trader draws, by times and prices: it means the same with bars of any length."""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Final, NamedTuple

import msgspec

_MOST_STEPS: Final = 200


class DrawingKind(Enum):
    """What there is to draw; the value is what the user reads."""

    LEVEL = "Horizontal line"
    TREND = "Trend line"
    RECTANGLE = "Rectangle"


class Anchor(NamedTuple):
    """A point of a drawing."""

    time_ns: int
    """UTC."""
    price: float


class Drawing(msgspec.Struct, frozen=True):
    """One drawing.

    Attributes
    ----------
    anchors : tuple of Anchor
        The time of a level says nothing; a trend line and a rectangle have two.
    """

    kind: DrawingKind
    anchors: tuple[Anchor, ...]

    def __post_init__(self) -> None:
        wanted = 1 if self.kind is DrawingKind.LEVEL else 2
        if len(self.anchors) != wanted:
            raise ValueError(
                f"a {self.kind.value.lower()} has {wanted} anchors, not {len(self.anchors)}"
            )

    def with_anchor(self, place: int, anchor: Anchor) -> "Drawing":
        """Return it with one anchor at another place."""
        anchors = list(self.anchors)
        anchors[place] = anchor
        return msgspec.structs.replace(self, anchors=tuple(anchors))


class Drawings:
    """The drawings of one market, with every change to undo and do again.

    Orders are none of them, and nothing here touches one.

    Parameters
    ----------
    changed : callable
        Called after each change.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._now: tuple[Drawing, ...] = ()
        self._before: list[tuple[Drawing, ...]] = []
        self._after: list[tuple[Drawing, ...]] = []

    @property
    def all(self) -> tuple[Drawing, ...]:
        """Every drawing, the newest last."""
        return self._now

    def load(self, drawings: Sequence[Drawing]) -> None:
        """Begin with these; there is nothing to undo. Nothing happens if they are there."""
        if tuple(drawings) == self._now:
            return
        self._now = tuple(drawings)
        self._before.clear()
        self._after.clear()
        self._changed()

    def add(self, drawing: Drawing) -> None:
        """Draw one more."""
        self._step((*self._now, drawing))

    def change(self, place: int, drawing: Drawing) -> None:
        """Put another drawing in the place of one; the same again is no step."""
        if self._now[place] != drawing:
            self._step((*self._now[:place], drawing, *self._now[place + 1 :]))

    def remove(self, place: int) -> None:
        """Take one away."""
        self._step((*self._now[:place], *self._now[place + 1 :]))

    def put_all(self, drawings: Sequence[Drawing]) -> None:
        """Draw these and no others, in one step."""
        if tuple(drawings) != self._now:
            self._step(tuple(drawings))

    def undo(self) -> bool:
        """Take the last change back; return False if there is none."""
        return self._go(self._before, self._after)

    def redo(self) -> bool:
        """Do again what was undone last; return False if nothing was."""
        return self._go(self._after, self._before)

    def _step(self, drawings: tuple[Drawing, ...]) -> None:
        self._before.append(self._now)
        del self._before[:-_MOST_STEPS]
        self._after.clear()
        self._now = drawings
        self._changed()

    def _go(self, there: list[tuple[Drawing, ...]], back: list[tuple[Drawing, ...]]) -> bool:
        if not there:
            return False
        back.append(self._now)
        self._now = there.pop()
        self._changed()
        return True
