"""Brackets, OCO and flatten on the paper venue, with its own stops and market orders."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

from brokers.paper.broker import open_backend
from ems.embedded import open_ems
from ems.messages import Link, Order, Role, Status
from ems.ports import Backend
from ems.risk_limits import NO_LIMITS
from tests.ems.conftest import Watcher, make_order
from tests.ems.test_order_life import until
from tests.sims.scripted_venue import FQSN, PushFeed


class Paper:
    """An EMS with the paper venue, a feed that a test pushes ticks into, and a client."""

    def __init__(self, ems: object, feed: PushFeed) -> None:
        self.watcher = Watcher(ems)  # type: ignore[arg-type]
        self.client = self.watcher.client
        self.feed = feed

    async def price(self, bid: float) -> None:
        """Let the market be here: a quote and a trade."""
        self.feed.quote(bid, bid + 0.02)
        self.feed.trade(bid)

    def last(self, order: Order) -> Status:
        return self.watcher.last(order.oid)

    def position(self) -> Decimal:
        return self.watcher.position().size


@asynccontextmanager
async def paper(folder: Path) -> AsyncIterator[Paper]:
    feed = PushFeed()
    backends = {
        "scripted": Backend(name="scripted", feed=feed),
        "paper": open_backend({"latency_ms": 0}, folder),
    }
    async with open_ems(backends, folder / "journal.db", limits=NO_LIMITS) as ems:
        await ems.hub.market(FQSN)
        opened = Paper(ems, feed)
        await opened.price(100)
        yield opened


def bracket(at: Paper, price: str = "99", mode: str = "live") -> tuple[Order, Order, Order]:
    entry = make_order("buy", price, "10", account="paper")

    def exit_at(role: Role, where: str) -> Order:
        return make_order(
            "sell", where, "10", account="paper", exec_mode=mode,
            type="stop" if role == "stop" else "limit", link=Link(group=entry.oid, role=role),
        )  # fmt: skip

    stop, target = exit_at("stop", "95"), exit_at("target", "105")
    at.client.submit_group([entry, stop, target])
    return entry, stop, target


async def test_entry_exits_target_and_the_stop_is_gone(tmp_path: Path) -> None:
    async with paper(tmp_path) as at:
        entry, stop, target = bracket(at)
        assert at.last(stop).waits
        await at.price(98.9)
        await until(lambda: at.last(target).resp == "open")
        assert (at.last(entry).resp, at.last(stop).resp) == ("closed", "open")
        await at.price(105.1)
        await until(lambda: at.last(stop).resp == "canceled")
        assert at.last(target).resp == "closed"
        assert at.position() == 0


async def test_the_stop_of_the_venue_closes_and_the_target_is_gone(tmp_path: Path) -> None:
    async with paper(tmp_path) as at:
        _, stop, target = bracket(at)
        await at.price(98.9)
        await until(lambda: at.last(stop).resp == "open")
        await at.price(94.9)
        await until(lambda: at.last(target).resp == "canceled")
        assert at.last(stop).resp == "closed"
        assert at.position() == 0


async def test_a_stop_held_here_goes_out_as_a_market_order(tmp_path: Path) -> None:
    async with paper(tmp_path) as at:
        _, stop, target = bracket(at, mode="dark")
        await at.price(98.9)
        await until(lambda: at.last(stop).resp == "dark_open" and not at.last(stop).waits)
        await at.price(94.9)
        await at.price(94.8)
        await until(lambda: at.last(stop).resp == "closed")
        assert at.last(target).resp == "canceled"
        assert at.position() == 0


async def test_flatten_and_reverse(tmp_path: Path) -> None:
    async with paper(tmp_path) as at:
        _, stop, target = bracket(at)
        await at.price(98.9)
        await until(lambda: at.last(target).resp == "open")
        name = str(uuid.uuid4())
        flatten = make_order(
            "sell", "98.9", "10", type="market", account="paper", reduce_only=True,
            link=Link(group=name, role="flatten"),
        )  # fmt: skip
        after = make_order(
            "sell", "98.9", "4", type="market", account="paper",
            link=Link(group=name, role="after"),
        )  # fmt: skip
        at.client.submit_group([flatten, after])
        await at.price(98.9)
        await until(lambda: at.last(after).resp == "closed")
        assert {at.last(one).resp for one in (stop, target)} == {"canceled"}
        assert at.last(flatten).resp == "closed"
        assert at.position() == -4


async def test_exits_go_on_after_a_restart(tmp_path: Path) -> None:
    async with paper(tmp_path) as at:
        _, stop, target = bracket(at)
        await at.price(98.9)
        await until(lambda: at.last(target).resp == "open")
    async with paper(tmp_path) as at:
        await at.price(105.1)
        await until(lambda: at.last(stop).resp == "canceled")
        assert at.last(target).resp == "closed"
        assert at.position() == 0
