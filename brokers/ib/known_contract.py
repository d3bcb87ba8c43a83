"""One contract of IB and the market that it is to us, made from IB's details of it.

What is quoted in cents or pence has a `priceMagnifier` of 100: quotes, orders and executions are in
cents, but tick sizes, price levels and the multiplier in dollars. Seen: wheat, multiplier 5000, at
1088.5 cents is 50 dollars a point, https://github.com/pst-group/pysystemtrade/issues/628; positions
in dollars, https://github.com/nautechsystems/nautilus_trader/issues/2531; tick sizes,
https://github.com/ib-api-reloaded/ib_async/issues/55.
"""

import logging
from decimal import Decimal
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from ib_async import Contract, ContractDetails

from brokers.ib.contract_names import name_of, smart_routed
from brokers.ib.hours import trading_hours
from brokers.ib.numbers import exact, plain
from ems.errors import UnknownMarket
from ems.market import Market
from ems.trading_hours import TradingHours

log = logging.getLogger(__name__)

Increments: TypeAlias = tuple[tuple[Decimal, Decimal], ...]
"""Price increments by price level: from which price on, and how large; ascending."""

_OLD_ZONES: Final = {
    "EST": "America/New_York",
    "EST5EDT": "America/New_York",
    "CST": "America/Chicago",
    "JST": "Asia/Tokyo",
    "GB": "Europe/London",
    "MET": "Europe/Berlin",
}


class KnownContract(msgspec.Struct, frozen=True, kw_only=True):
    """A contract as orders and requests need it, and the market that it is to us."""

    con_id: int
    symbol: str
    sec_type: str
    exchange: str
    """Where orders and requests go: ``SMART`` for a share."""
    currency: str
    local_symbol: str
    multiplier: str
    market: Market
    order_types: frozenset[str] = frozenset()
    """IB's words for what orders it takes; empty = IB did not say."""
    hours: TradingHours | None = None
    """When it trades, in the days around those when IB was asked; None = IB did not say."""

    def contract(self) -> Contract:
        """Return it as `ib_async` takes it."""
        return Contract(
            conId=self.con_id,
            symbol=self.symbol,
            secType=self.sec_type,
            exchange=self.exchange,
            currency=self.currency,
            localSymbol=self.local_symbol,
            multiplier=self.multiplier,
        )


def rule_of(details: ContractDetails) -> int | None:
    """Return the number of IB's rule of price increments where orders go; None if it has none."""
    assert details.contract is not None
    rules = dict(
        zip(details.validExchanges.split(","), details.marketRuleIds.split(","), strict=False)
    )
    rule = rules.get(_route(details.contract), "")
    return int(rule) if rule.isdigit() else None


def known_contract(
    details: ContractDetails, increments: Increments, badge: str, broker: str = "ib"
) -> KnownContract:
    """Return the contract of these details.

    Parameters
    ----------
    increments
        Price increments by price level; empty = `ContractDetails.minTick` everywhere.
    badge : str
        What kind of prices the market has, if not live ones.
    broker : str
        The gateway's name, which the market's ends in.

    Raises
    ------
    UnknownMarket
        If the details have numbers that are none.
    """
    contract = details.contract
    assert contract is not None
    try:
        market = _market(details, name_of(contract, broker), increments, badge)
    except (ValueError, ArithmeticError) as error:
        raise UnknownMarket(
            f"IB's details of {contract.localSymbol} cannot be read: {error}"
        ) from error
    return KnownContract(
        con_id=contract.conId,
        symbol=contract.symbol,
        sec_type=contract.secType,
        exchange=_route(contract),
        currency=contract.currency,
        local_symbol=contract.localSymbol,
        multiplier=contract.multiplier,
        order_types=frozenset(filter(None, details.orderTypes.split(","))),
        market=market,
        hours=trading_hours(details, market.timezone),
    )


def _scaled(increments: Increments, magnifier: Decimal) -> Increments:
    """Return the levels as prices are quoted: IB counts them in money, as it does `minTick`."""
    scaled = ((start * magnifier, tick * magnifier) for start, tick in increments if tick > 0)
    return tuple(
        sorted((plain(start.normalize()), plain(tick.normalize())) for start, tick in scaled)
    )


def _market(details: ContractDetails, fqsn: str, increments: Increments, badge: str) -> Market:
    contract = details.contract
    assert contract is not None
    magnifier = exact(details.priceMagnifier or 1)
    levels = _scaled(increments, magnifier)
    tick = plain((exact(details.minTick or 0.01) * magnifier).normalize())
    return Market(
        fqsn=fqsn,
        tick_size=min(size for _, size in levels) if levels else tick,
        price_levels=levels if len(levels) > 1 else (),
        lot_size=_lot_size(details, contract),
        currency=contract.currency,
        multiplier=exact(exact(contract.multiplier or 1) / magnifier),
        description=details.longName or contract.localSymbol or contract.symbol,
        timezone=_zone(details.timeZoneId),
        chart_price="bid" if contract.secType == "CASH" else "trade",
        badge=badge,
        source="Interactive Brokers",
    )


def _route(contract: Contract) -> str:
    return "SMART" if smart_routed(contract.secType) else contract.exchange


def _lot_size(details: ContractDetails, contract: Contract) -> Decimal:
    """Whole shares and contracts, for the API takes no fractions of them; else IB's increment."""
    if contract.secType in ("CRYPTO", "CASH") and details.sizeIncrement > 0:
        return exact(details.sizeIncrement)
    return Decimal(1)


def _zone(text: str) -> str:
    words = text.split()
    name = _OLD_ZONES.get(words[0], words[0]) if words else "UTC"
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        log.warning("IB names a time zone that is not known here: %r", text)
        return "UTC"
    return name
