"""Recordings made up for the tests, and where the real ones are."""

import os
from pathlib import Path

import numpy as np
import pytest

from brokers.replay.rows import Trades
from ems.ticks import BAR_DTYPE, Bars

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
MONDAY = 1_704_103_200 * SECOND  # 2024-01-01T10:00Z


def real_file(name: str) -> Path:
    """The path of a real recording; skips the test where they are not there."""
    default = Path(__file__).parents[3] / "../shared/data"
    path = Path(os.environ.get("ORDERMODE_TEST_DATA", default)) / f"{name}.parquet"
    if not path.exists():
        pytest.skip(f"no real market data at {path}")
    return path


def minute_bars(*rows: tuple[float, float, float, float, float]) -> Bars:
    """Bars of (open, high, low, close, volume), a minute each."""
    return np.array(
        [(MONDAY + number * MINUTE, *row) for number, row in enumerate(rows)], dtype=BAR_DTYPE
    )


def some_trades(count: int, every_ns: int = SECOND) -> Trades:
    """Trades at prices that change on every third one."""
    number = np.arange(count)
    return Trades(
        time=MONDAY + number * every_ns,
        price=100.0 + (number // 3 % 7) * 0.25,
        size=1.0 + number % 5,
    )
