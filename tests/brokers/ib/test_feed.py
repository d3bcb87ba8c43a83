"""Market data: live ticks, what stops them, search, contracts, history within IB's pace."""

import asyncio
import re
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from brokers.ib import history
from brokers.ib.history import STEPS, Pace
from brokers.ib.live_ticks import LiveTicks
from ems.errors import BadHistory, UnknownMarket
from ems.ticks import Quote, Tick, Trade
from tests.brokers.ib.session import FQSN, IbBench, open_bench, until
from tests.sims.tws import Tws
from tests.sims.tws_layout import SimContract

MINUTE = 60 * 10**9
START_S = 1_794_900_000


def page(first: int, count: int) -> list[tuple[str, float, float, float, float, float]]:
    """A page of minute bars, as the simulator sends them."""
    return [
        (str(START_S + 60 * n), 100.0 + n, 101.0 + n, 99.0 + n, 100.5 + n, 10.0)
        for n in range(first, first + count)
    ]


def end_text(n: int) -> str:
    """How IB is asked for bars before the n-th minute."""
    moment = np.datetime64(START_S + 60 * n, "s").item()
    return moment.strftime("%Y%m%d-%H:%M:%S")


class TestLive:
    async def test_quotes_and_trades(self, bench: IbBench) -> None:
        seen: list[Tick] = []
        bench.ems.hub.show(FQSN, seen.extend)
        req_id = bench.tws.data_request()
        bench.tws.price(req_id, 1, 100.24, 300)
        bench.tws.price(req_id, 2, 100.26, 500)
        bench.tws.trade(req_id, 100.25, 7, START_S * 1000)
        await until(lambda: any(isinstance(tick, Trade) for tick in seen), "a trade")
        await until(lambda: any(isinstance(tick, Quote) for tick in seen), "a quote")
        quote = next(tick for tick in reversed(seen) if isinstance(tick, Quote))
        assert (quote.bid, quote.ask, quote.bid_size, quote.ask_size) == (100.24, 100.26, 300, 500)
        trade = next(tick for tick in seen if isinstance(tick, Trade))
        assert (trade.time_ns, trade.price, trade.size) == (START_S * 10**9, 100.25, 7)

    async def test_it_asks_once_and_by_con_id(self, bench: IbBench) -> None:
        [request] = bench.tws.of_kind(1)
        assert request[3] == "320227571"
        assert "233" in request

    async def test_delayed_data(self, tws: Tws, tmp_path: Path) -> None:
        async with open_bench(tmp_path, tws, market_data_type="delayed") as bench:
            assert tws.of_kind(59)[-1][2] == "3"
            assert bench.ems.hub.markets[FQSN].badge == "DELAYED"
            seen: list[Tick] = []
            bench.ems.hub.show(FQSN, seen.extend)
            req_id = tws.data_request()
            tws.error(req_id, 10167, "Requested market data is not subscribed. Delayed.")
            tws.price(req_id, 66, 100.0)
            tws.price(req_id, 67, 100.5)
            tws.price(req_id, 68, 100.25, 3)
            await until(lambda: len(seen) >= 2, "delayed ticks")
            assert {type(tick) for tick in seen} == {Quote, Trade}
            assert bench.notices() == []

    @pytest.mark.parametrize("code", [101, 354, 10089, 10168, 10197, 99_999])
    async def test_what_stops_the_data_is_told_once(self, bench: IbBench, code: int) -> None:
        for _ in range(2):
            bench.tws.error(bench.tws.data_request(), code, "Not subscribed.")
        await until(bench.notices, "a notice")
        await bench.settled()
        [text] = bench.notices()
        assert FQSN in text
        assert "Not subscribed." in text

    async def test_a_closed_market_asks_no_more(self, bench: IbBench) -> None:
        bench.ems.hub.close()
        await until(lambda: bench.tws.of_kind(2), "the request is cancelled")


