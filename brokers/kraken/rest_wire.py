"""What Kraken's REST answers, field for field as it comes; numbers of orders are exact decimals.

Read with `brokers.kraken.wire.read_as`; a field that is not here is skipped.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, TypeAlias, TypeVar

import msgspec

from brokers.kraken.finite import Finite
from brokers.kraken.wire import NOTHING, TradeId

Digits: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=30)]


class RestAnswer(msgspec.Struct, frozen=True):
    """Every answer of REST."""

    error: tuple[str, ...] = ()
    result: msgspec.Raw = NOTHING


class ServerTime(msgspec.Struct, frozen=True):
    """``Time``."""

    unixtime: Annotated[int, msgspec.Meta(ge=0, le=1 << 40)]
    """Whole seconds, UTC."""


class Token(msgspec.Struct, frozen=True):
    """``GetWebSocketsToken``. Its text is a secret."""

    token: str

    def __repr__(self) -> str:
        return "Token(hidden)"


class AssetPair(Finite, frozen=True):
    """One entry of ``AssetPairs``."""

    altname: str
    base: str
    quote: str
    pair_decimals: Digits
    lot_decimals: Digits
    wsname: str = ""
    tick_size: Decimal | None = None
    ordermin: Decimal | None = None
    costmin: Decimal | None = None
    status: str = "online"


class OhlcRow(msgspec.Struct, frozen=True, array_like=True):
    """One bar of ``OHLC``."""

    start_s: Annotated[int, msgspec.Meta(ge=0, le=1 << 33)]
    open: str
    high: str
    low: str
    close: str
    vwap: str
    volume: str
    count: int = 0
    """Of trades."""


class TradeRow(Finite, frozen=True, array_like=True):
    """One trade of ``Trades``."""

    price: str
    size: str
    time: Decimal
    """Seconds, UTC."""


Ohlc: TypeAlias = dict[str, list[OhlcRow] | int | str]
"""``OHLC``: bars by the name of the pair, and ``last``."""
Trades: TypeAlias = dict[str, list[TradeRow] | int | str]
"""``Trades``: trades by the name of the pair, and ``last``."""
Row = TypeVar("Row", OhlcRow, TradeRow)


def rows_of(answer: Mapping[str, list[Row] | int | str]) -> list[Row]:
    """Return the rows of the one pair that was asked for."""
    return next((rows for rows in answer.values() if isinstance(rows, list)), [])


class RestDescription(msgspec.Struct, frozen=True):
    """What an order of REST asks for."""

    pair: str
    type: str
    ordertype: str
    price: str = "0"
    """The limit, or what touches it off; a distance such as ``+5.0000%`` for a trailing stop."""
    price2: str = "0"
    """The limit of an order that is touched off."""


class RestOrder(Finite, frozen=True):
    """One order of ``OpenOrders``, ``ClosedOrders``, ``QueryOrders``."""

    status: str
    descr: RestDescription
    vol: Decimal
    vol_exec: Decimal
    opentm: Decimal
    cl_ord_id: str | None = None
    oflags: str = ""
    reason: str | None = None
    trades: tuple[str, ...] = ()


class RestTrade(Finite, frozen=True):
    """One execution of ``QueryTrades``."""

    ordertxid: str
    pair: str
    time: Decimal
    type: str
    price: Decimal
    vol: Decimal
    fee: Decimal
    trade_id: TradeId | None = None
    """As `Execution.trade_id`."""


class OpenOrders(msgspec.Struct, frozen=True):
    """``OpenOrders``, by order id."""

    open: dict[str, RestOrder] = {}


class ClosedOrders(msgspec.Struct, frozen=True):
    """``ClosedOrders``, by order id."""

    closed: dict[str, RestOrder] = {}
