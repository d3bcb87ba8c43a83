"""A chart of a data frame in a line: for scripts, and for IPython with ``%gui qt``."""

import re
import sys
from decimal import Decimal
from typing import Any, Final

import numpy as np
from PyQt6.QtWidgets import QApplication

from ems.market import Market
from ems.ticks import Bars
from ui import theme
from ui.chart import Chart
from ui.frame_bars import frame_bars, period_of, zone_of_frame

_SIZE: Final = (1200, 700)
_MOST_DIGITS: Final = 8
_SAMPLE: Final = 1000
_SYMBOL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9\-]{0,11}")
"""A title that is the name of a market, as the legend writes one."""

_open: Final[set[Chart]] = set()
"""Keeps each chart alive until its window is closed."""
_kept: Final[list[QApplication]] = []
"""The application, if it was made here: Python would end it with the last name that it has."""


def show(data: Any, title: str = "", *, block: bool | None = None) -> Chart:
    """Open a window with a chart of bars.

    Parameters
    ----------
    data : DataFrame, mapping, ndarray or list
        As for `ui.frame_bars.frame_bars`: pandas, polars, a dict of arrays, rows of numbers.
    title : str
        Of the window and in the legend.
    block : bool, optional
        Wait until all windows are closed. None: in a script, but not at an interactive prompt.

    Returns
    -------
    Chart
        To go on with: `Chart.set_indicators`, `Chart.set_bar_style`, `Chart.plot_item`...

    Raises
    ------
    ValueError
        If the data has no bars in it; says what is missing.
    """
    bars = frame_bars(data)
    is_ours = QApplication.instance() is None
    if is_ours:
        made = QApplication(sys.argv[:1])
        made.setStyleSheet(theme.stylesheet())
        _kept.append(made)
    chart = Chart()
    _open.add(chart)
    chart.destroyed.connect(lambda: _open.discard(chart))
    chart.setWindowTitle(title or "Chart")
    chart.resize(*_SIZE)
    chart.set_market(_market_of(bars, title, zone_of_frame(data)))
    chart.set_bars(bars, period_of(bars))
    chart.show()
    at_a_prompt = _at_a_prompt()
    if is_ours and at_a_prompt:
        _run_at_ipythons_prompt()
    if block or (block is None and is_ours and not at_a_prompt):
        QApplication.exec()
    return chart


def _run_at_ipythons_prompt() -> None:
    """Let IPython and Jupyter run Qt while they wait, as ``%gui qt`` does; Python does it alone."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    if shell is not None:
        shell.enable_gui("qt")


def _market_of(bars: Bars, title: str, zone: str) -> Market:
    """Return a market for bars that come from nowhere: its ticks are the digits they use."""
    digits = max(_digits(bars), 2)
    symbol = title.lower() if _SYMBOL.fullmatch(title) else ""
    return Market(
        fqsn=f"{symbol or 'data'}.local",
        tick_size=Decimal(1).scaleb(-digits),
        lot_size=Decimal(1),
        currency="",
        description="" if symbol else title,
        timezone=zone,
    )


def _digits(bars: Bars) -> int:
    closes = bars["close"][-_SAMPLE:]
    closes = closes[np.isfinite(closes)]
    for digits in range(_MOST_DIGITS):
        if np.allclose(closes, np.round(closes, digits), rtol=0.0, atol=1e-9):
            return digits
    return 4


def _at_a_prompt() -> bool:
    return hasattr(sys, "ps1") or bool(sys.flags.interactive) or "ipykernel" in sys.modules
