"""What TWS sends has a size: a frame without end is not waited for."""

import asyncio
import contextlib
import struct
from pathlib import Path

import pytest

from brokers.ib.frame_guard import LARGEST_FRAME
from tests.brokers.ib.session import IbBench, open_bench, until
from tests.sims.tws import Tws


def raw(tws: Tws, data: bytes) -> None:
    for session in tws.sessions:
        session.writer.write(data)


@pytest.mark.parametrize("length", [LARGEST_FRAME + 1, 2**32 - 1])
async def test_a_frame_that_is_too_long_closes_the_connection(bench: IbBench, length: int):
    await bench.working()
    raw(bench.tws, struct.pack(">I", length) + b"5\0")
    down = await bench.until_down()
    assert f"a message of {length >> 20} MB" in down.reason
    await bench.until_up()  # on a new connection
    await bench.working()


async def test_the_prefix_may_come_in_pieces(bench: IbBench):
    await bench.settled()
    for byte in struct.pack(">I", LARGEST_FRAME + 1):
        raw(bench.tws, bytes([byte]))
        await asyncio.sleep(0.01)  # so that each is a packet
    assert "a message of 16 MB" in (await bench.until_down()).reason
    await bench.until_up()


async def test_the_largest_frame_is_read_and_what_follows_too(bench: IbBench):
    body = b"19\x001\x00".ljust(LARGEST_FRAME - 1, b"x") + b"\0"
    raw(bench.tws, struct.pack(">I", len(body)) + body)
    await bench.settled()  # the answer comes behind it
    await bench.working()
    assert all(connection.up for connection in bench.connections())


@pytest.mark.parametrize(
    ("greeting", "reason"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "a message of 1157 MB"),
        (struct.pack(">I", 6) + b"ab\0cd\0", "cannot be read"),
        (bytes(6), "cannot be read"),
    ],
)
async def test_something_else_listens_there(tmp_path: Path, greeting: bytes, reason: str):
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        with contextlib.suppress(ConnectionError):
            await reader.read()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    absent = Tws()
    absent.port = server.sockets[0].getsockname()[1]
    async with server, open_bench(tmp_path, absent, market=False) as bench:
        await until(lambda: reason in bench.connections()[-1].reason, reason)
        assert "is that TWS?" in bench.connections()[-1].reason
