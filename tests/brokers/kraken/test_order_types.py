"""Each order type and time in force at Kraken: what is on the wire, and what its line shows."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from ems.messages import Order, Status, Trail
from ems.ports import StatesAbilities
from tests.brokers.kraken.conftest import open_desk, until


async def working(desk, side: str, price: str, kind: str, **terms) -> Order:
    """Place an order of this type, and wait until it works as it was asked for."""
    await priced(desk)
    order = desk.submit(side, price, "0.01", type=kind, **terms)
    await desk.resp(order, "open")
    shown = desk.last(order).req
    assert (shown.type, shown.price) == (kind, order.price)
    return order


async def priced(desk) -> None:
    """Let there be a price: a stop is taken on its own side of it only."""
    desk.sim.quote("49999.9", "50000.0")
    desk.sim.trade("50000.0")
    await until(lambda: all(desk.ems.hub.last("xbtusd.kraken")))


def sent(desk) -> dict:
    """The newest order on the wire, numbers as the text has them."""
    return json.loads(desk.sim.frames[-1], parse_float=str)["params"]


def changed(desk, order: Order, **to) -> None:
    desk.watcher.client.modify(msgspec.structs.replace(order, **to))


@pytest.mark.parametrize(
    ("side", "price", "kind", "theirs", "limit"),
    [
        ("sell", "49000.5", "stop", "stop-loss", None),
        ("buy", "51000.5", "stop_limit", "stop-loss-limit", "51100.0"),
        ("sell", "51000.5", "limit_if_touched", "take-profit-limit", "50900.0"),
        ("buy", "49000.5", "market_if_touched", "take-profit", None),
    ],
)
async def test_what_touches_it_off_and_its_limit_are_on_the_wire(
    desk, side, price, kind, theirs, limit
):
    terms = {} if limit is None else {"limit_price": Decimal(limit)}
    order = await working(desk, side, price, kind, **terms)
    params = sent(desk)
    assert params["order_type"] == theirs
    assert params["triggers"] == {"price": price, "price_type": "static", "reference": "last"}
    assert params.get("limit_price") == limit
    assert desk.last(order).req.limit_price == order.limit_price
    assert not desk.last(order).triggered


async def test_a_market_order_has_no_price(desk):
    await priced(desk)
    order = desk.submit("buy", "50000.0", "0.01", type="market")
    await until(lambda: desk.sim.engine.live)
    params = sent(desk)
    assert params["order_type"] == "market"
    assert "limit_price" not in params
    assert "triggers" not in params
    desk.sim.engine.fill(desk.sim.engine.order(order.oid), price="50001.0")
    assert (await desk.resp(order, "closed")).avg_price == Decimal("50001.0")


@pytest.mark.parametrize(
    ("trail", "written"),
    [
        (Trail(Decimal("250.5")), {"price": "250.5", "price_type": "quote"}),
        (Trail(Decimal("1.25"), "percent"), {"price": "1.25", "price_type": "pct"}),
    ],
)
async def test_a_trailing_stop_is_sent_as_a_distance_and_shown_where_it_stands(
    desk, trail, written
):
    order = await working(desk, "sell", "49500.0", "trailing_stop", trail=trail)
    assert sent(desk)["triggers"] == written | {"reference": "last"}
    assert desk.last(order).req.trail == trail
    desk.sim.engine.trail(desk.sim.engine.order(order.oid), "49800.0")
    await desk.settled(order, "49800.0")
    changed(desk, desk.last(order).req, price=Decimal("49900.0"))
    await until(lambda: desk.last(order).refused == "modify")
    assert "trailing stop" in desk.last(order).reason
    assert desk.sim.named("amend_order") == []


@pytest.mark.parametrize(
    ("trail", "written"),
    [
        (Trail(Decimal("300.5")), ("300.5", "quote")),
        (Trail(Decimal(2), "percent"), ("2.00", "pct")),
    ],
)
async def test_what_a_trailing_stop_trails_by_is_amended(desk, trail, written):
    order = await working(desk, "sell", "49500.0", "trailing_stop", trail=Trail(Decimal(500)))
    desk.sim.trail_again = "49699.5"
    changed(desk, order, price=Decimal("49699.5"), trail=trail)
    await desk.settled(order, "49699.5")
    assert desk.last(order).req.trail == trail
    params = sent(desk)
    assert (params["trigger_price"], params["trigger_price_type"]) == written
    assert "limit_price" not in params


async def test_a_trail_that_kraken_refuses_to_change_stays(desk):
    order = await working(desk, "sell", "49500.0", "trailing_stop", trail=Trail(Decimal(500)))
    desk.sim.script.refuse["amend_order"] = ["EOrder:Trigger cannot be amended"]
    changed(desk, order, price=Decimal("49700.0"), trail=Trail(Decimal(300)))
    await until(lambda: desk.last(order).refused == "modify")
    assert desk.last(order).req.trail == Trail(Decimal(500))
    assert desk.last(order).reason == "EOrder:Trigger cannot be amended"


async def test_the_trail_and_the_limit_behind_it_are_amended_together(desk):
    order = await working(
        desk,
        "sell",
        "49500.0",
        "trailing_stop_limit",
        trail=Trail(Decimal(500)),
        limit_price=Decimal("49490.0"),
    )
    desk.sim.trail_again = "49700.0"
    to = {"price": "49700.0", "limit_price": "49680.0"}
    changed(desk, order, trail=Trail(Decimal(300)), **{n: Decimal(p) for n, p in to.items()})
    await desk.settled(order, "49700.0")
    shown = desk.last(order).req
    assert (shown.trail, shown.limit_price) == (Trail(Decimal(300)), Decimal("49680.0"))
    params = sent(desk)
    assert (params["trigger_price"], params["trigger_price_type"]) == ("300.0", "quote")
    assert (params["limit_price"], params["limit_price_type"]) == ("-20.0", "quote")


async def test_the_limit_of_a_trailing_stop_limit_is_a_distance_on_the_wire_and_a_price_here(desk):
    order = await working(
        desk,
        "sell",
        "49500.0",
        "trailing_stop_limit",
        trail=Trail(Decimal(500)),
        limit_price=Decimal("49490.0"),
    )
    params = sent(desk)
    assert params["order_type"] == "trailing-stop-limit"
    assert params["triggers"] == {"price": "500.0", "price_type": "quote", "reference": "last"}
    assert (params["limit_price"], params["limit_price_type"]) == ("-10.0", "quote")
    assert desk.last(order).req.limit_price == Decimal("49490.0")
    live = desk.sim.engine.order(order.oid)
    desk.sim.engine.trail(live, "49800.0")
    moved = (await desk.settled(order, "49800.0")).req
    assert moved.limit_price == Decimal("49790.0")
    changed(desk, moved, limit_price=Decimal("49775.0"))
    await until(lambda: desk.last(order).req.limit_price == Decimal("49775.0"))
    params = sent(desk)
    assert (params["limit_price"], params["limit_price_type"]) == ("-25.0", "quote")
    assert "trigger_price" not in params
    desk.sim.engine.trigger(live)
    await until(lambda: desk.last(order).triggered)
    assert desk.last(order).req.limit_price == Decimal("49775.0")
    changed(desk, desk.last(order).req, limit_price=Decimal("49770.0"))
    await until(lambda: desk.last(order).req.limit_price == Decimal("49770.0"))
    params = sent(desk)
    assert (params["limit_price"], "limit_price_type" in params) == ("49770.0", False)


async def test_a_trailing_stop_limit_that_stands_between_two_ticks_can_be_changed(desk):
    order = await working(
        desk,
        "sell",
        "49500.0",
        "trailing_stop_limit",
        trail=Trail(Decimal(1), "percent"),
        limit_price=Decimal("49490.0"),
    )
    desk.sim.engine.trail(desk.sim.engine.order(order.oid), "49800.1234")
    moved = (await desk.settled(order, "49800.1234")).req
    changed(desk, moved, size=Decimal("0.5"))
    await until(lambda: desk.last(order).req.size == Decimal("0.5") or desk.last(order).refused)
    assert not desk.last(order).refused
    params = sent(desk)
    assert (params["limit_price"], params["limit_price_type"]) == ("-10.0", "quote")
    assert "trigger_price" not in params


async def test_dragging_a_stop_amends_what_touches_it_off(desk):
    order = await working(desk, "sell", "49000.0", "stop")
    changed(desk, order, price=Decimal("48500.5"))
    await desk.settled(order, "48500.5")
    params = sent(desk)
    assert params["trigger_price"] == "48500.5"
    assert "limit_price" not in params


async def test_a_stop_limit_that_was_touched_off_is_moved_by_its_limit(desk):
    order = await working(desk, "sell", "49000.0", "stop_limit", limit_price=Decimal("48900.0"))
    desk.sim.engine.trigger(desk.sim.engine.order(order.oid))
    await until(lambda: desk.last(order).triggered)
    assert desk.last(order).req.type == "stop_limit"
    changed(desk, order, limit_price=Decimal("48800.0"))
    await until(lambda: desk.last(order).req.limit_price == Decimal("48800.0"))
    params = sent(desk)
    assert params["limit_price"] == "48800.0"
    assert "trigger_price" not in params


async def test_time_in_force_and_post_only_are_on_the_wire(desk):
    tomorrow = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    expires_ns = int(tomorrow.timestamp()) * 1_000_000_000
    order = await working(
        desk, "buy", "49000.0", "limit", tif="gtd", expires_ns=expires_ns, post_only=True
    )
    params = sent(desk)
    assert (params["time_in_force"], params["post_only"]) == ("gtd", True)
    assert datetime.fromisoformat(params["expire_time"]) == tomorrow
    desk.sim.engine.expire(desk.sim.engine.order(order.oid))
    assert (await desk.resp(order, "canceled")).reason == "Expired."


async def test_a_day_order_is_sent_good_till_midnight_utc(desk):
    before = datetime.now(UTC)
    await working(desk, "buy", "49000.0", "limit", tif="day")
    end = datetime.fromisoformat(sent(desk)["expire_time"])
    assert (end.hour, end.minute, end.second) == (0, 0, 0)
    assert before < end <= before + timedelta(days=1, minutes=1)


async def test_immediate_or_cancel(desk):
    order = desk.submit("buy", "49000.0", "0.01", tif="ioc")
    await until(lambda: desk.sim.engine.live)
    assert sent(desk)["time_in_force"] == "ioc"
    desk.sim.engine.cancel(desk.sim.engine.order(order.oid), "IOC order was not filled")
    assert (await desk.resp(order, "canceled")).reason == "IOC order was not filled"


async def test_post_only_refused_in_krakens_words_leaves_nothing(desk):
    desk.sim.script.refuse["add_order"] = ["EOrder:Post only order"]
    order = desk.submit("buy", "60000.0", "0.01", post_only=True)
    assert (await desk.resp(order, "error")).reason == "EOrder:Post only order"


async def test_while_kraken_takes_only_post_only_orders_those_go_out(desk):
    dialogue = desk.ems.venues.dialogues["kraken"]
    desk.sim.say_system("post_only")
    await until(lambda: dialogue.entry.system == "post_only")
    await working(desk, "buy", "49000.0", "limit", post_only=True)


async def test_orders_of_every_type_are_themselves_again_after_a_restart(sim, tmp_path):
    kinds = {
        "stop": {},
        "stop_limit": {"limit_price": Decimal("48900.0")},
        "trailing_stop": {"trail": Trail(Decimal("1.25"), "percent")},
        "trailing_stop_limit": {
            "trail": Trail(Decimal("250.5")),
            "limit_price": Decimal("49490.0"),
        },
    }
    async with open_desk(sim, tmp_path) as desk:
        for kind, terms in kinds.items():
            await working(desk, "sell", "49500.0", kind, **terms)
    (tmp_path / "journal.db").unlink()  # another computer: only Kraken knows them
    async with open_desk(sim, tmp_path) as desk:
        await until(lambda: len({s.oid for s in desk.watcher.statuses()}) == len(kinds))
        shown: dict[str, Status] = {s.req.type: s for s in desk.watcher.statuses()}
    assert set(shown) == set(kinds)
    assert shown["stop_limit"].req.limit_price == Decimal("48900.0")
    assert shown["trailing_stop_limit"].req.limit_price == Decimal("49490.0")
    assert shown["trailing_stop_limit"].req.trail == Trail(Decimal("250.5"))
    assert shown["trailing_stop"].req.trail == Trail(Decimal("1.25"), "percent")
    assert all(status.req.price == Decimal("49500.0") for status in shown.values())


async def test_the_broker_says_what_it_can(desk):
    broker = desk.ems.venues.brokers["kraken"]
    assert isinstance(broker, StatesAbilities)
    abilities = broker.abilities(desk.ems.hub.markets["xbtusd.kraken"])
    assert {"market", "stop", "trailing_stop"} < abilities.types
    assert (abilities.post_only, abilities.reduce_only) == (True, False)
