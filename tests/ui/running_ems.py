"""A program with an EMS that a terminal can meet: ``python running_ems.py STATE_DIR hang|run``.

It has one live and one dark order on paper, says ``ready``, and then runs, or hangs as a window
does whose thread is stuck.
"""

import asyncio
import sys
import threading
import uuid
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from ems.arming_rules import NO_ARMING
from ems.embedded import open_ems
from ems.messages import Order
from ems.risk_limits import NO_LIMITS
from ui.backends import open_backends
from ui.config import Config
from ui.state_folder import open_paths

FQSN = "aapl.demo.replay"


def order(mode: str) -> Order:
    return Order(
        oid=str(uuid.uuid4()),
        action="buy",
        exec_mode=mode,  # type: ignore[arg-type]
        symbol=FQSN,
        account="paper",
        price=Decimal("1.00"),
        size=Decimal(1),
    )


async def run(
    folder: Path, *, hang: bool, stay: bool = True, while_open: Callable[[], None] = lambda: None
) -> None:
    paths, config = open_paths(folder), Config()
    backends = open_backends(config, paths, {})
    async with open_ems(backends, paths.journal, limits=NO_LIMITS, arming=NO_ARMING) as ems:
        await ems.hub.market(FQSN)
        client = ems.connect()
        client.submit(order("live"))
        client.submit(order("dark"))
        async with asyncio.timeout(30):
            while sorted(d.state.value for d in ems.index.active()) != ["held", "open"]:
                await asyncio.sleep(0.01)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        if hang:
            threading.Event().wait()
        while_open()
        if stay:
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1]), hang=sys.argv[2] == "hang", stay=sys.argv[2] != "leave"))
