"""Our chart in the bench: a window of 1600x900 and the steps that are measured."""

from decimal import Decimal

from PyQt6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PyQt6.QtGui import QMouseEvent

from bench.floor import HEIGHT, WIDTH
from bench.frames import painted
from bench.made_bars import made_bars
from bench.market import MARKET, MINUTE_NS
from ems.ticks import Trade
from order_mode.line import Label, Line, LineStyle
from ui import theme
from ui.chart import Chart, Indicator
from ui.chart.formulas import Ema, Sma
from ui.order_lines import OrderLines

_TURN = 20


class Ours:
    """A chart with made bars."""

    def __init__(self, count: int, *, volume: bool) -> None:
        self.count = count
        self.chart = Chart()
        self.chart.resize(WIDTH, HEIGHT)
        self.chart.set_market(MARKET)
        self.chart.show()
        self.chart.set_bars(made_bars(count, volume=volume), MINUTE_NS)
        self._settle()
        self._lines: OrderLines | None = None

    def close(self) -> None:
        """Close the window."""
        self.chart.close()
        self.chart.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    def show(self, window: int, *, newest: bool = False) -> None:
        """Show a number of bars, the newest or older ones."""
        last = self.chart.series.last_x
        stop = last + window * 0.06 if newest or window >= self.count else last - window * 0.3
        self.chart.view.show_bars(stop - window, stop)
        self._settle()

    def add_averages(self) -> None:
        """Draw two moving averages."""
        self.chart.set_indicators(
            [Indicator(Sma(20), (theme.ACCENT,)), Indicator(Ema(50), (theme.ALERT,))]
        )
        self._settle()

    def add_lines(self, count: int) -> None:
        """Draw order lines over the prices in view."""
        self._lines = OrderLines(self.chart.view)
        low, high = self.chart.view.viewRange()[1]
        for number in range(count):
            price = low + (high - low) * (number + 0.5) / count
            self._lines.show_line(_line(f"oid {number}", price, LineStyle.SOLID))
        self._settle()

    def aim(self) -> None:
        """Put the mouse on the chart, so that there is a crosshair."""
        viewport = self.chart.plot_item.getViewWidget().viewport()
        at = QPointF(WIDTH * 0.4, HEIGHT * 0.4)
        none, plain = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
        event = QMouseEvent(QEvent.Type.MouseMove, at, viewport.mapToGlobal(at), none, none, plain)
        QCoreApplication.sendEvent(viewport, event)
        self._settle()

    def pan(self, number: int) -> None:
        """Move by a hundredth of the view, to and fro."""
        start, stop = self.chart.view.viewRange()[0]
        way = 1 if number // _TURN % 2 else -1
        self.chart.view.pan(way * (stop - start) / 100)
        self.chart.catch_up()

    def zoom(self, number: int) -> None:
        """Zoom a little in the middle, in and out."""
        start, stop = self.chart.view.viewRange()[0]
        self.chart.view.zoom(0.97 if number // _TURN % 2 else 1 / 0.97, (start + stop) / 2)
        self.chart.catch_up()

    def tick(self, number: int) -> None:
        """Trade at another price inside the last bar."""
        last = self.chart.series.bar(self.chart.series.last_x)
        assert last is not None
        price = last.low + (last.high - last.low) * (number * 7 % 11) / 10
        self.chart.on_ticks([Trade(last.time_ns, round(price, 2), None)])
        self.chart.catch_up()

    def drag(self, number: int) -> None:
        """Move one order line by a pixel or two."""
        assert self._lines is not None
        low, high = self.chart.view.viewRange()[1]
        price = low + (high - low) * (0.5 + number % _TURN / HEIGHT * 1.5)
        self._lines.show_line(_line("in hand", price, LineStyle.STAGED))

    def _settle(self) -> None:
        self.chart.catch_up()
        QCoreApplication.processEvents()
        painted()


def _line(key: str, price: float, style: LineStyle) -> Line:
    exact = MARKET.round_price(Decimal(price))
    label = Label(
        side="BUY", size="30", price=MARKET.format_price(exact), account="PAPER", mode="live"
    )
    return Line(key=key, price=exact, action="buy", style=style, label=label, draggable=True)
