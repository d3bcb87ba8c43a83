"""Two plots of one market, its closes and its last prices: an order on one is on the other too.

python examples/two_plots.py
"""

from datetime import timedelta

import pyqtgraph as pg

import ordermode

MARKET = "aapl.demo.replay"
app = pg.mkQApp("two plots")
window = pg.GraphicsLayoutWidget(show=True, size=(900, 700))
history = window.addPlot(title="Minutes", axisItems={"bottom": pg.DateAxisItem()})
window.nextRow()
recent = window.addPlot(title="The last prices, over their count")
closes, lasts = history.plot(pen="c"), recent.plot(pen="y")

ems = ordermode.connect()
for plot in (history, recent):
    ordermode.attach_order_mode(plot, ems, MARKET)


async def draw() -> None:
    """Draw the history once, then the prices as they come."""
    client = await ems
    market = await client.market(MARKET)
    bars = await client.bars(market, timedelta(minutes=1), count=300)
    closes.setData(bars["time"] / 1e9, bars["close"])
    prices: list[float] = []
    while True:
        prices = [*prices[-200:], await client.next_price(market)]
        lasts.setData(prices)


task = ordermode.loop_of_qt().create_task(draw())
pg.exec()
