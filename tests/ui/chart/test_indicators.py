"""Indicators against plain loops over the bars, and tick by tick against all at once."""

import math
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.chart.recorded import MINUTE, START, walk
from ui.chart.bar_series import Bar, BarSeries
from ui.chart.formulas import Bollinger, Ema, Sma, Vwap
from ui.chart.indicator import Indicator

FORMULAS = [Sma(7), Ema(9), Bollinger(5, 2.5), Vwap("UTC"), Vwap("America/New_York")]


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
    np.testing.assert_allclose(indicator.values(series), at_once, rtol=1e-9)


def test_a_length_that_cannot_be_says_so():
    with pytest.raises(ValueError, match="0 bars"):
        Sma(0)
    with pytest.raises(ValueError, match="deviations"):
        Bollinger(20, 0)
