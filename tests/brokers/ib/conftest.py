"""A simulated TWS, and an EMS that is connected to it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.brokers.ib.session import IbBench, open_bench
from tests.sims.tws import Tws


@pytest.fixture
async def tws() -> AsyncIterator[Tws]:
    simulator = Tws()
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
async def bench(tws: Tws, tmp_path: Path) -> AsyncIterator[IbBench]:
    async with open_bench(tmp_path, tws) as opened:
        yield opened
