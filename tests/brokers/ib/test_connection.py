"""The connection: not there at the start, refused, silent, cut, lost beyond TWS, and back."""

import asyncio
import socket
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from brokers.ib.timing import Timing
from tests.brokers.ib.session import FQSN, QUICK, IbBench, open_bench, until
from tests.sims.tws import ACCOUNT, QQQ, Tws


@pytest.fixture
async def absent() -> Tws:
    """A TWS that is not running; its port is known."""
    simulator = Tws()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        simulator.port = probe.getsockname()[1]
    return simulator


async def test_tws_appears_after_the_start(absent: Tws, tmp_path: Path) -> None:
    async with open_bench(tmp_path, absent, market=False) as bench:
        down = await bench.until_down()
        assert "nothing listens at" in down.reason
        assert str(absent.port) in down.reason
        await absent.start(absent.port)
        await bench.until_up()
        await bench.ems.hub.market(FQSN)
        await bench.working()
    await absent.stop()


async def test_a_market_that_was_met_before_opens_without_tws(tws: Tws, tmp_path: Path) -> None:
    async with open_bench(tmp_path, tws):
        pass
    await tws.stop()
    async with open_bench(tmp_path, tws) as bench:
        assert bench.ems.hub.markets[FQSN].tick_size == Decimal("0.01")
        assert not len(await bench.backend.feed.bars(FQSN, 60 * 10**9))
        order = bench.submit()
        status = await bench.until_resp(order.oid, "error")
        assert "nothing listens at" in status.reason
        await tws.start(tws.port)
        await bench.until_up()
        await until(lambda: tws.of_kind(1), "the ticks are asked for")
        await bench.working()


async def test_the_client_id_is_in_use(tws: Tws, tmp_path: Path) -> None:
    tws.taken_client_ids.add(7)
    async with open_bench(tmp_path, tws, market=False) as bench:
        down = await bench.until_down()
        assert "client id is already in use" in down.reason
        assert "Choose another client_id" in down.reason
        tws.taken_client_ids.clear()
        await bench.until_up()


async def test_a_gateway_that_accepts_and_says_nothing(tws: Tws, tmp_path: Path) -> None:
    tws.greets = False
    timing = Timing(connect_s=0.1, start_s=5.0, first_pause_s=0.02, longest_pause_s=0.1)
    async with open_bench(tmp_path, tws, market=False, timing=timing) as bench:
        assert "does not answer" in (await bench.until_down()).reason
        tws.greets = True
        await bench.until_up()


async def test_a_gateway_that_goes_silent_later(tws: Tws, tmp_path: Path) -> None:
    timing = Timing(answer_s=0.1, silence_s=0.1, first_pause_s=0.02, poll_s=60)
    async with open_bench(tmp_path, tws, timing=timing) as bench:
        await until(lambda: tws.of_kind(49), "it is asked for the time")
        assert all(connection.up for connection in bench.connections())
        tws.answers.discard("time")
        assert "gone silent" in (await bench.until_down()).reason
        tws.answers.add("time")
        await bench.until_up()


async def test_a_cut_marks_orders_and_brings_them_back(bench: IbBench) -> None:
    order, _ = await bench.working()
    bench.tws.cut()
    await bench.until_told(order.oid, lambda s: s.stale, "it is marked")
    await bench.until_up()
    status = await bench.until_told(
        order.oid, lambda s: s is bench.last(order.oid) and not s.stale, "and is fresh"
    )
    assert status.resp == "open"
    bench.cancel(order.oid)
    await bench.until_resp(order.oid, "canceled")
    assert len(bench.tws.placed) == 1


async def test_orders_are_not_sent_while_it_is_down(bench: IbBench) -> None:
    order, _ = await bench.working()
    await bench.tws.stop()
    await bench.until_down()
    late = bench.submit()
    assert "Not sent" in (await bench.until_resp(late.oid, "error")).reason
    bench.client.modify(replace(order, price=Decimal(99)))
    await bench.until_told(order.oid, lambda s: s.refused == "modify", "refused")
    await bench.tws.start(bench.tws.port)
    await bench.until_up()
    assert len(bench.tws.placed) == 1


