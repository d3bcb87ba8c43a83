"""Kraken's messages, field for field as they come; numbers of orders are exact decimals.

A message of the WebSocket is read in two steps: `Envelope` says what it is, and leaves its body
unread for the decoder of its channel. A field that is not here is skipped.
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final, TypeAlias, TypeVar

import msgspec

from brokers.kraken.finite import Finite

T = TypeVar("T")
NOTHING: Final = msgspec.Raw()
Moment: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time with its zone: one without could be any."""
TradeId: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=1 << 62)]


class Envelope(msgspec.Struct, frozen=True):
    """Any message of the WebSocket: of a channel, or the answer to a method."""

    channel: str = ""
    type: str = ""
    """``snapshot`` or ``update``."""
    data: msgspec.Raw = NOTHING
    sequence: int | None = None
    method: str = ""
    req_id: int | None = None
    success: bool | None = None
    error: str = ""
    result: msgspec.Raw = NOTHING
    time_in: Moment | None = None


class SystemStatus(msgspec.Struct, frozen=True):
    """Channel ``status``."""

    system: str


class Ticker(msgspec.Struct, frozen=True, gc=False):
    """Channel ``ticker``; floats, as it is only looked at."""

    symbol: str
    bid: float
    ask: float
    bid_qty: float | None = None
    ask_qty: float | None = None


class BookLevel(msgspec.Struct, frozen=True, gc=False):
    """A price level: as text, of which the checksum is made."""

    price: msgspec.Raw
    qty: msgspec.Raw
    """Zero = there is nothing any more."""


class BookData(msgspec.Struct, frozen=True):
    """Channel ``book``: all levels of a pair, or those that changed."""

    symbol: str
    bids: list[BookLevel] = []
    asks: list[BookLevel] = []
    checksum: int | None = None


class PublicTrade(msgspec.Struct, frozen=True, gc=False):
    """Channel ``trade``."""

    symbol: str
    side: str
    price: float
    qty: float
    trade_id: int
    timestamp: Moment


class Fee(Finite, frozen=True):
    """One of the fees of an execution."""

    asset: str
    qty: Decimal


class Triggers(Finite, frozen=True):
    """What sets off a stop or take-profit order."""

    price: Decimal | None = None
    price_type: str = ""
    actual_price: Decimal | None = None
    """Where it is now, as a price."""
    status: str = ""
    """``triggered`` or ``untriggered``."""


class Execution(Finite, frozen=True):
    """One report of channel ``executions``; later ones of an order name only what changed."""

    order_id: str
    exec_type: str
    order_status: str = ""
    cl_ord_id: str = ""
    order_userref: int | None = None
    symbol: str = ""
    side: str = ""
    order_type: str = ""
    order_qty: Decimal | None = None
    limit_price: Decimal | None = None
    limit_price_type: str = ""
    """``static`` a price; ``quote`` and ``pct`` a distance from where a trailing stop stands."""
    stop_price: Decimal | None = None
    triggers: Triggers | None = None
    cum_qty: Decimal | None = None
    avg_price: Decimal | None = None
    exec_id: str = ""
    trade_id: TradeId | None = None
    """The number of the trade in its pair."""
    last_qty: Decimal | None = None
    last_price: Decimal | None = None
    fees: tuple[Fee, ...] = ()
    reason: str = ""
    cancel_reason: str = ""
    timestamp: Moment | None = None
    time_in_force: str = ""
    expire_time: Moment | None = None
    post_only: bool = False
    ratecount: Decimal | None = None
    """Where the counter of requests for this pair stands, which ``ratecounter`` asks for."""


class Wallet(Finite, frozen=True):
    """One wallet in the snapshot of a balance."""

    balance: Decimal
    type: str = ""


class Balance(Finite, frozen=True):
    """Channel ``balances``: a total in the snapshot, a ledger entry after it."""

    asset: str
    balance: Decimal
    wallets: tuple[Wallet, ...] = ()
    wallet_type: str = ""


class OrderResult(msgspec.Struct, frozen=True):
    """What ``add_order``, ``amend_order`` and ``cancel_order`` answer."""

    order_id: str = ""
    cl_ord_id: str = ""


class SubscribeResult(msgspec.Struct, frozen=True):
    """What ``subscribe`` answers."""

    channel: str = ""
    maxratecount: Annotated[int, msgspec.Meta(ge=0, le=1 << 30)] | None = None


_envelope: Final = msgspec.json.Decoder(Envelope)
_decoders: Final[dict[Any, msgspec.json.Decoder[Any]]] = {}
_encoder: Final = msgspec.json.Encoder()


def read_envelope(data: str | bytes) -> Envelope:
    """Return what the message is; raises `msgspec.DecodeError`."""
    envelope: Envelope = _decoded(_envelope, data)
    return envelope


def read_as(kind: type[T], data: msgspec.Raw | bytes) -> T:
    """Return the body as this type, with a decoder made once; raises `msgspec.DecodeError`."""
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.json.Decoder(kind)
    result: T = _decoded(decoder, data)
    return result


def _decoded(decoder: msgspec.json.Decoder[Any], data: Any) -> Any:
    """Decode; what msgspec has other errors for is a `msgspec.DecodeError` too."""
    try:
        return decoder.decode(data)
    except (UnicodeDecodeError, RecursionError, OverflowError) as error:
        raise msgspec.DecodeError(str(error)) from None


def write(message: object) -> bytes:
    """Return the message as JSON."""
    return _encoder.encode(message)


def number(value: Decimal, digits: int) -> msgspec.Raw:
    """Return a JSON number with exactly so many decimals and no exponent."""
    return msgspec.Raw(f"{value:.{digits}f}".encode())
