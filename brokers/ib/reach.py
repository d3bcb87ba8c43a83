"""Whether TWS or IB Gateway answers at its port; and what to say if it does not.

Only the greeting is exchanged, before a client id is named: so it takes none from the program, and
IB is asked nothing.
"""

import asyncio
import struct
from typing import Final

from brokers.ib.options import IbOptions
from brokers.ib.timing import Timing
from ems.ports import Reached

_VERSIONS: Final = b"v100..187"
_LONGEST: Final = 1024


async def reach(options: IbOptions, timing: Timing) -> Reached:
    """Exchange the greeting with TWS.

    Raises
    ------
    ConnectionError
        If there is no answer, or one that TWS would not give.
    """
    place = options.place
    try:
        async with asyncio.timeout(timing.connect_s):
            version = await _greet(options.host, options.port)
    except (TimeoutError, ConnectionResetError, asyncio.IncompleteReadError) as error:
        raise ConnectionError(no_answer(place)) from error
    except ConnectionRefusedError as error:
        raise ConnectionError(nothing_listens(place)) from error
    if not version.isdecimal():
        raise ConnectionError(f"what listens at {place} is neither TWS nor IB Gateway")
    return Reached(text=f"TWS or IB Gateway answers at {place}, API version {version}")


async def _greet(host: str, port: int) -> str:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(b"API\0" + struct.pack(">I", len(_VERSIONS)) + _VERSIONS)
        await writer.drain()
        [length] = struct.unpack(">I", await reader.readexactly(4))
        if length > _LONGEST:
            return ""
        answer = await reader.readexactly(length)
        return answer.split(b"\0")[0].decode("ascii", errors="replace")
    finally:
        writer.close()


def no_answer(place: str) -> str:
    """Return what is said of a place that takes the connection, or not even that, and is silent."""
    return (
        f"{place} does not answer. Is TWS or IB Gateway still logging in, and is the API "
        "switched on in its settings?"
    )


def nothing_listens(place: str) -> str:
    """Return what is said of a place that refuses the connection."""
    return (
        f"nothing listens at {place}. Start TWS or IB Gateway, and compare the port with "
        "the one in its API settings."
    )
