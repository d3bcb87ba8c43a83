"""A plot in a dock of a Qt program with a qasync loop of its own, which order mode then uses.

Beside it is its order pane, below it are the tables of orders and positions. The docks can float,
be closed and be opened again; Detach takes order mode off the plot, and the pane is greyed out.

python examples/plot_in_a_dock.py
"""

import asyncio
from datetime import timedelta

import pyqtgraph as pg
import qasync
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QDockWidget, QMainWindow, QTextEdit

import ordermode

MARKET = "aapl.demo.replay"


class Window(QMainWindow):
    """A text to write in, and a chart beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.plot = pg.PlotWidget(axisItems={"bottom": pg.DateAxisItem()})
        self.setCentralWidget(QTextEdit("Notes. The keys of order mode are letters here."))
        dock = QDockWidget("Apple, recorded", self)
        dock.setWidget(self.plot)
        self.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        self.resize(1000, 600)
        self.resizeDocks([dock], [700], Qt.Orientation.Horizontal)


async def main(app: QApplication) -> None:
    """Run until the window is closed."""
    closed = asyncio.Event()
    app.lastWindowClosed.connect(closed.set)
    own = ordermode.connect()
    async with own as client:
        market = await client.market(MARKET)
        bars = await client.bars(market, timedelta(minutes=1), count=300)
        window = Window()
        window.plot.plot(bars["time"] / 1e9, bars["close"])
        attachment = ordermode.attach_order_mode(window.plot.plotItem, own, MARKET)
        window.addToolBar("order mode").addAction("Detach", attachment.detach)
        pane = QDockWidget("New orders", window)
        pane.setWidget(ordermode.OrderModePane(attachment))
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, pane)
        tables = ordermode.EmsTables(own, show=("orders", "positions"))
        dock = QDockWidget("Orders and positions", window)
        dock.setWidget(tables)
        window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, dock)
        window.show()
        await closed.wait()
        attachment.detach()
        tables.detach()


if __name__ == "__main__":
    application = pg.mkQApp("dock")
    application.setQuitOnLastWindowClosed(False)  # the EMS closes first
    with qasync.QEventLoop(application) as loop:
        loop.run_until_complete(main(application))
