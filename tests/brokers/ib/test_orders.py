"""Orders, modifies and cancels: what goes over the wire, and what the EMS makes of the answers."""

import asyncio
from decimal import Decimal

from msgspec.structs import replace

from tests.brokers.ib.session import FQSN, QUICK, IbBench, open_bench, until
from tests.sims.tws import ACCOUNT, QQQ, Tws
from tests.sims.tws_layout import SimContract, SimOrder


class TestNew:
    async def test_an_order_leaves_with_all_that_it_is(self, bench: IbBench) -> None:
        order, sim = await bench.placed(action="sell", price=Decimal("100.10"), size=Decimal(3))
        assert (sim.action, sim.size, sim.kind, sim.price) == ("SELL", "3", "LMT", "100.10")
        assert (sim.account, sim.ref, sim.tif, sim.outside_rth) == (ACCOUNT, order.oid, "GTC", "0")
        assert sim.wire[2] == str(QQQ.con_id)
        assert sim.wire[9] == "SMART"
        assert (await bench.until_resp(order.oid, "open")).reqid == sim.perm_id

    async def test_hours_come_from_the_options(self, tws: Tws, tmp_path) -> None:
        async with open_bench(tmp_path, tws, outside_regular_hours=True) as bench:
            _, sim = await bench.placed()
            assert sim.outside_rth == "1"

    async def test_a_price_is_written_exactly(self, bench: IbBench) -> None:
        _, sim = await bench.placed(price=Decimal("0.1") + Decimal("0.2"))
        assert sim.price == "0.3"
        _, sim = await bench.placed(price=Decimal("1E+3"))
        assert sim.price == "1000"

    async def test_it_is_placed_once(self, bench: IbBench) -> None:
        order, _ = await bench.working()
        await bench.settled()
        assert len(bench.tws.placed) == 1
        assert bench.resps(order.oid) == ["pending", "pending", "open"]

    async def test_the_account_that_the_login_lacks(self, tws: Tws, tmp_path) -> None:
        accounts = {"main": ACCOUNT, "other": "DU999"}
        async with open_bench(tmp_path, tws, accounts=accounts) as bench:
            order = bench.submit(account="ib.other")
            status = await bench.until_resp(order.oid, "error")
            assert "DU999" in status.reason
            assert ACCOUNT in status.reason
            assert tws.placed == []
            assert any("DU999" in text for text in bench.notices())

    async def test_a_price_off_the_increment_of_its_level_does_not_leave(
        self, tws: Tws, tmp_path
    ) -> None:
        tws.market_rules[26] = [("0", "0.01"), ("50", "0.05")]
        async with open_bench(tmp_path, tws) as bench:
            order = bench.submit(price=Decimal("100.03"))
            status = await bench.until_resp(order.oid, "error")
            assert "0.05" in status.reason
            assert "100.00 or 100.05" in status.reason
            assert tws.placed == []
            order, sim = await bench.working(price=Decimal("49.99"))
            assert sim.price == "49.99"

    async def test_two_accounts_side_by_side(self, tws: Tws, tmp_path) -> None:
        tws.accounts = [ACCOUNT, "DU777"]
        accounts = {"main": ACCOUNT, "other": "DU777"}
        async with open_bench(tmp_path, tws, accounts=accounts) as bench:
            assert bench.ems.accounts == ("ib.main", "ib.other")
            _, first = await bench.working()
            order, second = await bench.working(account="ib.other")
            assert (first.account, second.account) == (ACCOUNT, "DU777")
            tws.fill(second, "10", "100.25", "e.1.01")
            await bench.until_resp(order.oid, "closed")
            position = bench.position()
            assert position is not None
            assert (position.account, position.size) == ("ib.other", 10)


