"""Bars and markets for the tests of the chart."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from ems.market import Market
from ems.ticks import BAR_DTYPE, Bars

MINUTE = 60_000_000_000
START = 1_700_000_040_000_000_000
"""A whole minute."""


def market(**changed: object) -> Market:
    """A market with a tick of 0.01 in UTC, but for what is changed."""
    fields: dict[str, object] = {
        "fqsn": "test.demo.replay",
        "tick_size": Decimal("0.01"),
        "lot_size": Decimal(1),
        "currency": "USD",
    }
    return Market(**(fields | changed))  # type: ignore[arg-type]


def bars_of(*rows: tuple[float, float, float, float, float], start_ns: int = START) -> Bars:
    """Minute bars of (open, high, low, close, volume), one after the other."""
    bars = np.empty(len(rows), BAR_DTYPE)
    for number, row in enumerate(rows):
        bars[number] = (start_ns + number * MINUTE, *row)
    return bars


def walk(count: int, seed: int = 1, start_ns: int = START) -> Bars:
    """Minute bars of a random walk around 100."""
    dice = np.random.default_rng(seed)
    close = 100 + np.cumsum(dice.normal(0, 0.1, count))
    bars = np.empty(count, BAR_DTYPE)
    bars["time"] = start_ns + np.arange(count) * MINUTE
    bars["close"] = close
    bars["open"] = np.concatenate([[100.0], close[:-1]])
    bars["high"] = np.maximum(bars["open"], close) + dice.uniform(0, 0.1, count)
    bars["low"] = np.minimum(bars["open"], close) - dice.uniform(0, 0.1, count)
    bars["volume"] = dice.integers(1, 1000, count)
    return bars


def recorded_bars(folder: Path, name: str) -> Bars:
    """Bars of a file of recorded market data; skips where it is absent."""
    path = folder / name
    if not path.exists():
        pytest.skip(f"no recorded bars at {path}")
    table = pq.read_table(path)
    bars = np.empty(table.num_rows, BAR_DTYPE)
    bars["time"] = table["time_ns"].to_numpy()
    for column in ("open", "high", "low", "close", "volume"):
        bars[column] = np.asarray(table[column].to_numpy(), dtype=float)
    return bars
