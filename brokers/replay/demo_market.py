"""The built-in market: recorded minutes of AAPL that never end."""

import csv
from decimal import Decimal
from importlib import resources
from typing import Final

import numpy as np

from brokers.replay.faults import mend_bars
from brokers.replay.price_grid import Grid
from brokers.replay.time_column import parse_time
from ems.errors import BadHistory
from ems.market import Market
from ems.ticks import BAR_DTYPE, Bars

DEMO_FQSN: Final = "aapl.demo.replay"
DEMO_SPEED: Final = 10.0
HISTORY_DAYS: Final = 2
"""Recorded days that are history when the demo starts for the first time."""
TICK_SIZE: Final = Decimal("0.01")
_MINUTE_NS: Final = 60_000_000_000
_DAY_NS: Final = 24 * 60 * _MINUTE_NS
_WEEK_NS: Final = 7 * _DAY_NS


def demo_market(seed: int) -> Market:
    """Return what is fixed about the demo market; its source says what its prices are."""
    return Market(
        fqsn=DEMO_FQSN,
        tick_size=TICK_SIZE,
        lot_size=Decimal(1),
        currency="USD",
        description="Apple, recorded minutes for trying things out",
        timezone="America/New_York",
        badge="REPLAY",
        source="DEMO: recorded AAPL minute bars (mintalib, MIT), "
        f"ticks walked inside the bars, seed {seed}",
    )


class EndlessBars:
    """Recorded bars over and over, each time some weeks later and without a jump in price.

    Every second round is mirrored: where the recording rises from A to B, it falls from B to A
    (each price is A x B / price). So each round opens where the one before closed, and the price
    stays in the range of the recording however long it plays.
    """

    count: int | None = None
    period_ns = _MINUTE_NS

    def __init__(self, recorded: Bars) -> None:
        self._recorded = recorded
        times = recorded["time"]
        self._round_ns = -(-(int(times[-1] - times[0]) + self.period_ns) // _WEEK_NS) * _WEEK_NS
        self._mirror = float(recorded["open"][0] * recorded["close"][-1])
        self._grid = Grid(TICK_SIZE)
        self.fingerprint = f"endless {len(recorded)} bars from {times[0]}"

    def bars(self, first: int, last: int) -> Bars:
        """Return the bars ``[first, last)``."""
        rounds, row = np.divmod(np.arange(first, last), len(self._recorded))
        bars = self._recorded[row]
        bars["time"] += rounds * self._round_ns
        odd = rounds % 2 == 1
        there = self._recorded[row[odd]]
        for name, mirrored in _MIRRORED:
            bars[name][odd] = self._mirror / there[mirrored]
            bars[name] = self._grid.to_numbers(self._grid.to_steps(bars[name]))
        return bars

    def find(self, time_ns: int) -> int:
        """Return the number of the first bar that starts at or after a time."""
        start_ns = int(self._recorded["time"][0])
        rounds, since_ns = divmod(max(0, time_ns - start_ns), self._round_ns)
        row = int(np.searchsorted(self._recorded["time"], start_ns + since_ns))
        return rounds * len(self._recorded) + row

    def history_count(self) -> int:
        """Return how many bars the first `HISTORY_DAYS` days of the recording have."""
        days = np.unique(self._recorded["time"] // _DAY_NS)
        return self.find(int(days[min(HISTORY_DAYS, len(days) - 1)]) * _DAY_NS)


_MIRRORED: Final = (("open", "open"), ("high", "low"), ("low", "high"), ("close", "close"))


def demo_bars() -> Bars:
    """Return the recorded minutes of the package mintalib, without the unfinished last one.

    Raises
    ------
    BadHistory
        If the package or its file is missing or not as we know it.
    """
    try:
        # Only the data file: mintalib's own reader needs pandas.
        file = resources.files("mintalib.samples") / "minute-prices.csv"
        lines = file.read_text(encoding="utf-8").splitlines()
        rows = [_one_bar(row) for row in csv.DictReader(lines)]
    except (ImportError, OSError, KeyError, ValueError) as error:
        raise BadHistory(
            f"the demo market's prices in the package mintalib cannot be read ({error!r}); "
            "install ordermode again, or replay a file of your own"
        ) from error
    bars, _ = mend_bars(np.array(rows[:-1], dtype=BAR_DTYPE), np.ones(len(rows) - 1, np.bool_))
    # A minute that moved did trade: its volume is missing, not zero.
    bars["volume"][(bars["volume"] == 0) & (bars["high"] > bars["low"])] = np.nan
    return bars


def _one_bar(row: dict[str, str]) -> tuple[int, float, float, float, float, float]:
    prices = (float(row[name]) for name in ("open", "high", "low", "close", "volume"))
    return (parse_time(row["datetime"]), *prices)  # type: ignore[return-value]
