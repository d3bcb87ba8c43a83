"""Stops, stop-limits and limit-if-touched: on the right side, held here or at the venue."""

from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from ems.messages import BrokerdStatus, Trail
from ems.ports import Abilities
from tests.ems.brackets import ALL
from tests.ems.conftest import Bench, make_order, open_bench
from tests.sims.scripted_venue import MARKET, AbleVenue, PushFeed, ScriptedVenue

STOP_LIMIT = {"type": "stop_limit", "limit_price": Decimal("99.50")}
TRAILING_LIMIT = {
    "type": "trailing_stop_limit",
    "limit_price": Decimal("94.50"),
    "trail": Trail(Decimal(5)),
}
TOUCHED = {"type": "limit_if_touched", "limit_price": Decimal("99.50")}


def why(bench: Bench, action: str, price: str, **fields: object) -> str:
    return bench.watcher.last(bench.submit(action, price, **fields).oid).reason


class TestTheRightSide:
    @pytest.mark.parametrize(
        ("action", "price", "words"),
        [
            ("sell", "101", "A sell stop at 101.00 is above the last price 100.00"),
            ("sell", "100", "A sell stop at 100.00 is at the last price 100.00"),
            ("buy", "99", "A buy stop at 99.00 is below the last price 100.00"),
        ],
    )
    async def test_a_stop_that_would_go_out_at_once_is_refused(
        self, bench: Bench, action: str, price: str, words: str
    ) -> None:
        bench.feed.trade(100)
        said = why(bench, action, price, type="stop")
        assert said.startswith(words)
        assert said.endswith("it would go out at once as a market order.")

    async def test_without_a_price_no_stop(self, bench: Bench) -> None:
        assert "No price of" in why(bench, "sell", "95", type="stop")
        bench.feed.quote(99, 101)
        assert why(bench, "sell", "95", type="stop") == ""

    async def test_at_a_venue_that_has_stops_too(self, tmp_path: Path) -> None:
        async with open_bench(tmp_path, AbleVenue(ALL)) as bench:
            bench.feed.trade(100)
            assert "above the last price" in why(bench, "sell", "101", type="stop")
            order = bench.submit("sell", "95", type="stop")
            bench.venue.works(order.oid, 1)
            bench.watcher.client.modify(replace(order, price=Decimal(101)))
            last = bench.watcher.last(order.oid)
            assert (last.refused, bench.venue.changes) == ("modify", [])
            bench.watcher.client.modify(replace(order, price=Decimal(96)))
            assert [c.type for c in bench.venue.changes] == ["stop"]

    async def test_a_touched_limit_looks_the_other_way_round(self, bench: Bench) -> None:
        bench.feed.trade(100)
        assert "would go out at once as a limit order" in why(bench, "buy", "101", **TOUCHED)
        assert why(bench, "buy", "99", **TOUCHED) == ""
        at_once = why(bench, "sell", "99", type="market_if_touched")
        assert at_once.startswith("A sell market-if-touched order at 99.00 is below the last price")
        assert at_once.endswith("it would go out at once as a market order.")
        assert why(bench, "sell", "101", type="market_if_touched") == ""

    async def test_a_trailing_stop_limit_is_on_the_side_of_stops(self, bench: Bench) -> None:
        bench.feed.trade(100)
        at_once = why(bench, "sell", "101", **TRAILING_LIMIT)
        assert at_once.endswith("it would go out at once as a limit order.")
        assert why(bench, "sell", "95", **TRAILING_LIMIT) == ""

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"type": "stop_limit"}, "a limit price"),
            ({"limit_price": Decimal(99)}, "no limit price"),
            ({"type": "stop_limit", "limit_price": Decimal("99.001")}, "tick size"),
            ({"type": "trailing_stop"}, "has a trail"),
            ({"type": "trailing_stop_limit", "limit_price": Decimal(94)}, "has a trail"),
            ({"type": "trailing_stop_limit", "trail": Trail(Decimal(1))}, "has a limit price"),
            ({"type": "market_if_touched", "limit_price": Decimal(94)}, "has no limit price"),
            ({"type": "market_if_touched", "post_only": True}, "cannot be post-only"),
            ({"type": "trailing_stop", "trail": Trail(Decimal(0))}, "above zero"),
            ({"type": "trailing_stop", "trail": Trail(Decimal(100), "percent")}, "less than 100"),
            ({"type": "market", "exec_mode": "dark"}, "cannot be held here"),
            ({"type": "stop", "post_only": True}, "cannot be post-only"),
            ({"tif": "gtd"}, "has to name it"),
        ],
    )
    async def test_an_order_that_is_not_whole_is_refused(
        self, bench: Bench, fields: dict[str, object], words: str
    ) -> None:
        bench.feed.trade(100)
        assert words in why(bench, "sell", "95", **fields)
        assert bench.venue.received == []


