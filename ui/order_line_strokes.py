"""Order lines without their labels: every line of one style and colour in one call."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Literal, TypeAlias

import numpy as np
from PyQt6.QtCore import QRect, Qt
from PyQt6.QtGui import QBrush, QColor, QPainter, QPixmap

from order_mode.line import Line, LineStyle
from ui import theme
from ui.chart.rect_batch import RectBatch
from ui.order_label import side_color
from ui.order_line_layout import Placed

_PATTERNS: Final = {  # (pixels drawn, pixels left out)
    LineStyle.STAGED: (2, 2),
    LineStyle.DOTTED: (2, 4),
    LineStyle.DASHED: (7, 5),
    LineStyle.WAITING: (2, 7),
    LineStyle.SOLID: (1, 0),
    LineStyle.POSITION: (14, 3),
}
_RESTING: Final = 0.75
_FAINT: Final = 0.4
"""Parts of its colour that a line has; opaque, which costs half of what blending does."""
_TIE: Final = 0.55
_TIE_GAP: Final = 10
_TIE_STEP: Final = 5
_RAILS: Final = 6
"""Pixels from a label to the rail that ties it, and from one rail to the next, of so many."""
_SHORT: Final = 0.4
"""Part of the pane that a line at rest crosses, from the side of the labels."""

Stroke: TypeAlias = tuple[str, str, float]
"""The name of a style, a colour and the part of it: what is drawn in one call."""
Rects: TypeAlias = list[tuple[int, int, int, int]]
"""Left, top, right and bottom of each, pixels of the pane; all are in it."""


class Strokes:
    """Draws lines and ghosts.

    Parameters
    ----------
    y_of : callable
        Returns the y of a price, pixels of the pane.
    side : {"left", "right"}
        Where the labels stand; a line at rest begins there.
    """

    def __init__(
        self, y_of: Callable[[float], float], side: Literal["left", "right"] = "right"
    ) -> None:
        self._y_of = y_of
        self._side: Final = side
        self._brushes: dict[Stroke, QBrush] = {}
        self._batches: dict[Stroke, RectBatch] = {}
        self._laid_out: list[tuple[QBrush, RectBatch, int]] = []

    def restyle(self) -> None:
        """Forget what has the colours of another theme."""
        self._brushes.clear()

    def of(self, placed: Iterable[Placed], width: int, marked: str | None) -> dict[Stroke, Rects]:
        """Return every line and ghost by its stroke.

        Parameters
        ----------
        width : int
            Of the pane, logical pixels.
        marked : str, optional
            Key of the line under the cursor, which is thick.
        """
        strokes: defaultdict[Stroke, Rects] = defaultdict(list)
        whole, short = self._reach(width, whole=True), self._reach(width, whole=False)
        for one in placed:
            line, color, row = one.line, side_color(one.line), round(one.y)
            thick = line.style is LineStyle.STAGED or line.key == marked
            start, end = whole if thick or line.refused else short
            style = line.style.name
            strokes[style, color, _part(line, thick)].append((start, row, end, row + thick))
            if line.limit_price is not None and line.limit_price != line.price:
                limit_row = round(self._y_of(float(line.limit_price)))
                top, bottom = sorted((row, limit_row))
                ties = [(start, limit_row, end, limit_row), (start, top, start, bottom)]
                strokes[style, color, _FAINT] += ties
            if line.ghost_price is not None:
                self._add_ghost(strokes, line, (start, end))
        return strokes

    def ghosts(self, lines: Iterable[Line], width: int) -> dict[Stroke, Rects]:
        """Return the ghosts alone, of lines that are themselves out of view."""
        strokes: defaultdict[Stroke, Rects] = defaultdict(list)
        for line in lines:
            whole = line.style is LineStyle.STAGED
            self._add_ghost(strokes, line, self._reach(width, whole=whole))
        return strokes

    def _add_ghost(self, strokes: dict[Stroke, Rects], line: Line, reach: tuple[int, int]) -> None:
        row = round(self._y_of(float(line.price if line.ghost_price is None else line.ghost_price)))
        stroke = line.ghost_style.name, side_color(line), _FAINT
        strokes[stroke].append((reach[0], row, reach[1], row))

    def ties(
        self, placed: Iterable[Placed], lines: Mapping[str, Line], width: int
    ) -> dict[Stroke, Rects]:
        """Return what ties lines to those that they belong to: an exit to its entry.

        Each owner has a rail of its own, clear of the labels of those that it ties.

        Parameters
        ----------
        lines : mapping of str to Line
            Every line by key: an owner may be out of view.
        """
        strokes: defaultdict[Stroke, Rects] = defaultdict(list)
        placed = list(placed)
        if not any(one.line.tie for one in placed):
            return strokes
        by_key = {one.line.key: one for one in placed}
        by_owner: defaultdict[str, list[Placed]] = defaultdict(list)
        for one in by_key.values():
            if one.line.tie in lines:
                by_owner[one.line.tie].append(one)
        for rail, (key, members) in enumerate(by_owner.items()):
            owner = by_key.get(key)
            labels = members if owner is None else [*members, owner]
            x, owner_row = (
                self._rail(labels, width, rail),
                round(self._y_of(float(lines[key].price))),
            )
            for one in labels:
                row = round(one.y)
                rects = strokes[LineStyle.SOLID.name, side_color(one.line), _TIE]
                rects.append(self._foot(x, row, one))
                if one is not owner:
                    rects.append((x, min(row, owner_row), x, max(row, owner_row)))
        return strokes

    def _rail(self, labels: Sequence[Placed], width: int, number: int) -> int:
        """Return the x of the rail that ties these."""
        away = _TIE_GAP + _TIE_STEP * (number % _RAILS)
        start, end = self._reach(width, whole=False)
        if self._side == "right":
            return round(min(start, *(one.left for one in labels))) - away
        return round(max(end, *(one.rect.right() for one in labels))) + away

    def _foot(self, x: int, row: int, one: Placed) -> tuple[int, int, int, int]:
        """Return what leads from a rail to a label."""
        if self._side == "right":
            return x, row, round(one.left), row
        return round(one.rect.right()), row, x, row

    def _reach(self, width: int, *, whole: bool) -> tuple[int, int]:
        """Return the first and the last pixel of a line."""
        if whole:
            return 0, width - 1
        short = round(width * _SHORT)
        return (0, short - 1) if self._side == "left" else (width - short, width - 1)

    def draw(self, painter: QPainter, strokes: dict[Stroke, Rects]) -> None:
        """Draw a few."""
        for stroke, rects in strokes.items():
            brush = self._brush(stroke)
            for left, top, right, bottom in rects:
                painter.fillRect(QRect(left, top, right - left + 1, bottom - top + 1), brush)

    def lay_out(self, strokes: dict[Stroke, Rects]) -> None:
        """Take many, which `draw_laid_out` draws as often as it is called."""
        self._laid_out = []
        for stroke, rects in strokes.items():
            batch = self._batches.setdefault(stroke, RectBatch(room=64))
            batch.rows(len(rects))[:] = np.array(rects, np.int32)
            self._laid_out.append((self._brush(stroke), batch, len(rects)))

    def draw_laid_out(self, painter: QPainter) -> None:
        """Draw what was laid out."""
        painter.setPen(Qt.PenStyle.NoPen)
        for brush, batch, count in self._laid_out:
            painter.setBrush(brush)
            batch.fill(painter, 0, count)

    def _brush(self, stroke: Stroke) -> QBrush:
        """Return a brush of one period of a line: far cheaper than a dashed pen."""
        brush = self._brushes.get(stroke)
        if brush is None:
            style, name, part = stroke
            color = theme.mixed(name, part)
            drawn, left_out = _PATTERNS[LineStyle[style]]
            brush = QBrush(_period(drawn, left_out, color) if left_out else color)
            self._brushes[stroke] = brush
        return brush


def _part(line: Line, thick: bool) -> float:
    if line.cancel_called or line.style is LineStyle.WAITING:
        return _FAINT
    return 1.0 if thick else _RESTING


def _period(drawn: int, left_out: int, color: QColor) -> QPixmap:
    pattern = QPixmap(drawn + left_out, 1)
    pattern.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pattern)
    painter.fillRect(0, 0, drawn, 1, color)
    painter.end()
    return pattern
