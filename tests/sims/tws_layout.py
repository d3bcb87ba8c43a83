"""The messages of TWS as they stand on the wire, at server version 176.

Field orders as in recorded traffic (the tests of github.com/wboayue/rust-ibapi hold some) and as
`ib_async` reads them; the values that nobody looks at are those of the recordings.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

SERVER_VERSION = 176
UNSET = "1.7976931348623157E308"
UNSET_INT = "2147483647"

_OPEN_ORDER_REST = (
    "|||||{good_till}||||0||-1|0||||||2147483647|0|0|0||{oca_type}|0|0||0|0||0|None||0||||?|0|0||0|0|"
    "{trail_stop}|{trail_percent}||||0|0|0|"
    "2147483647|2147483647|||0||IB|0|0||0|0|{status}|" + f"{UNSET}|" * 9 + "|||||0|0|0|None|"
    + f"{UNSET}|{{stop_again}}|{{limit_offset}}|" + f"{UNSET}|" * 3
    + "0||||0|1|0|0|0|||0||100|0.02||"
)  # fmt: skip
_COMPLETED_REST = (
    "||||||||||0||-1||||||2147483647|0|0||3|0||0|None||0|0|0||0|0||||0|0|0|"
    f"2147483647|2147483647||||IB|0|0||0|{{status}}|0|0|0|{UNSET}|{UNSET}|0|1|0||{{filled}}|"
    "2147483647|0|Not an insider or substantial shareholder|0|0|9223372036854775807|"
    "20261120 12:28:30 America/Los_Angeles|{words}||100|0.02||"
)


@dataclass
class SimContract:
    """A contract that the simulator trades."""

    con_id: int = 320227571
    symbol: str = "QQQ"
    sec_type: str = "STK"
    expiry: str = ""
    multiplier: str = ""
    exchange: str = "SMART"
    primary: str = "NASDAQ"
    currency: str = "USD"
    local_symbol: str = "QQQ"
    trading_class: str = "NMS"
    name: str = "INVESCO QQQ TRUST SERIES 1"
    min_tick: str = "0.01"
    magnifier: str = "1"
    zone: str = "US/Eastern"
    exchanges: str = "SMART,ISLAND,NASDAQ"
    rules: str = "26,26,26"
    size_increment: str = "0.0001"
    trading_hours: str = "20261123:0400-20261123:2000"
    liquid_hours: str = "20261123:0930-20261123:1600"
    order_types: str = "ACTIVETIM,DAY,GTC,GTD,IOC,LIT,LMT,MIT,MKT,OCA,STP,STPLMT,TRAIL,TRAILLMT"

    def in_order(self) -> list[object]:
        """As ``openOrder`` names it: no primary exchange, and no right."""
        return [
            self.con_id, self.symbol, self.sec_type, self.expiry, "0", "?", self.multiplier,
            self.exchange, self.currency, self.local_symbol, self.trading_class,
        ]  # fmt: skip

    def details(self, req_id: str) -> list[object]:
        return [
            10, req_id, self.symbol, self.sec_type, self.expiry, "0", "", self.exchange,
            self.currency, self.local_symbol, self.trading_class, self.trading_class, self.con_id,
            self.min_tick, self.multiplier, self.order_types, self.exchanges, self.magnifier, "0",
            self.name, self.primary, "", "", "", "", self.zone, self.trading_hours,
            self.liquid_hours, "", "0", "1", "ISIN", "US46090E1038", "1", "", "",
            self.rules, "", "ETF", "0.0001", self.size_increment, "100",
        ]  # fmt: skip


@dataclass
class SimOrder:
    """An order that lives, or lived, in the simulator."""

    contract: SimContract
    account: str
    action: str
    size: str
    price: str
    order_id: int
    client_id: int
    perm_id: int
    ref: str = ""
    kind: str = "LMT"
    aux: str = "0.0"
    tif: str = "DAY"
    outside_rth: str = "0"
    trail_stop: str = ""
    limit_offset: str = ""
    """How far the limit of a TRAIL LIMIT order is behind its stop."""
    trail_percent: str = ""
    good_till: str = ""
    status: str = ""
    filled: float = 0.0
    why_held: str = ""
    oca: str = ""
    oca_type: str = "0"
    completed_status: str = ""
    wire: Sequence[str] = field(default=(), repr=False)
    """The fields of the last ``placeOrder`` of it."""

    @property
    def remaining(self) -> float:
        return float(self.size) - self.filled

    def open_order(self) -> list[object]:
        return [
            5, self.order_id, *self.contract.in_order(), self.action, self.size, self.kind,
            self.price, self.aux, self.tif, self.oca, self.account, "", "0", self.ref,
            self.client_id,
            self.perm_id, self.outside_rth, "0", "0", "", f"{self.perm_id}.0/{self.account}/100",
            *_OPEN_ORDER_REST.format(
                status=self.status, good_till=self.good_till, trail_stop=self.trail_stop,
                trail_percent=self.trail_percent, stop_again=self.trail_stop or UNSET,
                oca_type=self.oca_type if self.oca else "3",
                limit_offset=self.limit_offset or UNSET,
            ).split("|"),
        ]  # fmt: skip

    def order_status(self) -> list[object]:
        return [
            3, self.order_id, self.status, self.filled, self.remaining, "0", self.perm_id, "0",
            "0", self.client_id, self.why_held, "0",
        ]  # fmt: skip

    def completed(self) -> list[object]:
        rest = _COMPLETED_REST.format(
            status=self.status, filled=self.filled, words=self.completed_status
        )
        return [
            101, *self.contract.in_order(), self.action, self.size, self.kind, self.price,
            self.aux, self.tif, self.oca, self.account, "", "0", self.ref, self.perm_id, "0", "0",
            "0",
            *rest.split("|"),
        ]  # fmt: skip


def execution(
    req_id: object, order: SimOrder, exec_id: str, size: str, price: str, when: str, cum: float
) -> list[object]:
    contract = order.contract
    return [
        11, req_id, order.order_id or UNSET_INT, contract.con_id, contract.symbol,
        contract.sec_type, contract.expiry, "0.0", "", contract.multiplier, "ISLAND",
        contract.currency, contract.local_symbol, contract.trading_class, exec_id, when,
        order.account, "ISLAND", "BOT" if order.action == "BUY" else "SLD", size, price,
        order.perm_id, order.client_id, "0", cum, price, order.ref, "", "", "", "2",
    ]  # fmt: skip


def position(contract: SimContract, account: str, size: str, cost: str) -> list[object]:
    return [
        61, 3, account, contract.con_id, contract.symbol, contract.sec_type, contract.expiry, "0",
        "", contract.multiplier, contract.primary, contract.currency, contract.local_symbol,
        contract.trading_class, size, cost,
    ]  # fmt: skip
