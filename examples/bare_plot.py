"""A bare pyqtgraph plot that you trade on: two lines make it one.

python examples/bare_plot.py
"""

import pyqtgraph as pg

import ordermode

MARKET = "aapl.demo.replay"
app = pg.mkQApp("bare plot")
plot = pg.plot(title="Apple, recorded. Hold f and click to buy; ? shows the keys")
curve = plot.plot(pen="y")

ems = ordermode.connect()
ordermode.attach_order_mode(plot.plotItem, ems, MARKET)


async def follow() -> None:
    """Draw the prices as they come, over their count."""
    client = await ems
    market = await client.market(MARKET)
    prices: list[float] = []
    while True:
        prices.append(await client.next_price(market))
        curve.setData(prices)


task = ordermode.loop_of_qt().create_task(follow())
pg.exec()
