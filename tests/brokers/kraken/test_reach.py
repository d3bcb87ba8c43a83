"""Looking whether Kraken answers: asked, and nothing else."""

import time
from pathlib import Path

import pytest

from brokers.kraken.backend import open_backend
from brokers.kraken.errors import KrakenRefused, KrakenUnreachable
from brokers.kraken.feed import KrakenFeed
from brokers.kraken.pairs import PairSource
from brokers.kraken.rest import Rest
from ems.ports import Reachable
from tests.sims.kraken import TIMING, KrakenSim


def parts(sim: KrakenSim, folder: Path) -> tuple[Reachable, Reachable]:
    backend = open_backend(sim.options(folder), folder / "state", TIMING)
    assert isinstance(backend.feed, Reachable)
    assert isinstance(backend.broker, Reachable)
    return backend.feed, backend.broker


async def test_the_time_and_the_key_are_asked_by_rest_alone(sim: KrakenSim, tmp_path: Path) -> None:
    feed, broker = parts(sim, tmp_path)
    public, private = await feed.reach(), await broker.reach()
    assert public.clock_offset_s is not None
    assert abs(public.clock_offset_s) < 30
    assert "takes the key; it has 0 open orders" in private.text
    assert [name for name, _ in sim.rest_calls] == ["Time", "OpenOrders"]
    assert (sim.logins, sim.requests) == (0, [])
    assert not (tmp_path / "state").exists()


async def test_a_clock_that_is_ahead_is_told_by_how_much(sim: KrakenSim) -> None:
    rest = Rest(sim.options()["rest_url"], None, TIMING)
    ahead_ns = 3600 * 10**9
    feed = KrakenFeed(rest, PairSource(None), "", TIMING, lambda: time.time_ns() + ahead_ns)  # type: ignore[arg-type]
    reached = await feed.reach()
    assert reached.clock_offset_s == pytest.approx(3600, abs=30)


async def test_a_key_that_kraken_refuses_is_said_in_its_words(
    sim: KrakenSim, tmp_path: Path
) -> None:
    _, broker = parts(sim, tmp_path)
    sim.script.rest_errors["OpenOrders"] = ["EGeneral:Permission denied"]
    with pytest.raises(KrakenRefused, match="Permission denied"):
        await broker.reach()


async def test_no_answer_is_no_answer(sim: KrakenSim, tmp_path: Path) -> None:
    feed, _ = parts(sim, tmp_path)
    sim.script.rest_errors["Time"] = [503]
    with pytest.raises(KrakenUnreachable, match="503"):
        await feed.reach()
