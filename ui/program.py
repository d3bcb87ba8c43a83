"""One run of the program: the backends, the EMS and the window, opened and closed together."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

from PyQt6.QtWidgets import QApplication

from ems.client import ComesBack, EmsClient
from ems.embedded import Ems, open_ems
from ems.errors import EmsError, UnknownAccount
from ems.market import broker_of, parse_fqsn
from ems.messages import Cancel, ClientMsg, Status
from ems.ports import Backend, Remarks
from ui import theme
from ui.absent_accounts import absent_accounts
from ui.alert_desk import AlertDesk
from ui.announcements import Announcement, announcement
from ui.arming_desk import ArmingDesk
from ui.backends import close_backends, open_backends
from ui.background_tasks import BackgroundTasks
from ui.desktop_notices import DesktopNotices, DesktopSender
from ui.faults import Faults
from ui.first_page import First, first_page, kept_layout, place_of
from ui.indicator_functions import indicator_functions
from ui.layout import ChartLayout, Layout
from ui.layout_button import LayoutButton
from ui.layout_keeper import LayoutKeeper
from ui.market_page import MarketPage
from ui.open_markets import OpenMarkets
from ui.page_maker import PageMaker
from ui.pages_tools import PagesTools
from ui.quiet_collector import QuietCollector
from ui.safety_desk import SafetyDesk
from ui.session import Session, layout_files
from ui.strategy import Strategy, run_strategy
from ui.theme_button import ThemeButton
from ui.turns import Turns
from ui.watchdog import Watchdog
from ui.window import MainWindow

_WAIT_S: Final = 0.25
"""The window waits so long for brokers, and as long for the markets of their orders."""


class Program:
    """An open program. Make it with `open_program`."""

    def __init__(
        self,
        session: Session,
        ems: Ems,
        window: MainWindow,
        maker: PageMaker,
        backends: Mapping[str, Backend],
    ) -> None:
        self.session = session
        self.ems = ems
        self.window = window
        self.tasks = BackgroundTasks()
        self.markets = OpenMarkets(window, maker, backends, self.tasks)
        self._pages_tools = PagesTools(window.pages, self.markets.link, self.markets.ask)
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
        self.alerts = AlertDesk(ems, self.client, self._tell)
        files = layout_files(session)
        self.layout_keeper = LayoutKeeper(files, self.layout_now, self._warn)
        layouts = LayoutButton(files, self.layout_now)
        layouts.layout_chosen.connect(self.take_layout)
        layouts.told.connect(window.show_notice)
        window.add_tool(self._pages_tools)
        window.add_tool(ThemeButton())
        window.add_tool(layouts)
        self.safety = SafetyDesk(ems, window, session.config_file)
        window.closed.connect(self.close)
        window.cancel_asked.connect(self._cancel)
        window.story_asked.connect(
            lambda oid: window.show_story(oid, self.ems.journal.history(oid))
        )
        self.arming = ArmingDesk(ems, window, session.account)
        self.collector = QuietCollector()
        self.watchdog = Watchdog(ems.pulse, threading.get_ident())
        self.watchdog.stood_still.connect(window.messages.show_fault)
        window.kill.kill_asked.connect(lambda: ems.kill("window"))
        window.kill.release_asked.connect(lambda: ems.release("window"))

    def close(self) -> None:
        """Ask the program to end."""
        if not self.closed.done():
            self.closed.set_result(None)

    @property
    def page(self) -> MarketPage:
        """The page of the market that the keys go to."""
        return self.window.page

    def run(self, strategy: Strategy) -> None:
        """Run a strategy on the same EMS until the program ends."""
        work = run_strategy(strategy, self.ems, self.window.note)
        self.tasks.start(work, f"the strategy {strategy.name}")

    def layout_now(self) -> Layout:
        """Return how everything is arranged."""
        pages = self.window.pages
        return Layout(
            theme=theme.current(),
            window=self.window.layout_now(),
            charts=self.markets.layout_now(),
            drawings=self.markets.drawings.layout_now(),
            current=pages.all.index(pages.current),
            tiled=pages.tiled,
            linked=self.markets.link.on,
        )

    def take_layout(self, layout: Layout) -> None:
        """Arrange everything like this; markets that are not open yet follow in a moment."""
        theme.use(layout.theme)
        self.window.take_layout(layout.window)
        self._pages_tools.show_choices(tiled=layout.tiled, linked=layout.linked)
        self.tasks.start(self.markets.take(layout), "opening the markets of a layout")

    async def open_kept(self, layout: Layout, first: First) -> None:
        """Open what the program was left with around the page that is open, and keep it so."""
        self.markets.drawings.load(layout.drawings)
        if self.session.keeps_markets:
            self._pages_tools.show_choices(tiled=layout.tiled, linked=layout.linked)
            await self.markets.open_kept(layout.charts, first.place, first.in_vain)
        self.layout_keeper.start()

    async def follow(self) -> None:
        """Hand every message of the EMS to the window, the fills of earlier runs first.

        The EMS ends the connection of a window that hung for too long; then it connects again.
        """
        turns = Turns()
        while True:
            for fill in await self.client.fills():
                self.window.tables.fills.add(fill)
            async for msg in self.client:
                await turns.rest()
                self._take(msg)
            if not (isinstance(self.client, ComesBack) and self.client.come_back(self._shown())):
                return

    def _shown(self) -> list[str]:
        return [row.order.oid for row in self.window.tables.orders.rows()]

    def _take(self, msg: ClientMsg) -> None:
        self.window.on_msg(msg)
        for page in self.window.pages.all:
            page.bars.on_msg(msg)
        self.alerts.on_msg(msg)
        if msg.time_ns < self._opened_ns:
            return  # how things were before: no news
        if (news := announcement(msg, self.ems.hub.markets)) is not None:
            self.notices.announce(news)
            self._tell_of_alert(msg, news)

    def stop(self) -> None:
        """Let go of the EMS."""
        self.alerts.stop()
        self.arming.close()
        self.watchdog.stop()
        self.collector.stop()
        self.layout_keeper.stop()
        self.client.close()

    def _tell_of_alert(self, msg: ClientMsg, news: Announcement) -> None:
        """Show an alert that no chart does."""
        shown = {page.market.fqsn for page in self.window.pages.all}
        if isinstance(msg, Status) and msg.req and msg.req.symbol not in shown:
            self.window.show_notice(f"{news.title}. {news.text}".strip(), "info")

    def _tell(self, text: str) -> None:
        self.window.note(text, "info")

    def _warn(self, text: str) -> None:
        self.window.note(text, "warning")

    def _cancel(self, oid: str) -> None:
        for page in (self.page, *self.window.pages.all):
            if (mode := page.order_mode) is not None and oid in mode.dialogs:
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
            wait_s=_WAIT_S,
        )
        async with opening as ems:
            layout, troubles = kept_layout(session)
            theme.use(layout.theme)
            functions, unknown = indicator_functions(
                session.config.indicators, session.config_folder
            )
            troubles += [*unknown, *absent_accounts(session.config, backends)]
            _check_account(session, ems)
            maker = PageMaker(ems, session.config, session.account, functions)
            first = await first_page(session, layout, maker, backends)
            page = first.page
            troubles += first.troubles
            window = MainWindow(page, ems.hub.markets, session.config.keys)
            program = Program(session, ems, window, maker, backends)
            faults.fault.connect(window.messages.show_fault)
            try:
                window.take_layout(layout.window)
                window.show()
                program.tasks.start(program.follow(), "the tables' client")
                program.tasks.start(program.alerts.restore(), "alerts of earlier runs")
                first = await _load(program, layout, first)
                page = program.page
                page.focus_chart()
                remarks = page.feed.remarks if isinstance(page.feed, Remarks) else ()
                for remark in [*troubles, *remarks]:
                    window.note(remark, "warning")
                program.tasks.start(program.open_kept(layout, first), "opening the layout")
                yield program
            finally:
                faults.fault.disconnect(window.messages.show_fault)
                program.stop()
                await program.tasks.stop()
                await program.markets.close_all()
                window.close()
                window.deleteLater()
    finally:
        await close_backends(backends)


async def _load(program: Program, layout: Layout, first: First) -> First:
    """Load the first page; if the layout wants it in vain, open the usual one in its place.

    Raises
    ------
    EmsError
        If there are no bars of the market that the user asked for, or of the usual one.
    """
    session, page = program.session, first.page
    try:
        await page.load()
    except EmsError as error:
        if session.fqsn is not None or session.usual_fqsn in (None, page.market.fqsn):
            raise
        assert session.usual_fqsn is not None
        text = f"The market of the layout, {page.market.fqsn}, cannot be opened: {error}"
        if await program.markets.open(session.usual_fqsn, ChartLayout(), 1, choose=True) is None:
            raise
        await program.markets.close(page)
        program.window.note(text, "warning")
        place = place_of(layout, session.usual_fqsn)
        return First(program.page, [], place, in_vain=first.place)
    return first


def _backends_of(session: Session) -> set[str]:
    """Return the names of the backends that the market and the account belong to."""
    markets = filter(None, (session.fqsn, session.usual_fqsn))
    return {broker_of(session.account), *(parse_fqsn(fqsn).broker for fqsn in markets)}


def _check_account(session: Session, ems: Ems) -> None:
    if session.account not in ems.accounts:
        raise UnknownAccount(
            f"there is no account {session.account!r}; there are {', '.join(ems.accounts)}. The "
            f"table [brokers.{broker_of(session.account)}] of the config names accounts"
        )
