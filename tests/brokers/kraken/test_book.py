"""The order book: verified with each message, begun anew where it is wrong; paper trades on it."""

import asyncio
import json
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokers.kraken import wire
from brokers.kraken.backend import open_backend
from brokers.kraken.book import DEPTH, Book
from brokers.paper.broker import PaperBroker
from brokers.paper.options import PaperOptions
from ems.arming_rules import NO_ARMING
from ems.embedded import open_ems
from ems.ports import Backend, ShowsDepth
from ems.risk_limits import NO_LIMITS
from tests.brokers.kraken.conftest import FQSN, Desk, until
from tests.sims.kraken import TIMING
from tests.sims.kraken_book import SimBook

ASKS = {"50000.2": "0.50000000", "50001.0": "1.00000000", "50003.5": "0.20000000"}
BIDS = {"50000.1": "0.10000000", "49999.0": "2.00000000", "49990.0": "3.00000000"}
# the example of Kraken's guide: docs.kraken.com/exchange/guides/websockets/book-checksum-v2
GUIDE_ASKS = (
    "45285.2 0.00100000 45286.4 1.54571953 45286.6 1.54571109 45289.6 1.54560911 "
    "45290.2 0.15890660 45291.8 1.54553491 45294.7 0.04454749 45296.1 0.35380000 "
    "45297.5 0.09945542 45299.5 0.18772827"
)
GUIDE_BIDS = (
    "45283.5 0.10000000 45283.4 1.54582015 45282.1 0.10000000 45281.0 0.10000000 "
    "45280.3 1.54592586 45279.0 0.07990000 45277.6 0.03310103 45277.5 0.30000000 "
    "45277.3 1.54602737 45276.6 0.15445238"
)
GUIDE_CHECKSUM = 3310070434


def rows(text: str, *, quoted: bool = False) -> str:
    numbers = [f'"{n}"' if quoted else n for n in text.split()]
    pairs = zip(numbers[::2], numbers[1::2], strict=True)
    return "[" + ",".join(f'{{"price":{price},"qty":{size}}}' for price, size in pairs) + "]"


def data(bids: str = "[]", asks: str = "[]", checksum: int | None = None) -> wire.BookData:
    text = f'{{"symbol":"BTC/USD","bids":{bids},"asks":{asks},"checksum":{json.dumps(checksum)}}}'
    return wire.read_as(wire.BookData, text.encode())


@pytest.mark.parametrize("quoted", [False, True])
def test_the_checksum_of_the_guide(quoted):
    book = Book()
    bids, asks = rows(GUIDE_BIDS, quoted=quoted), rows(GUIDE_ASKS, quoted=quoted)
    assert book.take(data(bids, asks, GUIDE_CHECKSUM))
    assert book.best == ((45283.5, 0.1), (45285.2, 0.001))
    assert not book.take(data(asks=rows("45285.2 0.00200000"), checksum=GUIDE_CHECKSUM))


@pytest.mark.parametrize("price", ["null", "{}", '"NaN"', "-1", '"1e999"'])
def test_what_is_no_number_is_no_level(price):
    with pytest.raises(msgspec.DecodeError):
        Book().take(data(asks=f'[{{"price":{price},"qty":1}}]'))


levels = st.dictionaries(
    st.integers(1, 30).map(lambda n: f"{n}.5"),
    st.integers(0, 5).map(lambda n: f"{n}.10000000" if n else "0.00000000"),
    max_size=8,
)


@given(st.lists(st.tuples(levels, levels), min_size=1, max_size=20))
def test_after_any_changes_it_is_what_a_sorted_list_says(changes):
    book, theirs = Book(), SimBook()
    for bids, asks in changes:
        theirs.change(bids, asks)
        for side, best in ((theirs.bids, max), (theirs.asks, min)):
            while len(side) > DEPTH:  # Kraken says nothing of what falls out of the depth
                worst = (min if best is max else max)(side, key=float)
                del side[worst]
        message = theirs.message("update", bids, asks)["data"][0]
        text = msgspec.json.Encoder(decimal_format="number").encode(message)
        assert book.take(wire.read_as(wire.BookData, text))
    depth = book.depth
    assert [f"{p}" for p, _ in depth.bids] == sorted(theirs.bids, key=float, reverse=True)
    assert [f"{p}" for p, _ in depth.asks] == sorted(theirs.asks, key=float)


