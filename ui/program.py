"""One run of the program: the backends, the EMS and the window, opened and closed together."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication

from ems.client import EmsClient
from ems.embedded import Ems, open_ems
from ems.errors import UnknownAccount
from ems.messages import Cancel, ClientMsg, Status
from ems.ports import Backend, Remarks
from order_mode.alert_keeper import AlertKeeper
from order_mode.sizing import DEFAULT_SIZING, Sizing
from ui.announcements import Announcement, announcement
from ui.backends import close_backends, open_backends
from ui.background_tasks import BackgroundTasks
from ui.config import Config, Paths
from ui.desktop_notices import DesktopNotices, DesktopSender
from ui.faults import Faults
from ui.market_page import MarketPage
from ui.window import MainWindow

_LOOK_MS: Final = 1_000
"""Alerts that repeat or expire are looked at so often."""


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
        self._opened_ns = time.time_ns()
        self.client: EmsClient = ems.connect()
        """The client of the tables: it hears of every market."""
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the user has closed the window."""
        self.notices = DesktopNotices(
            session.config.notify,
            DesktopSender(),
            self.tasks.start,
            QApplication.beep,
            time.monotonic,
        )
        self.keeper = AlertKeeper(self.client, self._last_price, self._tell, time.time_ns)
        self._look = QTimer()
        self._look.setInterval(_LOOK_MS)
        self._look.timeout.connect(self.keeper.look)
        self._look.start()
        window.closed.connect(self.close)
        window.cancel_asked.connect(self._cancel)
        window.story_asked.connect(
            lambda oid: window.show_story(oid, self.ems.journal.history(oid))
        )
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
            self.page.on_msg(msg)
            self.keeper.on_msg(msg)
            if msg.time_ns < self._opened_ns:
                continue  # how things were before: no news
            if (news := announcement(msg, self.ems.hub.markets)) is not None:
                self.notices.announce(news)
                self._tell_of_alert(msg, news)

    def stop(self) -> None:
        """Let go of the EMS."""
        self._look.stop()
        self.keeper.close()
        self.client.close()

    def _tell_of_alert(self, msg: ClientMsg, news: Announcement) -> None:
        """Show an alert that no chart does."""
        if isinstance(msg, Status) and msg.req and msg.req.symbol != self.page.market.fqsn:
            self.window.show_notice(f"{news.title}. {news.text}".strip(), "info")

    def _tell(self, text: str) -> None:
        self.window.note(text, "info")

    def _last_price(self, fqsn: str) -> float | None:
        quote, trade = self.ems.hub.last(fqsn)
        market = self.ems.hub.markets.get(fqsn)
        if market is not None and market.chart_price == "bid":
            return None if quote is None else quote.bid
        return None if trade is None else trade.price

    def _cancel(self, oid: str) -> None:
        mode = self.page.order_mode
        if mode is not None and oid in mode.dialogs:
            mode.cancel(oid)
            return
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
        config = session.config
        async with open_ems(
            backends, session.paths.journal, limits=config.risk, arming=config.arming
        ) as ems:
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
                session.config.lines,
            )
            window = MainWindow(page, ems.hub.feed(fqsn), ems.hub.markets, session.config.keys)
            program = Program(session, ems, page, window)
            faults.fault.connect(window.messages.show_fault)
            try:
                window.show()
                program.tasks.start(program.follow(), "the tables' client")
                await page.load()
                page.focus_chart()
                feed = ems.hub.feed(fqsn)
                for remark in feed.remarks if isinstance(feed, Remarks) else ():
                    window.note(remark, "warning")
                yield program
            finally:
                faults.fault.disconnect(window.messages.show_fault)
                program.stop()
                await page.close_page()
                await program.tasks.stop()
                window.close()
                window.deleteLater()
    finally:
        await close_backends(backends)


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
