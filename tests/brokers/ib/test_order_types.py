"""Each order type and time in force at IB: what is on the wire, and what its line shows."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from ems.messages import Order, Status, Trail
from ems.ports import StatesAbilities
from tests.brokers.ib.session import FQSN, IbBench, open_bench, until
from tests.sims.tws import QQQ, Tws
from tests.sims.tws_layout import SimOrder

TYPES: dict[str, tuple[dict[str, Any], list[str]]] = {
    # our order, and IB's orderType, lmtPrice and auxPrice on the wire
    "limit": ({"type": "limit", "price": Decimal("99.5")}, ["LMT", "99.5", ""]),
    "market": ({"type": "market", "price": Decimal(100)}, ["MKT", "", ""]),
    "stop": ({"type": "stop", "price": Decimal("101.5")}, ["STP", "", "101.5"]),
    "stop-limit": (
        {"type": "stop_limit", "price": Decimal("101.5"), "limit_price": Decimal("101.75")},
        ["STP LMT", "101.75", "101.5"],
    ),
    "limit if touched": (
        {"type": "limit_if_touched", "price": Decimal("98.5"), "limit_price": Decimal("98.75")},
        ["LIT", "98.75", "98.5"],
    ),
    "trailing, by price": (
        {"type": "trailing_stop", "price": Decimal("101.5"), "trail": Trail(Decimal("1.5"))},
        ["TRAIL", "", "1.5"],
    ),
    "trailing, by percent": (
        {
            "type": "trailing_stop",
            "price": Decimal("101.5"),
            "trail": Trail(Decimal("1.25"), "percent"),
        },
        ["TRAIL", "", ""],
    ),
    "market if touched": (
        {"type": "market_if_touched", "price": Decimal("98.5")},
        ["MIT", "", "98.5"],
    ),
    "trailing limit": (
        {
            "type": "trailing_stop_limit",
            "price": Decimal("101.5"),
            "limit_price": Decimal("101.75"),
            "trail": Trail(Decimal("1.5")),
        },
        ["TRAIL LIMIT", "", "1.5"],
    ),
}


@pytest.mark.parametrize(("fields", "wire"), TYPES.values(), ids=TYPES)
async def test_type_and_prices_are_on_the_wire_and_come_back(
    bench: IbBench, fields: dict[str, Any], wire: list[str]
) -> None:
    await bench.priced("100.0")
    order, sim = await bench.working(**fields)
    assert list(sim.wire[18:21]) == wire
    shown = bench.last(order.oid).req
    assert shown is not None
    assert (shown.type, shown.price, shown.limit_price, shown.trail) == (
        order.type,
        order.price,
        order.limit_price,
        order.trail,
    )


async def test_a_trailing_stop_says_where_it_stands_and_how_far_behind(bench: IbBench) -> None:
    await bench.priced("100.0")
    fields, _ = TYPES["trailing, by percent"]
    order, sim = await bench.working(**fields)
    assert list(sim.wire[69:71]) == ["101.5", "1.25"]
    sim.trail_stop = "100.9"
    bench.tws.tell(sim)
    moved = await bench.until_told(
        order.oid, lambda s: s.req.price == Decimal("100.9"), "it was dragged along"
    )
    assert moved.req is not None
    bench.client.modify(replace(moved.req, price=Decimal("100.8")))
    refused = await bench.until_told(order.oid, lambda s: s.refused == "modify", "refused")
    assert "trailing stop" in refused.reason
    bench.client.modify(replace(moved.req, size=Decimal(20)))
    await bench.until_told(order.oid, lambda s: s.req.size == 20, "its size")
    assert list(bench.tws.placed[-1][69:71]) == ["100.9", "1.25"]


async def test_a_trailing_stop_that_stands_between_two_ticks_can_be_changed(bench: IbBench) -> None:
    await bench.priced("100.0")
    fields, _ = TYPES["trailing, by percent"]
    order, sim = await bench.working(**fields)
    sim.trail_stop = "100.9034"  # per cent of the best price
    bench.tws.tell(sim)
    moved = await bench.until_told(
        order.oid, lambda s: s.req.price != order.price, "it was dragged along"
    )
    assert moved.req is not None
    bench.client.modify(replace(moved.req, size=Decimal(20)))
    await bench.until_told(order.oid, lambda s: s.req.size == 20 or s.refused, "its size")
    assert not any(s.refused for s in bench.statuses(order.oid))
    assert list(bench.tws.placed[-1][69:71]) == ["100.9034", "1.25"]


async def test_how_far_a_trailing_stop_trails_is_changed_where_it_works(bench: IbBench) -> None:
    await bench.priced("100.0")
    fields, _ = TYPES["trailing, by price"]
    order, sim = await bench.working(**fields)
    wider = replace(order, price=Decimal("102"), trail=Trail(Decimal("2")))
    bench.client.modify(wider)
    status = await bench.until_told(order.oid, lambda s: s.req.trail == wider.trail, "it is wider")
    assert (status.change, status.req.price) == (None, Decimal("102"))
    assert (sim.aux, sim.trail_stop) == ("2", "102")
    bench.client.modify(replace(wider, trail=Trail(Decimal("1.5"), "percent")))
    await bench.until_told(order.oid, lambda s: s.req.trail.unit == "percent", "in per cent")
    assert (sim.aux, sim.trail_percent) == ("", "1.5")


async def test_its_size_is_changed_though_it_was_dragged_along_meanwhile(bench: IbBench) -> None:
    await bench.priced("100.0")
    fields, _ = TYPES["trailing, by price"]
    order, sim = await bench.working(**fields)
    sim.trail_stop = "100.9"  # and nobody has heard of it yet
    bench.client.modify(replace(order, size=Decimal(20)))
    await bench.until_told(order.oid, lambda s: s.req.size == 20, "its size")
    assert not any(s.refused for s in bench.statuses(order.oid))


@pytest.mark.parametrize("kind", ["trailing limit", "stop-limit", "limit if touched"])
async def test_a_change_of_the_limit_alone_is_refused_in_the_words_of_ib(
    bench: IbBench, kind: str
) -> None:
    """IB says first how the order is, which is as before, and then that it refuses the change."""
    await bench.priced("100.0")
    order, sim = await bench.working(**TYPES[kind][0])
    before = (sim.price, sim.limit_offset)

    def refuse(changed: SimOrder, is_new: bool) -> None:
        changed.price, changed.limit_offset = before
        changed.trail_stop = changed.trail_stop and "101.4"  # dragged along meanwhile
        bench.tws.tell(changed, "PreSubmitted")
        bench.tws.error(changed.order_id, 201, "Order rejected - reason:limit too far")
        bench.tws.tell(changed, "Submitted")

    bench.tws.on_order = refuse
    limit = order.limit_price
    assert limit is not None
    bench.client.modify(replace(order, limit_price=limit + Decimal("0.5")))
    refused = await bench.until_told(order.oid, lambda s: s.refused == "modify", "it is refused")
    assert "limit too far" in refused.reason
    assert (refused.change, refused.req.limit_price - refused.req.price) == (
        None,
        limit - order.price,
    )


async def test_a_change_of_the_limit_alone_counts_once_ib_says_so(bench: IbBench) -> None:
    await bench.priced("100.0")
    order, sim = await bench.working(**TYPES["trailing limit"][0])
    changed = replace(order, limit_price=Decimal("102.25"))

    def drag(sim: SimOrder, is_new: bool) -> None:
        sim.trail_stop, sim.limit_offset = "101.4", "0.25"
        bench.tws.tell(sim, "Submitted")

    bench.tws.on_order = drag
    bench.client.modify(changed)
    moved = await bench.until_told(
        order.oid, lambda s: s.req.price == Decimal("101.4"), "it was dragged along"
    )
    assert moved.change is not None
    assert moved.req.limit_price == Decimal("101.65")
    sim.limit_offset = "0.75"
    bench.tws.tell(sim, "Submitted")
    done = await bench.until_told(
        order.oid, lambda s: s.req.limit_price == Decimal("102.15"), "it has its limit"
    )
    assert done.change is None


async def test_dragging_a_stop_limit_moves_both_prices(bench: IbBench) -> None:
    await bench.priced("100.0")
    fields, _ = TYPES["stop-limit"]
    order, _ = await bench.working(**fields)
    to = {"price": Decimal("102.5"), "limit_price": Decimal("102.75")}
    bench.client.modify(replace(order, **to))
    status = await bench.until_told(
        order.oid, lambda s: s.req.limit_price == to["limit_price"] and not s.change, "it moved"
    )
    assert status.req is not None
    assert status.req.price == to["price"]
    assert bench.tws.placed[-1][18:21] == ["STP LMT", "102.75", "102.5"]


async def test_a_market_order_fills_and_closes(bench: IbBench) -> None:
    await bench.priced("100.0")
    order, sim = await bench.placed(type="market", price=Decimal(100))
    bench.tws.fill(sim, "10", "100.02", "0001.01")
    status = await bench.until_resp(order.oid, "closed")
    assert status.avg_price == Decimal("100.02")


@pytest.mark.parametrize("tif", ["gtc", "day", "ioc"])
async def test_time_in_force_is_on_the_wire(bench: IbBench, tif: str) -> None:
    order, sim = await bench.working(tif=tif)
    assert sim.tif == tif.upper()
    assert bench.last(order.oid).req.tif == tif  # type: ignore[union-attr]


async def test_good_till_date_is_written_in_utc(bench: IbBench) -> None:
    end = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
    _, sim = await bench.working(tif="gtd", expires_ns=int(end.timestamp()) * 1_000_000_000)
    assert (sim.tif, sim.good_till) == ("GTD", "20300102-03:04:05")


async def test_orders_of_every_type_are_themselves_again_after_a_restart(
    tws: Tws, tmp_path: Path
) -> None:
    placed: dict[str, Order] = {}
    async with open_bench(tmp_path, tws) as bench:
        await bench.priced("100.0")
        for fields, _ in TYPES.values():
            order, _ = await bench.working(**fields)
            placed[order.oid] = order
    (tmp_path / "journal.db").unlink()  # another computer: only IB knows them
    async with open_bench(tmp_path, tws) as bench:
        shown: dict[str, Status] = {m.oid: m for m in bench.heard if isinstance(m, Status)}
        told = {oid for oid, order in placed.items() if order.type != "market"}
        assert set(shown) == told
        for oid in told:
            order, req = placed[oid], shown[oid].req
            assert req is not None
            assert (req.type, req.price, req.limit_price, req.trail) == (
                order.type,
                order.price,
                order.limit_price,
                order.trail,
            )


async def test_what_the_contract_does_not_take_is_not_said_to_be_possible(
    tws: Tws, tmp_path: Path
) -> None:
    plain = "ACTIVETIM,DAY,GTC,LMT,MKT,STP"
    tws.contracts = [type(QQQ)(order_types=plain)]
    async with open_bench(tmp_path, tws) as bench:
        broker = bench.backend.broker
        assert isinstance(broker, StatesAbilities)
        abilities = broker.abilities(bench.ems.hub.markets[FQSN])
        assert abilities.types == {"limit", "market", "stop"}
        assert abilities.tifs == {"gtc", "day"}
        assert bench.client.abilities("ib.main", FQSN) == abilities
        await bench.priced("100.0")
        fields, _ = TYPES["trailing, by price"]
        order = bench.submit(**fields)
        held = await bench.until_resp(order.oid, "dark_open")
        assert held.req is not None
        assert held.req.exec_mode == "dark"
        await until(lambda: not tws.placed, "nothing left")
