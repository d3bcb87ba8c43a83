"""Opens the replay with the options of the user: the entry point of this backend."""

import math
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from brokers.replay.feed import ReplayFeed
from brokers.replay.playable import Given, demo_playable, file_playable
from brokers.replay.read_recording import read_recording
from brokers.replay.time_column import parse_time
from ems.errors import EmsError
from ems.ports import Backend


class ReplayOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The options of ``[brokers.replay]``, each also one of ``ordermode replay``."""

    file: str | None = None
    """Parquet or CSV file to play; without one only the demo market is there."""
    symbol: str | None = None
    """Which symbol of the file, if it holds several."""
    start: int | str | None = None
    """ISO time (UTC if it has no offset) or UTC ns; None = go on where the last play stopped."""
    speed: float | str | None = None
    """Recorded seconds a second, or ``max``; None = 10 for the demo, 1 for ticks, and a recorded
    bar in six seconds."""
    seed: int = 7
    """Which way the ticks walk inside recorded bars."""
    tick_size: Decimal | None = None
    lot_size: Decimal | None = None
    multiplier: Decimal = Decimal(1)
    """Money a point of price and unit of size is worth."""
    currency: str = ""
    """That the file's market is quoted in; empty = not known."""


def open_backend(options: Mapping[str, Any], state_dir: Path) -> Backend:
    """Return the replay backend: the file's market, if one is named, and the demo market.

    Parameters
    ----------
    options : mapping
        As in `ReplayOptions`; numbers may be given as text.
    state_dir : Path
        Folder of its own, to keep the place of each market in.

    Raises
    ------
    EmsError
        If an option is wrong; `BadHistory` if the file cannot be played.
    """
    try:
        parsed = msgspec.convert(dict(options), ReplayOptions, strict=False)
    except msgspec.ValidationError as error:
        names = ", ".join(ReplayOptions.__struct_fields__)
        raise EmsError(f"replay: {error}; the options are {names}") from error
    _check(parsed)
    playables = [demo_playable(parsed.seed)]
    if parsed.file is not None:
        recording = read_recording(Path(parsed.file).expanduser(), parsed.symbol)
        playables.insert(0, file_playable(recording, _given(parsed), parsed.seed))
    feed = ReplayFeed(
        playables, state_dir, start_ns=_start_ns(parsed.start), speed=_speed(parsed.speed)
    )
    return Backend(name="replay", feed=feed, broker=None)


def _check(options: ReplayOptions) -> None:
    for name in ("tick_size", "lot_size", "multiplier"):
        value: Decimal | None = getattr(options, name)
        if value is not None and not (value.is_finite() and value > 0):
            raise EmsError(f"replay: {name} is {value}; give a number above 0")
    if options.seed < 0:
        raise EmsError(f"replay: seed is {options.seed}; give a whole number from 0 up")
    if options.symbol is not None and options.file is None:
        raise EmsError(f"replay: symbol is {options.symbol!r}, but no file is named; name one")


def _given(options: ReplayOptions) -> Given:
    return Given(
        tick_size=options.tick_size,
        lot_size=options.lot_size,
        multiplier=options.multiplier,
        currency=options.currency,
    )


def _start_ns(start: int | str | None) -> int | None:
    if start is None or isinstance(start, int):
        return start
    try:
        return parse_time(start)
    except ValueError:
        raise EmsError(
            f"replay: start is {start!r}, no time; write it as 2024-01-31T15:30:00Z"
        ) from None


def _speed(speed: float | str | None) -> float | None:
    if speed is None:
        return None
    try:
        number = math.inf if speed == "max" else float(speed)
    except ValueError:
        number = math.nan
    if not number > 0:
        raise EmsError(f"replay: speed is {speed!r}; give a number above 0, or max")
    return number