async def test_the_best_of_the_book_is_the_quote_and_the_ticker_waits(desk):
    desk.sim.show_book(BIDS, ASKS)
    await until(lambda: desk.ems.hub.last(FQSN)[0])
    quote = desk.ems.hub.last(FQSN)[0]
    assert (quote.bid, quote.bid_size, quote.ask, quote.ask_size) == (50000.1, 0.1, 50000.2, 0.5)
    desk.sim.quote("40000.0", "40000.1")  # the ticker is slower than the book
    desk.sim.change_book(asks={"50000.2": "0.40000000"})
    await until(lambda: desk.ems.hub.last(FQSN)[0].ask_size == 0.4)
    assert desk.ems.hub.last(FQSN)[0].bid == 50000.1


async def test_a_book_that_is_not_what_kraken_has_begins_anew(desk):
    feed = desk.ems.hub.feeds["kraken"]
    assert isinstance(feed, ShowsDepth)
    desk.sim.show_book(BIDS, ASKS)
    await until(lambda: feed.depth(FQSN))
    desk.sim.script.lose_books = 1
    desk.sim.change_book(asks={"50001.0": "0.70000000"})
    desk.sim.change_book(bids={"50000.1": "0.00000000"})
    await until(lambda: feed.depth(FQSN) and feed.depth(FQSN).asks[1] == (50001.0, 0.7))
    assert feed.depth(FQSN).bids[0] == (49999.0, 2.0)
    assert desk.ems.hub.last(FQSN)[0].bid == 49999.0


async def test_while_there_is_no_sure_book_the_ticker_counts(desk):
    feed = desk.ems.hub.feeds["kraken"]
    desk.sim.show_book(BIDS, ASKS)
    await until(lambda: feed.depth(FQSN))
    desk.sim.script.lose_books = 1
    desk.sim.change_book(asks={"50001.0": "0.70000000"})
    desk.sim.change_book(bids={"50000.1": "0.00000000"})
    desk.sim.book.bids.clear()  # no snapshot will come
    await until(lambda: feed.depth(FQSN) is None)
    desk.sim.quote("48999.0", "49001.0")
    await until(lambda: desk.ems.hub.last(FQSN)[0].bid == 48999.0)


async def test_a_book_that_has_stopped_is_found_by_the_ticker(desk, monkeypatch):
    feed = desk.ems.hub.feeds["kraken"]
    desk.sim.show_book(BIDS, ASKS)
    await until(lambda: feed.depth(FQSN))
    monkeypatch.setattr("brokers.kraken.books.STOPPED_S", 0.05)
    await asyncio.sleep(0.06)
    desk.sim.quote("50000.1", "50000.2")  # as the book has it: nothing has happened
    desk.sim.script.lose_books = 1
    desk.sim.change_book(bids={"50000.1": "0.00000000"})
    desk.sim.quote("49999.0", "50000.2")
    await until(lambda: desk.ems.hub.last(FQSN)[0].bid == 49999.0)
    await until(lambda: feed.depth(FQSN) and feed.depth(FQSN).bids[0] == (49999.0, 2.0))


async def test_a_line_that_breaks_takes_the_book_along(desk):
    feed = desk.ems.hub.feeds["kraken"]
    desk.sim.show_book(BIDS, ASKS)
    await until(lambda: feed.depth(FQSN))
    desk.sim.script.down = True
    desk.sim.cut()
    await until(lambda: feed.depth(FQSN) is None)
    desk.sim.book.change({"50000.1": "0.90000000"}, {})
    desk.sim.script.down = False
    await until(lambda: feed.depth(FQSN))
    assert feed.depth(FQSN).bids[0] == (50000.1, 0.9)


async def test_paper_orders_fill_against_the_book(sim, tmp_path):
    sim.show_book(BIDS, ASKS)
    kraken = open_backend(sim.options(), tmp_path / "kraken", TIMING)
    paper = Backend(name="paper", broker=PaperBroker(PaperOptions(), tmp_path / "paper"))
    backends = {"kraken": kraken, "paper": paper}
    try:
        async with open_ems(
            backends, tmp_path / "journal.db", limits=NO_LIMITS, arming=NO_ARMING
        ) as ems:
            await ems.hub.market(FQSN)
            await until(lambda: ems.hub.last(FQSN)[0])
            desk = Desk(ems, sim)
            market = desk.submit("buy", "50000.2", "1.6", type="market", account="paper")
            closed = await desk.resp(market, "closed")
            worth = Decimal("0.5") * Decimal("50000.2")
            worth += Decimal("1.0") * Decimal("50001.0") + Decimal("0.1") * Decimal("50003.5")
            assert closed.avg_price * Decimal("1.6") == worth
            limit = desk.submit("sell", "49999.0", "0.5", account="paper")
            closed = await desk.resp(limit, "closed")
            part = Decimal("0.1") * Decimal("50000.1") + Decimal("0.4") * Decimal("49999.0")
            assert closed.avg_price * Decimal("0.5") == part
    finally:
        await kraken.feed.aclose()