class TestAway:
    async def test_cut_between_the_order_and_its_first_status(self, bench: IbBench) -> None:
        bench.tws.silent_orders = True
        order, sim = await bench.placed()
        sim.status = "Submitted"
        bench.tws.cut()
        status = await bench.until_resp(order.oid, "open")
        assert status.reqid == sim.perm_id
        assert len(bench.tws.placed) == 1

    async def test_the_order_never_arrived(self, bench: IbBench) -> None:
        bench.tws.silent_orders = True
        order, sim = await bench.placed()
        bench.tws.orders.remove(sim)
        bench.tws.cut()
        status = await bench.until_resp(order.oid, "error")
        assert "does not list this order" in status.reason
        assert len(bench.tws.placed) == 1

    async def test_filled(self, bench: IbBench) -> None:
        order, sim = await bench.working()
        await bench.tws.stop()
        await bench.until_down()
        bench.tws.execute(sim, "10", "100.20", "e.1.01")
        sim.status = "Filled"
        await bench.tws.start(bench.tws.port)
        status = await bench.until_resp(order.oid, "closed")
        assert (status.filled, status.avg_price) == (10, Decimal("100.2"))
        assert bench.position().size == 10
        fills = [s for s in bench.statuses(order.oid) if s.resp == "fill"]
        assert len(fills) == 1

    async def test_cancelled(self, bench: IbBench) -> None:
        order, sim = await bench.working()
        await bench.tws.stop()
        await bench.until_down()
        sim.status, sim.completed_status = "Cancelled", "Cancelled by Trader"
        await bench.tws.start(bench.tws.port)
        status = await bench.until_resp(order.oid, "canceled")
        assert "Cancelled by Trader" in status.reason

    async def test_gone_without_a_trace(self, bench: IbBench) -> None:
        order, sim = await bench.working()
        await bench.tws.stop()
        await bench.until_down()
        bench.tws.orders.remove(sim)
        await bench.tws.start(bench.tws.port)
        assert "does not list" in (await bench.until_resp(order.oid, "canceled")).reason

    async def test_changed_in_tws(self, bench: IbBench) -> None:
        order, sim = await bench.working()
        await bench.tws.stop()
        await bench.until_down()
        sim.price = "98.50"
        await bench.tws.start(bench.tws.port)
        await bench.until_told(order.oid, lambda s: s.req.price == Decimal("98.5"), "it has moved")

    async def test_a_restart_finds_our_order_by_its_ref(self, tws: Tws, tmp_path: Path) -> None:
        async with open_bench(tmp_path, tws) as bench:
            order, sim = await bench.working()
        async with open_bench(tmp_path, tws) as bench:
            status = await bench.until_resp(order.oid, "open")
            assert (status.reqid, status.origin) == (sim.perm_id, "")
            await bench.until_told(order.oid, lambda s: not s.stale, "it is fresh")
            bench.client.modify(replace(order, price=Decimal("99.75")))
            await bench.until_told(
                order.oid, lambda s: s.req.price == Decimal("99.75") and not s.change, "it moves"
            )
            assert sim.wire[1] == str(sim.order_id)
            assert (sim.ref, sim.tif, sim.account) == (order.oid, "GTC", ACCOUNT)
            assert (sim.wire[7], sim.wire[9]) == ("", "SMART")

    async def test_a_crash_between_the_order_and_its_ack(self, tws: Tws, tmp_path: Path) -> None:
        tws.silent_orders = True
        async with open_bench(tmp_path, tws) as bench:
            order, sim = await bench.placed()
        sim.status = "Submitted"
        async with open_bench(tmp_path, tws) as bench:
            status = await bench.until_resp(order.oid, "open")
            assert (status.reqid, status.origin) == (sim.perm_id, "")
            await bench.settled()
            assert len(tws.placed) == 1


