"""Indicators against plain loops over the bars, and tick by tick against all at once."""

import itertools
import math
from datetime import UTC, datetime

import mintalib.functions
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.chart.recorded import MINUTE, START, walk
from ui.chart.bar_series import Bar, BarSeries
from ui.chart.formulas import Bollinger, Ema, Sma, Vwap
from ui.chart.function_formula import function_formula
from ui.chart.indicator import Indicator
from ui.chart.oscillators import Atr, Macd, Rsi, Volume


def middle(bars, weight=0.5):
    """A function as a user writes one."""
    return bars["high"] * weight + bars["low"] * (1 - weight)


FORMULAS = [
    Sma(7),
    Sma(1_100),
    Ema(9),
    Ema(700),
    Bollinger(5, 2.5),
    Vwap("UTC"),
    Vwap("America/New_York"),
    Vwap("America/Chicago", early_s=7 * 3600),
    Volume(6),
    Rsi(8),
    Macd(4, 9, 3),
    Atr(7),
    function_formula(middle),
]


def sma(bars, length):
    closes = bars["close"]
    return [
        math.nan if i + 1 < length else float(np.mean(closes[i + 1 - length : i + 1]))
        for i in range(len(closes))
    ]


def ema(bars, length):
    value, found = float(bars["close"][0]), []
    for close in bars["close"]:
        value += 2 / (length + 1) * (close - value)
        found.append(value)
    return found


def vwap(bars):
    day, money, volume, found = None, 0.0, 0.0, []
    for bar in bars:
        today = datetime.fromtimestamp(int(bar["time"]) / 1e9, UTC).date()
        if today != day:
            day, money, volume = today, 0.0, 0.0
        money += (bar["high"] + bar["low"] + bar["close"]) / 3 * bar["volume"]
        volume += bar["volume"]
        found.append(money / volume)
    return found


def values(formula, bars):
    return Indicator(formula, ("TEXT",)).values(BarSeries(bars, MINUTE))


@pytest.mark.parametrize("count", [1, 6, 7, 400, 3000])
def test_they_are_what_a_loop_finds(count):
    bars = walk(count)
    np.testing.assert_allclose(values(Sma(7), bars)[:, 0], sma(bars, 7))
    np.testing.assert_allclose(values(Ema(9), bars)[:, 0], ema(bars, 9))
    np.testing.assert_allclose(values(Vwap(), bars)[:, 0], vwap(bars))


def test_bollinger_bands_are_deviations_around_the_mean():
    bars = walk(100)
    middle, upper, lower = values(Bollinger(20, 2.0), bars)[-1]
    closes = bars["close"][-20:]
    assert middle == pytest.approx(closes.mean())
    assert upper == pytest.approx(closes.mean() + 2 * closes.std())
    assert lower == pytest.approx(closes.mean() - 2 * closes.std())
    assert np.isnan(values(Bollinger(20, 2.0), bars)[18]).all()


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.label)
@given(steps=st.lists(st.tuples(st.sampled_from("tbpa"), st.floats(90, 110)), max_size=30))
def test_step_by_step_is_the_same_as_all_at_once(formula, steps):
    older = walk(200, seed=3, start_ns=START - 200 * MINUTE)
    series = BarSeries(walk(1300), MINUTE)
    indicator = Indicator(formula, ("TEXT",) * formula.shown)
    indicator.values(series)
    for step, price in steps:
        last = series.bar(series.last_x)
        if step == "t":
            high, low = max(last.high, price), min(last.low, price)
            series.update_last(high, low, price, last.volume + 1)
        elif step == "b":
            series.append(Bar(last.time_ns + MINUTE, price, price, price, price, 1.0))
        elif step == "a":
            series.widen(series.last_x - 5, 120.0, 80.0, 5000.0)
        else:
            older = older[: len(older) - series.prepend(older[-20:])]
        indicator.values(series)
    at_once = Indicator(formula, indicator.colors).values(series)
    np.testing.assert_allclose(indicator.values(series), at_once, rtol=1e-9, atol=1e-12)


class Counted:
    """A formula that counts the bars it is computed for."""

    def __init__(self, formula):
        self._formula = formula
        self.bars = 0

    def __getattr__(self, name):
        return getattr(self._formula, name)

    def values(self, series, start, before):
        self.bars += len(series) - start
        return self._formula.values(series, start, before)


@pytest.mark.parametrize("formula", [Sma(50), Ema(50), Bollinger(), Rsi(), Atr(), Macd(), Vwap()])
def test_older_history_costs_no_more_with_many_bars_than_with_few(formula):
    history = walk(60_000)
    series = BarSeries(history[20_000:], MINUTE)
    counted = Counted(formula)
    indicator = Indicator(counted, ("TEXT",) * formula.shown)
    indicator.values(series)
    for stop in range(20_000, 0, -2_000):
        counted.bars = 0
        series.prepend(history[stop - 2_000 : stop])
        indicator.values(series)
        assert counted.bars <= 2 * 2_000 + 1_024 + 8_192 + 1
    at_once = Indicator(formula, indicator.colors).values(series)
    np.testing.assert_allclose(indicator.values(series), at_once, rtol=1e-8, atol=1e-9)


