"""A program that trades on paper and prints each event, until somebody kills it.

Run as ``python -m <package>.busy_program FOLDER``.
"""

import asyncio
import sys
from itertools import count
from pathlib import Path

from ems.messages import BrokerEvent, encode

from .session import cancel, paper


def tell(event: BrokerEvent) -> None:
    sys.stdout.buffer.write(encode(event) + b"\n")
    sys.stdout.buffer.flush()


async def trade(folder: Path) -> None:
    async with paper(folder) as session:
        session.on_event = tell
        for i in count(1):
            session.quote(i, 99.0, 101.0 - i % 3, 1 + i % 4, 1 + i % 4)
            session.buy(str(98 + i % 4), 1 + i % 9, action="buy" if i % 2 else "sell")
            session.trade(i, 98.0 + i % 5, 1 + i % 3)
            session.buy(str(40 + i % 3), 1)  # far away: it stays
            if i % 3 == 0:
                session.send(cancel(f"P{i // 2}"))


if __name__ == "__main__":
    asyncio.run(trade(Path(sys.argv[1])))
