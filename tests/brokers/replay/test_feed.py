import asyncio
import math
from decimal import Decimal

import numpy as np
import pytest

from brokers.replay.aggregate import aggregate
from brokers.replay.channel import Timer
from brokers.replay.feed import ReplayFeed
from brokers.replay.playable import Playable
from brokers.replay.rows import Trades
from brokers.replay.tape import Place, TickTape
from ems.errors import BadHistory, UnknownMarket
from ems.market import Market
from ems.ports import Playback
from tests.brokers.replay.recorded import MINUTE, MONDAY, SECOND, some_trades

FQSN = "x.file.replay"


class FakeTime:
    """Real time that passes only while somebody sleeps."""

    def __init__(self):
        self.now_ns = 0
        self.frames = 0

    def clock(self):
        return self.now_ns

    async def sleep(self, seconds):
        self.frames += 1
        self.now_ns += max(1_000_000, round(seconds * SECOND))
        await asyncio.sleep(0)


def playable(trades: Trades, fqsn: str = FQSN, start: int = 0) -> Playable:
    tape = TickTape(trades)
    market = Market(
        fqsn=fqsn, tick_size=Decimal("0.25"), lot_size=Decimal(1), currency="USD",
        description="Some trades",
    )  # fmt: skip
    return Playable(market=market, tape=tape, start=tape.place_of(start), speed=10.0)


@pytest.fixture
def fake_time():
    return FakeTime()


@pytest.fixture
def make_feed(tmp_path, fake_time):
    """Make feeds of 400 trades, a second apart; all of one test keep one state."""
    feeds = []

    def make(*playables, **options):
        timer = Timer(fake_time.clock, fake_time.sleep)
        some = playables or (playable(some_trades(400)),)
        feeds.append(ReplayFeed(some, tmp_path, timer=timer, **options))
        return feeds[-1]

    yield make
    for feed in feeds:
        feed.close()


async def until(condition):
    """Let the loop run until the condition holds."""
    for _ in range(100_000):
        if condition():
            return
        await asyncio.sleep(0)
    pytest.fail("it never came to that")


async def test_everything_is_played_in_order_and_at_its_pace(make_feed, fake_time):
    feed = make_feed()
    got = []
    assert not feed.at_end
    await feed.subscribe(FQSN, got.extend)
    await until(lambda: feed.at_end)
    assert got == TickTape(some_trades(400)).page(0).ticks(0, 400)
    assert feed.time_ns == feed.end_ns == MONDAY + 399 * SECOND
    assert feed.start_ns == MONDAY
    assert 39 <= fake_time.now_ns / SECOND <= 41  # 399 s at 10 recorded seconds a second


async def test_as_fast_as_possible_yields_to_the_loop(make_feed, fake_time):
    feed = make_feed(playable(some_trades(5000)), speed=math.inf)
    got = []

    def slow_sink(batch):
        got.extend(batch)
        fake_time.now_ns += 3_000_000  # 3 ms of work

    await feed.subscribe(FQSN, slow_sink)
    await until(lambda: feed.at_end)
    assert len(got) == 5000
    assert fake_time.frames >= 10  # 20 batches, two in a slice of 5 ms


async def test_pause_step_and_speed_take_effect_at_once(make_feed, fake_time):
    feed = make_feed()
    got = []
    await feed.subscribe(FQSN, got.extend)
    await until(lambda: len(got) > 20)
    feed.paused = True
    count = len(got)
    for _ in range(50):
        await asyncio.sleep(0)
    fake_time.now_ns += 3600 * SECOND
    assert len(got) == count
    last = got[-1].price
    feed.step()
    assert got[-1].price != last
    assert feed.paused
    count = len(got)
    feed.speed = 100.0
    feed.paused = False
    before_ns = fake_time.now_ns
    await until(lambda: feed.at_end)
    passed = (fake_time.now_ns - before_ns) / SECOND
    assert abs(passed - (400 - count) / 100) < 0.2  # the hour of the pause is not made up for
    assert got == TickTape(some_trades(400)).page(0).ticks(0, 400)