class TestModify:
    async def test_the_same_number_with_new_price_and_size(self, bench: IbBench) -> None:
        order, sim = await bench.working()
        bench.client.modify(replace(order, price=Decimal("99.75"), size=Decimal(12)))
        changed = await bench.until_told(
            order.oid, lambda s: s.req.price == Decimal("99.75") and not s.change, "it is moved"
        )
        assert changed.req.size == 12
        first, second = bench.tws.placed
        assert first[1] == second[1] == str(sim.order_id)
        assert (second[17], second[19], second[26]) == ("12", "99.75", order.oid)

    async def test_a_fill_in_between_does_not_confirm_it(self, bench: IbBench) -> None:
        order, sim = await bench.working()
        bench.tws.on_order = lambda *_: None
        bench.client.modify(replace(order, price=Decimal("99.75")))
        await until(lambda: len(bench.tws.placed) == 2, "the modify is on the wire")
        sim.price = "100.25"
        bench.tws.execute(sim, "4", "100.25", "e.1.01")
        bench.tws.tell_status(sim, "Submitted")
        status = await bench.until_told(order.oid, lambda s: s.resp == "fill", "a fill")
        assert status.req.price == Decimal("100.25")
        assert status.change.price == Decimal("99.75")
        sim.price = "99.75"
        bench.tws.works(sim)
        status = await bench.until_told(
            order.oid, lambda s: s.req.price == Decimal("99.75") and not s.change, "it is moved"
        )
        assert status.filled == 4

    async def test_refused_it_stays_as_it_was(self, bench: IbBench) -> None:
        order, sim = await bench.working()

        def refuse(asked: SimOrder, _: bool) -> None:
            bench.tws.error(asked.order_id, 201, "Order rejected - reason:margin")
            asked.status = "as it was"

        bench.tws.on_order = refuse
        bench.client.modify(replace(order, price=Decimal("99.75")))
        status = await bench.until_told(order.oid, lambda s: s.refused == "modify", "it is refused")
        assert "margin (IB 201)" in status.reason
        assert (status.resp, status.req.price) == ("open", Decimal("100.25"))
        await bench.settled()
        assert bench.last(order.oid).resp == "open"
        bench.tws.on_order = None
        bench.client.modify(replace(order, price=Decimal("99.50")))
        await bench.until_told(
            order.oid, lambda s: s.req.price == Decimal("99.5"), "it moves again"
        )
        assert sim.price == "99.50"

    async def test_an_order_that_ib_holds_back_is_moved(self, bench: IbBench) -> None:
        bench.tws.on_order = lambda sim, _: bench.tws.tell(sim, "Inactive", "locate")
        order, _ = await bench.placed()
        await bench.until_told(order.oid, lambda s: "borrow" in s.reason, "held, with the reason")
        bench.client.modify(replace(order, price=Decimal("99.75")))
        await bench.until_told(
            order.oid, lambda s: s.req.price == Decimal("99.75") and not s.change, "it is moved"
        )


