"""Looking whether TWS answers: a greeting, and no client id is taken."""

import asyncio
from pathlib import Path

import pytest

from brokers.ib.backend import CONTRACTS_FILE, open_configured
from ems.ports import Reachable
from tests.brokers.ib.session import QUICK, options
from tests.sims.tws import Tws


def broker(tws: Tws, folder: Path) -> Reachable:
    found = open_configured(options(tws), folder, QUICK).broker
    assert isinstance(found, Reachable)
    return found


async def test_tws_greets_and_is_asked_nothing(tws: Tws, tmp_path: Path) -> None:
    reached = await broker(tws, tmp_path).reach()
    assert f"answers at 127.0.0.1:{tws.port}" in reached.text
    assert tws.received == []
    assert not (tmp_path / CONTRACTS_FILE).exists()


async def test_nothing_listens(tws: Tws, tmp_path: Path) -> None:
    asked = broker(tws, tmp_path)
    await tws.stop()
    with pytest.raises(ConnectionError, match="nothing listens"):
        await asked.reach()


async def test_what_takes_the_connection_and_is_silent(tws: Tws, tmp_path: Path) -> None:
    tws.greets = False
    with pytest.raises(ConnectionError, match="does not answer"):
        await broker(tws, tmp_path).reach()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "neither TWS nor"),
        (b"\0\0\0\4abc\0", "neither TWS nor"),
        (b"\0\0", "does not answer"),
    ],
)
async def test_another_program_on_the_port(said: bytes, words: str, tmp_path: Path) -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        given = {"host": "127.0.0.1", "port": port}
        asked = open_configured(given, tmp_path, QUICK).broker
        assert isinstance(asked, Reachable)
        with pytest.raises(ConnectionError, match=words):
            await asked.reach()