async def test_a_sink_may_pause_the_feed_from_within(make_feed):
    feed = make_feed(playable(some_trades(5000)), speed=math.inf)
    got = []

    def sink(batch):
        got.extend(batch)
        feed.paused = True

    await feed.subscribe(FQSN, sink)
    await until(lambda: got)
    for _ in range(20):
        await asyncio.sleep(0)
    assert len(got) == 256


async def test_a_blocked_loop_is_not_made_up_for(make_feed, fake_time):
    feed = make_feed()
    got = []
    await feed.subscribe(FQSN, got.extend)
    await until(lambda: got)
    count = len(got)
    fake_time.now_ns += 60 * SECOND
    frames = fake_time.frames
    await until(lambda: fake_time.frames > frames + 1)
    assert len(got) - count < 5  # a quarter of a second's worth


async def test_what_could_not_be_played_in_time_is_not_rushed_through_later(make_feed, fake_time):
    feed = make_feed(playable(some_trades(100_000)), speed=1e6)
    got = []

    def slow_sink(batch):
        got.extend(batch)
        fake_time.now_ns += 3_000_000

    await feed.subscribe(FQSN, slow_sink)
    await until(lambda: fake_time.frames >= 3)
    feed.speed = 1.0
    count, frames = len(got), fake_time.frames
    await until(lambda: fake_time.frames >= frames + 5)
    assert len(got) - count < 3


async def test_bars_and_the_ticks_after_them_join(make_feed):
    feed = make_feed()
    await feed.subscribe(FQSN, lambda batch: None)
    await until(lambda: feed.time_ns > MONDAY + 100 * SECOND)
    got = []
    bars = await feed.bars(FQSN, MINUTE)
    await feed.subscribe(FQSN, got.extend)
    await until(lambda: feed.at_end)
    rest = Trades(
        np.array([t.time_ns for t in got]),
        np.array([t.price for t in got]),
        np.array([t.size for t in got]),
    )
    joined = aggregate(np.concatenate((bars, rest.as_bars(0, len(got)))), MINUTE)
    expected = aggregate(some_trades(400).as_bars(0, 400), MINUTE)
    assert joined.tobytes() == expected.tobytes()


async def test_a_sink_that_raises_reaches_the_loops_handler(make_feed):
    feed = make_feed()
    seen = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: seen.append(context))

    def sink(batch):
        raise RuntimeError("a bug")

    await feed.subscribe(FQSN, sink)
    await until(lambda: seen)
    assert str(seen[0]["exception"]) == "a bug"
    assert FQSN in seen[0]["message"]
    assert not feed.at_end


async def test_who_unsubscribes_gets_no_more_and_without_anybody_nothing_plays(make_feed):
    feed = make_feed()
    first, second = [], []
    stop_first = await feed.subscribe(FQSN, first.extend)
    stop_second = await feed.subscribe(FQSN, second.extend)
    await until(lambda: len(first) > 10)
    stop_first()
    count = len(first)
    await until(lambda: len(second) > 20)
    assert len(first) == count
    stop_second()
    time_ns = feed.time_ns
    for _ in range(50):
        await asyncio.sleep(0)
    assert feed.time_ns == time_ns
    third = []
    await feed.subscribe(FQSN, third.extend)
    await until(lambda: feed.at_end)
    assert second + third == TickTape(some_trades(400)).page(0).ticks(0, 400)


async def test_the_next_start_goes_on_where_the_last_one_stopped(make_feed):
    feed = make_feed()
    first, second = [], []
    await feed.subscribe(FQSN, first.extend)
    await until(lambda: len(first) > 100)
    feed.close()
    again = make_feed()
    assert again.time_ns == feed.time_ns
    await again.subscribe(FQSN, second.extend)
    await until(lambda: again.at_end)
    assert first + second == TickTape(some_trades(400)).page(0).ticks(0, 400)


async def test_the_place_is_kept_while_it_plays(make_feed):
    feed = make_feed()
    await feed.subscribe(FQSN, lambda batch: None)
    await until(lambda: feed.time_ns > MONDAY + 100 * SECOND)
    # The program is killed here: nothing is closed.
    kept_ns = make_feed().time_ns
    assert feed.time_ns - 31 * SECOND <= kept_ns <= feed.time_ns  # 3 s at speed 10