class TestCancel:
    async def test_by_its_number(self, bench: IbBench) -> None:
        order, sim = await bench.working()
        bench.cancel(order.oid)
        await bench.until_resp(order.oid, "canceled")
        await bench.settled()
        assert [cancel[2] for cancel in bench.tws.cancels] == [str(sim.order_id)]
        assert bench.resps(order.oid).count("canceled") == 1

    async def test_before_the_ack_it_goes_out_with_it(self, bench: IbBench) -> None:
        bench.tws.silent_orders = True
        order, sim = await bench.placed()
        bench.cancel(order.oid)
        assert bench.tws.cancels == []
        bench.tws.silent_orders = False
        bench.tws.works(sim)
        await bench.until_resp(order.oid, "canceled")
        assert len(bench.tws.cancels) == 1

    async def test_the_fill_wins_the_race(self, bench: IbBench) -> None:
        order, _ = await bench.working()

        def filled(asked: SimOrder) -> None:
            bench.tws.fill(asked, "10", "100.25", "e.1.01")
            text = "OrderId that needs to be cancelled can not be cancelled, state: Filled."
            bench.tws.error(asked.order_id, 10148, text)

        bench.tws.on_cancel = filled
        bench.cancel(order.oid)
        status = await bench.until_resp(order.oid, "closed")
        await bench.settled()
        assert status.filled == 10
        assert "error" not in bench.resps(order.oid)

    async def test_refused_it_works_on(self, bench: IbBench) -> None:
        order, _ = await bench.working()
        bench.tws.on_cancel = lambda asked: bench.tws.error(
            asked.order_id, 161, "Cancel attempted when order is not in a cancellable state."
        )
        bench.cancel(order.oid)
        status = await bench.until_told(order.oid, lambda s: s.refused == "cancel", "refused")
        assert "cancellable state" in status.reason
        assert (status.resp, status.cancel_called) == ("open", False)

    async def test_of_an_inactive_order_is_sent_again_until_confirmed(self, bench: IbBench) -> None:
        bench.tws.on_order = lambda sim, _: bench.tws.tell(sim, "Inactive")
        bench.tws.on_cancel = lambda _: None
        order, sim = await bench.placed()
        await bench.until_told(order.oid, lambda s: s.reqid, "it is acknowledged")
        bench.cancel(order.oid)
        await until(lambda: len(bench.tws.cancels) >= 2, "a second cancel")
        bench.tws.tell_status(sim, "Cancelled")
        await bench.until_resp(order.oid, "canceled")
        sent = len(bench.tws.cancels)
        await bench.settled()
        assert len(bench.tws.cancels) == sent

    async def test_of_an_order_that_becomes_inactive_after_it(self, bench: IbBench) -> None:
        order, sim = await bench.working()
        bench.tws.on_cancel = lambda asked: bench.tws.tell_status(asked, "Inactive")
        bench.cancel(order.oid)
        await until(lambda: len(bench.tws.cancels) >= 2, "a second cancel")
        bench.tws.tell_status(sim, "Cancelled")
        await bench.until_resp(order.oid, "canceled")

    async def test_one_that_is_refused_is_not_sent_again(self, bench: IbBench) -> None:
        order, _ = await bench.working()
        bench.tws.on_cancel = lambda asked: bench.tws.error(asked.order_id, 161, "Not cancellable.")
        bench.cancel(order.oid)
        await bench.until_told(order.oid, lambda s: s.refused == "cancel", "refused")
        await asyncio.sleep(4 * QUICK.first_cancel_s)
        assert len(bench.tws.cancels) == 1

    async def test_the_user_is_told_after_a_limit(self, bench: IbBench) -> None:
        bench.tws.on_order = lambda sim, _: bench.tws.tell(sim, "Inactive")
        bench.tws.on_cancel = lambda _: None
        order, _ = await bench.placed()
        await bench.until_told(order.oid, lambda s: s.reqid, "it is acknowledged")
        bench.cancel(order.oid)
        status = await bench.until_told(order.oid, lambda s: s.refused == "cancel", "told")
        assert "3 cancels" in status.reason
        assert len(bench.tws.cancels) == 3
        assert (await bench.until_resp(order.oid, "open")).cancel_called is False

    async def test_an_order_that_is_unknown_at_ib(self, bench: IbBench) -> None:
        order, sim = await bench.working()
        sim.status = "Cancelled"  # and nobody is told
        bench.tws.on_cancel = lambda asked: bench.tws.error(
            asked.order_id, 10147, "OrderId that needs to be cancelled is not found."
        )
        bench.cancel(order.oid)
        await bench.until_resp(order.oid, "canceled")


class TestNumbers:
    async def test_another_clients_order_of_the_same_number(self, bench: IbBench) -> None:
        order, sim = await bench.working()
        foreign = bench.tws.put(order_id=sim.order_id, client_id=5)
        foreign.status = "Cancelled"
        bench.tws.say(foreign.open_order())
        bench.tws.say(foreign.order_status())
        bench.cancel(order.oid)
        await bench.until_resp(order.oid, "canceled")
        assert bench.resps(order.oid) == ["pending", "pending", "open", "open", "canceled"]

    async def test_a_new_number_is_above_all_that_were_seen(self, tws: Tws, tmp_path) -> None:
        tws.put(order_id=500, client_id=5)
        async with open_bench(tmp_path, tws) as bench:
            _, sim = await bench.working()
            assert sim.order_id > 500

    async def test_a_number_in_use_refuses_the_order(self, bench: IbBench) -> None:
        bench.tws.on_order = lambda sim, _: bench.tws.error(sim.order_id, 103, "Duplicate order id")
        order, _ = await bench.placed()
        assert "Duplicate order id" in (await bench.until_resp(order.oid, "error")).reason
        await bench.settled()
        assert len(bench.tws.placed) == 1


