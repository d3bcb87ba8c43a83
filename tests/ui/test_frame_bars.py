from datetime import UTC, datetime

import numpy as np
import pytest

from tests.ui.chart.recorded import MINUTE, START, walk
from ui.chart.bar_series import BarSeries
from ui.chart.period import FixedPeriod
from ui.frame_bars import frame_bars, period_of, zone_of_frame

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
    assert period_of(bars) == FixedPeriod(MINUTE)
    assert period_of(bars[:1]) == FixedPeriod(MINUTE)


def rows(volume=True):
    columns = prices()
    names = ("open", "high", "low", "close", "volume")[: 5 if volume else 4]
    return np.column_stack([times() // 10**9, *(columns[name] for name in names)])


@pytest.mark.parametrize("volume", [True, False])
@pytest.mark.parametrize("form", [np.asarray, list, lambda table: [tuple(row) for row in table]])
def test_plain_rows_are_time_prices_and_perhaps_volume(volume, form):
    bars = frame_bars(form(rows(volume)))
    for name in ("time", "open", "high", "low", "close"):
        assert (bars[name] == walk(COUNT)[name]).all()
    assert np.isnan(bars["volume"]).all() != volume


@pytest.mark.parametrize("unit", [10**9, 10**6])
def test_numbers_with_a_point_are_times_too_and_one_that_is_missing_is_a_bad_bar(unit):
    seconds = (times() // unit).astype(float)
    seconds[2] = np.nan
    series = BarSeries(frame_bars({"time": seconds, **prices()}), MINUTE)
    assert series.time.tolist() == [times()[n] for n in (0, 1, 3, 4)]
    assert series.faults.unreadable == 1


def test_a_date_that_is_missing_is_a_bad_bar():
    dates = times().astype("datetime64[ns]")
    dates[0] = np.datetime64("NaT")
    series = BarSeries(frame_bars({"time": dates, **prices()}), MINUTE)
    assert len(series) == COUNT - 1
    assert series.faults.unreadable == 1


def test_the_newest_may_come_first():
    columns = {name: values[::-1] for name, values in prices().items()}
    assert (frame_bars({"time": times()[::-1], **columns}) == walk(COUNT)).all()


def test_of_columns_with_several_names_the_first_counts_if_that_is_clear():
    one = {(name.title(), "AAPL"): values for name, values in prices().items()}
    index = times().astype("datetime64[ns]")
    frame = Frame(index)
    frame.columns, frame._columns = list(one), one
    assert (frame_bars(frame) == walk(COUNT)).all()
    two = one | {("Close", "MSFT"): prices()["close"]}
    frame.columns, frame._columns = list(two), two
    with pytest.raises(ValueError, match="choose those of one market"):
        frame_bars(frame)


def test_a_frame_says_in_which_zone_its_times_are():
    pandas = pytest.importorskip("pandas")
    index = pandas.DatetimeIndex(times(), tz="UTC").tz_convert("Europe/Berlin")
    assert zone_of_frame(pandas.DataFrame(prices(), index=index)) == "Europe/Berlin"
    assert zone_of_frame(pandas.DataFrame({"time": index, **prices()})) == "Europe/Berlin"
    assert zone_of_frame(pandas.DataFrame(prices(), index=index.tz_localize(None))) == "UTC"
    assert zone_of_frame(rows()) == "UTC"


def test_months_are_months_however_long_they_are():
    bars = walk(40)
    months = np.datetime64("2020-01", "M") + np.arange(40)
    bars["time"] = months.astype("datetime64[ns]").astype(np.int64)
    assert period_of(bars).text == "1M"
    bars["time"] = START + np.arange(40) * 7 * 86_400 * 10**9
    assert period_of(bars).text == "1W"
