"""Order lines without their labels: every line of one style and colour in one call."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final, Literal, TypeAlias

from PyQt6.QtCore import QRect, Qt
from PyQt6.QtGui import QBrush, QColor, QPainter, QPixmap

from order_mode.line import Line, LineStyle
from ui import theme
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
_SHORT: Final = 0.4
"""Part of the pane that a line at rest crosses, from the side of the labels."""

Stroke: TypeAlias = tuple[LineStyle, str, float]
"""A style, a colour and the part of it: what is drawn in one call."""


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

    def of(
        self, placed: Iterable[Placed], width: int, marked: str | None
    ) -> dict[Stroke, list[QRect]]:
        """Return every line and ghost by its stroke.

        Parameters
        ----------
        width : int
            Of the pane, logical pixels.
        marked : str, optional
            Key of the line under the cursor, which is thick.
        """
        strokes: defaultdict[Stroke, list[QRect]] = defaultdict(list)
        for one in placed:
            line, color = one.line, side_color(one.line)
            thick = line.style is LineStyle.STAGED or line.key == marked
            start, length = self._reach(width, whole=thick or bool(line.refused))
            strokes[line.style, color, _part(line, thick)].append(
                QRect(start, round(one.y), length, 2 if thick else 1)
            )
            if line.limit_price is not None and line.limit_price != line.price:
                limit_y = round(self._y_of(float(line.limit_price)))
                rects = strokes[line.style, color, _FAINT]
                rects.append(QRect(start, limit_y, length, 1))
                rects.append(_joint(start, round(one.y), limit_y))
            if line.ghost_price is not None:
                ghost_y = round(self._y_of(float(line.ghost_price)))
                strokes[line.ghost_style, color, _FAINT].append(QRect(start, ghost_y, length, 1))
        return strokes

    def _reach(self, width: int, *, whole: bool) -> tuple[int, int]:
        """Return where a line begins, and how long it is."""
        if whole:
            return 0, width
        short = round(width * _SHORT)
        return (0 if self._side == "left" else width - short), short

    def draw(self, painter: QPainter, strokes: dict[Stroke, list[QRect]]) -> None:
        """Draw them."""
        painter.setPen(Qt.PenStyle.NoPen)
        for stroke, rects in strokes.items():
            painter.setBrush(self._brush(stroke))
            painter.drawRects(*rects)

    def _brush(self, stroke: Stroke) -> QBrush:
        """Return a brush of one period of a line: far cheaper than a dashed pen."""
        brush = self._brushes.get(stroke)
        if brush is None:
            style, name, part = stroke
            color = theme.mixed(name, part)
            drawn, left_out = _PATTERNS[style]
            brush = QBrush(_period(drawn, left_out, color) if left_out else color)
            self._brushes[stroke] = brush
        return brush


def _joint(x: int, y: int, other_y: int) -> QRect:
    """Return what ties the limit of an order to its trigger, at the free end of the lines."""
    return QRect(x, min(y, other_y), 1, abs(other_y - y) + 1)


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
