from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokers.replay.price_grid import Grid, infer_lot_size, infer_tick_size
from brokers.replay.read_recording import read_recording
from tests.brokers.replay.recorded import real_file


@pytest.mark.parametrize(
    ("name", "tick_size", "lot_size"),
    [
        ("trades_ES_20130901_20130903", "0.25", "1"),
        ("trades_BTC-USD_coinbase_20230905", "0.01", "0.00000001"),
        ("trades_BTCUSDT_binance_20240808", "0.01", "0.00001"),
    ],
)
def test_the_grids_of_real_trades(name, tick_size, lot_size):
    rows = read_recording(real_file(name)).rows
    assert infer_tick_size(rows.price) == Decimal(tick_size)
    assert infer_lot_size(rows.size) == Decimal(lot_size)


@pytest.mark.parametrize(
    ("name", "symbol", "tick_size"),
    [
        ("bars_1m_YNDX_moex_2015_2016", None, "0.1"),
        ("bars_1m_EURUSD_2017H1", None, "0.00001"),
        ("bars_1m_BTC-PERP_202201", None, "1"),
        ("bars_1d_us5_2000_2013", "IBM", "0.01"),
        ("bars_1d_sp500_2009_2010", "AAPL", "0.01"),
        ("bars_1d_nasdaq9_2017_2023", "AAPL", "0.01"),
    ],
)
def test_the_tick_size_of_real_bars(name, symbol, tick_size):
    bars = read_recording(real_file(name), symbol).rows
    prices = np.concatenate([bars[column] for column in ("open", "high", "low", "close")])
    assert infer_tick_size(prices) == Decimal(tick_size)


def test_the_tick_size_of_prices_that_were_32_bit_floats():
    prices = np.arange(300.0, 320.0, 0.05).astype(np.float32).astype(np.float64)
    assert infer_tick_size(prices) == Decimal("0.05")


def test_few_prices_and_prices_on_no_grid_have_ticks_of_a_cent():
    assert infer_tick_size(np.array([100.0, 150.0])) == Decimal("0.01")
    assert infer_tick_size(np.random.default_rng(1).uniform(1, 2, 1000)) == Decimal("0.01")


def test_lots_above_one_are_not_inferred():
    assert infer_lot_size(np.array([100.0, 300.0])) == 1
    assert infer_lot_size(np.array([])) == 1


@given(
    st.sampled_from(["0.01", "0.25", "0.1", "0.00001", "1", "5", "0.03125"]),
    st.integers(1, 10_000_000),
)
def test_a_number_of_the_grid_prints_as_its_decimal(step, count):
    grid = Grid(Decimal(step))
    [number] = grid.to_numbers(np.array([count]))
    assert Decimal(repr(float(number))) == Decimal(step) * count
    assert grid.to_steps(np.array([number])).tolist() == [count]
    assert grid.floor_steps(np.array([number])).tolist() == [count]
    assert not grid.is_off(np.array([number])).any()
