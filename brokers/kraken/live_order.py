"""One order that lives at Kraken."""

from decimal import Decimal

import msgspec

from brokers.kraken.order_types import OUR_TYPE
from brokers.kraken.pairs import BROKER, Pair
from brokers.kraken.parsing import ACCOUNT
from brokers.kraken.status import StatusKey
from ems.messages import ZERO, Order, Side, Status, TimeInForce, Trail


class LiveOrder(msgspec.Struct, kw_only=True):
    """One order at the venue. Its later reports name only what changed."""

    order_id: str
    oid: str
    pair: Pair
    side: Side
    order_type: str
    """In Kraken's words, as it was when it was made."""
    price: Decimal
    size: Decimal
    filled: Decimal = ZERO
    avg_price: Decimal | None = None
    origin: str = ""
    limit_price: Decimal | None = None
    trail: Trail | None = None
    tif: TimeInForce = "gtc"
    expires_ns: int | None = None
    post_only: bool = False
    triggered: bool = False
    since_ns: int
    """When it was made or last amended, as far as we know: its age is what a cancel costs by."""

    def note_filled(self, filled: Decimal | None) -> None:
        """Take how much is filled in all, as the stream or REST says: it only grows."""
        if filled is not None:
            self.filled = max(self.filled, filled)

    def adopted(self, resp: StatusKey, now_ns: int) -> Status:
        """Return the status that tells the EMS of an order that it may not know."""
        order = Order(
            oid=self.oid,
            action=self.side,
            exec_mode="live",
            symbol=self.pair.market.fqsn,
            account=ACCOUNT,
            price=self.price,
            size=self.size,
            type=OUR_TYPE.get(self.order_type, "limit"),
            limit_price=self.limit_price,
            trail=self.trail,
            tif=self.tif,
            expires_ns=self.expires_ns,
            post_only=self.post_only,
        )
        return Status(
            oid=self.oid,
            time_ns=now_ns,
            resp=resp,
            reqid=self.order_id,
            req=order,
            src=BROKER,
            filled=self.filled,
            remaining=self.size - self.filled,
            avg_price=self.avg_price,
            origin=self.origin,
            triggered=self.triggered,
        )
