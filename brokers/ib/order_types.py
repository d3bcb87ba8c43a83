"""Order types and times in force: ours to IB's and back, in one place.

Sources: order types and their fields, https://interactivebrokers.github.io/tws-api/basic_orders.html;
what a contract takes, ``ContractDetails.orderTypes``,
https://interactivebrokers.github.io/tws-api/contract_details.html;
the form of ``goodTillDate``, https://interactivebrokers.github.io/tws-api/classIBApi_1_1Order.html
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from ib_async import Order

from brokers.ib import oca
from brokers.ib.numbers import exact_or_none, plain
from ems.messages import BrokerdOrder, OrderType, TimeInForce, Trail
from ems.ports import Abilities

IB_TYPE: Final[dict[OrderType, str]] = {
    "limit": "LMT",
    "market": "MKT",
    "stop": "STP",
    "stop_limit": "STP LMT",
    "trailing_stop": "TRAIL",
    "limit_if_touched": "LIT",
    "trailing_stop_limit": "TRAIL LIMIT",
    "market_if_touched": "MIT",
}
"""As they stand in ``Order.orderType``. ``auxPrice`` is what touches off a STP, STP LMT, LIT or
MIT, and the distance of a TRAIL or TRAIL LIMIT, unless ``trailingPercent`` is; ``trailStopPrice``
is where that stands, and ``lmtPriceOffset`` how far behind it the limit of a TRAIL LIMIT is: above
zero for a worse price."""
OUR_TYPE: Final[dict[str, OrderType]] = {theirs: ours for ours, theirs in IB_TYPE.items()}

_NAMED_IN_DETAILS: Final[dict[OrderType, str]] = {
    **IB_TYPE,
    "stop_limit": "STPLMT",
    "trailing_stop_limit": "TRAILLMT",
}
_TIFS: Final[tuple[TimeInForce, ...]] = ("gtc", "day", "ioc", "gtd")
_BY_LIMIT: Final = ("LMT", "LOC", "REL", "PEG MID")
_BY_TOUCH: Final = ("STP", "STP LMT", "LIT", "MIT", "STP PRT")
_LIMITED: Final = ("STP LMT", "LIT", "TRAIL LIMIT")
_TRAILING: Final = ("TRAIL", "TRAIL LIMIT")


def abilities(named: frozenset[str]) -> Abilities:
    """Return what a contract takes.

    Parameters
    ----------
    named
        The words of ``ContractDetails.orderTypes``; empty = IB did not say, all are taken.
    """
    return Abilities(
        types=frozenset(
            ours for ours, theirs in _NAMED_IN_DETAILS.items() if not named or theirs in named
        ),
        tifs=frozenset(tif for tif in _TIFS if not named or tif == "day" or tif.upper() in named),
        ties=frozenset(oca.TYPE) if not named or oca.NAMED_IN_DETAILS in named else frozenset(),
        retrail=True,
    )


def set_terms(order: Order, request: BrokerdOrder) -> None:
    """Write type, prices and time in force of a request into IB's order."""
    order.orderType = IB_TYPE[request.type]
    set_prices(order, request)
    order.tif = request.tif.upper()
    if request.tif == "gtd" and request.expires_ns is not None:
        end = datetime.fromtimestamp(request.expires_ns // 1_000_000_000, UTC)
        order.goodTillDate = f"{end:%Y%m%d-%H:%M:%S}"  # with the dash it is UTC


def set_prices(order: Order, request: BrokerdOrder) -> None:
    """Write the prices of a request into IB's order of the same type."""
    if request.type == "limit":
        order.lmtPrice = plain(request.price)
    elif request.trail is not None:
        order.trailStopPrice = _float(request.price)
        if request.trail.unit == "percent":
            order.trailingPercent = _float(request.trail.amount)
        else:
            order.auxPrice = plain(request.trail.amount)
    elif request.type != "market":
        order.auxPrice = plain(request.price)
    if request.limit_price is None:
        return
    if request.trail is None:
        order.lmtPrice = plain(request.limit_price)
    else:  # one of the two, as IB refuses both
        behind = request.limit_price - request.price
        order.lmtPriceOffset = plain(behind if request.action == "buy" else -behind)


def price_of(order: Order) -> Decimal | None:
    """Return where its line is: the limit, or what touches it off; None if it has no price."""
    kind = order.orderType
    if kind in _BY_LIMIT:
        return exact_or_none(order.lmtPrice)
    if kind in _BY_TOUCH:
        return exact_or_none(order.auxPrice) or exact_or_none(order.lmtPrice)
    for price in (order.trailStopPrice, order.lmtPrice):
        known = exact_or_none(price)
        if known:
            return known
    return None


def limit_price_of(order: Order) -> Decimal | None:
    """Return the limit of an order that is touched off; None for every other one."""
    if order.orderType not in _LIMITED:
        return None
    stands, offset = exact_or_none(order.trailStopPrice), exact_or_none(order.lmtPriceOffset)
    if order.orderType == "TRAIL LIMIT" and stands is not None and offset is not None:
        return stands + offset if order.action.upper() == "BUY" else stands - offset
    return exact_or_none(order.lmtPrice)


def trail_of(order: Order) -> Trail | None:
    """Return the distance of a trailing stop; None for every other type."""
    if order.orderType not in _TRAILING:
        return None
    if percent := exact_or_none(order.trailingPercent):
        return Trail(percent, "percent")
    distance = exact_or_none(order.auxPrice)
    return Trail(distance) if distance else None


def tif_of(order: Order) -> TimeInForce:
    """Return the time in force; what we have no word for counts as good till cancelled."""
    return next((tif for tif in _TIFS if tif.upper() == order.tif), "gtc")


def _float(number: Decimal) -> float:
    return plain(number)  # type: ignore[return-value]  # written exactly, as the client does it
