"""Orders in groups, as tests send them: an entry with its exits, and what became of them."""

from decimal import Decimal
from typing import get_args

from ems.messages import BrokerdOrder, Link, Order, OrderType, Role
from ems.ports import Abilities
from tests.ems.conftest import Bench, make_order

ALL = Abilities(
    types=frozenset(get_args(OrderType)),
    tifs=frozenset({"gtc", "day", "ioc", "gtd"}),
    post_only=True,
    reduce_only=True,
)


def exit_of(
    group: str, role: Role, price: str, size: str, share: str = "1", action: str = "sell",
    **fields: object,
) -> Order:  # fmt: skip
    kind = "stop" if role == "stop" else "limit"
    link = Link(group=group, role=role, share=Decimal(share))
    return make_order(action, price, size, **{"type": kind, "link": link, **fields})


class Bracket:
    """An entry at 100 with a stop at 95 and targets, sent together."""

    def __init__(
        self, bench: Bench, size: str = "10", shares: tuple[str, ...] = ("1",), **fields: object
    ) -> None:
        self.bench = bench
        self.entry = make_order("buy", "100", size)
        self.stop = exit_of(self.entry.oid, "stop", "95", size, **fields)
        self.targets = [
            exit_of(self.entry.oid, "target", str(110 + n), size, share, **fields)
            for n, share in enumerate(shares)
        ]
        bench.watcher.client.submit_group([self.entry, self.stop, *self.targets])

    @property
    def target(self) -> Order:
        return self.targets[0]

    def enter(self) -> None:
        """Fill the entry, as reqid 1, so that its exits go out."""
        works(self.bench, self.entry, 1)
        self.bench.venue.fill(1, "10", exec_id="e1")

    def exits_work(self) -> None:
        """Let stop and target work at the venue, as reqids 2 and 3."""
        works(self.bench, self.stop, 2)
        works(self.bench, self.target, 3)


def works(bench: Bench, order: Order, reqid: int) -> None:
    bench.venue.works(order.oid, reqid)


def sent(bench: Bench, order: Order) -> list[BrokerdOrder]:
    return [r for r in bench.venue.received if isinstance(r, BrokerdOrder) and r.oid == order.oid]
