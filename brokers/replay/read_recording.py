"""A file of recorded trades, quotes or bars, read into columns."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from brokers.replay.faults import Faults, mend_bars, mend_quotes, mend_trades
from brokers.replay.rows import Floats, Ints, Quotes, Sides, Trades
from brokers.replay.table_file import read_table
from brokers.replay.time_column import time_ns
from ems.errors import BadHistory
from ems.ticks import BAR_DTYPE, Bars

_NAMES: Final = {
    "time": ("time_ns", "time", "timestamp", "datetime", "date_time", "date", "ts", "open_time"),
    "symbol": ("symbol", "ticker", "instrument", "sym"),
    "price": ("price", "last", "trade_price", "px"),
    "size": ("size", "qty", "quantity", "amount", "volume"),
    "side": ("side", "taker_side", "aggressor_side"),
    "bid": ("bid", "bid_price", "best_bid", "bidprice"),
    "ask": ("ask", "ask_price", "best_ask", "askprice", "offer"),
    "bid_size": ("bid_size", "bid_qty", "bid_volume", "bidsize"),
    "ask_size": ("ask_size", "ask_qty", "ask_volume", "asksize"),
    "open": ("open", "o"),
    "high": ("high", "h"),
    "low": ("low", "l"),
    "close": ("close", "c"),
    "volume": ("volume", "vol", "v"),
}
"""What a column means, and the names it goes by, lower case, best first."""

_SHAPES: Final = (
    (("time", "price"), "trades"),
    (("time", "bid", "ask"), "quotes"),
    (("time", "open", "high", "low", "close"), "bars"),
)
_SYMBOLS_SHOWN: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One market's rows of one file, mended."""

    path: Path
    rows: Trades | Quotes | Bars
    faults: Faults
    symbol: str = ""
    """As the file writes it; empty if the file has no such column."""
    source: str = ""
    license: str = ""


def read_recording(path: Path, symbol: str | None = None) -> Recording:
    """Read a Parquet or CSV file of trades, quotes or bars.

    Parameters
    ----------
    path : Path
        The file.
    symbol : str, optional
        Which symbol to read, in any case; needed if the file holds more than one.

    Raises
    ------
    BadHistory
        If the file, its shape or a cell is unusable, or the symbol is missing.
    """
    table = read_table(path)
    columns = _Columns(path, table)
    kind = columns.kind()
    symbol = columns.choose(symbol)
    rows, faults = _READERS[kind](columns)
    if not faults.usable:
        found = " ".join(faults.sentences())
        raise BadHistory(f"{path} has no usable row: {found} Choose another file")
    notes = {
        k.decode(): v.decode()
        for k, v in (table.schema.metadata or {}).items()
        if k in (b"source", b"license")
    }
    return Recording(path=path, rows=rows, faults=faults, symbol=symbol, **notes)


