"""The pairs in all their spellings, and what an order must keep to."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokers.kraken import rest_wire, wire
from brokers.kraken.errors import KrakenUnreachable
from brokers.kraken.pairs import FRESH_S, Pairs, PairSource
from brokers.kraken.parsing import oid_of, pairs_of, rfc3339, time_ns
from ems.errors import UnknownMarket
from tests.brokers.kraken.conftest import open_desk, until
from tests.sims.kraken import PAIRS


def make_pairs() -> Pairs:
    return Pairs(pairs_of(msgspec.convert(PAIRS, dict[str, rest_wire.AssetPair], strict=False)))


@pytest.mark.parametrize("name", ["xbtusd", "XBTUSD", "btcusd", "BTC/USD", "XXBTZUSD"])
def test_all_names_of_one_pair(name):
    pair = make_pairs().named(name)
    assert pair is not None
    assert (pair.market.fqsn, pair.symbol, pair.base, pair.quote) == (
        "xbtusd.kraken",
        "BTC/USD",
        "BTC",
        "USD",
    )


def test_doge_too():
    assert make_pairs().of_fqsn("dogeusd.kraken").market.fqsn == "xdgusd.kraken"


@pytest.mark.parametrize("fqsn", ["nonsense.kraken", "xbtusd.spot.kraken", "ethusd.d.kraken"])
def test_no_such_market(fqsn):
    with pytest.raises(UnknownMarket, match="as in xbtusd"):
        make_pairs().of_fqsn(fqsn)


def test_search_by_either_name_the_exact_one_first():
    pairs = make_pairs()
    assert [m.fqsn for m in pairs.search("btc")] == ["xbtusd.kraken"]
    assert [m.fqsn for m in pairs.search("usd")] == ["xbtusd.kraken", "xdgusd.kraken"]
    assert pairs.search("xdgusd.kraken")[0].fqsn == "xdgusd.kraken"
    assert pairs.search("nothing") == []


def test_the_grid_is_the_pairs():
    market = make_pairs().of_fqsn("xbtusd.kraken").market
    assert (market.tick_size, market.lot_size) == (Decimal("0.1"), Decimal("0.00000001"))


@pytest.mark.parametrize(
    ("price", "size", "words"),
    [
        ("50000.05", "0.01", "tick size is 0.1"),
        ("0", "0.01", "tick size"),
        ("50000", "0.000000001", "lot size"),
        ("50000", "0.00004", "minimum is 0.00005"),
        ("100", "0.001", "minimum is 0.5 USD"),
    ],
)
def test_what_kraken_would_refuse(price, size, words):
    refusal = make_pairs().of_fqsn("xbtusd.kraken").refuses(Decimal(price), Decimal(size))
    assert refusal is not None
    assert words in refusal


def test_a_pair_that_is_not_open():
    pair = msgspec.structs.replace(make_pairs().of_fqsn("xbtusd.kraken"), status="cancel_only")
    assert "cancel_only" in (pair.refuses(Decimal(50_000), Decimal(1)) or "")


@given(st.integers(1, 10**17))
def test_numbers_are_written_exactly_with_no_exponent(satoshi):
    size = Decimal(satoshi).scaleb(-8)
    text = bytes(wire.number(size, 8)).decode()
    assert "E" not in text.upper()
    assert Decimal(text) == size
    assert msgspec.json.decode(text, type=Decimal) == size


@given(st.integers(0, 4_000_000_000 * 10**6))
def test_times_keep_their_microseconds(micros):
    text = rfc3339(micros * 1000)
    moment = msgspec.convert(text, wire.datetime)
    assert time_ns(moment) == micros * 1000


def test_an_order_with_no_uuid_has_the_same_oid_each_time():
    assert oid_of("O1", "") == oid_of("O1", "my-order") != oid_of("O2", "")
    ours = "0b4f9d0a-8a3e-4d0c-9c0f-0a1b2c3d4e5f"
    assert oid_of("O1", ours) == oid_of("O1", ours.replace("-", "")) == ours


async def test_pairs_that_are_old_are_loaded_anew_and_kept_while_kraken_is_away():
    now, answers = [0.0], [[], KrakenUnreachable("away"), []]

    async def load() -> list:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    source = PairSource(load, lambda: now[0])
    first = await source.get()
    assert await source.get() is first
    now[0] = FRESH_S + 1
    assert await source.get() is first  # away: as they were, and not asked again at once
    assert await source.get() is first
    now[0] = 2 * FRESH_S + 3
    assert await source.get() is not first
    assert answers == []


async def test_in_a_pair_that_takes_only_limit_orders_now_a_stop_is_held_here(sim, tmp_path):
    sim.pairs["XXBTZUSD"]["status"] = "limit_only"
    async with open_desk(sim, tmp_path) as desk:
        sim.quote("49999.9", "50000.0")
        sim.trade("50000.0")
        await until(lambda: all(desk.ems.hub.last("xbtusd.kraken")))
        stop = desk.submit("sell", "49000.0", "0.01", type="stop")
        await desk.resp(stop, "dark_open")
        market = desk.submit("buy", "50000.0", "0.01", type="market")
        await desk.resp(market, "open")
        [sent] = sim.named("add_order")
        assert sent["order_type"] == "limit"


async def test_orders_live_on_when_the_pairs_change(desk, monkeypatch):
    monkeypatch.setattr("brokers.kraken.dialogue._PAIRS_S", -1.0)
    order = await desk.working()
    desk.sim.pairs["XXBTZUSD"]["status"] = "post_only"
    desk.sim.cut_private()
    await desk.back(2)
    refused = desk.submit("buy", "49000.0", "0.01")
    assert "only post-only orders" in (await desk.resp(refused, "error")).reason
    desk.cancel(order)
    await desk.resp(order, "canceled")
