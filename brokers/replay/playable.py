"""What the replay can play: a market, its tape, and how its play begins."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np

from brokers.replay.aggregate import aggregate
from brokers.replay.bar_walk import BarWalk
from brokers.replay.demo_market import (
    DEMO_SPEED,
    TICK_SIZE,
    EndlessBars,
    demo_bars,
    demo_market,
)
from brokers.replay.price_grid import Grid, infer_lot_size, infer_tick_size
from brokers.replay.read_recording import Recording
from brokers.replay.rows import Floats, Quotes, Trades
from brokers.replay.tape import BarTape, FileBars, Place, Tape, TickTape
from ems.errors import BadHistory
from ems.market import Market
from ems.ticks import Bars

_MINUTE_NS: Final = 60_000_000_000
_HISTORY_BARS: Final = 300
_BAR_SECONDS: Final = 6.0
"""Seconds that a recorded bar takes to play unless a speed is asked for."""
_LOT_OF_ONE: Final = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Playable:
    """A market and its tape."""

    market: Market
    tape: Tape
    start: Place
    """Where the first play begins; what is before it is history."""
    speed: float
    """Recorded seconds a second, unless the user wants another."""
    remarks: tuple[str, ...] = ()
    """What the user should know about the data, a sentence each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the user says about a file's market; None = see it in the data."""

    tick_size: Decimal | None = None
    lot_size: Decimal | None = None
    multiplier: Decimal = _LOT_OF_ONE
    currency: str = ""


def demo_playable(seed: int) -> Playable:
    """Return the built-in demo market; raises `BadHistory` if its data are missing."""
    bars = EndlessBars(demo_bars())
    tape = BarTape(bars, BarWalk(Grid(TICK_SIZE), Grid(_LOT_OF_ONE), seed))
    return Playable(
        market=demo_market(seed),
        tape=tape,
        start=Place(bars.history_count(), 0),
        speed=DEMO_SPEED,
    )


def file_playable(recording: Recording, given: Given, seed: int) -> Playable:
    """Return the market of a recorded file.

    Raises
    ------
    BadHistory
        If the tick size does not fit the prices.
    """
    prices, sizes = _prices_and_sizes(recording.rows)
    tick_size = given.tick_size or infer_tick_size(prices)
    lot_size = given.lot_size or infer_lot_size(sizes)
    if float(tick_size) > prices.min():
        raise BadHistory(
            f"the tick size {tick_size} is above the price {prices.min():g} in {recording.path}; "
            "give a smaller one with tick_size"
        )
    tape, start, speed = _tape(recording, Grid(tick_size), Grid(lot_size), seed)
    market = Market(
        fqsn=file_fqsn(recording),
        tick_size=tick_size,
        lot_size=lot_size,
        currency=given.currency,
        multiplier=given.multiplier,
        description=f"{recording.faults.what} recorded in {recording.path.name}",
        chart_price=tape.chart_price,
        badge="REPLAY",
        source=_source(recording, seed),
    )
    remarks = tuple(recording.faults.sentences())
    return Playable(market=market, tape=tape, start=start, speed=speed, remarks=remarks)


def file_fqsn(recording: Recording) -> str:
    """Return the name of a recording's market: ``<symbol or file name>.file.replay``."""
    name = (recording.symbol or recording.path.name.partition(".")[0]).lower()
    return (re.sub(r"[^a-z0-9_\-]", "_", name).lstrip("_-") or "recording") + ".file.replay"


def _tape(recording: Recording, prices: Grid, sizes: Grid, seed: int) -> tuple[Tape, Place, float]:
    """The tape of the rows, the end of its history and its usual speed."""
    rows = recording.rows
    if isinstance(rows, Trades | Quotes):
        ticks = TickTape(rows)
        return ticks, ticks.place_of(_ticks_of_history(rows)), 1.0
    recording.faults.off_grid = _put_on_grid(rows, prices)
    source = FileBars(rows)
    start = Place(min(len(rows) // 10, _HISTORY_BARS), 0)
    speed = source.period_ns / 1e9 / _BAR_SECONDS
    return BarTape(source, BarWalk(prices, sizes, seed)), start, speed


def _ticks_of_history(rows: Trades | Quotes) -> int:
    """A tenth of the rows, or fewer if those are more minute bars than needed."""
    count = len(rows.time) // 10
    minutes = aggregate(rows.as_bars(0, count), _MINUTE_NS)["time"]
    if len(minutes) <= _HISTORY_BARS:
        return count
    return int(np.searchsorted(rows.time, minutes[_HISTORY_BARS]))


def _put_on_grid(bars: Bars, grid: Grid) -> int:
    """Round the prices in place, so that bars and the ticks inside them agree; count the bars."""
    off = np.zeros(len(bars), dtype=np.bool_)
    for name in ("open", "high", "low", "close"):
        off |= grid.is_off(bars[name])
        bars[name] = grid.to_numbers(grid.to_steps(bars[name]))
    return int(np.count_nonzero(off))


def _prices_and_sizes(rows: Trades | Quotes | Bars) -> tuple[Floats, Floats]:
    nothing = np.empty(0)
    if isinstance(rows, Trades):
        return rows.price, nothing if rows.size is None else rows.size
    if isinstance(rows, Quotes):
        known = [size for size in (rows.bid_size, rows.ask_size) if size is not None]
        return np.concatenate((rows.bid, rows.ask)), np.concatenate([nothing, *known])
    prices = [rows[name] for name in ("open", "high", "low", "close")]
    return np.concatenate(prices), rows["volume"]


def _source(recording: Recording, seed: int) -> str:
    """One line on where the prices come from."""
    kind = recording.faults.what
    walked = f", ticks walked inside the bars, seed {seed}" if kind == "bars" else ""
    origin = ", ".join(text for text in (recording.source, recording.license) if text)
    return f"Recorded {kind}{f' ({origin})' if origin else ''}{walked}"
