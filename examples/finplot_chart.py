"""A chart of finplot that you trade on. Its x axis counts candles; order mode asks where a time is.

python examples/finplot_chart.py        (needs `pip install finplot`)
"""

import asyncio
from datetime import timedelta

import finplot as fplt
import numpy as np
import pandas as pd

import ordermode

MARKET = "aapl.demo.replay"


def read_history() -> pd.DataFrame:
    """Return the candles of the market; the program has no window and no loop yet."""

    async def read() -> pd.DataFrame:
        async with ordermode.connect() as client:
            market = await client.market(MARKET)
            bars = await client.bars(market, timedelta(minutes=1), count=200)
        columns = {name: bars[name] for name in ("open", "close", "high", "low")}
        return pd.DataFrame(columns, index=pd.to_datetime(bars["time"], utc=True))

    return asyncio.run(read())


candles = read_history()
times = candles.index.as_unit("ns").asi8
ax = fplt.create_plot("Apple, recorded", maximize=False)
fplt.candlestick_ochl(candles)


def x_of_time(time_ns: int) -> float:
    """Return the number of the candle that is open at a time."""
    return float(np.searchsorted(times, time_ns, side="right") - 1)


ordermode.attach_order_mode(ax, ordermode.connect(), MARKET, x_of_time=x_of_time)
fplt.show()