class _Columns:
    """The columns of a table by what they mean."""

    def __init__(self, path: Path, table: Any) -> None:
        self._path = path
        self._table = table
        twice = {name for name in table.column_names if table.column_names.count(name) > 1}
        if twice:
            raise BadHistory(f"{path} has the column {min(twice)!r} twice; rename one of them")
        named: dict[str, str] = {}
        for name in table.column_names:
            named.setdefault(name.strip().lower().replace(" ", "_"), name)
        self._all = frozenset(named)
        self._name = {
            meaning: named[best]
            for meaning, names in _NAMES.items()
            if (best := next((name for name in names if name in named), None))
        }

    def kind(self) -> str:
        """Return which shape the file has."""
        if self._all & {"is_snapshot", "level"}:
            raise BadHistory(
                f"{self._path} is an order book; the replay plays files of trades, quotes or bars"
            )
        for needed, kind in _SHAPES:
            if all(meaning in self._name for meaning in needed):
                return kind
        found = ", ".join(self._table.column_names[:12]) or "none"
        raise BadHistory(
            f"{self._path} has the columns {found}; name them in the first line as "
            "time, price (trades), time, bid, ask (quotes) or time, open, high, low, close (bars)"
        )

    def choose(self, symbol: str | None) -> str:
        """Keep the rows of one symbol; return it as the file writes it."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if "symbol" not in self._name:
            if symbol is not None:
                raise BadHistory(f"{self._path} has no column symbol; leave out --symbol {symbol}")
            return ""
        column = self._table[self._name["symbol"]].cast(pa.string())
        there = sorted(name for name in pc.unique(column).to_pylist() if name)
        wanted = [name for name in there if symbol is None or name.lower() == symbol.lower()]
        if len(wanted) != 1:
            raise BadHistory(self._which_symbol(symbol, there))
        self._table = self._table.filter(pc.equal(column, wanted[0]))
        return str(wanted[0])

    def _which_symbol(self, symbol: str | None, there: list[str]) -> str:
        some = ", ".join(there[:_SYMBOLS_SHOWN]) or "no names"
        more = ", ..." if len(there) > _SYMBOLS_SHOWN else ""
        problem = f"holds {len(there)} symbols" if symbol is None else f"does not hold {symbol!r}"
        return f"{self._path} {problem} ({some}{more}); choose one with --symbol"

    def time(self) -> tuple[Ints, npt.NDArray[np.bool_]]:
        """Return the times, and which rows have one."""
        name = self._name["time"]
        return time_ns(self._table[name], name, str(self._path))

    def numbers(self, meaning: str) -> Floats:
        """Return a column as floats, NaN where a row has nothing."""
        import pyarrow as pa

        name = self._name[meaning]
        try:
            floats = self._table[name].cast(pa.float64())
        except pa.ArrowException:
            raise BadHistory(self._not_a_number(name)) from None
        return np.array(floats.to_numpy(), dtype=np.float64)

    def _not_a_number(self, name: str) -> str:
        for row, cell in enumerate(self._table[name].to_pylist(), start=1):
            try:
                float("nan" if cell is None else cell)
            except (TypeError, ValueError):
                return (
                    f"{cell!r} in row {row}, column {name} of {self._path} is no number; "
                    "mend that row"
                )
        return f"column {name} of {self._path} holds no numbers; choose another file"

    def maybe(self, meaning: str) -> Floats | None:
        """Return a column as floats, None if the file lacks it."""
        return self.numbers(meaning) if meaning in self._name else None

    def sides(self) -> Sides | None:
        """Return who the taker was: 1 bought, -1 sold, 0 unknown."""
        import pyarrow as pa

        if "side" not in self._name:
            return None
        column = self._table[self._name["side"]]
        if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
            signs = np.sign(np.nan_to_num(self.numbers("side")))
            return np.asarray(signs, dtype=np.int8)
        words = (str(cell or "").strip().lower() for cell in column.to_pylist())
        return np.array([_SIDE_WORDS.get(word, 0) for word in words], dtype=np.int8)


_SIDE_WORDS: Final = {"buy": 1, "b": 1, "1": 1, "sell": -1, "s": -1, "-1": -1}


def _read_trades(columns: _Columns) -> tuple[Trades, Faults]:
    time, has_time = columns.time()
    price, size = columns.numbers("price"), columns.maybe("size")
    return mend_trades(Trades(time, price, size, columns.sides()), has_time)


def _read_quotes(columns: _Columns) -> tuple[Quotes, Faults]:
    time, has_time = columns.time()
    prices = columns.numbers("bid"), columns.numbers("ask")
    sizes = columns.maybe("bid_size"), columns.maybe("ask_size")
    return mend_quotes(Quotes(time, *prices, *sizes), has_time)


def _read_bars(columns: _Columns) -> tuple[Bars, Faults]:
    time, has_time = columns.time()
    bars = np.empty(len(time), dtype=BAR_DTYPE)
    bars["time"] = time
    for name in ("open", "high", "low", "close"):
        bars[name] = columns.numbers(name)
    volume = columns.maybe("volume")
    bars["volume"] = np.nan if volume is None else volume
    return mend_bars(bars, has_time)


_READERS: Final[dict[str, Callable[[_Columns], tuple[Trades | Quotes | Bars, Faults]]]] = {
    "trades": _read_trades,
    "quotes": _read_quotes,
    "bars": _read_bars,
}
