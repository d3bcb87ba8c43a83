"""One run of the program: the backends, the EMS and the window, opened and closed together."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec

from ems.client import EmsClient
from ems.embedded import Ems, open_ems
from ems.errors import UnknownAccount
from ems.messages import Cancel
from ems.ports import Backend
from order_mode.sizing import DEFAULT_SIZING, Sizing
from ui.backends import open_backends
from ui.background_tasks import BackgroundTasks
from ui.config import Config, Paths
from ui.faults import Faults
from ui.market_page import MarketPage
from ui.window import MainWindow

DEMO_MARKET: Final = "aapl.demo.replay"


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """What to open."""

    config: Config
    paths: Paths
    fqsn: str | None = None
    """None = the first market of the replay feed: the file that it was given."""
    account: str = "paper"
    period_ns: int | None = None
    """Length of a bar; None = that of the config, or the shortest above it that there is."""
    options: Mapping[str, Mapping[str, Any]] = {}
    """Options of backends from the command line, by their names."""


class Program:
    """An open program. Make it with `open_program`."""

    def __init__(self, session: Session, ems: Ems, page: MarketPage, window: MainWindow) -> None:
        self.session = session
        self.ems = ems
        self.page = page
        self.window = window
        self.tasks = BackgroundTasks()
        self.client: EmsClient = ems.connect()
        """The client of the tables: it hears of every market."""
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the user has closed the window."""
        window.closed.connect(self.close)
        window.cancel_asked.connect(self._cancel)
        window.kill.kill_asked.connect(lambda: ems.kill("window"))
        window.kill.release_asked.connect(lambda: ems.release("window"))

    def close(self) -> None:
        """Ask the program to end."""
        if not self.closed.done():
            self.closed.set_result(None)

    async def follow(self) -> None:
        """Hand every message of the EMS to the window, the fills of earlier runs first."""
        for fill in await self.client.fills():
            self.window.tables.fills.add(fill)
        async for msg in self.client:
            self.window.on_msg(msg)

    def _cancel(self, oid: str) -> None:
        row = self.window.tables.orders.get(oid)
        if row is not None:
            self.client.cancel(Cancel(oid=oid, symbol=row.order.symbol))


@asynccontextmanager
async def open_program(session: Session, faults: Faults) -> AsyncIterator[Program]:
    """Open everything, show the window, and close everything.

    Raises
    ------
    EmsError
        If something that the user can mend is in the way; the text says what to do.
    """
    backends = open_backends(session.config, session.paths, session.options)
    try:
        limits = session.config.risk
        async with open_ems(backends, session.paths.journal, limits=limits) as ems:
            fqsn = session.fqsn or await _first_market(backends)
            market = await ems.hub.market(fqsn)
            _check_account(session, ems)
            page = MarketPage(
                ems,
                market,
                _period_ns(session, ems.hub.feed(fqsn).period_ns(fqsn)),
                session.account,
                lambda account: _sizing(session.config, account),
                session.config.keys,
            )
            window = MainWindow(page, ems.hub.feed(fqsn), ems.hub.markets)
            program = Program(session, ems, page, window)
            faults.fault.connect(window.messages.show_fault)
            try:
                window.show()
                program.tasks.start(program.follow(), "the tables' client")
                await page.load()
                page.focus_chart()
                for remark in getattr(ems.hub.feed(fqsn), "remarks", ()):
                    window.note(remark, "warning")
                yield program
            finally:
                faults.fault.disconnect(window.messages.show_fault)
                program.client.close()
                await page.close_page()
                await program.tasks.stop()
                window.close()
                window.deleteLater()
    finally:
        for backend in backends.values():
            if (close := getattr(backend.feed, "close", None)) is not None:
                close()
        await asyncio.sleep(0)  # the feeds' tasks end in the loop's next turn


async def _first_market(backends: Mapping[str, Backend]) -> str:
    feed = backends["replay"].feed
    assert feed is not None
    return (await feed.search(""))[0].fqsn


def _period_ns(session: Session, shortest_ns: int) -> int:
    """Return the period of the bars: as asked for, which the feed may refuse, or one that fits."""
    if session.period_ns is not None:
        return session.period_ns
    return -(-session.config.chart.period_ns // shortest_ns) * shortest_ns


def _check_account(session: Session, ems: Ems) -> None:
    if session.account not in ems.accounts:
        raise UnknownAccount(
            f"there is no account {session.account!r}; there are {', '.join(ems.accounts)}"
        )


def _sizing(config: Config, account: str) -> Sizing:
    settings = config.accounts.get(account)
    return settings.sizing if settings is not None else DEFAULT_SIZING
