"""Where order lines and their labels lie on a pane, so that no label covers another."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

from PyQt6.QtCore import QLineF, QRectF

from order_mode.label_layout import columns_needed, spread
from order_mode.line import Line, LineStyle
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
    rect: QRectF
    leader: QLineF | None
    """From the line to its label, where the label was pushed aside."""


def place_lines(
    visible: Iterable[tuple[float, Line]], pane: QRectF, label_of: LabelOf, marked: str | None
) -> list[Placed]:
    """Return the lines with their labels, in the order in which to draw them.

    Labels stand at the right edge. Where one column does not hold them all there are more, of
    compact labels, and the marked line has its full label beside them. So has a line in hand,
    which moves no other label.

    Parameters
    ----------
    visible
        (y, line) of each line in view, pixels from the top of the pane.
    pane
        The room there is.
    label_of
        Paints or remembers labels.
    marked
        Key of the line under the cursor.
    """
    by_y = sorted(visible, key=lambda one: one[0])
    resting = [one for one in by_y if one[1].style is not LineStyle.STAGED]
    columns = columns_needed(len(resting), LABEL_HEIGHT, pane.top(), pane.bottom())
    placed: list[Placed] = []
    right = pane.right() - RIGHT_MARGIN
    for column in range(columns):
        members = [(y, line, label_of(line, columns > 1)) for y, line in resting[column::columns]]
        placed += _column(members, right, pane)
        right -= max((label.width for _, _, label in members), default=0.0) + COLUMN_GAP
    for y, line in by_y:
        if line.style is LineStyle.STAGED or (columns > 1 and line.key == marked):
            placed.append(_alone(y, line, label_of(line, False), pane, placed))
    return placed


def mirrored(placed: list[Placed], pane: QRectF) -> list[Placed]:
    """Return the same with the labels at the left edge."""
    across = pane.left() + pane.right()
    for one in placed:
        one.rect.moveLeft(across - one.rect.right())
        if one.leader is not None:
            line = one.leader
            one.leader = QLineF(across - line.x1(), line.y1(), across - line.x2(), line.y2())
    return placed


def _column(
    members: list[tuple[float, Line, OrderLabel]], right: float, pane: QRectF
) -> list[Placed]:
    centers = spread([y for y, _, _ in members], LABEL_HEIGHT, pane.top(), pane.bottom())
    return [
        _placed(line, y, label, right, center)
        for (y, line, label), center in zip(members, centers, strict=True)
    ]


def _alone(y: float, line: Line, label: OrderLabel, pane: QRectF, others: list[Placed]) -> Placed:
    """Place a label at its line, left of every label that it would cover."""
    half = LABEL_HEIGHT / 2
    center = min(max(y, pane.top() + half), pane.bottom() - half)
    beside = [
        one.rect.left() - COLUMN_GAP
        for one in others
        if abs(one.rect.center().y() - center) < LABEL_HEIGHT
    ]
    right = min(beside, default=pane.right() - RIGHT_MARGIN)
    return _placed(line, y, label, max(right, label.width), center)


def _placed(line: Line, y: float, label: OrderLabel, right: float, center: float) -> Placed:
    left = round(right - label.width)
    rect = QRectF(left, round(center - LABEL_HEIGHT / 2), label.width, LABEL_HEIGHT)
    aside = abs(center - y) > 1.0
    leader = QLineF(left - _LEADER, y, left, center) if aside else None
    return Placed(line, y, label, rect, leader)
