from datetime import UTC, datetime

import numpy as np
import pytest

from tests.ui.chart.recorded import MINUTE, START, walk
from ui.frame_bars import frame_bars, period_of

COUNT = 5


class Frame:
    """As much of a pandas frame as is used: columns by name, and an index."""

    def __init__(self, index, **columns):
        self.index = index
        self.columns = list(columns)
        self._columns = columns

    def __getitem__(self, name):
        return self._columns[name]


def prices():
    bars = walk(COUNT)
    return {name: bars[name] for name in ("open", "high", "low", "close", "volume")}


def all_prices(values):
    return dict.fromkeys(("open", "high", "low", "close"), values)


def times():
    return START + np.arange(COUNT) * MINUTE


def test_a_dict_of_arrays_gives_its_bars():
    assert (frame_bars({"time": times(), **prices()}) == walk(COUNT)).all()


def test_an_array_of_bars_is_taken_as_it_is():
    bars = walk(COUNT)
    assert frame_bars(bars) is bars


def test_a_frame_has_its_times_in_the_index_and_names_in_any_case():
    named = {name.capitalize(): values for name, values in prices().items()}
    frame = Frame(times().astype("datetime64[ns]"), **named)
    assert (frame_bars(frame) == walk(COUNT)).all()


@pytest.mark.parametrize("unit", [10**9, 10**6, 10**3, 1])
def test_whole_numbers_are_seconds_or_finer_by_their_size(unit):
    bars = frame_bars({"date": times() // unit, **prices()})
    assert (bars["time"] == times() // unit * unit).all()


def test_dates_of_python_are_read():
    dates = [datetime(2024, 5, day) for day in range(1, COUNT + 1)]
    bars = frame_bars({"date": dates, **prices()})
    expected = datetime(2024, 5, 1, tzinfo=UTC).timestamp() * 1e9
    assert bars["time"][0] == expected


def test_without_volume_there_is_none():
    columns = prices()
    del columns["volume"]
    assert np.isnan(frame_bars({"time": times(), **columns})["volume"]).all()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"time": [1], "open": [1.0]}, "no column high, low, close"),
        ({"open": [1.0], "high": [1.0], "low": [1.0], "close": [1.0]}, "no column with times"),
        ({"time": ["soon"], **all_prices([1.0])}, "dates"),
        ({"time": [1], **all_prices(["x"])}, "no number"),
        ([1, 2, 3], "none"),
    ],
)
def test_what_is_wrong_is_named(data, words):
    with pytest.raises(ValueError, match=words):
        frame_bars(data)


def test_the_period_is_the_usual_distance():
    bars = walk(50)
    bars["time"][20:] += 60 * MINUTE
    assert period_of(bars) == MINUTE
    assert period_of(bars[:1]) == MINUTE
