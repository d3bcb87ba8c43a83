"""Turns what Kraken says into what we say. Every map between the two worlds is here or in status.

Nothing here keeps state or sends anything.
"""

import logging
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

import msgspec
import numpy as np

from brokers.kraken import rest_wire, status, wire
from brokers.kraken.finite import is_sane
from brokers.kraken.order_types import OUR_TYPE
from brokers.kraken.pairs import BROKER, Pair, Pairs, is_shown, new_name
from ems.market import Market
from ems.messages import ZERO, BrokerdFill, BrokerdPosition, Side, TimeInForce
from ems.ticks import BAR_DTYPE, Bars, Quote, Trade, no_bars

log = logging.getLogger(__name__)

ACCOUNT: Final = "kraken.spot"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NS: Final = Decimal(1_000_000_000)
_OID_SPACE: Final = uuid.UUID("6f6a1c1c-7a55-4c0e-9f25-4b5a2f0d8e11")
"""For the oids of orders that have no uuid of their own: the same one at each look."""
_TIFS: Final[dict[str, TimeInForce]] = {"gtc": "gtc", "gtd": "gtd", "ioc": "ioc"}
_TAKER: Final = {"buy": 1, "sell": -1}


def time_ns(moment: datetime) -> int:
    """Return UTC ns, exact."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1000


def seconds_ns(seconds: Decimal) -> int:
    """Return UTC ns of the decimal seconds that REST speaks in."""
    return int(seconds * _NS)


def rfc3339(ns: int) -> str:
    """Return UTC ns as Kraken reads times, to the microsecond."""
    moment = datetime.fromtimestamp(ns // 1_000_000_000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ns % 1_000_000_000 // 1000:06d}Z"


# ---- markets


def pairs_of(answer: dict[str, rest_wire.AssetPair]) -> list[Pair]:
    """Return the pairs that can be traded here."""
    return [pair_of(name, found) for name, found in answer.items() if is_shown(found.altname)]


def pair_of(rest_name: str, found: rest_wire.AssetPair) -> Pair:
    """Return one pair."""
    base, _, quote = (found.wsname or f"{found.base}/{found.quote}").partition("/")
    base, quote = new_name(base), new_name(quote)
    lot = Decimal(1).scaleb(-found.lot_decimals)
    market = Market(
        fqsn=f"{found.altname.lower()}.{BROKER}",
        tick_size=found.tick_size or Decimal(1).scaleb(-found.pair_decimals),
        lot_size=lot,
        currency=quote,
        description=f"{base}/{quote}",
        source="Kraken",
    )
    return Pair(
        market=market,
        symbol=f"{base}/{quote}",
        rest_name=rest_name,
        altname=found.altname,
        base=base,
        quote=quote,
        order_min=found.ordermin or lot,
        cost_min=found.costmin or ZERO,
        status=found.status,
    )


def quote_of(ticker: wire.Ticker, now_ns: int) -> Quote:
    """Return best bid and ask; the ticker has no time of its own, so it is ours."""
    return Quote(now_ns, ticker.bid, ticker.ask, ticker.bid_qty, ticker.ask_qty)


def trade_of(trade: wire.PublicTrade) -> Trade:
    """Return a trade between others, at the venue's time."""
    return Trade(time_ns(trade.timestamp), trade.price, trade.qty, _TAKER.get(trade.side, 0))


def bars_of(rows: list[rest_wire.OhlcRow]) -> Bars:
    """Return bars from the rows of ``OHLC``; `ValueError` if a price or size is no number."""
    if not rows:
        return no_bars()
    bars = np.empty(len(rows), dtype=BAR_DTYPE)
    for index, row in enumerate(rows):
        figures = (row.open, row.high, row.low, row.close, row.volume)
        bars[index] = (row.start_s * 1_000_000_000, *map(float, figures))
    return bars


# ---- orders


def side_of(text: str) -> Side | None:
    """Return the side; None if the text names none."""
    match text:
        case "buy":
            return "buy"
        case "sell":
            return "sell"
        case _:
            return None


def oid_of(order_id: str, cl_ord_id: str) -> str:
    """Return our id of an order: the one that it was sent with, or one made from Kraken's."""
    try:
        return str(uuid.UUID(cl_ord_id))
    except ValueError:
        return str(uuid.uuid5(_OID_SPACE, order_id))


def origin_of(report: wire.Execution) -> str:
    """Say where an order comes from that this program does not know, and of what kind it is."""
    kind = "" if report.order_type in ("", *OUR_TYPE) else f"{report.order_type} order "
    if report.cl_ord_id or report.order_userref:
        return f"{kind}made by another program at Kraken"
    return f"{kind}made at Kraken"