class TestHeldHere:
    @pytest.mark.parametrize(
        ("action", "fields", "price", "fires", "as_what"),
        [
            ("sell", {"type": "stop"}, "95", 95, ("market", "95")),
            ("buy", {"type": "stop"}, "105", 105, ("market", "105")),
            ("buy", STOP_LIMIT, "105", 106, ("limit", "99.50")),
            ("sell", STOP_LIMIT, "95", 94, ("limit", "99.50")),
            ("buy", TOUCHED, "95", 95, ("limit", "99.50")),
            ("sell", TOUCHED, "105", 105, ("limit", "99.50")),
            ("buy", {"type": "market_if_touched"}, "95", 95, ("market", "95")),
            ("sell", {"type": "market_if_touched"}, "105", 105, ("market", "105")),
            ("sell", TRAILING_LIMIT, "95", 95, ("limit", "94.50")),
        ],
    )
    async def test_each_type_goes_out_as_what_it_is(
        self, tmp_path: Path, action: str, fields: dict, price: str, fires: float, as_what: tuple
    ) -> None:
        venue = AbleVenue(Abilities(types=frozenset({"limit", "market"})))
        async with open_bench(tmp_path, venue) as bench:
            bench.feed.trade(100)
            order = bench.submit(action, price, **fields)
            status = bench.watcher.last(order.oid)
            assert (status.resp, status.req.exec_mode) == ("dark_open", "dark")
            bench.feed.trade(100)
            assert venue.orders == []
            bench.feed.trade(fires)
            (sent,) = venue.orders
            assert (sent.type, sent.price) == (as_what[0], Decimal(as_what[1]))
            assert (sent.limit_price, sent.trail) == (None, None)

    async def test_a_quote_touches_no_stop(self, bench: Bench) -> None:
        bench.feed.trade(100)
        bench.submit("sell", "95", type="stop")
        bench.feed.quote(90, 90.10)
        assert bench.venue.orders == []

    async def test_in_a_market_without_trades_a_sell_looks_at_the_bid(self, tmp_path: Path) -> None:
        feed = PushFeed(replace(MARKET, chart_price="bid"))
        async with open_bench(tmp_path, ScriptedVenue(), feed) as bench:
            bench.feed.quote(100, 100.02)
            order = bench.submit("sell", "95", type="stop")
            bench.feed.quote(95.01, 95.03)
            assert bench.venue.orders == []
            bench.feed.quote(95, 95.02)
            assert [o.oid for o in bench.venue.orders] == [order.oid]

    async def test_through_by_a_gap_while_the_program_was_closed_it_goes_out(
        self, tmp_path: Path
    ) -> None:
        async with open_bench(tmp_path, ScriptedVenue()) as bench:
            bench.feed.trade(100)
            order = bench.submit("sell", "95", type="stop")
        async with open_bench(tmp_path, ScriptedVenue()) as bench:
            bench.feed.trade(80)
            assert [o.oid for o in bench.venue.orders] == [order.oid]

    async def test_not_sent_it_is_held_as_the_stop_that_it_was(self, bench: Bench) -> None:
        bench.feed.trade(100)
        order = bench.submit("sell", "95", type="stop")
        bench.venue.refuses_to_send = True
        bench.feed.trade(95)
        last = bench.watcher.last(order.oid)
        assert (last.resp, last.req.type, last.req.price) == ("dark_open", "stop", 95)
        bench.venue.refuses_to_send = False
        bench.venue.reconnect()
        bench.feed.trade(95)
        assert [o.type for o in bench.venue.orders] == ["limit"]

    async def test_held_by_choice_although_the_venue_has_stops(self, tmp_path: Path) -> None:
        async with open_bench(tmp_path, AbleVenue(ALL)) as bench:
            bench.feed.trade(100)
            order = bench.submit("sell", "95", type="stop", exec_mode="dark")
            assert bench.venue.orders == []
            bench.feed.trade(95)
            assert [o.oid for o in bench.venue.orders] == [order.oid]


