"""Which order lines there are, and where each lies on its plot as of now."""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from typing import Final, Literal

import pyqtgraph as pg
from PyQt6.QtCore import QRectF

from order_mode.line import Line, LineStyle
from ui.chart.price_scale import PriceScale
from ui.order_label import LABEL_HEIGHT, OrderLabel
from ui.order_line_layout import Placed, mirrored, place_beside, place_resting


class OrderLinePlaces:
    """The lines of one plot with their labels, worked out again only as far as anything changed.

    Parameters
    ----------
    view : pg.ViewBox
        Of the plot; only its y axis is used.
    side
        Where the labels stand.
    pane : callable
        Returns the room there is, pixels of the pane.
    scale : PriceScale
        How prices lie on the y axis.
    """

    def __init__(
        self,
        view: pg.ViewBox,
        side: Literal["left", "right"],
        pane: Callable[[], QRectF],
        scale: PriceScale,
    ) -> None:
        self._view = view
        self._side: Final = side
        self._pane = pane
        self._prices = scale
        self.lines: dict[str, Line] = {}
        """Every line by key, in view or not."""
        self.in_hand: dict[str, Line] = {}
        """Those of them that somebody moves."""
        self.marked: str | None = None
        """Key of the line under the cursor; see `mark`."""
        self.generation = 0
        """Counts up when the resting lines are placed anew."""
        self._with_ghost: dict[str, Line] = {}
        self._labels: dict[tuple[str, bool], OrderLabel] = {}
        self._column: list[Placed] = []  # the resting ones as if on the right
        self._by_top: list[Placed] | None = None  # the same
        self._resting: list[Placed] | None = None
        self._beside: list[Placed] | None = None
        self._compact = False
        self._y_scale: tuple[float, float] | None = None

    def put(self, line: Line) -> None:
        """Take a line, or another one in the place of that with its key."""
        moves = line.style is LineStyle.STAGED
        if not (moves and line.key in self.in_hand):
            self._resting = None
        self.lines[line.key] = line
        self._with_ghost.pop(line.key, None)
        if line.ghost_price is not None:
            self._with_ghost[line.key] = line
        self._beside = None
        if moves:
            self.in_hand[line.key] = line
        else:
            self.in_hand.pop(line.key, None)

    def take_away(self, key: str) -> None:
        """Forget a line."""
        if self.in_hand.pop(key, None) is None:
            self._resting = None
        del self.lines[key]
        self._with_ghost.pop(key, None)
        self._beside = None
        self._labels.pop((key, True), None)
        self._labels.pop((key, False), None)

    def mark(self, key: str | None) -> None:
        """Let another line be the one under the cursor: its label is the full one."""
        self.marked = key
        self._beside = None

    def resized(self) -> None:
        """Place all anew: the pane has another size, or prices lie elsewhere."""
        self._resting = None

    def restyle(self) -> None:
        """Paint all labels anew: the colours are others."""
        self._labels.clear()
        self._resting = self._beside = None

    def moved(self) -> bool:
        """Note that the view has moved; return whether any line has: not so by a pan."""
        scale = self._read_scale()
        if scale == self._y_scale:
            return False
        self._y_scale, self._resting = scale, None
        return True

    def y_of(self, price: float) -> float:
        """Return the y of a price, pixels of the pane."""
        zero, one = self._scale()
        return zero + one * self._prices.level(price)

    def all(self) -> list[Placed]:
        """Return all lines in view, those beside the others last."""
        return [*self.resting(), *self.beside()]

    def resting(self) -> list[Placed]:
        """Return the lines in view that are in no hand; the same list until any is moved."""
        if self._resting is None:
            lines = [line for key, line in self.lines.items() if key not in self.in_hand]
            visible = self._in_view(lines)
            self._column, self._compact = place_resting(visible, self._pane(), self._label)
            self._resting = self._on_side(self._column)
            self._by_top = self._beside = None
            self.generation += 1
        return self._resting

    def beside(self) -> list[Placed]:
        """Return the lines in hand, and the marked one where labels are compact."""
        self.resting()
        if self._beside is None:
            beside: list[Placed] = []
            for y, line in self._in_view(self._apart()):
                others = [*self._near(y), *beside]
                beside.append(place_beside(y, line, self._pane(), self._label, others))
            self._beside = self._on_side(beside)
        return self._beside

    def leaving(self) -> list[Line]:
        """Return the lines out of view of orders that are still where the view shows."""
        pane = self._pane()
        return [
            line
            for line in self._with_ghost.values()
            if not pane.top() <= self.y_of(float(line.price)) <= pane.bottom()
            and pane.top() <= self.y_of(float(line.ghost_price or line.price)) <= pane.bottom()
        ]

    def hand_strip(self, key: str) -> QRectF | None:
        """Return what a line in hand covers, None for one that is in none."""
        line = self.in_hand.get(key)
        if line is None:
            return None
        prices = (line.price, line.price if line.limit_price is None else line.limit_price)
        top, bottom = sorted(self.y_of(float(price)) for price in prices)
        for other in self._tied(line):
            y = self.y_of(float(other.price))
            top, bottom = min(top, y), max(bottom, y)
        strip = QRectF(0, top - 2, self._pane().width(), bottom - top + 5)
        label = next((one.rect for one in self.beside() if one.line.key == key), QRectF())
        return strip.united(label.adjusted(-2, -2, 2, 2)) & self._pane()

    def _tied(self, line: Line) -> list[Line]:
        """Return the lines that a line is tied to, or that are tied to it."""
        others = self.lines.values()
        return [one for one in others if one.tie == line.key or (line.tie and one.key == line.tie)]

    def _near(self, y: float) -> list[Placed]:
        """Return the resting labels that one at ``y`` may lie on, as if on the right."""
        if self._by_top is None:
            self._by_top = sorted(self._column, key=_top)
        pane = self._pane()
        middle = min(max(y, pane.top()), pane.bottom())
        low = bisect_left(self._by_top, middle - 2 * LABEL_HEIGHT, key=_top)
        return self._by_top[low : bisect_left(self._by_top, middle + 2 * LABEL_HEIGHT, key=_top)]

    def _on_side(self, placed: list[Placed]) -> list[Placed]:
        """Return the labels, placed from the right, where they stand."""
        return placed if self._side == "right" else mirrored(placed, self._pane())

    def _apart(self) -> list[Line]:
        lines = list(self.in_hand.values())
        marked = self.lines.get(self.marked or "") if self._compact else None
        return lines if marked is None or marked in lines else [*lines, marked]

    def _in_view(self, lines: Iterable[Line]) -> list[tuple[float, Line]]:
        pane = self._pane()
        top, bottom = pane.top(), pane.bottom()
        zero, one = self._scale()
        level = self._prices.level
        at_y = [(zero + one * level(float(line.price)), line) for line in lines]
        return [pair for pair in at_y if top <= pair[0] <= bottom]

    def _label(self, line: Line, compact: bool) -> OrderLabel:
        key = (line.key, compact)
        label = self._labels.get(key)
        if label is None or label.line is not line:
            widget = self._view.getViewWidget()
            ratio = 1.0 if widget is None else float(widget.devicePixelRatioF())
            label = self._labels[key] = OrderLabel(line, compact=compact, ratio=ratio, before=label)
        return label

    def _scale(self) -> tuple[float, float]:
        """Return (y of level 0, pixels a level)."""
        self._view.updateMatrix()  # tells of a change that it has kept to itself
        if self._y_scale is None:
            self._y_scale = self._read_scale()
        return self._y_scale

    def _read_scale(self) -> tuple[float, float]:
        transform = self._view.childTransform()
        zero = float(transform.dy())
        return zero, float(transform.m22()) + zero - zero


def _top(one: Placed) -> int:
    return one.top