class TestTicks:
    def test_no_quote_with_one_side_missing(self) -> None:
        ticks = LiveTicks(clock=lambda: 5)
        ticks.on_price(1, 100.0, 1)
        ticks.on_price(2, -1.0, 0)
        assert ticks.take() == []

    def test_a_size_alone_moves_the_quote(self) -> None:
        ticks = LiveTicks(clock=lambda: 5)
        ticks.on_price(1, 100.0, 1)
        ticks.on_price(2, 101.0, 2)
        assert ticks.take() == [Quote(5, 100.0, 101.0, 1, 2)]
        ticks.on_size(0, 9)
        assert ticks.take() == [Quote(5, 100.0, 101.0, 9, 2)]
        ticks.on_size(0, 9)
        assert ticks.take() == []

    def test_a_last_price_is_no_second_trade(self) -> None:
        ticks = LiveTicks(clock=lambda: 5)
        ticks.on_text(48, "100.5;3;7;100;100.5;true")
        ticks.on_price(4, 100.5, 3)
        assert ticks.take() == [Trade(7_000_000, 100.5, 3.0)]

    def test_rt_volume_without_a_price_is_no_trade(self) -> None:
        ticks = LiveTicks(clock=lambda: 5)
        ticks.on_text(48, ";0;7;100;100.5;false")
        ticks.on_text(45, "1700000000")
        assert ticks.take() == []


class TestMarkets:
    async def test_facts(self, bench: IbBench) -> None:
        market = bench.ems.hub.markets[FQSN]
        assert (market.tick_size, market.lot_size, market.multiplier) == (Decimal("0.01"), 1, 1)
        assert (market.currency, market.timezone) == ("USD", "US/Eastern")
        assert market.description == "INVESCO QQQ TRUST SERIES 1"
        assert (market.badge, market.chart_price) == ("", "trade")

    async def test_the_listing_decides_not_the_route(self, tws: Tws, tmp_path: Path) -> None:
        tws.contracts.append(SimContract(con_id=1, primary="LSEETF", currency="GBP"))
        async with open_bench(tmp_path, tws) as bench:
            assert bench.ems.hub.markets[FQSN].currency == "USD"
            assert (await bench.ems.hub.market("qqq.lseetf.ib")).currency == "GBP"

    async def test_two_of_a_name_are_not_guessed_at(self, tws: Tws, tmp_path: Path) -> None:
        tws.contracts.append(SimContract(con_id=1, currency="CAD"))
        async with open_bench(tmp_path, tws, market=False) as bench:
            with pytest.raises(UnknownMarket, match=r"2 contracts named qqq.nasdaq.ib"):
                await bench.ems.hub.market(FQSN)

    async def test_unknown_ones_name_what_there_is(self, bench: IbBench) -> None:
        with pytest.raises(UnknownMarket, match=r"there is qqq.nasdaq.ib"):
            await bench.ems.hub.market("qqq.arca.ib")
        with pytest.raises(UnknownMarket, match=r"IB has no market nope.nasdaq.ib"):
            await bench.ems.hub.market("nope.nasdaq.ib")

    async def test_search(self, bench: IbBench) -> None:
        found = await bench.backend.feed.search("invesco")
        assert [market.fqsn for market in found] == [FQSN]
        assert await bench.backend.feed.search("zzz") == []
        assert await bench.backend.feed.search(" ") == []

    async def test_currencies_look_at_the_bid(self, tws: Tws, tmp_path: Path) -> None:
        tws.contracts.append(
            SimContract(
                con_id=12087792,
                symbol="EUR",
                sec_type="CASH",
                exchange="IDEALPRO",
                primary="",
                local_symbol="EUR.USD",
                trading_class="EUR.USD",
                name="European Monetary Union",
                min_tick="0.00005",
                exchanges="IDEALPRO",
                rules="239",
                size_increment="0.01",
            )
        )
        tws.market_rules[239] = [("0", "0.00005")]
        async with open_bench(tmp_path, tws, market=False) as bench:
            market = await bench.ems.hub.market("eurusd.idealpro.ib")
            assert (market.tick_size, market.chart_price) == (Decimal("0.00005"), "bid")
            assert market.lot_size == Decimal("0.01")


