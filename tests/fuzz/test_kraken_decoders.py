"""Broken bytes from Kraken: no crash, no hang, and the EMS is there for what comes next."""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from brokers.kraken import rest_wire
from brokers.kraken.errors import KrakenError
from brokers.kraken.rest import Rest
from brokers.kraken.timing import Timing
from tests.brokers.kraken.conftest import open_desk, until
from tests.fuzz.mutations import broken, seeds
from tests.fuzz.test_corpus import SECONDS
from tests.sims.kraken import open_sim

PRIVATE, PUBLIC = seeds("kraken_private.jsonl"), seeds("kraken_public.jsonl")
KINDS = (
    rest_wire.Token, rest_wire.ServerTime, rest_wire.OpenOrders, rest_wire.ClosedOrders,
    dict[str, rest_wire.AssetPair], dict[str, rest_wire.RestOrder],
)  # fmt: skip


async def take(private: Sequence[bytes], public: Sequence[bytes]) -> None:
    """Hand the bytes to a connected dialogue and feed, as their sockets do, and then trade."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_sim() as sim, open_desk(sim, Path(folder)) as desk:
            dialogue = desk.ems.venues.dialogues["kraken"]
            feed = desk.ems.hub.feeds["kraken"]
            for data in private:
                dialogue.on_data(data)
            for data in public:
                feed.on_data(data)
            await asyncio.sleep(0)
            sim.cut_private()  # what was believed of all that is put right by a new connection
            await desk.back(sim.logins + 1)
            known = set(sim.engine.orders)
            desk.submit("buy", "50000.0", "0.01")
            await until(lambda: set(sim.engine.orders) - known, "an order at the venue")


@settings(max_examples=15)
@given(
    st.lists(broken(PRIVATE), max_size=40),
    st.lists(broken(PUBLIC), max_size=40),
)
@example(PRIVATE, PUBLIC)
def test_the_sockets(private, public):
    asyncio.run(take(private, public))


@pytest.mark.nightly
@pytest.mark.timeout(3000)
def test_the_sockets_for_long():
    end = time.monotonic() + SECONDS
    failed = False

    @settings(max_examples=100_000)
    @given(
        st.lists(broken(PRIVATE), min_size=20, max_size=80),
        st.lists(broken(PUBLIC), min_size=20, max_size=80),
    )
    def until_the_time_is_over(private, public):
        nonlocal failed
        if time.monotonic() > end and not failed:  # a failure is made small, however long it takes
            raise KeyboardInterrupt
        try:
            asyncio.run(take(private, public))
        except Exception:
            failed = True
            raise

    with contextlib.suppress(KeyboardInterrupt):
        until_the_time_is_over()


@given(st.sampled_from(KINDS), broken([*PRIVATE, b'{"error":[],"result":{"token":"x"}}']))
def test_rest(kind, data):
    rest = Rest("http://127.0.0.1:1", None, Timing())
    with contextlib.suppress(KrakenError):
        rest._read("Any", kind, data)
