"""A plot beside an IPython prompt, which stays free.

In [1]: %gui qt
In [2]: %run -i examples/ipython_plot.py
In [3]: client.buy(market, market.round_price(200), 5)
"""

import pyqtgraph as pg

import ordermode

MARKET = "aapl.demo.replay"
plot = pg.plot(title="Apple, recorded")
curve = plot.plot(pen="y")
ems = ordermode.connect()
attachment = ordermode.attach_order_mode(plot.plotItem, ems, MARKET)


async def follow() -> None:
    """Draw the prices as they come, over their count; ``client`` is for the prompt."""
    global client, market
    client = await ems
    market = await client.market(MARKET)
    prices: list[float] = []
    while True:
        prices.append(await client.next_price(market))
        curve.setData(prices)


task = ordermode.loop_of_qt().create_task(follow())
