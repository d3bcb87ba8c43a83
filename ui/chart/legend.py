"""The legend: which market, whose prices, and the numbers of one bar."""

import math
from typing import Final

import pyqtgraph as pg
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QPainter, QPixmap
from PyQt6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from ems.market import Market, parse_fqsn
from ui import theme
from ui.chart.bar_series import Bar
from ui.chart.pane_item import PaneItem
from ui.chart.period import Period
from ui.chart.static_text import StaticTexts

_LEFT: Final = 12.0
_TOP: Final = 10.0
_LOW: Final = 260
"""In a pane that is lower than this the legend has no line about where prices come from."""
_SMALL: Final = 0.001
"""A change below this share gets a third digit."""
Piece = tuple[str, str]
"""A text and its colour."""


def volume_text(volume: float) -> str:
    """Return a volume in at most four digits and a unit: ``12.3K``, ``4.56M``."""
    for unit, size in (("B", 1e9), ("M", 1e6), ("K", 1e3)):
        if volume >= 10 * size or (volume >= size and unit != "K"):
            return f"{volume / size:.4g}{unit}"
    return f"{volume:.6g}"


class Legend(PaneItem):
    """Lines at the top left: the market, a bar's numbers, their source, the indicators."""

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__(view, 40)
        self._titles = StaticTexts(theme.text_font(14, bold=True))
        self._texts = StaticTexts(theme.text_font(12))
        self._badges = StaticTexts(theme.text_font(11, bold=True))
        self._numbers = StaticTexts(theme.number_font(12))
        self._market: Market | None = None
        self._title: list[Piece] = []
        self._pieces: list[Piece] = []
        self._notes: list[Piece] = []
        self._indicators: list[Piece] = []
        self._picture: QPixmap | None = None
        self._area = QRectF(0, 0, 1, self._height())

    def boundingRect(self) -> QRectF:
        """Return the area of the lines, as wide as the widest so far."""
        return self._area

    def set_market(self, market: Market, period: Period | None) -> None:
        """Show the name of a market, the length of its bars and where its prices come from."""
        self._market = market
        names = parse_fqsn(market.fqsn)
        title = " · ".join(part.upper() for part in (names.symbol, names.expiry) if part)
        where = names.venue.upper()
        if period is not None:
            where = f"{period.text} · {where}"
        self._title = [(title, theme.TEXT), (where, theme.TEXT_MUTED)]
        if market.description:
            self._title.append((market.description, theme.TEXT_MUTED))
        self._pieces, self._notes = [], []
        self._redraw()

    def set_indicators(self, shown: list[tuple[str, list[tuple[str, float]]]]) -> None:
        """Show the label of each indicator, and its values in the colours of their lines."""
        pieces: list[Piece] = []
        for label, values in shown:
            pieces.append((label, theme.TEXT_FAINT))
            pieces += [(self._price(value), color) for color, value in values]
        if pieces != self._indicators:
            self._indicators = pieces
            self._redraw()

    def _price(self, value: float) -> str:
        if math.isnan(value) or self._market is None:
            return "–"  # noqa: RUF001
        return self._market.format_price(value)

    def set_bar(self, bar: Bar | None, before: Bar | None, faults: int) -> None:
        """Show the numbers of a bar, its change since the close before it, and bad bars."""
        pieces = [] if bar is None or self._market is None else self._numbers_of(bar, before)
        notes: list[Piece] = []
        if self._market is not None and self._market.source:
            notes.append((self._market.source, theme.TEXT_MUTED))
        if faults:
            notes.append((f"{faults:,} bad bars or ticks", theme.WARNING))
        if (pieces, notes) != (self._pieces, self._notes):
            self._pieces, self._notes = pieces, notes
            self._redraw()

    def paint_exposed(self, painter: QPainter, exposed: QRectF) -> None:
        """Paint it unless none of it is exposed."""
        if exposed.top() - self.scenePos().y() < self._area.height():
            self.paint(painter, None)

    def paint(
        self,
        painter: QPainter | None,
        option: QStyleOptionGraphicsItem | None,
        widget: QWidget | None = None,
    ) -> None:
        """Draw the lines."""
        assert painter is not None
        device = painter.device()
        ratio = 1.0 if device is None else device.devicePixelRatioF()
        if self._picture is None or self._picture.devicePixelRatio() != ratio:
            self._picture = self._draw(ratio)
        # in a narrow chart a long line ends where the price axis begins
        shown = QRectF(0, 0, min(self._area.width(), self.view.rect().width()), self._area.height())
        device_pixels = QRectF(0, 0, shown.width() * ratio, shown.height() * ratio)
        painter.drawPixmap(shown, self._picture, device_pixels)

    def _redraw(self) -> None:
        """Draw the texts anew, and make room for them; there is never less than before."""
        self._picture = None
        width = max(
            self._title_width(),
            self._line_width(self._pieces, self._numbers),
            self._line_width(self._notes, self._texts),
            self._line_width(self._indicators, self._numbers),
        )
        area = QRectF(0, 0, max(width, self._area.width()), self._height())
        if area != self._area:
            self.update()
            self.prepareGeometryChange()
            self._area = area
        self.update()

    def _draw(self, ratio: float) -> QPixmap:
        """Draw the texts once, for all frames until one of them changes."""
        picture = QPixmap(self.boundingRect().size().toSize() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        y = self._paint_title(painter, _TOP)
        if self._pieces:
            y = self._paint_line(painter, y, self._pieces, self._numbers)
        notes = self._shown_notes()
        y = self._paint_line(painter, y, notes, self._texts) if notes else y
        self._paint_line(painter, y, self._indicators, self._numbers)
        painter.end()
        return picture

    def _shown_notes(self) -> list[Piece]:
        """Return the notes; in a low pane only those that warn."""
        if self.view.rect().height() >= _LOW:
            return self._notes
        return [note for note in self._notes if note[1] == theme.WARNING]

    def _shown_title(self) -> list[Piece]:
        """Return the title; without the description where that would push out the badge."""
        is_wide = self._title_width() > self.view.rect().width()
        return self._title[:2] if is_wide else self._title

    def _resized(self) -> None:
        super()._resized()
        self._picture = None

    def _numbers_of(self, bar: Bar, before: Bar | None) -> list[Piece]:
        assert self._market is not None
        side = theme.UP_TEXT if bar.close >= bar.open else theme.DOWN_TEXT
        pieces: list[Piece] = []
        named = (("O", bar.open), ("H", bar.high), ("L", bar.low), ("C", bar.close))
        for name, price in named:
            pieces += [(name, theme.TEXT_FAINT), (self._market.format_price(price), side)]
        start = bar.open if before is None else before.close
        change = bar.close - start
        text = f"{'+' if change >= 0 else '-'}{self._market.format_price(abs(change))}"
        if start > 0:
            share = change / start
            text += f" ({share:+.3%})" if abs(share) < _SMALL else f" ({share:+.2%})"
        pieces.append((text, theme.UP_TEXT if change >= 0 else theme.DOWN_TEXT))
        if not math.isnan(bar.volume):
            pieces += [("V", theme.TEXT_FAINT), (volume_text(bar.volume), theme.TEXT)]
        return pieces

    def _paint_title(self, painter: QPainter, y: float) -> float:
        x, height = _LEFT, self._titles.height
        for (text, color), texts in zip(
            self._shown_title(), (self._titles, self._texts, self._texts), strict=False
        ):
            laid = texts.laid(text)
            painter.setFont(texts.font)
            painter.setPen(theme.color(color))
            painter.drawStaticText(QPointF(x, round(y + (height - laid.height) / 2)), laid.text)
            x += math.ceil(laid.width) + 10
        if self._market is not None and self._market.badge:
            self._paint_badge(painter, x, y + height / 2)
        return y + height + 5

    def _paint_badge(self, painter: QPainter, x: float, middle: float) -> None:
        assert self._market is not None
        laid = self._badges.laid(self._market.badge)
        rect = QRectF(
            x, round(middle - laid.height / 2 - 1), math.ceil(laid.width + 12), laid.height + 2
        )
        painter.fillRect(rect, theme.color(theme.badge_color(self._market.badge)))
        painter.setFont(self._badges.font)
        painter.setPen(theme.color(theme.INK))
        painter.drawStaticText(QPointF(x + 6, rect.top() + 1), laid.text)

    def _paint_line(
        self, painter: QPainter, y: float, pieces: list[Piece], texts: StaticTexts
    ) -> float:
        x = _LEFT
        painter.setFont(texts.font)
        for text, color in pieces:
            laid = texts.laid(text)
            painter.setPen(theme.color(color))
            painter.drawStaticText(QPointF(x, y), laid.text)
            x += math.ceil(laid.width) + _gap(text)
        return y + texts.height + 4

    def _title_width(self) -> float:
        fonts = (self._titles, self._texts, self._texts)
        pieces = zip(self._title, fonts, strict=False)
        width = sum(math.ceil(texts.laid(text).width) + 10 for (text, _), texts in pieces)
        badge = "" if self._market is None else self._market.badge
        return _LEFT + width + (self._badges.width(badge) + 14 if badge else 0.0)

    @staticmethod
    def _line_width(pieces: list[Piece], texts: StaticTexts) -> float:
        widths = (math.ceil(texts.laid(text).width) + _gap(text) for text, _ in pieces)
        return _LEFT + sum(widths)

    def _height(self) -> float:
        fonts = [self._titles, self._numbers, self._texts]
        if self._indicators:
            fonts.append(self._numbers)
        return _TOP + sum(texts.height + 4 for texts in fonts)


def _gap(text: str) -> int:
    """Return the room after a piece: little after the letter that names a number."""
    return 4 if len(text) == 1 else 10