def tif_of(report: wire.Execution) -> TimeInForce:
    """Return the time in force; what is not known counts as good till cancelled."""
    return _TIFS.get(report.time_in_force.lower(), "gtc")


def expires_ns_of(report: wire.Execution) -> int | None:
    """Return when the order ends by itself, UTC ns; None = never."""
    return None if report.expire_time is None else time_ns(report.expire_time)


def rest_price(text: str) -> Decimal | None:
    """Return a price in the description of an order; None for none, or for a distance."""
    if text.startswith(("+", "-")):
        return None
    try:
        price = Decimal(text)
        return price if price and is_sane(price) else None
    except InvalidOperation:
        return None


def reason_of(report: wire.Execution) -> str:
    """Return why the order changed or ended, in Kraken's words."""
    return report.reason or report.cancel_reason


def fill_of(report: wire.Execution, pair: Pair, side: Side, now_ns: int) -> BrokerdFill | None:
    """Return the execution that a report tells of; None if it lacks what makes one."""
    if not (report.exec_id and report.last_qty and report.last_price):
        return None
    fee = report.fees[0] if report.fees else wire.Fee(pair.quote, ZERO)
    paid = sum((one.qty for one in report.fees if one.asset == fee.asset), start=ZERO)
    for other in report.fees[1:]:
        if other.asset != fee.asset:
            log.warning("execution %s has a fee in another currency: %s", report.exec_id, other)
    return BrokerdFill(
        reqid=report.order_id,
        account=ACCOUNT,
        symbol=pair.market.fqsn,
        exec_id=report.exec_id,
        action=side,
        size=report.last_qty,
        price=report.last_price,
        broker_time_ns=time_ns(report.timestamp) if report.timestamp else now_ns,
        time_ns=now_ns,
        fee=paid,
        fee_currency=fee.asset,
        oid=oid_of(report.order_id, report.cl_ord_id) if report.cl_ord_id else None,
    )


def rest_fill_of(
    exec_id: str, trade: rest_wire.RestTrade, pair: Pair, now_ns: int, *, fee_in_base: bool
) -> BrokerdFill | None:
    """Return an execution that REST tells of; its id is the stream's ``exec_id``."""
    side = side_of(trade.type)
    if side is None:
        return None
    return BrokerdFill(
        reqid=trade.ordertxid,
        account=ACCOUNT,
        symbol=pair.market.fqsn,
        exec_id=exec_id,
        action=side,
        size=trade.vol,
        price=trade.price,
        broker_time_ns=seconds_ns(trade.time),
        time_ns=now_ns,
        fee=trade.fee,
        fee_currency=pair.base if fee_in_base else pair.quote,
    )


# ---- balances


def positions_of(
    balances: Iterable[wire.Balance], pairs: Pairs, currency: str, now_ns: int
) -> list[BrokerdPosition]:
    """Return balances as positions in the markets against one currency."""
    positions = []
    for balance in balances:
        pair = pairs.of_balance(balance.asset, currency)
        size = _spot(balance)
        if pair is not None and size is not None:
            positions.append(
                BrokerdPosition(account=ACCOUNT, symbol=pair.market.fqsn, size=size, time_ns=now_ns)
            )
    return positions


def _spot(balance: wire.Balance) -> Decimal | None:
    """What can be traded with; None for an entry of a wallet that cannot."""
    if balance.wallets:
        return sum((w.balance for w in balance.wallets if w.type == "spot"), start=ZERO)
    return balance.balance if balance.wallet_type in ("", "spot") else None


# ---- lists whose entries are read one by one


def read_each(kind: type[wire.T], data: msgspec.Raw) -> list[wire.T]:
    """Return the entries of a list; one in a shape that is not known is logged whole, left out."""
    entries = []
    for raw in wire.read_as(list[msgspec.Raw], data):
        try:
            entries.append(wire.read_as(kind, raw))
        except msgspec.DecodeError as error:
            log.error("%s in an unknown shape (%s): %s", kind.__name__, error, bytes(raw))  # noqa: TRY400
    return entries


def state_of(report: wire.Execution) -> status.Row | None:
    """Return how an order stands by its ``order_status``; None, and logged, if we do not know."""
    row = status.ORDER_STATUS.get(report.order_status)
    if row is None:
        log.warning("unknown order_status %r: %s", report.order_status, report)
    return row
