import math

import numpy as np
import pytest

from tests.ui.chart.recorded import MINUTE, START, bars_of
from ui.chart.bar_faults import BarFaults, sound_bars

GOOD = (10.0, 12.0, 9.0, 11.0, 5.0)


def test_sound_bars_come_back_as_they_are():
    bars, faults = bars_of(GOOD, GOOD, GOOD), BarFaults()
    assert np.array_equal(sound_bars(bars, faults), bars)
    assert faults.total == 0


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("column", ["open", "high", "low", "close"])
def test_a_price_that_is_no_number_leaves_out_its_bar(column, bad):
    bars, faults = bars_of(GOOD, GOOD, GOOD), BarFaults()
    bars[column][1] = bad
    assert sound_bars(bars, faults)["time"].tolist() == [START, START + 2 * MINUTE]
    assert faults.unreadable == faults.total == 1


def test_times_that_do_not_ascend_are_left_out():
    bars, faults = bars_of(*[GOOD] * 6), BarFaults()
    bars["time"] = [10, 30, 20, 30, 25, 40]
    assert sound_bars(bars, faults)["time"].tolist() == [10, 30, 40]
    assert (faults.duplicate, faults.out_of_order) == (1, 2)


def test_a_range_that_does_not_hold_open_and_close_is_widened():
    bars, faults = bars_of((10.0, 9.0, 11.0, 12.0, 1.0), GOOD), BarFaults()
    sound = sound_bars(bars, faults)
    assert (sound["low"][0], sound["high"][0]) == (9.0, 12.0)
    assert faults.inconsistent == faults.total == 1
    assert bars["high"][0] == 9.0, "the caller's bars were changed"


def test_a_volume_that_cannot_be_is_none():
    bars, faults = bars_of((10.0, 12.0, 9.0, 11.0, -1.0), GOOD), BarFaults()
    assert math.isnan(sound_bars(bars, faults)["volume"][0])
    assert faults.bad_volume == 1


def test_a_missing_volume_is_no_fault():
    faults = BarFaults()
    sound_bars(bars_of((10.0, 12.0, 9.0, 11.0, math.nan)), faults)
    assert faults.total == 0