class TestHistory:
    async def test_pages_backwards(self, bench: IbBench) -> None:
        bench.tws.bars = {"": page(200, 100), end_text(200): page(100, 100)}
        bars = await bench.backend.feed.bars(FQSN, MINUTE, count=150)
        assert len(bars) == 150
        assert bars["time"][0] == (START_S + 60 * 150) * 10**9
        assert (np.diff(bars["time"]) == MINUTE).all()
        assert bars["close"][-1] == 100.5 + 299

    async def test_before_a_time(self, bench: IbBench) -> None:
        bench.tws.bars = {end_text(100): page(0, 101)}
        end_ns = (START_S + 6000) * 10**9
        bars = await bench.backend.feed.bars(FQSN, MINUTE, end_ns=end_ns, count=50)
        assert len(bars) == 50
        assert bars["time"][-1] == end_ns - MINUTE

    async def test_the_end_of_what_there_is(self, bench: IbBench) -> None:
        bench.tws.bars = {"": page(0, 30)}
        assert len(await bench.backend.feed.bars(FQSN, MINUTE, count=1000)) == 30
        bench.tws.bars = {}
        assert not len(await bench.backend.feed.bars(FQSN, MINUTE, count=1000))

    async def test_days_begin_at_midnight_of_the_exchange(self, bench: IbBench) -> None:
        bench.tws.bars = {"": [("20261120", 1.0, 2.0, 0.5, 1.5, 10.0)]}
        [bar] = await bench.backend.feed.bars(FQSN, 1440 * MINUTE)
        assert bar["time"] == np.datetime64("2026-11-20T05:00", "ns").astype(np.int64)

    async def test_a_warning_does_not_end_the_answer(self, bench: IbBench) -> None:
        bench.tws.bars = {"": page(0, 30)}
        bench.tws.warns_of_history = True
        assert len(await bench.backend.feed.bars(FQSN, MINUTE, count=30)) == 30

    async def test_a_length_that_ib_lacks(self, bench: IbBench) -> None:
        with pytest.raises(BadHistory, match="IB has no bars of 7 seconds"):
            await bench.backend.feed.bars(FQSN, 7 * 10**9)

    async def test_too_many_requests_are_asked_again_after_a_pause(
        self, bench: IbBench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(history, "PACING_PAUSES_S", (0.01, 0.01))
        bench.tws.bars = {"": page(0, 30)}
        bench.tws.pacing_violations = 2
        assert len(await bench.backend.feed.bars(FQSN, MINUTE, count=30)) == 30
        assert len(bench.tws.of_kind(20)) == 3
        bench.tws.pacing_violations = 3
        with pytest.raises(BadHistory, match="pacing violation"):
            await bench.backend.feed.bars(FQSN, MINUTE, count=30)

    @pytest.mark.parametrize(
        ("code", "text"),
        [
            (10314, "End Date/Time is invalid."),
            (162, "Historical Market Data Service error message:No market data permissions."),
        ],
    )
    async def test_what_ib_refuses_is_said(self, bench: IbBench, code: int, text: str) -> None:
        bench.tws.holds_history = True
        asking = asyncio.create_task(bench.backend.feed.bars(FQSN, MINUTE, count=30))
        await until(lambda: bench.tws.of_kind(20), "history is asked for")
        bench.tws.error(bench.tws.of_kind(20)[-1][1], code, text)
        with pytest.raises(BadHistory, match=re.escape(text)):
            await asking

    def test_every_length_has_a_page(self) -> None:
        assert {step.page.split()[1] for step in STEPS.values()} == {"S", "D", "W", "M", "Y"}

    def test_the_pace(self) -> None:
        now = [1000.0]
        pace = Pace(lambda: now[0])
        for _ in range(5):
            assert pace.wait_s() == 0
            pace.note()
        assert pace.wait_s() == 2.0
        sent = 5
        while now[0] < 1600.0:
            now[0] += 0.5
            if pace.wait_s() == 0:
                pace.note()
                sent += 1
        assert sent <= 60