class TestTheDailyRestart:
    async def test_a_partly_filled_order_goes_on(self, bench: IbBench) -> None:
        """IB tells of the executions of today only: what was filled yesterday stays counted."""
        order, sim = await bench.working()
        bench.tws.fill(sim, "4", "100.25", "e.1.01")
        await bench.until_told(order.oid, lambda s: s.filled == 4, "the first part")
        await bench.tws.stop()
        down = await bench.until_down()
        assert "lost" in down.reason or "nothing listens" in down.reason
        await bench.until_told(order.oid, lambda s: s.stale, "it is marked")
        bench.tws.executions.clear()
        bench.tws.commissions.clear()
        asked = len(bench.tws.of_kind(1))
        await bench.tws.start(bench.tws.port)
        await bench.until_up()
        await bench.until_told(
            order.oid, lambda s: s is bench.last(order.oid) and not s.stale, "it is fresh"
        )
        assert (bench.last(order.oid).resp, bench.last(order.oid).filled) == ("open", 4)
        assert len(bench.tws.of_kind(1)) == asked + 1
        bench.tws.fill(sim, "6", "100.20", "e.2.01")
        status = await bench.until_resp(order.oid, "closed")
        assert status.filled == 10
        assert bench.position().size == 10
        assert len(bench.tws.placed) == 1
        _, later = await bench.working()
        assert later.order_id > sim.order_id

    async def test_filled_before_it_and_told_after_it(self, bench: IbBench) -> None:
        """The executions are yesterday's and gone; only completed orders and positions know."""
        order, sim = await bench.working()
        await bench.tws.stop()
        await bench.until_down()
        sim.status, sim.filled, sim.completed_status = "Filled", 10.0, "Filled Size: 10"
        bench.tws.positions = [(QQQ, ACCOUNT, "10", "100.25")]
        await bench.tws.start(bench.tws.port)
        await bench.until_resp(order.oid, "closed")
        await until(lambda: bench.position() and bench.position().venue_size == 10, "IB's count")
        assert (
            bench.position().size == 0
        )  # no fill is made up: the two figures differ for all to see
        assert len(bench.tws.placed) == 1


class TestAnswersThatNeverEnd:
    @pytest.mark.parametrize("missing", ["executions", "completed", "positions"])
    async def test_at_the_start_it_goes_on_without(
        self, tws: Tws, tmp_path: Path, missing: str
    ) -> None:
        tws.answers.discard(missing)
        async with open_bench(tmp_path, tws) as bench:
            await bench.until_up()
            await bench.working()

    async def test_without_open_orders_nothing_is_called_gone(
        self, tws: Tws, tmp_path: Path
    ) -> None:
        async with open_bench(tmp_path, tws) as bench:
            order, _ = await bench.working()
        tws.answers.discard("open")
        async with open_bench(tmp_path, tws) as bench:
            await bench.until_up()
            await until(lambda: len(tws.of_kind(16)) >= 3, "IB was asked again")
            assert bench.last(order.oid).resp == "open"
            assert bench.last(order.oid).stale
            tws.answers.add("open")
            await bench.until_told(order.oid, lambda s: not s.stale, "it is fresh")


class TestBeyondTws:
    async def test_lost_and_back(self, bench: IbBench) -> None:
        order, sim = await bench.working()
        bench.tws.error(-1, 1100, "Connectivity between IB and TWS has been lost.")
        assert "lost" in (await bench.until_down()).reason
        await bench.until_told(order.oid, lambda s: s.stale, "it is marked")
        late = bench.submit()
        assert "Not sent" in (await bench.until_resp(late.oid, "error")).reason
        ticks = len(bench.tws.of_kind(1))
        bench.tws.error(-1, 1102, "Connectivity restored - data maintained.")
        await bench.until_up()
        assert len(bench.tws.of_kind(1)) == ticks
        await bench.until_told(
            order.oid, lambda s: s is bench.last(order.oid) and not s.stale, "it is fresh"
        )
        assert len(bench.tws.sessions) == 1
        assert sim.status == "Submitted"

    async def test_what_happens_in_between_counts(self, bench: IbBench) -> None:
        order, sim = await bench.working()
        bench.tws.error(-1, 1100, "lost")
        await bench.until_down()
        bench.tws.fill(sim, "10", "100.25", "e.1.01")
        status = await bench.until_resp(order.oid, "closed")
        assert status.filled == 10
        bench.tws.error(-1, 1102, "restored")
        await bench.until_up()
        await bench.settled()
        assert bench.position().size == 10

    async def test_data_lost_is_asked_for_again(self, bench: IbBench) -> None:
        ticks = len(bench.tws.of_kind(1))
        bench.tws.error(-1, 1100, "lost")
        await bench.until_down()
        bench.tws.error(-1, 1101, "restored - data lost")
        await bench.until_up()
        assert len(bench.tws.of_kind(1)) == ticks + 1

    async def test_2110_ends_with_the_farms(self, bench: IbBench) -> None:
        bench.tws.error(-1, 2110, "Connectivity between TWS and server is broken.")
        await bench.until_down()
        bench.tws.error(-1, 2104, "Market data farm connection is OK:usfarm")
        await bench.until_up()

    async def test_news_of_farms_change_nothing(self, bench: IbBench) -> None:
        before = bench.connections()
        for code in (2103, 2104, 2105, 2106, 2108, 2119, 2158):
            bench.tws.error(-1, code, "farm")
        await bench.settled()
        assert bench.connections() == before