async def test_a_future_is_routed_to_its_exchange(tws: Tws, tmp_path) -> None:
    mes = SimContract(
        con_id=495512563, symbol="MES", sec_type="FUT", expiry="20261218", multiplier="5",
        exchange="CME", primary="", local_symbol="MESZ6", trading_class="MES",
        name="Micro E-Mini S&P 500", min_tick="0.25", exchanges="CME", rules="67",
    )  # fmt: skip
    tws.contracts.append(mes)
    tws.market_rules[67] = [("0", "0.25")]
    tws.positions.append((mes, ACCOUNT, "2", "25000.0"))
    async with open_bench(tmp_path, tws) as bench:
        market = await bench.ems.hub.market("mes.cme.20261218.ib")
        assert (market.tick_size, market.multiplier) == (Decimal("0.25"), 5)
        _, sim = await bench.working(symbol=market.fqsn, price=Decimal("5000.25"), size=Decimal(1))
        assert (sim.wire[9], sim.price) == ("CME", "5000.25")
        position = bench.position()
        assert position is not None
        assert (position.symbol, position.venue_size) == (market.fqsn, 2)
    assert market.fqsn != FQSN


async def test_what_is_quoted_in_cents_is_worth_dollars(tws: Tws, tmp_path) -> None:
    corn = SimContract(
        con_id=532513362, symbol="ZC", sec_type="FUT", expiry="20261214", multiplier="5000",
        exchange="CBOT", primary="", local_symbol="ZCZ6", trading_class="ZC",
        name="Corn Futures", min_tick="0.0025", exchanges="CBOT", rules="240", magnifier="100",
    )  # fmt: skip
    tws.contracts.append(corn)
    tws.market_rules[240] = [("0", "0.0025")]
    tws.positions.append((corn, ACCOUNT, "2", "22512.5"))
    async with open_bench(tmp_path, tws) as bench:
        market = await bench.ems.hub.market("zc.cbot.20261214.ib")
        assert (market.tick_size, market.multiplier) == (Decimal("0.25"), 50)
        assert (market.price_digits, market.price_levels) == (2, ())
        [held] = bench.ems.venues.dialogues["ib"].opening.positions
        assert (held.symbol, held.size, held.avg_price) == (market.fqsn, 2, Decimal("450.25"))
        order, sim = await bench.working(
            symbol=market.fqsn, price=Decimal("450.25"), size=Decimal(1)
        )
        assert sim.price == "450.25"
        tws.fill(sim, "1", "450.25", "e.1.01")
        await bench.until_resp(order.oid, "closed")
        assert bench.position().avg_price == Decimal("450.25")


async def test_an_answer_from_before_a_change_says_nothing_of_the_change(bench: IbBench) -> None:
    """IB was asked about the first change, and is slow to tell all; meanwhile there is a second."""
    order, sim = await bench.working()
    bench.tws.silent_orders = True
    bench.tws.answers.discard("executions")
    bench.client.modify(replace(order, price=Decimal("100.50")))
    await bench.until_told(order.oid, lambda s: s.outcome_unknown, "IB is asked")
    await until(lambda: bench.tws.of_kind(7), "its open orders are told")
    bench.tws.tell(sim)  # now it confirms
    await bench.until_told(order.oid, lambda s: s.req.price == Decimal("100.5"), "it has moved")
    bench.client.modify(replace(order, price=Decimal("101.00")))
    last = await bench.until_told(order.oid, lambda s: s.req.price == Decimal("101"), "and again")
    assert last.change is None
    assert not any(status.refused for status in bench.statuses(order.oid))
