"""How long a program takes from its start to its first painted frame with 100,000 bars."""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bench.made_bars import made_bars
from bench.rivals import has_finplot

_ROUNDS = 5
_BARS = 100_000
_NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
_ROOT = Path(__file__).resolve().parents[1]

_FLOOR = "import PyQt6.QtWidgets, pyqtgraph"
_OURS = """
from PyQt6.QtWidgets import QApplication
app = QApplication([])
import numpy
from bench.market import MARKET, MINUTE_NS
from ui.chart import Chart
chart = Chart()
chart.resize(1600, 900)
chart.set_market(MARKET)
chart.set_bars(numpy.load(sys.argv[1]), MINUTE_NS)
chart.show()
app.processEvents()
"""
_FINPLOT = """
import finplot, numpy, pandas
from PyQt6.QtWidgets import QApplication
bars = numpy.load(sys.argv[1])
columns = {name: bars[name].copy() for name in ("open", "close", "high", "low")}
frame = pandas.DataFrame(columns, index=pandas.to_datetime(bars["time"]))
axis = finplot.create_plot("bench", init_zoom_periods=200, maximize=False)
finplot.candlestick_ochl(frame, ax=axis)
finplot.show(qt_exec=False)
QApplication.processEvents()
"""
_TIMED = """
import sys, time
start = time.perf_counter()
{}
print(time.perf_counter() - start)
"""


def first_frames() -> list[str]:
    """Return a line for each program: time, and ratio to the imports alone.

    Each is started once before, as a program that was started before has its bytecode; the bars
    are read from a file, as a program has them from its disk or its broker.
    """
    programs = {"imports of PyQt6 and pyqtgraph": _FLOOR, "our chart": _OURS}
    if has_finplot():
        programs["finplot"] = _FINPLOT
    times: dict[str, list[float]] = {name: [] for name in programs}
    with TemporaryDirectory() as folder:
        bars = Path(folder) / "bars.npy"
        np.save(bars, made_bars(_BARS))
        for number in range(_ROUNDS + 1):
            for name, program in programs.items():
                seconds = _time_of(program, bars)
                if number > 0:
                    times[name].append(seconds)
    medians = {name: float(np.median(seconds)) for name, seconds in times.items()}
    floor = next(iter(medians.values()))
    return [
        f"first frame with {_BARS:,} bars, {name}: {seconds * 1000:.0f} ms, {seconds / floor:.2f}x"
        for name, seconds in medians.items()
    ]


def _time_of(program: str, bars: Path) -> float:
    done = subprocess.run(
        [sys.executable, "-c", _TIMED.format(program), str(bars)],
        cwd=_ROOT,
        env={name: value for name, value in os.environ.items() if name != _NO_BYTECODE},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout.split()[-1])