class TestOutcomeUnknown:
    async def test_an_end_that_nobody_told_of_is_found(self, tws: Tws, tmp_path: Path) -> None:
        timing = Timing(poll_s=0.02)
        async with open_bench(tmp_path, tws, timing=timing) as bench:
            order, sim = await bench.working()
            sim.status, sim.completed_status = "Cancelled", "Expired"
            assert "Expired" in (await bench.until_resp(order.oid, "canceled")).reason

    async def test_silence_about_an_order_that_is_there(self, bench: IbBench) -> None:
        bench.tws.silent_orders = True
        order, sim = await bench.placed()
        sim.status = "Submitted"
        status = await bench.until_resp(order.oid, "open")
        assert status.reqid == sim.perm_id
        assert len(bench.tws.placed) == 1

    async def test_silence_about_an_order_that_was_swallowed(self, bench: IbBench) -> None:
        bench.tws.silent_orders = True
        order, sim = await bench.placed()
        bench.tws.orders.remove(sim)
        await bench.until_resp(order.oid, "error")
        assert len(bench.tws.placed) == 1

    async def test_silence_about_a_modify(self, bench: IbBench) -> None:
        order, sim = await bench.working()

        def swallow(asked, _) -> None:
            asked.status = "as it was"

        bench.tws.on_order = swallow
        bench.client.modify(replace(order, price=Decimal("99.75")))
        status = await bench.until_told(order.oid, lambda s: s.refused == "modify", "told")
        assert status.req.price == Decimal("100.25")
        assert sim.price == "100.25"
        assert len(bench.tws.placed) == 2

    async def test_executions_unknown_means_asking_on(self, tws: Tws, tmp_path: Path) -> None:
        """It may have been filled: without the executions nobody can say that it is gone."""
        timing = Timing(answer_s=0.05, poll_s=60)
        async with open_bench(tmp_path, tws, timing=timing, answer_timeout_s=0.05) as bench:
            tws.answers -= {"executions", "completed"}
            tws.silent_orders = True
            order, sim = await bench.placed()
            tws.orders.remove(sim)
            await until(lambda: len(tws.of_kind(7)) >= 3, "IB was asked again")
            assert bench.last(order.oid).resp == "pending"
            assert bench.last(order.oid).outcome_unknown
            tws.answers |= {"executions", "completed"}
            await bench.until_resp(order.oid, "error")


async def test_it_closes_while_it_waits_for_tws(absent: Tws, tmp_path: Path) -> None:
    async with open_bench(tmp_path, absent, market=False):
        pass
    assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]


async def test_it_closes_in_the_middle_of_the_opening(tws: Tws, tmp_path: Path) -> None:
    tws.answers.clear()
    timing = Timing(start_s=0.05, answer_s=60)
    async with open_bench(tmp_path, tws, market=False, timing=timing):
        pass
    await until(lambda: not tws.sessions, "the connection is closed")


async def test_positions_are_told_and_followed(tws: Tws, tmp_path: Path) -> None:
    tws.positions.append((QQQ, ACCOUNT, "25", "99.5"))
    async with open_bench(tmp_path, tws) as bench:
        await until(lambda: bench.position() and bench.position().venue_size == 25, "a position")
        from tests.sims import tws_layout

        tws.say(tws_layout.position(QQQ, ACCOUNT, "0", "0"))
        await until(lambda: bench.position().venue_size == 0, "it is flat")


def test_quick_pauses_grow_to_a_limit() -> None:
    pauses = QUICK.pauses()
    assert [next(pauses) for _ in range(5)] == [0.02, 0.04, 0.08, 0.1, 0.1]
