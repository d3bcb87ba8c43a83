"""The volume strip, read back from its pixels."""

import math

import numpy as np
import pytest
from PyQt6.QtCore import QPointF
from PyQt6.QtGui import QColor

from tests.ui.chart.recorded import MINUTE, walk
from ui import theme

VOLUMES = {theme.UP_VOLUME, theme.DOWN_VOLUME}


def column_rows(chart, picture, x):
    """Rows of volume in the pixel column of a bar, counted up from the foot of the pane."""
    pixel = math.floor(chart.view.mapViewToScene(QPointF(x, 100.0)).x())
    foot = math.floor(chart.view.sceneBoundingRect().bottom()) - 1
    names = [QColor(picture.pixel(pixel, y)).name() for y in range(foot, foot - 200, -1)]
    grid_or_bar = next((i for i, name in enumerate(names) if name not in VOLUMES), 0)
    return grid_or_bar, names[:grid_or_bar]


@pytest.mark.parametrize("bars_in_view", [1050, 3000, 20_000])
def test_the_greatest_volume_is_the_highest_at_every_zoom(chart, bars_in_view):
    bars = walk(30_000)
    bars["volume"] = 10.0
    bars["volume"][25_000] = 1000.0
    bars["volume"][26_000] = 500.0
    chart.set_bars(bars, MINUTE)
    chart.view.show_bars(25_500 - bars_in_view / 2, 25_500 + bars_in_view / 2)
    picture = chart.grab().toImage()
    pane = chart.view.rect().height()
    heights = {}
    for x in (25_000, 26_000, 25_500):
        around = [column_rows(chart, picture, x + dx) for dx in (0, -bars_in_view / 940)]
        heights[x] = max(height for height, _ in around)
    assert heights[25_000] == pytest.approx(pane * 0.16, abs=3)
    assert heights[26_000] == pytest.approx(pane * 0.08, abs=3)
    if bars_in_view < 2000:
        assert 0 < heights[25_500] < 6


def test_without_volume_there_is_none(chart):
    bars = walk(3000)
    bars["volume"] = np.nan
    chart.set_bars(bars, MINUTE)
    chart.view.show_bars(0, 3000)
    picture = chart.grab().toImage()
    assert all(column_rows(chart, picture, x)[0] == 0 for x in range(100, 2900, 100))


@pytest.mark.parametrize("bars_in_view", [100, 3000])
def test_it_has_the_colour_of_its_bar(chart, bars_in_view):
    bars = walk(4000)
    bars["volume"] = 10.0
    if bars_in_view > 900:  # many bars a column: let all of them rise
        bars["open"] = np.arange(4000) * 0.01 + 50
        bars["close"] = bars["open"] + 0.01
        bars["high"], bars["low"] = bars["close"], bars["open"]
    chart.set_bars(bars, MINUTE)
    chart.view.show_bars(900, 900 + bars_in_view)
    picture = chart.grab().toImage()
    for x in range(905, 995, 7):
        _, names = column_rows(chart, picture, x)
        up = bars["close"][x] >= bars["open"][x]
        assert set(names) == {theme.UP_VOLUME if up else theme.DOWN_VOLUME}
