"""On a screen with four device pixels a logical one everything is as crisp as on any other."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

_SCRIPT = """
import json, sys
from PyQt6.QtCore import QPointF
from PyQt6.QtWidgets import QApplication
app = QApplication([])
from tests.ui.chart.recorded import MINUTE, bars_of, market
from ui import theme
from ui.chart import Chart, Volume
chart = Chart()
chart.resize(700, 500)
chart.set_market(market())
rows = [(10.0, 12.0, 9.0, 11.0, 50.0), (11.0, 11.5, 8.0, 9.0, 90.0)] * 20
chart.set_bars(bars_of(*rows), MINUTE)
chart.add_indicator(Volume(5))
chart.show()
for _ in range(5):
    app.processEvents()
chart.catch_up()
canvas = chart.plot_item.getViewWidget().grab().toImage()
pane = chart.panes.panes[0].grab().toImage()
ratio = canvas.devicePixelRatio()
view, found = chart.view, []
ground = {theme.BACKGROUND, theme.GRID, theme.GRID_STRONG}
for x in range(10, 16):
    bar = chart.series.bar(x)
    column = int(view.mapViewToScene(QPointF(x, 0)).x() * ratio)
    top = view.mapViewToScene(QPointF(x, bar.high)).y() * ratio
    bottom = view.mapViewToScene(QPointF(x, bar.low)).y() * ratio
    body = view.mapViewToScene(QPointF(x, 10.2)).y() * ratio
    color = theme.UP if bar.close >= bar.open else theme.DOWN
    reach = round(ratio * 20)
    row = [canvas.pixelColor(column + d, int(body)).name() for d in range(-reach, reach)]
    wick = int(bottom) - 3
    thin = [canvas.pixelColor(column + d, wick).name() for d in range(-3, 4)]
    inked = [int(body)]
    while canvas.pixelColor(column, inked[0] - 1).name() == color:
        inked.insert(0, inked[0] - 1)
    while canvas.pixelColor(column, inked[-1] + 1).name() == color:
        inked.append(inked[-1] + 1)
    found.append(
        {
            "blends": sorted(set(row) - {theme.UP, theme.DOWN, *ground}),
            "body_width": row.count(color),
            "color": color,
            "thin": thin.count(color),
            "thin_others": sorted(set(thin) - {color, *ground}),
            "top": inked[0] - top,
            "bottom": inked[-1] - bottom,
        }
    )
names = {pane.pixelColor(x, pane.height() - 9).name() for x in range(int(600 * ratio))}
known = {theme.BACKGROUND, theme.GRID, theme.GRID_STRONG, theme.INDICATORS[0]}
known |= {theme.mixed(one, 0.62).name() for one in (theme.UP, theme.DOWN)}
known |= {theme.CROSSHAIR}
print(json.dumps({"ratio": ratio, "bars": found, "blends": sorted(names - known)}))
"""


@pytest.mark.parametrize("factor", ["1", "2"])
def test_bars_are_whole_device_pixels_without_blends(factor):
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT],
        cwd=root,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": factor},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["ratio"] == float(factor)
    for bar in seen["bars"]:
        assert bar["blends"] == []  # ink or ground, nothing between them
        assert bar["body_width"] >= 3 * int(factor)
        assert bar["thin"] == int(factor)  # a wick is as wide as a logical pixel
        assert bar["thin_others"] == []
        assert abs(bar["top"]) <= 2
        assert abs(bar["bottom"]) <= 2
    assert seen["blends"] == []
