"""Latency on the market's clock, and the same fills however the ticks come."""

import asyncio
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ems.messages import BrokerdError
from ems.ticks import Quote, Tick, Trade

from .session import FQSN, Session, cancel, new_order, paper, query

MS = 1_000_000


async def test_a_request_takes_effect_when_the_market_s_clock_has_moved_on(tmp_path: Path) -> None:
    async with paper(tmp_path, latency_ms=10) as session:
        session.quote(100 * MS, 99.0, 100.0)
        assert session.buy("100") == []
        assert session.quote(109 * MS, 99.0, 100.5) == []
        # it arrives at 110 ms and meets the quote of 109 ms, not the one that comes now
        session.quote(111 * MS, 99.0, 100.0)
    assert [(price, time_ns) for _, _, price, time_ns in session.fills] == [(100, 111 * MS)]


async def test_it_meets_the_quote_that_stands_when_it_arrives(tmp_path: Path) -> None:
    async with paper(tmp_path, latency_ms=10) as session:
        session.quote(100 * MS, 99.0, 100.0)
        session.buy("101")
        session.quote(105 * MS, 99.0, 99.5)
        session.quote(200 * MS, 102.0, 103.0)
    assert [(float(price), time_ns) for _, _, price, time_ns in session.fills] == [(99.5, 110 * MS)]


async def test_before_the_first_tick_there_is_no_clock_to_wait_for(tmp_path: Path) -> None:
    async with paper(tmp_path, latency_ms=10) as session:
        session.buy("100")
        assert session.reqids == ["P1"]


async def test_a_fill_can_overtake_a_cancel(tmp_path: Path) -> None:
    async with paper(tmp_path, latency_ms=10) as session:
        session.buy("100")
        session.quote(100 * MS, 99.0, 101.0)
        session.send(cancel("P1"))
        session.quote(105 * MS, 99.0, 100.0)
        session.quote(110 * MS, 99.0, 101.0)
    assert len(session.fills) == 1
    assert [e.reason for e in session.of(BrokerdError)] == ["cannot cancel: order is filled"]


async def test_a_query_waits_behind_the_order_that_it_asks_for(tmp_path: Path) -> None:
    async with paper(tmp_path, latency_ms=10) as session:
        session.quote(100 * MS, 99.0, 101.0)
        order = new_order("100")
        session.send(order)
        assert session.send(query(oid=order.oid)) == []
        *_, report = session.quote(110 * MS, 99.0, 101.0)
        assert (report.found, report.reqid) == (True, "P1")


async def test_what_is_on_its_way_at_the_end_is_lost_and_a_query_says_so(tmp_path: Path) -> None:
    order = new_order("100")
    async with paper(tmp_path, latency_ms=10) as session:
        session.quote(100 * MS, 99.0, 101.0)
        session.send(order)
    async with paper(tmp_path, latency_ms=10) as session:
        session.quote(200 * MS, 99.0, 100.0)
        assert session.fills == []
    async with paper(tmp_path) as session:
        assert not session.ask(oid=order.oid).found


PRICES = st.integers(95, 105).map(float)
SHOWN = st.none() | st.integers(0, 9).map(float)
TICKS = st.lists(
    st.builds(lambda bid, *rest: (bid, bid + 1.0, *rest), PRICES, SHOWN, SHOWN)
    | st.builds(lambda *trade: trade, PRICES, SHOWN, st.sampled_from([-1, 0, 1])),
    min_size=1,
    max_size=30,
)


def as_ticks(rows: list[tuple[Any, ...]]) -> list[Tick]:
    times = range(5 * MS, 10**12, 5 * MS)
    return [
        Quote(time_ns, *row) if len(row) == 4 else Trade(time_ns, *row)
        for time_ns, row in zip(times, rows, strict=False)
    ]


async def play(folder: Path, batches: list[list[Tick]], **options: Any) -> Session:
    """Play the ticks batch by batch; orders come with fixed ticks, wherever a batch ends."""
    async with paper(folder, **options) as session:
        i = 0
        for batch in batches:
            await asyncio.sleep(0)
            for tick in batch:
                session.broker.on_tick(FQSN, tick)
                trade_with_tick(session, i)
                i += 1
        return session


def trade_with_tick(session: Session, i: int) -> None:
    if i % 3 == 0:
        action = "buy" if i % 2 else "sell"
        session.send(new_order(str(98 + i % 5), 4, oid=f"order {i}", action=action))
    if i % 7 == 0:
        session.send(cancel(f"P{i // 5 + 1}"))


@given(TICKS, st.sets(st.integers(1, 29)), st.sampled_from([0, 7]))
async def test_the_same_ticks_give_the_same_fills_in_any_batches_at_any_hour(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[Any, ...]],
    cuts: set[int],
    latency_ms: int,
) -> None:
    ticks = as_ticks(rows)
    edges = [0, *sorted(cuts), len(ticks) + 30]
    parts = [ticks[start:stop] for start, stop in pairwise(edges)]
    folder = tmp_path_factory.mktemp("play")
    at_once = await play(folder / "a", [ticks], latency_ms=latency_ms)
    in_parts = await play(folder / "b", parts, latency_ms=latency_ms, our_time_ns=1)
    assert in_parts.fills == at_once.fills
    assert in_parts.reqids == at_once.reqids