def wilder(values, length):
    """Of a list whose first value does not count: the mean of the first, then step by step."""
    found = [math.nan] * len(values)
    for i in range(length, len(values)):
        if i == length:
            found[i] = sum(values[1 : length + 1]) / length
        else:
            found[i] = (found[i - 1] * (length - 1) + values[i]) / length
    return found


@pytest.mark.parametrize("count", [1, 8, 9, 10, 700])
def test_rsi_is_what_a_loop_finds(count):
    bars = walk(count)
    close = bars["close"].tolist()
    change = [0.0, *(b - a for a, b in itertools.pairwise(close))]
    gain = wilder([max(one, 0.0) for one in change], 8)
    loss = wilder([max(-one, 0.0) for one in change], 8)
    expected = [100 - 100 / (1 + g / down) for g, down in zip(gain, loss, strict=True)]
    np.testing.assert_allclose(values(Rsi(8), bars)[:, 0], expected)


def test_rsi_is_what_a_library_finds():
    bars = walk(900)
    np.testing.assert_allclose(
        values(Rsi(14), bars)[:, 0], mintalib.functions.rsi(bars["close"].copy(), 14)
    )


@pytest.mark.parametrize("count", [1, 7, 8, 9, 700])
def test_atr_is_what_a_loop_finds(count):
    bars = walk(count)
    ranges = [0.0]
    for before, bar in itertools.pairwise(bars):
        top, bottom = max(bar["high"], before["close"]), min(bar["low"], before["close"])
        ranges.append(float(top - bottom))
    np.testing.assert_allclose(values(Atr(7), bars)[:, 0], wilder(ranges, 7))


def test_macd_is_what_a_loop_finds():
    bars = walk(600)
    fast, slow = np.array(ema(bars, 12)), np.array(ema(bars, 26))
    signal, value = [], 0.0
    for one in fast - slow:
        value += 2 / 10 * (one - value)
        signal.append(value)
    expected = np.column_stack([fast - slow, signal, fast - slow - signal])
    np.testing.assert_allclose(values(Macd(12, 26, 9), bars), expected, atol=1e-12)


def test_volume_and_its_mean_count_a_bar_without_as_none():
    bars = walk(50)
    bars["volume"][20] = np.nan
    bars["volume"][30] = 0.0
    volume = [0.0 if math.isnan(one) else one for one in bars["volume"].tolist()]
    mean = [math.nan if i < 4 else sum(volume[i - 4 : i + 1]) / 5 for i in range(50)]
    np.testing.assert_allclose(values(Volume(5), bars), np.column_stack([volume, mean]))


def test_a_market_that_stands_still_has_an_rsi_in_the_middle():
    bars = walk(40)
    for name in ("open", "high", "low", "close"):
        bars[name] = 100.0
    assert values(Rsi(14), bars)[-1, 0] == 50.0


def made_to_forget(series, count):
    """Put NaN into all but the newest bars; whoever reads the others will show it."""
    for column in (
        series.open,
        series.close,
        *(pyramid.values for pyramid in (series.highs, series.lows, series.volumes)),
    ):
        column[: len(series) - count] = np.nan


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.label)
def test_a_tick_reads_the_newest_bars_only(formula):
    series = BarSeries(walk(5000), MINUTE)
    indicator = Indicator(formula, ("TEXT",) * formula.shown)
    indicator.values(series)
    last = series.bar(series.last_x)
    series.update_last(last.high + 1, last.low, last.high, last.volume + 1)
    expected = Indicator(formula, indicator.colors).values(series)[-1].copy()
    made_to_forget(series, 1200)
    np.testing.assert_allclose(indicator.values(series)[-1], expected)


def test_a_function_that_is_no_indicator_says_why():
    with pytest.raises(ValueError, match=r"no bars is no indicator: .*shape"):
        function_formula(lambda bars: bars["close"][:5], "no bars")
    with pytest.raises(ValueError, match="KeyError"):
        function_formula(lambda bars: {}[1], "broken")


def test_a_function_that_fails_later_shows_nothing_but_its_error(caplog):
    def fails_above_100(bars):
        if bars["close"].max() > 100 and len(bars) != 200:
            raise RuntimeError("too dear")
        return bars["close"]

    formula = function_formula(fails_above_100)
    assert np.isnan(values(formula, walk(300))).all()
    assert "failed: RuntimeError: too dear" in formula.label
    assert "too dear" in caplog.text


def test_a_length_that_cannot_be_says_so():
    with pytest.raises(ValueError, match="0 bars"):
        Sma(0)
    with pytest.raises(ValueError, match="deviations"):
        Bollinger(20, 0)


def test_the_vwap_begins_with_the_session_of_the_evening_before():
    """As the futures of Chicago: the day begins at 17:00, in November at 23:00 UTC."""
    evening = int(datetime(2026, 11, 22, 23, 0, tzinfo=UTC).timestamp()) * 10**9
    bars = walk(120, start_ns=evening - 60 * MINUTE)
    found = Indicator(Vwap("America/Chicago", 7 * 3600), ("red",)).values(BarSeries(bars, MINUTE))
    first = bars[60]
    typical = (first["high"] + first["low"] + first["close"]) / 3
    assert found[60, 0] == pytest.approx(typical)
    assert found[59, 0] != pytest.approx(typical)
    midnight = Indicator(Vwap("America/Chicago"), ("red",)).values(BarSeries(bars, MINUTE))
    assert midnight[60, 0] != pytest.approx(typical)
