"""How long a program takes from its start to its first painted frame with 100,000 bars."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from bench.rivals import has_finplot

_ROUNDS = 5
_BARS = 100_000
_ROOT = Path(__file__).resolve().parents[1]

_FLOOR = "import PyQt6.QtWidgets, pyqtgraph"
_OURS = f"""
from PyQt6.QtWidgets import QApplication
app = QApplication([])
from bench.made_bars import MARKET, MINUTE_NS, made_bars
from ui.chart import Chart
chart = Chart()
chart.resize(1600, 900)
chart.set_market(MARKET)
chart.set_bars(made_bars({_BARS}), MINUTE_NS)
chart.show()
app.processEvents()
"""
_FINPLOT = f"""
import finplot, pandas
from PyQt6.QtWidgets import QApplication
from bench.made_bars import made_bars
bars = made_bars({_BARS})
columns = {{name: bars[name].copy() for name in ("open", "close", "high", "low")}}
frame = pandas.DataFrame(columns, index=pandas.to_datetime(bars["time"]))
axis = finplot.create_plot("bench", init_zoom_periods=200, maximize=False)
finplot.candlestick_ochl(frame, ax=axis)
finplot.show(qt_exec=False)
QApplication.processEvents()
"""
_TIMED = """
import time
start = time.perf_counter()
{}
print(time.perf_counter() - start)
"""


def first_frames() -> list[str]:
    """Return a line for each program: time, and ratio to the imports alone."""
    programs = {"imports of PyQt6 and pyqtgraph": _FLOOR, "our chart": _OURS}
    if has_finplot():
        programs["finplot"] = _FINPLOT
    times: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(_ROUNDS):
        for name, program in programs.items():
            times[name].append(_time_of(program))
    medians = {name: float(np.median(seconds)) for name, seconds in times.items()}
    floor = next(iter(medians.values()))
    return [
        f"first frame with {_BARS:,} bars, {name}: {seconds * 1000:.0f} ms, {seconds / floor:.2f}x"
        for name, seconds in medians.items()
    ]


def _time_of(program: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", _TIMED.format(program)],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout.split()[-1])
