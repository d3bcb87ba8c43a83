"""What comes in one piece is handed on in portions, whole and in order."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from brokers.ib.portions import Portions
from tests.brokers.ib.session import open_bench, until
from tests.sims.tws import Tws


class Reader:
    """Takes a millisecond for each portion."""

    def __init__(self) -> None:
        self.now = 0.0
        self.read: list[bytes] = []
        self.turns = 0
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
    reader.portions.add(b"hello")
    assert (reader.all, reader.holds) == (b"hello", [])


async def test_much_leaves_room_for_others_and_nothing_is_read_meanwhile() -> None:
    reader = Reader()
    data = bytes(range(256)) * 400
    reader.portions.add(data)
    assert 0 < len(reader.all) < 20_000
    assert reader.holds == [True]
    await until(lambda: reader.holds == [True, False], "all of it is handed on")
    assert reader.all == data


@given(st.lists(st.binary(max_size=30_000), max_size=6), st.booleans())
def test_whole_and_in_order(pieces: list[bytes], flush: bool) -> None:
    async def run() -> None:
        reader = Reader()
        for piece in pieces:
            reader.portions.add(piece)
            await asyncio.sleep(0)
        if flush:
            reader.portions.flush()
        await until(lambda: reader.all == b"".join(pieces), "all of it is handed on")
        assert reader.holds in ([], [True], [True, False] * (len(reader.holds) // 2)) or flush

    asyncio.run(run())


async def test_what_is_forgotten_is_not_handed_on() -> None:
    reader = Reader()
    reader.portions.add(bytes(100_000))
    reader.portions.clear()
    count = len(reader.read)
    await asyncio.sleep(0.01)
    assert len(reader.read) == count


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
