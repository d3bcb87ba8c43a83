"""Where order lines and their labels lie on a pane, so that no label covers another."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from PyQt6.QtCore import QLineF, QRectF

from order_mode.label_layout import columns_needed, spread
from order_mode.line import Line
from ui.order_label import LABEL_HEIGHT, OrderLabel

RIGHT_MARGIN: Final = 24.0
"""Room for the plus at the price axis; no label covers it."""
COLUMN_GAP: Final = 4.0
_LEADER: Final = 14.0

LabelOf: TypeAlias = Callable[[Line, bool], OrderLabel]
"""Returns the painted label of a line, the compact one if True."""


@dataclass(slots=True)
class Placed:
    """A line in view and its label, in pixels of the pane."""

    line: Line
    y: float
    label: OrderLabel
    left: int
    top: int
    """Of the label."""
    leader: QLineF | None
    """From the line to its label, where the label was pushed aside."""

    @property
    def rect(self) -> QRectF:
        """The label."""
        return QRectF(self.left, self.top, self.label.width, LABEL_HEIGHT)

    def covers(self, x: float, y: float) -> bool:
        """Tell whether a point is on the label."""
        down = self.top <= y <= self.top + LABEL_HEIGHT
        return down and self.left <= x <= self.left + self.label.width


def place_resting(
    visible: Iterable[tuple[float, Line]], pane: QRectF, label_of: LabelOf
) -> tuple[list[Placed], bool]:
    """Return the lines that are in no hand with their labels, from the top.

    Labels stand at the right edge. Where one column does not hold them all there are more, of
    compact labels.

    Parameters
    ----------
    visible
        (y, line) of each line in view, pixels from the top of the pane.
    pane
        The room there is.
    label_of
        Paints or remembers labels.

    Returns
    -------
    placed : list of Placed
    compact : bool
        True if the labels are the compact ones.
    """
    by_y = sorted(visible, key=lambda one: one[0])
    columns = columns_needed(len(by_y), LABEL_HEIGHT, pane.top(), pane.bottom())
    placed: list[Placed] = []
    right = pane.right() - RIGHT_MARGIN
    for column in range(columns):
        members = [(y, line, label_of(line, columns > 1)) for y, line in by_y[column::columns]]
        placed += _column(members, right, pane)
        right -= max((label.width for _, _, label in members), default=0.0) + COLUMN_GAP
    return placed, columns > 1


def place_beside(
    y: float, line: Line, pane: QRectF, label_of: LabelOf, others: Iterable[Placed]
) -> Placed:
    """Return a line with its full label, at its price and left of all labels in the way.

    So are placed the line in hand, which moves no other label, and the line under the cursor
    where labels are compact.
    """
    return _alone(y, line, label_of(line, False), pane, others)


def mirrored(placed: Iterable[Placed], pane: QRectF) -> list[Placed]:
    """Return the same with the labels at the left edge."""
    across = pane.left() + pane.right()
    return [_mirrored(one, across) for one in placed]


def _mirrored(one: Placed, across: float) -> Placed:
    left = round(across - one.left - one.label.width)
    leader = one.leader
    if leader is not None:
        leader = QLineF(across - leader.x1(), leader.y1(), across - leader.x2(), leader.y2())
    return replace(one, left=left, leader=leader)


def _column(
    members: list[tuple[float, Line, OrderLabel]], right: float, pane: QRectF
) -> list[Placed]:
    centers = spread([y for y, _, _ in members], LABEL_HEIGHT, pane.top(), pane.bottom())
    return [
        _placed(line, y, label, right, center)
        for (y, line, label), center in zip(members, centers, strict=True)
    ]


def _alone(
    y: float, line: Line, label: OrderLabel, pane: QRectF, others: Iterable[Placed]
) -> Placed:
    """Place a label at its line, left of every label that it would cover."""
    half = LABEL_HEIGHT / 2
    center = min(max(y, pane.top() + half), pane.bottom() - half)
    above, below = center - 1.5 * LABEL_HEIGHT, center + 0.5 * LABEL_HEIGHT
    beside = [one.left - COLUMN_GAP for one in others if above < one.top < below]
    right = min(beside, default=pane.right() - RIGHT_MARGIN)
    return _placed(line, y, label, max(right, label.width), center)


def _placed(line: Line, y: float, label: OrderLabel, right: float, center: float) -> Placed:
    left, top = round(right - label.width), round(center - LABEL_HEIGHT / 2)
    aside = abs(center - y) > 1.0
    leader = QLineF(left - _LEADER, y, left, center) if aside else None
    return Placed(line, y, label, left, top, leader)
