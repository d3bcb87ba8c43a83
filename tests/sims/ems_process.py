"""An EMS in a process of its own, for a test to kill: requests on stdin, messages on stdout.

``S`` submit, ``G`` submit a group, ``M`` modify and ``C`` cancel take a message in JSON, ``P`` a
price, ``Y`` a number that is said again once everything before it was told. Its venue has the types
of order that the command line names, and groups of its own if that names ``tied``.
"""

import asyncio
import os
import sys
from pathlib import Path

from ems.arming_rules import NO_ARMING
from ems.embedded import open_ems
from ems.embedded_client import EmbeddedClient
from ems.messages import Cancel, Order, OrderGroup, decode, encode
from ems.ports import Abilities
from ems.risk_limits import NO_LIMITS
from tests.sims.scripted_venue import FQSN, PushFeed, backend
from tests.sims.socket_venue import SocketBroker

TIED = "tied"


def tell(client: EmbeddedClient) -> None:
    """Say what the client has heard; what is in the pipe counts as told."""
    unread = client._unread
    while unread:
        os.write(1, encode(unread.popleft()) + b"\n")


async def main(journal: Path, port: int, types: list[str]) -> None:
    feed = PushFeed()
    can = Abilities(
        types=frozenset({"limit", *types} - {TIED}),  # type: ignore[arg-type]
        ties=frozenset({"reduces", "cancels"} if TIED in types else ()),
    )
    async with open_ems(
        backend(SocketBroker(port, can), feed),  # type: ignore[arg-type]
        journal,
        answer_timeout_s=0.1,
        limits=NO_LIMITS,
        arming=NO_ARMING,
    ) as ems:
        await ems.hub.market(FQSN)
        client = ems.connect()
        assert isinstance(client, EmbeddedClient)
        client._arrived.set = lambda: tell(client)  # type: ignore[method-assign]
        tell(client)
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            what, _, rest = line.decode().strip().partition(" ")
            if what == "P":
                feed.trade(float(rest))
            elif what == "Y":
                os.write(1, f"Y {rest}\n".encode())
            else:
                request = decode(rest.encode())
                if isinstance(request, Cancel):
                    client.cancel(request)
                elif isinstance(request, OrderGroup):
                    client.submit_group(request.orders)
                elif isinstance(request, Order):
                    (client.submit if what == "S" else client.modify)(request)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))
