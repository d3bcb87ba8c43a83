"""The paper broker through the ports that the EMS knows."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from brokers.paper import open_backend
from ems.errors import EmsError
from ems.market import Market
from ems.messages import (
    BrokerdError,
    BrokerdFill,
    BrokerdOrderAck,
    BrokerdPosition,
    BrokerdStatus,
    BrokerEvent,
    Order,
    Status,
)
from ems.ports import Broker, MatchesTicks
from ems.ticks import Quote

from .session import FQSN, MARKET, OUR_TIME_NS, cancel, make_broker, new_order, paper


def test_the_backend_is_a_broker_that_matches_ticks(tmp_path: Path) -> None:
    backend = open_backend({"accounts": ["paper", "paper.swing"]}, tmp_path)
    broker: Broker | None = backend.broker
    assert broker is not None
    assert isinstance(broker, MatchesTicks)
    assert (backend.name, broker.name) == ("paper", "paper")
    assert broker.accounts == ("paper", "paper.swing")
    assert open_backend({}, tmp_path).broker.accounts == ("paper",)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"latency": 5}, "latency"),
        ({"latency_ms": -1}, "latency_ms"),
        ({"latency_ms": "soon"}, "latency_ms"),
        ({"fee_rate": "much"}, "fee_rate"),
        ({"fee_rate": float("nan")}, "fee_rate"),
        ({"accounts": []}, "accounts"),
        ({"accounts": ["paper", "paper"]}, "accounts"),
        ({"accounts": ["ib.main"]}, "ib.main"),
        ({"accounts": "paper"}, "accounts"),
    ],
)
def test_wrong_options_are_named(tmp_path: Path, options: dict[str, Any], word: str) -> None:
    with pytest.raises(EmsError, match=rf"\[brokers.paper\].*{word}"):
        open_backend(options, tmp_path)


async def test_a_new_order_is_acked_then_open(tmp_path: Path) -> None:
    async with paper(tmp_path) as session:
        order = new_order("100.00")
        ack, status = session.send(order)
    assert ack == BrokerdOrderAck(
        oid=order.oid, reqid="P1", account="paper", time_ns=OUR_TIME_NS + 1
    )
    assert status == BrokerdStatus(
        reqid="P1",
        account="paper",
        status="open",
        price=Decimal("100.00"),
        size=Decimal(5),
        filled=Decimal(0),
        time_ns=OUR_TIME_NS + 2,
    )


async def test_each_fill_is_told_with_the_state_and_position_after_it(tmp_path: Path) -> None:
    async with paper(tmp_path, fee_rate="0.01") as session:
        order = new_order("100.00", 5)
        session.send(order)
        fill, status, position = session.quote(11, 99.0, 100.0, 9, 3)
        last_fill, last_status, last_position = session.trade(12, 99.99, 9)
    assert isinstance(fill, BrokerdFill)
    assert (fill.exec_id, fill.reqid, fill.oid) == ("P1-1", "P1", order.oid)
    assert (fill.symbol, fill.account, fill.action) == (FQSN, "paper", "buy")
    assert (fill.size, fill.price, fill.broker_time_ns) == (3, 100, 11)
    assert fill.time_ns > OUR_TIME_NS
    assert (fill.fee, fill.fee_currency) == (Decimal(3), "USD")
    assert (status.status, status.filled, status.size) == ("open", 3, 5)
    assert isinstance(position, BrokerdPosition)
    assert (position.symbol, position.size, position.avg_price) == (FQSN, 3, 100)
    assert (last_fill.exec_id, last_fill.size, last_fill.broker_time_ns) == ("P1-2", 2, 12)
    assert (last_status.status, last_status.filled) == ("closed", 5)
    assert last_position.size == 5


async def test_a_marketable_order_tells_ack_open_and_fill_in_this_order(tmp_path: Path) -> None:
    async with paper(tmp_path) as session:
        session.quote(11, 99.0, 99.98)
        events = session.buy("100.00")
    assert [type(event) for event in events] == [
        BrokerdOrderAck,
        BrokerdStatus,
        BrokerdFill,
        BrokerdStatus,
        BrokerdPosition,
    ]
    assert (events[1].status, events[3].status) == ("open", "closed")
    assert (events[2].price, events[2].broker_time_ns) == (Decimal("99.98"), 11)


async def test_a_position_goes_long_then_short_then_flat(tmp_path: Path) -> None:
    async with paper(tmp_path) as session:
        session.quote(1, 100.0, 100.0)
        session.buy("100", 2)
        session.quote(2, 103.0, 103.0)
        session.buy("103", 1)
        session.buy("103", 1, action="sell")
        session.buy("103", 4, action="sell")
        session.buy("103", 2)
        told = [(p.size, p.avg_price) for p in session.of(BrokerdPosition)]
    assert told == [(2, 100), (3, 101), (2, 101), (-2, 103), (0, None)]


async def test_two_fills_of_one_tick_both_count(tmp_path: Path) -> None:
    async with paper(tmp_path) as session:
        session.buy("100", 1)
        session.buy("100", 2)
        session.quote(1, 99.0, 100.0)
        assert [p.size for p in session.of(BrokerdPosition)] == [1, 3]


async def test_accounts_have_their_own_positions(tmp_path: Path) -> None:
    async with paper(tmp_path, accounts=["paper", "paper.swing"]) as session:
        session.quote(1, 100.0, 100.0)
        session.buy("100", 2)
        session.buy("100", 3, account="paper.swing", action="sell")
        told = [(p.account, p.size) for p in session.of(BrokerdPosition)]
    assert told == [("paper", 2), ("paper.swing", -3)]


async def test_a_modify_is_confirmed_with_the_new_price_and_size(tmp_path: Path) -> None:
    async with paper(tmp_path) as session:
        order = new_order("100")
        session.send(order)
        changed = msgspec.structs.replace(order, reqid="P1", price=Decimal("99.5"), size=Decimal(7))
        (status,) = session.send(changed)
        assert (status.status, status.price, status.size) == ("open", Decimal("99.5"), 7)
        assert session.reqids == ["P1"]  # never a second order


async def test_a_cancel_is_confirmed_and_the_second_refused(tmp_path: Path) -> None:
    async with paper(tmp_path) as session:
        order = new_order("100")
        session.send(order)
        (status,) = session.send(cancel("P1"))
        (refused,) = session.send(cancel("P1"))
        assert session.quote(1, 90.0, 91.0) == []
    assert (status.status, status.filled) == ("canceled", 0)
    assert isinstance(refused, BrokerdError)
    assert (refused.request, refused.reqid, refused.oid) == ("cancel", "P1", order.oid)
    assert refused.reason == "cannot cancel: order is canceled"


REFUSED_NEW = {
    "unknown market": ({"symbol": "qqq.nasdaq.ib"}, "paper does not know the market qqq.nasdaq.ib"),
    "unknown account": ({"account": "paper.other"}, "does not know the account paper.other"),
    "price off the grid": ({"price": Decimal("100.001")}, "price 100.001 is not a multiple"),
    "size off the grid": ({"size": Decimal("0.5")}, "size 0.5 is not a positive multiple"),
    "no size": ({"size": Decimal(0)}, "size 0 is not a positive multiple"),
    "no number": ({"price": Decimal("NaN")}, "price NaN is not a multiple"),
    "too large a number": ({"price": Decimal("1e40")}, "price 1E+40 is not a multiple"),
}


@pytest.mark.parametrize(("changes", "reason"), REFUSED_NEW.values(), ids=REFUSED_NEW)
async def test_a_wrong_new_order_is_refused(
    tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    async with paper(tmp_path) as session:
        order = new_order("100", **changes)
        (refused,) = session.send(order)
        assert isinstance(refused, BrokerdError)
        assert (refused.request, refused.reqid, refused.oid) == ("new", None, order.oid)
        assert (refused.symbol, refused.account) == (order.symbol, order.account)
        assert reason in refused.reason
        assert not session.ask(oid=order.oid, account=order.account).found


async def test_an_oid_makes_one_order_only(tmp_path: Path) -> None:
    order = new_order("100")
    async with paper(tmp_path) as session:
        session.send(order)
        session.send(cancel("P1"))
    async with paper(tmp_path) as session:
        (refused,) = session.send(order)
        assert isinstance(refused, BrokerdError)
        assert (refused.request, refused.reqid) == ("new", None)
        assert "already known as P1" in refused.reason
        assert session.quote(1, 90.0, 91.0) == []


REFUSED_MODIFY = {
    "unknown order": ({"reqid": "P9"}, "paper has no order P9"),
    "an id of another kind": ({"reqid": 17}, "paper has no order 17"),
    "not that account's": ({"account": "paper.swing"}, "no order P1 in account paper.swing"),
    "price off the grid": ({"price": Decimal("100.001")}, "price 100.001 is not a multiple"),
    "another side": ({"action": "sell"}, "P1 is a buy order"),
    "another market": ({"symbol": "qqq.nasdaq.ib"}, "P1 is a buy order in aapl.demo.replay"),
    "below what is filled": ({"size": Decimal(1)}, "cannot modify: 2 is filled"),
}


@pytest.mark.parametrize(("changes", "reason"), REFUSED_MODIFY.values(), ids=REFUSED_MODIFY)
async def test_a_wrong_modify_is_refused_and_changes_nothing(
    tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    async with paper(tmp_path, accounts=["paper", "paper.swing"]) as session:
        order = new_order("100", 5)
        session.send(order)
        session.trade(1, 100.0, 2)
        changed = msgspec.structs.replace(order, **({"reqid": "P1"} | changes))
        (refused,) = session.send(changed)
        assert isinstance(refused, BrokerdError)
        assert (refused.request, refused.reqid) == ("modify", changed.reqid)
        assert reason in refused.reason
        report = session.ask(reqid="P1")
        assert (report.status, report.price, report.size) == ("open", 100, 5)


async def test_a_query_is_answered_by_reqid_or_oid_also_for_what_ended(tmp_path: Path) -> None:
    filled, open_order = new_order("100", 3), new_order("98", 1)
    async with paper(tmp_path, accounts=["paper", "paper.swing"]) as session:
        session.send(filled)
        session.send(open_order)
        session.trade(1, 100.0, 2)
        session.trade(2, 100.0, 2)
        told = tuple(session.of(BrokerdFill))
    async with paper(tmp_path, accounts=["paper", "paper.swing"]) as session:
        report = session.ask(oid=filled.oid)
        assert (report.found, report.reqid, report.status) == (True, "P1", "closed")
        assert report.fills == told
        assert session.ask(oid=filled.oid, reqid="P1").fills == told
        still_open = session.ask(oid=open_order.oid)
        assert (still_open.status, still_open.size, still_open.fills) == ("open", 1, ())
        assert not session.ask(oid="never sent").found
        assert not session.ask(reqid="P77").found
        assert not session.ask(reqid="P01").found  # P1 has one name
        assert not session.ask(oid=filled.oid, account="paper.swing").found


async def test_requests_made_from_within_an_event_come_after_its_events(tmp_path: Path) -> None:
    async with paper(tmp_path) as session:
        second = new_order("99")
        inside: list[BrokerEvent] = []

        def react(event: BrokerEvent) -> None:
            assert inside == []  # one event at a time
            inside.append(event)
            answer(event)
            inside.clear()

        def answer(event: BrokerEvent) -> None:
            if isinstance(event, BrokerdOrderAck) and event.oid != second.oid:
                session.trades.send(second)
                session.trades.send(cancel("P1"))
                session.broker.on_tick(FQSN, Quote(2, 98.0, 98.5))

        session.on_event = react
        events = session.buy("100")
    told = [(type(e).__name__, getattr(e, "reqid", ""), getattr(e, "status", "")) for e in events]
    assert told == [
        ("BrokerdOrderAck", "P1", ""),
        ("BrokerdStatus", "P1", "open"),
        ("BrokerdOrderAck", "P2", ""),
        ("BrokerdStatus", "P2", "open"),
        ("BrokerdStatus", "P1", "canceled"),
        ("BrokerdFill", "P2", ""),
        ("BrokerdStatus", "P2", "closed"),
        ("BrokerdPosition", "", ""),
    ]


async def test_a_sink_that_raises_once_misses_no_event(tmp_path: Path) -> None:
    async with paper(tmp_path) as session:

        def fail_once(event: BrokerEvent) -> None:
            session.on_event = lambda event: None
            raise ZeroDivisionError

        session.on_event = fail_once
        with pytest.raises(ZeroDivisionError):
            session.buy("100")
        session.quote(1, 98.0, 99.0)
    assert [type(event) for event in session.events[:3]] == [
        BrokerdOrderAck,
        BrokerdStatus,
        BrokerdFill,
    ]


async def test_the_opening_tells_what_survived_the_restart(tmp_path: Path) -> None:
    order = new_order("100.00", 5)
    async with paper(tmp_path) as session:
        session.send(order)
        session.buy("99")
        session.send(cancel("P2"))
        session.trade(1, 100.0, 2)
    async with paper(tmp_path, watched=()) as session:
        opening = session.trades.opening
        assert opening is not None
        assert opening.accounts == ("paper",)
        (live,) = opening.orders
        assert live == Status(
            oid=order.oid,
            time_ns=live.time_ns,
            resp="open",
            reqid="P1",
            req=Order(
                oid=order.oid,
                action="buy",
                exec_mode="live",
                symbol=FQSN,
                account="paper",
                price=Decimal("100.00"),
                size=Decimal(5),
            ),
            src="paper",
            filled=Decimal(2),
            remaining=Decimal(3),
            avg_price=Decimal(100),
        )
        (position,) = opening.positions
        assert (position.account, position.symbol, position.size) == ("paper", FQSN, 2)


async def test_restored_orders_wait_for_their_market_and_keep_their_place(tmp_path: Path) -> None:
    async with paper(tmp_path) as session:
        session.buy("100", 1)
        session.buy("100", 1)
        first = new_order("100", 2, reqid="P1")
        session.send(first)  # larger: now behind P2
    async with paper(tmp_path, watched=()) as session:
        assert session.trade(1, 100.0, 1) == []
        session.broker.watch(MARKET)
        session.buy("100", 1)
        assert session.reqids == ["P3"]  # ids go on
        session.trade(2, 100.0, 1)
        session.trade(3, 100.0, 2)
        session.trade(4, 100.0, 1)
    assert [exec_id for exec_id, *_ in session.fills] == ["P2-1", "P1-1", "P3-1"]


async def test_an_order_whose_market_is_not_watched_can_be_changed_and_cancelled(
    tmp_path: Path,
) -> None:
    order = new_order("100")
    async with paper(tmp_path) as session:
        session.send(order)
    async with paper(tmp_path, watched=()) as session:
        (status,) = session.send(msgspec.structs.replace(order, reqid="P1", price=Decimal("99")))
        assert (status.status, status.price) == ("open", 99)
        (status,) = session.send(cancel("P1"))
        assert status.status == "canceled"
        (refused,) = session.buy("100")
        assert "does not know the market" in refused.reason
    async with paper(tmp_path) as session:
        assert session.trades.opening is not None
        assert session.trades.opening.orders == ()


async def test_the_place_in_the_queue_survives_two_restarts(tmp_path: Path) -> None:
    async with paper(tmp_path) as session:
        session.buy("100", 1)
        session.buy("100", 1)
        session.send(new_order("100", 2, reqid="P1"))
    async with paper(tmp_path) as session:
        session.buy("100", 1)
    async with paper(tmp_path) as session:
        for i in range(4):
            session.trade(i, 100.0, 1)
    assert [exec_id for exec_id, *_ in session.fills] == ["P2-1", "P1-1", "P1-2", "P3-1"]


async def test_facts_of_a_market_that_change_meanwhile_change_no_queue(tmp_path: Path) -> None:
    coarser = msgspec.structs.replace(MARKET, tick_size=Decimal("0.05"))
    async with paper(tmp_path, latency_ms=1) as session:
        session.buy("100", 1)
        session.buy("100", 1)
        session.send(new_order("100", 2, reqid="P1"))
        session.quote(10, 90.0, 110.0)
        session.buy("100", 1)
        session.broker.watch(coarser)
        session.buy("100", 2)
        assert session.reqids == ["P1", "P2"]  # the others are on their way
        for i in range(6):
            session.trade(1_000_010 + i, 100.0, 1)
    filled = [exec_id for exec_id, *_ in session.fills]
    assert filled == ["P2-1", "P1-1", "P1-2", "P3-1", "P4-1", "P4-2"]


async def test_a_market_whose_facts_changed_keeps_its_orders(tmp_path: Path) -> None:
    async with paper(tmp_path) as session:
        session.buy("100.01")
    coarser = msgspec.structs.replace(MARKET, tick_size=Decimal("0.05"))
    async with paper(tmp_path, watched=(coarser,)) as session:
        session.quote(1, 99.0, 100.0)
        assert [size for _, size, *_ in session.fills] == [5]


async def test_an_account_that_left_the_config_sleeps(tmp_path: Path) -> None:
    both = ["paper", "paper.swing"]
    async with paper(tmp_path, accounts=both) as session:
        session.buy("100", account="paper.swing")
    async with paper(tmp_path) as session:
        assert session.trades.opening is not None
        assert session.trades.opening.orders == ()
        assert session.quote(1, 98.0, 99.0) == []
        (refused,) = session.send(cancel("P1", "paper.swing"))
        assert "paper has no order P1" in refused.reason
    async with paper(tmp_path, accounts=both) as session:
        session.quote(2, 98.0, 99.0)
        assert [exec_id for exec_id, *_ in session.fills] == ["P1-1"]


async def test_nothing_happens_while_the_dialogue_is_closed(tmp_path: Path) -> None:
    broker = make_broker(tmp_path)
    broker.watch(MARKET)
    events: list[BrokerEvent] = []
    async with broker.open_trades(events.append) as trades:
        trades.send(new_order("100"))
    before = len(events)
    broker.on_tick(FQSN, Quote(1, 98.0, 99.0))
    with pytest.raises(ConnectionError, match="closed"):
        trades.send(cancel("P1"))
    assert len(events) == before
    async with broker.open_trades(events.append):
        broker.on_tick(FQSN, Quote(2, 98.0, 99.0))
    assert [f.broker_time_ns for f in events if isinstance(f, BrokerdFill)] == [2]


async def test_there_is_one_dialogue_at_a_time(tmp_path: Path) -> None:
    broker = make_broker(tmp_path)
    async with broker.open_trades(print):
        with pytest.raises(RuntimeError, match="open already"):
            async with broker.open_trades(print):
                pass
    async with broker.open_trades(print):
        pass


async def test_ticks_of_another_market_fill_nothing(tmp_path: Path) -> None:
    other: Market = msgspec.structs.replace(MARKET, fqsn="msft.demo.replay")
    async with paper(tmp_path, watched=(MARKET, other)) as session:
        session.buy("100")
        session.broker.on_tick(other.fqsn, Quote(1, 98.0, 99.0))
        session.broker.on_tick("nobody.knows.replay", Quote(1, 98.0, 99.0))
        assert session.fills == []
        session.quote(2, 98.0, 99.0)
        assert len(session.fills) == 1
