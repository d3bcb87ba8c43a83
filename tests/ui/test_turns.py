"""Who works on many messages lets others have their turn."""

import asyncio
import itertools

from ui.turns import Turns


async def test_others_have_a_turn_after_a_quarter_of_a_frame() -> None:
    now, others = [0.0], []

    async def work() -> None:
        turns = Turns(lambda: now[0])
        for _ in range(40):
            await turns.rest()
            now[0] += 0.001

    async def other(worker: asyncio.Task[None]) -> None:
        while not worker.done():
            others.append(round(now[0], 3))
            await asyncio.sleep(0)

    worker = asyncio.create_task(work())
    await other(worker)
    gaps = [after - before for before, after in itertools.pairwise(others)]
    assert max(gaps) <= 0.0061
    assert len(others) < 30
