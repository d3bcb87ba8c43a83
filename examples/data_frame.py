"""A chart of a pandas frame, with indicators and a line of your own.

python examples/data_frame.py           (needs `pip install pandas`)
"""

import numpy as np
import pandas as pd
import pyqtgraph as pg

import ordermode
from ui.chart import BarStyle, Rsi, Sma

days = pd.date_range("2020-01-01", periods=1000, freq="D", tz="America/New_York")
dice = np.random.default_rng(7)
close = 100 * np.exp(np.cumsum(dice.normal(0.001, 0.02, len(days))))
frame = pd.DataFrame({"open": np.append(100, close[:-1]), "close": close}, index=days)
frame["high"] = frame.max(axis=1) * 1.01
frame["low"] = frame.min(axis=1) * 0.99

chart = ordermode.show(frame, "ACME", block=False)

chart.add_indicator(Sma(50))
chart.add_indicator(Rsi(14))
chart.set_bar_style(BarStyle.HOLLOW)
chart.set_log_scale(True)
trend = np.exp(np.polyval(np.polyfit(range(1000), np.log(close), 1), range(1000)))
chart.plot_item.plot(range(1000), trend, pen="orange")

pg.exec()
