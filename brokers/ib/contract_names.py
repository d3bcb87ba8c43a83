"""IB's contracts by our names: ``qqq.nasdaq.ib``, ``mes.cme.20261218.ib``.

The last part is the name of the gateway's table in the config.
"""

import re
from typing import Final

from ib_async import Contract

from ems.market import Fqsn

_CURRENCY_VENUES: Final = {"idealpro": "CASH", "paxos": "CRYPTO", "zerohash": "CRYPTO"}
"""Where a pair is traded: its name is symbol and currency in one, as in ``eurusd``."""
_SHARES: Final = ("STK", "ETF")
_CURRENCY_LENGTH: Final = 3
_NOT_IN_A_NAME: Final = re.compile(r"[^a-z0-9_\-/]+")


def smart_routed(sec_type: str) -> bool:
    """Tell whether orders in such a contract go to SMART, which picks the venue."""
    return sec_type in (*_SHARES, "OPT", "WAR", "BOND")


def name_of(contract: Contract, broker: str) -> str:
    """Return the fqsn of a contract whose details are known, as the gateway of this name has it.

    A share is named by its primary exchange, wherever its orders are routed to.
    """
    venue = _part(contract.primaryExchange or contract.exchange or contract.secType)
    kind = contract.secType
    if kind in ("CASH", "CRYPTO"):
        return f"{_part(contract.symbol + contract.currency)}.{venue}.{broker}"
    if kind in ("FUT", "CONTFUT"):
        expiry = _part(contract.lastTradeDateOrContractMonth) or "front"
        return f"{_part(contract.symbol)}.{venue}.{expiry}.{broker}"
    if kind in (*_SHARES, "IND"):
        return f"{_part(contract.symbol)}.{venue}.{broker}"
    words = contract.localSymbol or f"{contract.symbol}-{contract.conId}"
    return f"{_part(words)}.{venue}.{broker}"


def wanted(name: Fqsn) -> list[Contract]:
    """Return what to ask IB for, the likeliest first, to find the market of this name."""
    symbol, venue = name.symbol.upper().replace("-", " "), name.venue.upper()
    if name.expiry:
        return [
            Contract(
                secType="FUT",
                symbol=symbol,
                exchange=venue,
                lastTradeDateOrContractMonth=name.expiry,
                includeExpired=False,
            )
        ]
    kind = _CURRENCY_VENUES.get(name.venue)
    if kind is not None:
        base, currency = symbol[:-_CURRENCY_LENGTH], symbol[-_CURRENCY_LENGTH:]
        return [Contract(secType=kind, symbol=base, currency=currency, exchange=venue)]
    return [
        Contract(secType="STK", symbol=symbol, exchange="SMART"),
        Contract(secType="IND", symbol=symbol, exchange=venue),
    ]


def _part(text: str) -> str:
    return _NOT_IN_A_NAME.sub("-", text.strip().lower()).strip("-")