class TestAtTheVenue:
    async def test_a_limit_price_is_changed_and_confirmed(self, tmp_path: Path) -> None:
        async with open_bench(tmp_path, AbleVenue(ALL)) as bench:
            bench.feed.trade(100)
            order = make_order("buy", "105", **STOP_LIMIT)
            bench.watcher.client.submit(order)
            bench.venue.works(order.oid, 1)
            bench.watcher.client.modify(replace(order, limit_price=Decimal(106)))
            assert [c.limit_price for c in bench.venue.changes] == [106]
            said = BrokerdStatus(
                reqid=1, account="scripted", status="open", time_ns=1, price=Decimal(105),
                size=Decimal(1), limit_price=Decimal(106),
            )  # fmt: skip
            bench.venue.say(said)
            last = bench.watcher.last(order.oid)
            assert (last.req.limit_price, last.change) == (106, None)

    async def test_a_stop_that_was_touched_there_shows_so(self, tmp_path: Path) -> None:
        async with open_bench(tmp_path, AbleVenue(ALL)) as bench:
            bench.feed.trade(100)
            order = bench.submit("sell", "95", type="stop")
            bench.venue.works(order.oid, 1)
            assert not bench.watcher.last(order.oid).triggered
            bench.venue.say(
                BrokerdStatus(reqid=1, account="scripted", status="open", time_ns=1, triggered=True)
            )
            assert bench.watcher.last(order.oid).triggered

    async def test_the_limit_of_a_trailing_stop_is_changed_while_it_moves(
        self, tmp_path: Path
    ) -> None:
        async with open_bench(tmp_path, AbleVenue(ALL)) as bench:
            bench.feed.trade(100)
            order = bench.submit("sell", "95", **TRAILING_LIMIT)
            bench.venue.works(order.oid, 1)
            bench.watcher.client.modify(replace(order, limit_price=Decimal("94.75")))
            said = BrokerdStatus(
                reqid=1, account="scripted", status="open", time_ns=1, price=Decimal(96),
                size=Decimal(1), limit_price=Decimal("95.50"),
            )  # fmt: skip
            bench.venue.say(said)  # it moved before the change was carried out
            assert bench.watcher.last(order.oid).change is not None
            bench.venue.say(replace(said, limit_price=Decimal("95.75")))
            last = bench.watcher.last(order.oid)
            assert (last.req.price, last.req.limit_price) == (96, Decimal("95.75"))
            assert last.change is None

    async def test_a_trailing_stop_moves_as_the_venue_says(self, tmp_path: Path) -> None:
        async with open_bench(tmp_path, AbleVenue(ALL)) as bench:
            bench.feed.trade(100)
            order = bench.submit("sell", "95", type="trailing_stop", trail=Trail(Decimal(5)))
            (sent,) = bench.venue.orders
            assert (sent.type, sent.trail) == ("trailing_stop", Trail(Decimal(5)))
            bench.venue.works(order.oid, 1)
            bench.venue.status("open", 1, price="97", size="1")
            assert bench.watcher.last(order.oid).req.price == 97
            assert bench.watcher.last(order.oid).resp == "open"