async def test_a_start_that_is_asked_for_wins(make_feed):
    feed = make_feed()
    await feed.subscribe(FQSN, lambda batch: None)
    await until(lambda: feed.time_ns > MONDAY + 100 * SECOND)
    feed.close()
    got = []
    again = make_feed(start_ns=MONDAY + 50 * SECOND)
    await again.subscribe(FQSN, got.extend)
    await until(lambda: got)
    assert got[0].time_ns == MONDAY + 50 * SECOND


def test_a_start_after_the_end_says_where_the_recording_is(make_feed):
    with pytest.raises(BadHistory, match=r"between 2024-01-01T10:00:00Z and 2024-01-01T10:06:39Z"):
        make_feed(start_ns=MONDAY + 3600 * SECOND)


async def test_a_recording_played_to_its_end_begins_afresh(make_feed):
    feed = make_feed(playable(some_trades(400), start=40))
    await feed.subscribe(FQSN, lambda batch: None)
    await until(lambda: feed.at_end)
    feed.close()
    again = make_feed(playable(some_trades(400), start=40))
    assert again.time_ns == MONDAY + 39 * SECOND
    assert "played to its end" in again.remarks[0]


@pytest.mark.parametrize(
    "content",
    [b"{", b"", b"\xff\xfe", b'{"tape":"another","page":0,"row":1,"time_ns":0}'],
)
def test_an_unusable_cursor_is_a_remark_and_a_fresh_beginning(make_feed, tmp_path, content):
    (tmp_path / f"{FQSN}.cursor.json").write_bytes(content)
    feed = make_feed(playable(some_trades(400), start=40))
    assert feed.time_ns == MONDAY + 39 * SECOND
    assert f"{FQSN} begins afresh" in feed.remarks[0]


def test_a_cursor_behind_the_recording_is_a_fresh_beginning(make_feed, tmp_path):
    tape = TickTape(some_trades(400))
    text = f'{{"tape":"{tape.fingerprint}","page":0,"row":4000,"time_ns":0}}'
    (tmp_path / f"{FQSN}.cursor.json").write_text(text)
    assert "not in the recording" in make_feed().remarks[0]


async def test_a_disk_that_refuses_the_place_is_a_remark(tmp_path, fake_time):
    file = tmp_path / "file"
    file.write_text("not a folder")
    timer = Timer(fake_time.clock, fake_time.sleep)
    feed = ReplayFeed([playable(some_trades(400))], file / "state", timer=timer)
    await feed.subscribe(FQSN, lambda batch: None)
    await until(lambda: feed.at_end)
    feed.close()
    assert len([text for text in feed.remarks if "cannot be kept" in text]) == 1


async def test_the_controls_act_on_all_markets(make_feed):
    other = "y.file.replay"
    feed = make_feed(playable(some_trades(400)), playable(some_trades(400, MINUTE), other))
    first, second = [], []
    await feed.subscribe(FQSN, first.extend)
    await feed.subscribe(other, second.extend)
    await until(lambda: len(first) > 20)
    feed.step()
    counts = len(first), len(second)
    for _ in range(20):
        await asyncio.sleep(0)
    assert (len(first), len(second)) == counts
    feed.step()
    assert len(first) > counts[0]
    assert len(second) > counts[1]


async def test_markets_are_found_by_name_and_description(make_feed):
    feed = make_feed()
    assert [m.fqsn for m in await feed.search("SOME")] == [FQSN]
    assert await feed.search("gold") == []
    assert (await feed.market(FQSN)).tick_size == Decimal("0.25")
    with pytest.raises(UnknownMarket, match=r"it has x\.file\.replay"):
        await feed.market("gold.comex.replay")


def test_it_is_a_playback_and_refuses_a_speed_of_nothing(make_feed):
    feed = make_feed()
    assert isinstance(feed, Playback)
    for speed in (0, -1, math.nan):
        with pytest.raises(ValueError, match="give one above 0"):
            feed.speed = speed
    assert feed.speed == 10.0


def test_a_place_compares_in_the_order_of_play():
    assert Place(0, 9) < Place(1, 0) < Place(1, 1)
