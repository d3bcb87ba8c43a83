"""What a client was told last: the orders that are active, how others ended, the positions."""

from collections import OrderedDict
from typing import Final

from ems.errors import EmsError
from ems.messages import DONE_RESPS, ClientMsg, Position, Status

ENDED_KEPT: Final = 10_000
"""Of so many orders that have ended it is remembered how."""


class OrderOver(EmsError):
    """An order has ended in another way than it was waited for; ``status`` says how."""

    def __init__(self, status: Status) -> None:
        reason = f": {status.reason}" if status.reason else ""
        super().__init__(f"the order is {status.resp}{reason}")
        self.status = status


class KnownOrders:
    """Takes the messages of one client.

    Attributes
    ----------
    orders
        The last status of each active order, by its oid.
    ended
        How orders ended, by oid.
    positions
        By account and fqsn.
    """

    def __init__(self) -> None:
        self.orders: dict[str, Status] = {}
        self.ended: OrderedDict[str, Status] = OrderedDict()
        self.positions: dict[tuple[str, str], Position] = {}

    def take(self, msg: ClientMsg) -> None:
        """Take one message."""
        if isinstance(msg, Position):
            self.positions[msg.account, msg.symbol] = msg
        elif isinstance(msg, Status):
            if is_over(msg):
                self.orders.pop(msg.oid, None)
                self.ended[msg.oid] = msg
                if len(self.ended) > ENDED_KEPT:
                    self.ended.popitem(last=False)
            elif msg.oid not in self.ended:
                self.orders[msg.oid] = msg


def is_over(status: Status) -> bool:
    """Tell whether the order has ended; an alert has once it rang."""
    rang = status.resp == "triggered" and status.req is not None and status.req.action == "alert"
    return status.resp in DONE_RESPS or rang
