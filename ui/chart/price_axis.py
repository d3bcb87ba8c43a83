"""The price axis: about ten round prices, tags on top of them, and the mouse to scale."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from PyQt6.QtCore import QRect, QRectF, Qt
from PyQt6.QtGui import QPainter, QStaticText

from ems.market import Market
from ui import theme
from ui.chart.canvas_axis import CanvasAxis
from ui.chart.log_ticks import log_ticks
from ui.chart.percent_ticks import percent_ticks
from ui.chart.price_marks import PlacedMark, PriceMark, placed
from ui.chart.price_ticks import price_step, prices_between
from ui.chart.static_text import StaticTexts
from ui.chart.view import ChartView

_PX_A_TICK: Final = 64.0
_INDENT: Final = 8
_TAG_PAD: Final = 3.0
_LEAST_WIDTH: Final = 62


class PriceAxis(CanvasAxis):
    """The right axis of the pane.

    Its width changes only when `fit_width` is called, never during a pan.

    Parameters
    ----------
    view : ChartView
        The pane.
    repaint : callable
        Called with top and height, logical pixels of the axis, of each tag that has changed.
    """

    def __init__(
        self, view: ChartView, repaint: Callable[[Sequence[tuple[int, int]]], None]
    ) -> None:
        super().__init__("right")
        self._view = view
        self._repaint = repaint
        self._market: Market | None = None
        self._texts = StaticTexts(theme.number_font(11))
        self._marks: dict[str, PriceMark] = {}
        self._placed: list[PlacedMark] = []
        self._scale: tuple[float, float, float] | None = None
        self._moved = True
        self._was_log = False
        self._base_price: Callable[[], float | None] | None = None
        self._base: float | None = None
        self._ticks: list[tuple[float, str]] = []
        self._labels: list[tuple[int, QStaticText]] = []
        self._stale = False
        self.setWidth(_LEAST_WIDTH)

    def set_market(self, market: Market) -> None:
        """Write prices with the digits of a market, on its ticks."""
        self._market = market
        self._scale = None
        self._marks.clear()
        self.update()

    def set_base_price(self, base_price: Callable[[], float | None] | None) -> None:
        """Label the axis in percent of what ``base_price`` returns; None = in prices."""
        self._base_price, self._base = base_price, None
        self._scale = None
        self.update()

    @property
    def in_percent(self) -> bool:
        """True if the labels are percents."""
        return self._base_price is not None

    def fit_width(self, prices: list[float], others: Iterable[str] = ()) -> None:
        """Make room for the longest of some prices and of other texts in its column."""
        texts = [*(self._text(price) for price in prices), *others]
        width = max([self._texts.width(text) for text in texts], default=0.0)
        needed = max(math.ceil(width + 2 * _INDENT), _LEAST_WIDTH)
        if needed != self.width():
            self.setWidth(needed)

    def set_mark(self, name: str, mark: PriceMark | None) -> None:
        """Put a tag on the axis, move it, or take it away (None); `repaint_tags` shows it."""
        if mark == self._marks.get(name):
            return
        if mark is None:
            self._marks.pop(name, None)
        else:
            self._marks[name] = mark
        self._stale = True

    def repaint_tags(self) -> None:
        """Ask for a paint of the tags that are other than they were painted."""
        if not self._stale:
            return
        self._stale = False
        old = self._placed
        self._placed = self._place(self._rescale())
        changed = [tag for tag in old if tag not in self._placed]
        changed += [tag for tag in self._placed if tag not in old]
        if changed:
            self._repaint([(round(tag.top), math.ceil(tag.height)) for tag in changed])

    def ticks(self) -> list[tuple[float, str]]:
        """Return the prices that have a label, with it; ascending."""
        self._rescale()
        return self._ticks

    def paint_exposed(self, p: QPainter, exposed: QRectF) -> None:
        """Draw labels and tags."""
        corner = self.scenePos()
        if exposed.right() <= corner.x():
            return
        scale = self._rescale()
        height = self.size().height()
        foot = corner.y() + height
        if self._stale and exposed.top() <= corner.y() + 1 and exposed.bottom() >= foot - 1:
            self._stale, self._placed = False, self._place(scale)  # all of it is painted anyway
        p.fillRect(QRect(0, 0, 1, math.ceil(height)), theme.brush(theme.BORDER))
        p.setFont(self._texts.font)
        p.setPen(theme.color(theme.TEXT_MUTED))
        bottom = exposed.bottom() - corner.y()
        top = exposed.top() - corner.y() - self._texts.height
        for y, text in self._labels:
            if top < y < bottom:
                p.drawStaticText(_INDENT, y, text)
        for tag in self._placed:
            if top < tag.top + tag.height and tag.top < bottom + 1:
                self._paint_tag(p, tag)

    def linkedViewChanged(self, view: Any, newRange: Any = None) -> None:  # noqa: N803
        """Note that the view shows other prices, or has another height."""
        self._moved = True

    def wheelEvent(self, event: Any) -> None:
        """Scale the prices."""
        self._view.wheelEvent(event, axis=1)

    def mouseDragEvent(self, event: Any) -> None:
        """Scale the prices."""
        self._view.mouseDragEvent(event, axis=1)

    def mouseClickEvent(self, event: Any) -> None:
        """Go back to auto-scale on a double click."""
        super().mouseClickEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and event.double():
            event.accept()
            self._view.scale_price_by_itself()

    def _text(self, price: float) -> str:
        return f"{price:.2f}" if self._market is None else self._market.format_price(price)

    def _choose(self, low: float, high: float, count: float) -> list[tuple[float, str]]:
        """Return about so many round prices between two, with their labels."""
        is_log = self._view.scale.is_log
        if self._base is not None and self._base > 0:
            return percent_ticks(low, high, self._base, count, is_log=is_log)
        size = 0.01 if self._market is None else float(self._market.tick_at((low + high) / 2))
        if is_log:
            prices = log_ticks(low, high, count, size)
        else:
            prices = prices_between(low, high, price_step(high - low, count, size))
        return [(price, self._short(self._text(price), price)) for price in prices]

    def _short(self, text: str, price: float) -> str:
        """Return a label without its zeros where there is no room for them."""
        if self._texts.width(text) > self.width() - _INDENT and price == round(price):
            return f"{price:,.0f}"
        return text

    def _rescale(self) -> tuple[float, float, float]:
        """Choose the labels anew if the view has changed; return its levels and its height."""
        base = None if self._base_price is None else self._base_price()
        prices = self._view.scale
        scale = self._scale
        if scale is None or self._moved:
            low, high = self._view.viewRange()[1]
            scale, self._moved = (low, high, self._view.rect().height()), False
        if scale != self._scale or base != self._base or prices.is_log != self._was_log:
            low, high, height = scale
            self._scale, self._base, self._was_log = scale, base, prices.is_log
            count = max(height / _PX_A_TICK, 1.0)
            self._ticks = self._choose(prices.price(low), prices.price(high), count)
            a_level, half = height / (high - low), self._texts.height / 2
            tops = [
                round((high - prices.level(price)) * a_level - half) for price, _ in self._ticks
            ]
            self._labels = [
                (top, self._texts.laid(text).text)
                for top, (_, text) in zip(tops, self._ticks, strict=True)
                if 0 <= top <= scale[2] - self._texts.height  # none is cut
            ]
            self._placed = self._place(scale)
        return scale

    def _place(self, scale: tuple[float, float, float]) -> list[PlacedMark]:
        low, high, height = scale
        level_of = self._view.scale.level
        levels = [(mark, level_of(mark.price)) for mark in self._marks.values()]
        inside = [
            (mark, height * (high - level) / (high - low))
            for mark, level in levels
            if low <= level <= high
        ]
        still = [pair for pair in inside if pair[0].rank >= 0]
        tag_height = self._texts.height + 2 * _TAG_PAD
        tags = placed(still, tag_height)
        if len(still) < len(inside):
            tags += placed([pair for pair in inside if pair[0].rank < 0], tag_height)
        return tags

    def _tag_rect(self, tag: PlacedMark) -> QRectF:
        return QRectF(0, round(tag.top), self.size().width(), math.ceil(tag.height))

    def _paint_tag(self, p: QPainter, tag: PlacedMark) -> None:
        rect = self._tag_rect(tag)
        p.fillRect(rect, theme.brush(tag.mark.fill))
        p.setPen(theme.color(tag.mark.ink))
        top = round(rect.top() + _TAG_PAD)
        p.drawStaticText(_INDENT, top, self._texts.laid(tag.mark.text).text)
        if tag.mark.note:
            below = round(top + tag.height / 2 - 1)
            p.drawStaticText(_INDENT, below, self._texts.laid(tag.mark.note).text)
