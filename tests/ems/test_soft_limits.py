"""Limits that ask: at, under and over, on each path, and a yes that lets the request through."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from ems.messages import Order
from tests.ems.conftest import Bench, make_order
from tests.ems.test_risk import change, clock, gated, hold, refused

__all__ = ["clock", "gated"]  # fixtures


def asked(bench: Bench, order: Order) -> list[str]:
    """The kinds of the questions that came back last."""
    bench.watcher.read()
    return [question.kind for question in bench.watcher.last(order.oid).asks]


@pytest.mark.parametrize("mode", ["live", "dark"])
@pytest.mark.parametrize(("size", "asks"), [("9", False), ("10", False), ("11", True)])
async def test_order_in_units(gated, mode, size, asks):
    async with gated(ask_order_units=Decimal(10)) as bench:
        order = bench.submit("buy", "100", size, exec_mode=mode)
        assert asked(bench, order) == (["ask_order_units"] if asks else [])
        bench.watcher.client.submit(replace(order, consent=("ask_order_units",)))
        assert bench.watcher.last(order.oid).resp == ("pending" if mode == "live" else "dark_open")


@pytest.mark.parametrize(("price", "asks"), [("99.99", False), ("100", False), ("100.01", True)])
async def test_order_in_money_with_the_number_in_words(gated, price, asks):
    async with gated(ask_order_money=Decimal(1000)) as bench:
        order = bench.submit("buy", price, "10")
        assert bool(asked(bench, order)) is asks
        if asks:
            assert refused(bench, order) == (
                "An order worth 1,000.10 USD (one thousand): you want to be asked above 1,000 "
                "(ask_order_money)."
            )


@pytest.mark.parametrize(("size", "asks"), [("4", False), ("5", False), ("6", True)])
async def test_position_in_units(gated, size, asks):
    async with gated(ask_position_units=Decimal(10)) as bench:
        hold(bench, "3")
        bench.submit("buy", "99", "2", exec_mode="dark")
        order = bench.submit("buy", "100", size)
        assert asked(bench, order) == (["ask_position_units"] if asks else [])


@pytest.mark.parametrize(("size", "asks"), [("8", False), ("9", False), ("10", True)])
async def test_position_in_money(gated, size, asks):
    async with gated(ask_position_money=Decimal("1000.1")) as bench:
        bench.submit("buy", "100", "1")
        order = bench.submit("buy", "99", size)
        assert asked(bench, order) == (["ask_position_money"] if asks else [])


@pytest.mark.parametrize(("price", "asks"), [("101.01", False), ("101.02", True), ("50", False)])
async def test_price_beyond_the_market(gated, price, asks):
    async with gated(ask_collar_percent=Decimal(1)) as bench:
        order = bench.submit("buy", price, "1")
        assert asked(bench, order) == (["ask_collar_percent"] if asks else [])
        assert asked(bench, bench.submit("buy", price, "2", exec_mode="dark")) == []


async def test_a_modify_asks_again_and_stays_as_it_was_until_the_yes(gated):
    async with gated(ask_order_units=Decimal(5)) as bench:
        order = bench.working("buy", "90", "4")
        larger = change(bench, order, size="6")
        status = bench.watcher.last(order.oid)
        assert (status.refused, asked(bench, order)) == ("modify", ["ask_order_units"])
        assert bench.venue.changes == []
        bench.watcher.client.modify(replace(larger, consent=("ask_order_units",)))
        assert bench.venue.changes[-1].size == 6


async def test_what_makes_it_smaller_or_closes_is_not_asked_about(gated):
    async with gated(ask_order_units=Decimal(5), ask_position_units=Decimal(5)) as bench:
        hold(bench, "20")
        assert asked(bench, bench.submit("sell", "100", "15")) == []
        order = bench.submit("buy", "90", "4")
        bench.watcher.client.submit(replace(order, consent=("ask_position_units",)))
        bench.venue.works(order.oid, 7)
        change(bench, order, size="3")
        assert bench.venue.changes[-1].size == 3


async def test_all_questions_come_at_once_and_each_needs_its_yes(gated):
    async with gated(ask_order_units=Decimal(1), ask_order_money=Decimal(1)) as bench:
        order = bench.submit("buy", "100", "2")
        assert asked(bench, order) == ["ask_order_units", "ask_order_money"]
        bench.watcher.client.submit(replace(order, consent=("ask_order_units",)))
        assert asked(bench, order) == ["ask_order_units", "ask_order_money"]
        bench.watcher.client.submit(replace(order, consent=("ask_order_money", "ask_order_units")))
        assert len(bench.venue.orders) == 1


async def test_a_yes_passes_no_hard_limit(gated):
    async with gated(ask_order_units=Decimal(1), largest_order_units=Decimal(3)) as bench:
        order = make_order("buy", "100", "4", consent=("ask_order_units", "confirm"))
        bench.watcher.client.submit(order)
        assert "largest_order_units" in refused(bench, order)


async def test_a_trigger_asks_nobody(gated):
    async with gated(ask_order_units=Decimal(1)) as bench:
        order = make_order("buy", "95", "2", exec_mode="dark", consent=("ask_order_units",))
        bench.watcher.client.submit(order)
        bench.feed.quote(94.99, 95)
        assert [sent.oid for sent in bench.venue.orders] == [order.oid]
