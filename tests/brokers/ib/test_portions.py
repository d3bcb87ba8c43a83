"""What comes in one piece is handed on in portions, whole and in order."""

import asyncio
import struct

from hypothesis import given
from hypothesis import strategies as st

from brokers.ib.portions import Portions
from tests.brokers.ib.session import open_bench, until
from tests.sims.tws import Tws


def frame(body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + body


class Reader:
    """Takes a millisecond for each portion."""

    def __init__(self) -> None:
        self.now = 0.0
        self.read: list[bytes] = []
        self.holds: list[bool] = []
        self.portions = Portions(self._take, self.holds.append, lambda: self.now)

    @property
    def all(self) -> bytes:
        return b"".join(self.read)

    def _take(self, data: bytes) -> None:
        self.now += 0.001
        self.read.append(data)


async def test_a_little_is_handed_on_at_once() -> None:
    reader = Reader()
    reader.portions.add(frame(b"hello"))
    assert (reader.all, reader.holds) == (frame(b"hello"), [])


async def test_much_leaves_room_for_others_and_nothing_is_read_meanwhile() -> None:
    reader = Reader()
    data = frame(bytes(range(200))) * 500
    reader.portions.add(data)
    assert 0 < len(reader.all) < 20_000
    assert reader.holds == [True]
    await until(lambda: reader.holds == [True, False], "all of it is handed on")
    assert reader.all == data


async def test_a_large_frame_is_handed_on_whole() -> None:
    reader = Reader()
    data = frame(bytes(100_000))
    for begin in range(0, len(data), 7000):
        assert reader.read == []
        reader.portions.add(data[begin : begin + 7000])
    assert reader.read == [data]


@given(
    st.lists(st.binary(min_size=1, max_size=3000), max_size=30),
    st.lists(st.integers(1, 9000), max_size=20),
    st.booleans(),
)
def test_whole_and_in_order(bodies: list[bytes], cuts: list[int], flush: bool) -> None:
    data = b"".join(frame(body) for body in bodies)

    async def run() -> None:
        reader, at = Reader(), 0
        for cut in [*cuts, len(data)]:
            reader.portions.add(data[at : at + cut])
            at += cut
            await asyncio.sleep(0)
        if flush:
            reader.portions.flush()
        await until(lambda: reader.all == data, "all of it is handed on")
        assert flush or reader.holds == [True, False] * (len(reader.holds) // 2)

    asyncio.run(run())


async def test_what_is_forgotten_is_not_handed_on() -> None:
    reader = Reader()
    reader.portions.add(frame(bytes(1000)) * 100)
    reader.portions.clear()
    count = len(reader.read)
    await asyncio.sleep(0.01)
    assert len(reader.read) == count


async def test_nothing_is_heard_after_the_program_has_hung_up(tws: Tws, tmp_path) -> None:
    async with open_bench(tmp_path, tws) as bench:
        order, sim = await bench.working()
        for number in range(3000):
            sim.filled = float(number % 9)
            tws.tell_status(sim, "Submitted")
        await until(
            lambda: bench.backend.broker._link._guard._portions._next,  # type: ignore[union-attr]
            "some of it waits",
        )
    assert bench.resps(order.oid)
    heard = len(bench.heard)
    await asyncio.sleep(0.05)
    assert len(bench.heard) == heard


async def test_what_came_before_a_cut_is_read(tws: Tws, tmp_path) -> None:
    """Many statuses and a fill in one piece, and then the end of the connection."""
    async with open_bench(tmp_path, tws) as bench:
        order, sim = await bench.working()
        for _ in range(3000):
            tws.tell_status(sim, "Submitted")
        tws.execute(sim, "4", "100.25", "e.1.01")
        session = tws.sessions[0]
        session.writer.close()
        filled = await bench.until_told(order.oid, lambda s: s.resp == "fill", "the fill")
        assert filled.filled == 4
        await bench.until_up()
