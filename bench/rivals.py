"""What others do on the same bars: finplot, and the candle item of pyqtgraph's examples."""

from abc import ABC, abstractmethod
from importlib.util import find_spec
from typing import Any

import pyqtgraph as pg
from PyQt6.QtCore import QCoreApplication, QLineF, QPointF, QRectF
from PyQt6.QtGui import QPainter, QPicture

from bench.floor import HEIGHT, WIDTH
from bench.made_bars import made_bars
from ems.ticks import Bars

_TURN = 20


class Rival(ABC):
    """A view box that is panned and zoomed, with candles that a tick changes."""

    def __init__(self, bars: Bars, box: Any) -> None:
        self.bars = bars
        self.box = box

    def show(self, window: int) -> None:
        """Show a number of the bars."""
        stop = len(self.bars) if window >= len(self.bars) else len(self.bars) - window * 0.3
        self.view(stop - window, stop)
        QCoreApplication.processEvents()

    def pan(self, number: int) -> None:
        """Move by a hundredth of the view, to and fro."""
        start, stop = self.box.viewRange()[0]
        step = (1 if number // _TURN % 2 else -1) * (stop - start) / 100
        self.view(start + step, stop + step)

    def zoom(self, number: int) -> None:
        """Zoom a little in the middle, in and out."""
        start, stop = self.box.viewRange()[0]
        half = (stop - start) / 2 * (0.97 if number // _TURN % 2 else 1 / 0.97)
        self.view((start + stop) / 2 - half, (start + stop) / 2 + half)

    def view(self, start: float, stop: float) -> None:
        """Show bars, with the prices that they have."""
        part = self.bars[max(int(start), 0) : max(int(stop), 1)]
        prices = (float(part["low"].min()), float(part["high"].max()))
        self.box.setRange(xRange=(start, stop), yRange=prices, padding=0)

    def tick(self, number: int) -> None:
        """Trade at another price inside the last bar."""
        low, high = self.bars["low"][-1], self.bars["high"][-1]
        self.bars["close"][-1] = low + (high - low) * (number * 7 % 11) / 10
        self.take_bars()

    @abstractmethod
    def take_bars(self) -> None:
        """Draw the bars as they are now."""

    @abstractmethod
    def close(self) -> None:
        """Close the window."""


class PictureCandles(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph has no types
    """The candle item as one finds it everywhere: one `QPicture` of all bars."""

    def __init__(self, bars: Bars) -> None:
        super().__init__()
        self._picture = QPicture()
        self.take_bars(bars)

    def take_bars(self, bars: Bars) -> None:
        """Draw all bars into the picture."""
        self._picture = QPicture()
        painter = QPainter(self._picture)
        painter.setPen(pg.mkPen("w"))
        rows = zip(*(bars[name].tolist() for name in ("open", "high", "low", "close")), strict=True)
        for x, (open_, high, low, close) in enumerate(rows):
            painter.drawLine(QLineF(x, low, x, high))
            painter.setBrush(pg.mkBrush("r" if open_ > close else "g"))
            painter.drawRect(QRectF(x - 0.3, open_, 0.6, close - open_))
        painter.end()
        self.update()

    def paint(self, painter: QPainter, *_: Any) -> None:
        """Play the picture."""
        painter.drawPicture(QPointF(0, 0), self._picture)

    def boundingRect(self) -> QRectF:
        """Return the picture's bounds."""
        return QRectF(self._picture.boundingRect())


class PictureChart(Rival):
    """A plain plot with the usual candle item."""

    def __init__(self, count: int) -> None:
        self._plot = pg.PlotWidget()
        super().__init__(made_bars(count), self._plot.getViewBox())
        self._item = PictureCandles(self.bars)
        self._plot.addItem(self._item)
        self._plot.resize(WIDTH, HEIGHT)
        self._plot.show()

    def take_bars(self) -> None:
        """Draw the picture anew."""
        self._item.take_bars(self.bars)

    def close(self) -> None:
        """Close the window."""
        self._plot.close()


class FinplotChart(Rival):
    """finplot's candles in its own window."""

    def __init__(self, count: int) -> None:
        import finplot
        import pandas as pd

        bars = made_bars(count)
        self._axis = finplot.create_plot("bench", init_zoom_periods=200, maximize=False)
        index = pd.to_datetime(bars["time"])
        columns = {name: bars[name].copy() for name in ("open", "close", "high", "low")}
        self._frame = pd.DataFrame(columns, index=index)
        self._plot = finplot.candlestick_ochl(self._frame, ax=self._axis)
        finplot.show(qt_exec=False)
        self._window = self._axis.vb.win
        self._window.resize(WIDTH, HEIGHT)
        QCoreApplication.processEvents()
        super().__init__(bars, self._axis.vb)

    def view(self, start: float, stop: float) -> None:
        """Let finplot show bars: it finds the prices itself."""
        self.box.update_y_zoom(start, stop)

    def take_bars(self) -> None:
        """Hand finplot the frame with the changed last bar."""
        self._frame.iloc[-1, 1] = self.bars["close"][-1]
        self._plot.update_data(self._frame)

    def close(self) -> None:
        """Close the window."""
        self._window.close()


def has_finplot() -> bool:
    """Tell whether finplot is installed here."""
    return find_spec("finplot") is not None
