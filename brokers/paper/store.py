"""The durable memory of the paper venue: orders, fills, positions and markets."""

import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from brokers.paper.order import PaperFill, PaperOrder, number_of
from brokers.paper.positions import PaperPosition
from brokers.paper.store_file import open_file, set_aside
from ems.errors import EmsError
from ems.market import Market
from ems.messages import ReqId

_T = TypeVar("_T", bound=msgspec.Struct)


def _insert(table: str, row: type[msgspec.Struct]) -> str:
    fields = row.__struct_fields__
    places = ", ".join(f":{field}" for field in fields)
    return f"INSERT INTO {table} ({', '.join(fields)}) VALUES ({places})"


def _upsert(table: str, row: type[msgspec.Struct], key: str) -> str:
    changes = ", ".join(f"{field} = excluded.{field}" for field in row.__struct_fields__)
    return f"{_insert(table, row)} ON CONFLICT ({key}) DO UPDATE SET {changes}"


_SAVE_ORDER: Final = _upsert("orders", PaperOrder, "number")
_SAVE_FILL: Final = _insert("fills", PaperFill)  # a fact: never written again
_SAVE_POSITION: Final = _upsert("positions", PaperPosition, "account, symbol")
_SAVE_MARKET: Final = "INSERT OR REPLACE INTO markets (fqsn, facts) VALUES (?, ?)"


class StoreError(EmsError):
    """The disk refused to read or to write; nothing of the change was kept."""


class PaperStore:
    """The file ``paper.db``; one program at a time has it.

    Raises
    ------
    EmsError
        If the file cannot be used; a damaged one is set aside, and the text says as what.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db = open_file(path)
        try:
            self.last_number = self._read_last_number()
            """The highest running number ever given to an order; 0 if none was."""
            self.open_orders = self._rows(
                "orders WHERE status = 'open' ORDER BY priority, number", PaperOrder
            )
            self.positions = self._rows("positions ORDER BY account, symbol", PaperPosition)
            self.markets = self._read_markets()
        except (sqlite3.DatabaseError, msgspec.DecodeError) as error:
            self._db.close()
            raise set_aside(path, str(error)) from error

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def order(self, reqid: ReqId) -> PaperOrder | None:
        """Return the order of this ``reqid``, live or ended, as last saved."""
        number = number_of(reqid)
        return None if number is None else self._one("orders WHERE number = ?", number)

    def order_of_oid(self, oid: str) -> PaperOrder | None:
        """Return the order of this ``oid``, live or ended, as last saved."""
        return self._one("orders WHERE oid = ?", oid)

    def fills(self, number: int) -> list[PaperFill]:
        """Return every execution of an order, oldest first."""
        return self._all("fills WHERE number = ? ORDER BY rowid", PaperFill, number)

    def save(
        self,
        orders: Iterable[PaperOrder] = (),
        fills: Iterable[PaperFill] = (),
        positions: Iterable[PaperPosition] = (),
        markets: Iterable[Market] = (),
    ) -> None:
        """Keep all of these or, if it raises, none.

        Raises
        ------
        StoreError
            If the disk refuses.
        """
        orders = list(orders)
        facts = [(market.fqsn, msgspec.json.encode(market)) for market in markets]
        try:
            self._db.execute("BEGIN")
            self._db.executemany(_SAVE_ORDER, map(_row, orders))
            self._db.executemany(_SAVE_FILL, map(_row, fills))
            self._db.executemany(_SAVE_POSITION, map(_row, positions))
            self._db.executemany(_SAVE_MARKET, facts)
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            with suppress(sqlite3.Error):  # it may be undone already, or go when we close
                self._db.execute("ROLLBACK")
            raise self._failed("write", error) from error
        self.last_number = max([self.last_number, *(order.number for order in orders)])

    def _read_last_number(self) -> int:
        row = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'orders'").fetchone()
        return 0 if row is None else int(row[0])

    def _read_markets(self) -> list[Market]:
        rows = self._db.execute("SELECT facts FROM markets ORDER BY fqsn")
        return [msgspec.json.decode(facts, type=Market) for (facts,) in rows]

    def _one(self, what: str, key: int | str) -> PaperOrder | None:
        return next(iter(self._all(what, PaperOrder, key)), None)

    def _all(self, what: str, row: type[_T], key: int | str) -> list[_T]:
        try:
            return self._rows(what, row, key)
        except (sqlite3.Error, msgspec.ValidationError) as error:
            raise self._failed("read", error) from error

    def _rows(self, what: str, row: type[_T], *keys: int | str) -> list[_T]:
        found = self._db.execute(f"SELECT {', '.join(row.__struct_fields__)} FROM {what}", keys)
        # SQLite knows no true and false, only 1 and 0
        return [msgspec.convert(dict(one), row, strict=False) for one in found]

    def _failed(self, verb: str, error: Exception) -> StoreError:
        return StoreError(
            f"cannot {verb} the paper account's file {self._path}: {error}; "
            "check the disk and its free space, then start again"
        )


def _row(thing: msgspec.Struct) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(thing)
    return row
