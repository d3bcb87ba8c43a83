"""One run of the program: the backends, the EMS and the window, opened and closed together."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication

from ems.client import EmsClient
from ems.embedded import Ems, open_ems
from ems.errors import EmsError, UnknownAccount
from ems.market import Market, broker_of, parse_fqsn
from ems.messages import Cancel, ClientMsg, Status
from ems.ports import Backend, Remarks
from order_mode.alert_keeper import AlertKeeper
from order_mode.sizing import DEFAULT_SIZING, Sizing
from ui.announcements import Announcement, announcement
from ui.arming_desk import ArmingDesk
from ui.backends import close_backends, open_backends
from ui.background_tasks import BackgroundTasks
from ui.config import Config, Paths
from ui.desktop_notices import DesktopNotices, DesktopSender
from ui.faults import Faults
from ui.layout import ChartLayout, Layout
from ui.layout_button import LayoutButton
from ui.layout_file import LayoutFiles, LayoutNotKept
from ui.layout_keeper import LayoutKeeper
from ui.market_page import MarketPage
from ui.strategy import Strategy, run_strategy
from ui.watchdog import Watchdog
from ui.window import MainWindow

_LOOK_MS: Final = 1_000
"""Alerts that repeat or expire are looked at so often."""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """What to open."""

    config: Config
    paths: Paths
    fqsn: str | None = None
    """None = that of the layout, else ``usual_fqsn``."""
    usual_fqsn: str | None = None
    """None = the first market of the replay feed, the file that it was given, whatever the
    layout says."""
    layouts: LayoutFiles | None = None
    """Where layouts are kept; None = in the state folder."""
    account: str = "paper"
    period_ns: int | None = None
    """Length of a bar; None = that of the layout, else of the config, or the shortest above it
    that there is."""
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
        files = layout_files(session)
        self.layout_keeper = LayoutKeeper(files, self.layout_now, self._warn)
        layouts = LayoutButton(files, self.layout_now)
        layouts.layout_chosen.connect(self.take_layout)
        layouts.told.connect(window.show_notice)
        window.add_tool(layouts)
        window.closed.connect(self.close)
        window.cancel_asked.connect(self._cancel)
        window.story_asked.connect(
            lambda oid: window.show_story(oid, self.ems.journal.history(oid))
        )
        self.arming = ArmingDesk(ems, window, session.account)
        self.watchdog = Watchdog(ems.pulse, threading.get_ident())
        self.watchdog.stood_still.connect(window.messages.show_fault)
        window.kill.kill_asked.connect(lambda: ems.kill("window"))
        window.kill.release_asked.connect(lambda: ems.release("window"))

    def close(self) -> None:
        """Ask the program to end."""
        if not self.closed.done():
            self.closed.set_result(None)

    def run(self, strategy: Strategy) -> None:
        """Run a strategy on the same EMS until the program ends."""
        work = run_strategy(strategy, self.ems, self.window.note)
        self.tasks.start(work, f"the strategy {strategy.name}")

    def layout_now(self) -> Layout:
        """Return how everything is arranged."""
        return Layout(window=self.window.layout_now(), charts=(self.page.layout_now(),))

    def take_layout(self, layout: Layout) -> None:
        """Arrange everything like this."""
        self.window.take_layout(layout.window)
        self.page.take_layout(layout.chart_of(self.page.market.fqsn))

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
        self.arming.close()
        self.watchdog.stop()
        self.layout_keeper.stop()
        self.keeper.close()
        self.client.close()

    def _tell_of_alert(self, msg: ClientMsg, news: Announcement) -> None:
        """Show an alert that no chart does."""
        if isinstance(msg, Status) and msg.req and msg.req.symbol != self.page.market.fqsn:
            self.window.show_notice(f"{news.title}. {news.text}".strip(), "info")

    def _tell(self, text: str) -> None:
        self.window.note(text, "info")

    def _warn(self, text: str) -> None:
        self.window.note(text, "warning")

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
    backends = open_backends(
        session.config, session.paths, session.options, asked_for=_backends_of(session)
    )
    try:
        opening = open_ems(
            backends,
            session.paths.journal,
            limits=session.config.risk,
            arming=session.config.arming,
            cancel_after_s=session.config.cancel_on_disconnect,
            slippage=session.config.orders.slippage,
        )
        async with opening as ems:
            layout, troubles = _kept_layout(session)
            market = await _opened_market(session, layout, ems, backends, troubles)
            fqsn = market.fqsn
            chart = layout.chart_of(fqsn)
            _check_account(session, ems)
            page = MarketPage(
                ems,
                market,
                _period_ns(session, chart, ems.hub.feed(fqsn).period_ns(fqsn)),
                session.account,
                lambda account: _sizing(session.config, account),
                session.config.keys,
                session.config.lines,
                session.config.orders,
            )
            window = MainWindow(page, ems.hub.feed(fqsn), ems.hub.markets, session.config.keys)
            program = Program(session, ems, page, window)
            faults.fault.connect(window.messages.show_fault)
            try:
                window.take_layout(layout.window)
                troubles += page.take_look(chart)
                window.show()
                program.tasks.start(program.follow(), "the tables' client")
                await page.load()
                program.layout_keeper.start()  # what cannot be opened is not kept
                page.focus_chart()
                feed = ems.hub.feed(fqsn)
                for remark in [*troubles, *(feed.remarks if isinstance(feed, Remarks) else ())]:
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


def _backends_of(session: Session) -> set[str]:
    """Return the names of the backends that the market and the account belong to."""
    markets = filter(None, (session.fqsn, session.usual_fqsn))
    return {broker_of(session.account), *(parse_fqsn(fqsn).broker for fqsn in markets)}


def layout_files(session: Session) -> LayoutFiles:
    """Return where the layouts of a session are kept."""
    paths = session.paths
    return session.layouts or LayoutFiles(paths.layout, paths.named_layouts)


def _kept_layout(session: Session) -> tuple[Layout, list[str]]:
    """Return the layout that the program was left with, and what is wrong with its file."""
    try:
        return layout_files(session).read(), []
    except LayoutNotKept as error:
        return Layout(), [str(error)]


async def _opened_market(
    session: Session,
    layout: Layout,
    ems: Ems,
    backends: Mapping[str, Backend],
    troubles: list[str],
) -> Market:
    """Return the market that the user asked for, or that of the layout, or the usual one."""
    if session.fqsn is not None:
        return await ems.hub.market(session.fqsn)
    if session.usual_fqsn is None:
        return await ems.hub.market(await _first_market(backends))
    kept = next((chart.market for chart in layout.charts if chart.market), session.usual_fqsn)
    try:
        return await ems.hub.market(kept)
    except EmsError as error:
        if kept == session.usual_fqsn:
            raise
        troubles.append(f"The market of the layout, {kept}, cannot be opened: {error}")
        return await ems.hub.market(session.usual_fqsn)


async def _first_market(backends: Mapping[str, Backend]) -> str:
    feed = backends["replay"].feed
    assert feed is not None
    return (await feed.search(""))[0].fqsn


def _period_ns(session: Session, chart: ChartLayout, shortest_ns: int) -> int:
    """Return the period of the bars: as asked for, which the feed may refuse, or one that fits."""
    if session.period_ns is not None:
        return session.period_ns
    if chart.period_ns is not None and chart.period_ns % shortest_ns == 0:
        return chart.period_ns
    return -(-session.config.chart.period_ns // shortest_ns) * shortest_ns


def _check_account(session: Session, ems: Ems) -> None:
    if session.account not in ems.accounts:
        raise UnknownAccount(
            f"there is no account {session.account!r}; there are {', '.join(ems.accounts)}. The "
            f"table [brokers.{broker_of(session.account)}] of the config names accounts"
        )


def _sizing(config: Config, account: str) -> Sizing:
    settings = config.accounts.get(account)
    return settings.sizing if settings is not None else DEFAULT_SIZING
