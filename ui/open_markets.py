"""Opens markets in the window and closes them, as the user or a layout asks."""

import asyncio
from collections.abc import Mapping, Sequence

from ems.errors import EmsError
from ems.market import Market
from ems.ports import Backend, Feed
from ui.background_tasks import BackgroundTasks
from ui.crosshair_link import CrosshairLink
from ui.layout import ChartLayout, Layout
from ui.market_dialog import MarketDialog
from ui.market_drawings import MarketDrawings
from ui.market_page import MarketPage
from ui.page_maker import PageMaker
from ui.window import MainWindow


class OpenMarkets:
    """The markets of one window.

    Parameters
    ----------
    window : MainWindow
        With the page of the first market in it.
    maker : PageMaker
        Makes the pages of all others.
    backends : mapping of str to Backend
        Whose feeds are searched.
    tasks : BackgroundTasks
        Runs what takes long.
    """

    def __init__(
        self,
        window: MainWindow,
        maker: PageMaker,
        backends: Mapping[str, Backend],
        tasks: BackgroundTasks,
    ) -> None:
        self._window = window
        self._pages = window.pages
        self._maker = maker
        self._backends = backends
        self._tasks = tasks
        self._waiting: list[ChartLayout] = []
        """Of the layout, not open yet or not to be opened now: they are kept nevertheless."""
        self.link = CrosshairLink()
        self.link.add(window.page.chart)
        self.drawings = MarketDrawings()
        self.drawings.add(window.page.market.fqsn, window.page.chart)
        self._pages.close_asked.connect(
            lambda page: tasks.start(self.close(page), "closing a market")
        )

    def layout_now(self) -> tuple[ChartLayout, ...]:
        """Return how the charts are arranged, in the order of their tabs."""
        return (*(page.layout_now() for page in self._pages.all), *self._waiting)

    def ask(self) -> None:
        """Let the user choose a market."""
        dialog = MarketDialog(self.search, self._tasks, self._window)
        dialog.chosen.connect(
            lambda fqsn, new_tab: self._tasks.start(
                self._open_chosen(fqsn, new_tab=new_tab), "opening a market"
            )
        )
        dialog.open()

    async def search(self, text: str) -> list[Market]:
        """Return the markets of all feeds whose names have a text in them."""
        feeds = [backend.feed for backend in self._backends.values() if backend.feed is not None]
        found = await asyncio.gather(*(self._found_by(feed, text) for feed in feeds))
        return [market for markets in found for market in markets]

    async def _found_by(self, feed: Feed, text: str) -> list[Market]:
        try:
            return await feed.search(text)
        except EmsError as error:
            self._window.show_notice(f"Not all markets are listed: {error}", "warning")
            return []

    async def open(
        self, fqsn: str, chart: ChartLayout, at: int, *, choose: bool
    ) -> MarketPage | None:
        """Open a market in a tab of its own; return its page, None if it cannot be opened."""
        try:
            page, troubles = await self._maker.made(fqsn, chart)
        except EmsError as error:
            self._window.note(f"{fqsn} cannot be opened: {error}", "warning")
            return None
        self.link.add(page.chart)
        self.drawings.add(page.market.fqsn, page.chart)
        self._window.add_page(page, at)
        if choose:
            self._pages.choose(page)
        try:
            await page.load()
        except EmsError as error:
            await self.close(page)
            self._window.note(f"{fqsn} cannot be opened: {error}", "warning")
            return None
        for trouble in troubles:
            self._window.note(trouble, "warning")
        return page

    async def close(self, page: MarketPage) -> None:
        """Close a market; orders live on. The last one stays open."""
        if page not in self._pages.all or len(self._pages.all) == 1:
            return
        self.link.remove(page.chart)
        self.drawings.remove(page.chart)
        self._pages.remove(page)
        await page.close_page()
        page.side.deleteLater()
        page.deleteLater()

    async def close_all(self) -> None:
        """Let every page go: the program ends."""
        for page in self._pages.all:
            await page.close_page()

    async def open_kept(
        self, charts: Sequence[ChartLayout], first: int, in_vain: int | None
    ) -> None:
        """Open the charts of a layout around the one that is open.

        Parameters
        ----------
        first : int
            Which one that is; one more than the last if it is in no layout.
        in_vain : int or None
            Which one was tried and cannot be opened now.
        """
        self._waiting = [chart for place, chart in enumerate(charts) if place != first]
        for place, chart in enumerate(charts):
            if place not in (first, in_vain) and chart.market is not None:
                page = await self.open(chart.market, chart, place, choose=False)
                if page is not None:
                    self._waiting.remove(chart)

    async def take(self, layout: Layout) -> None:
        """Show the charts of a layout and no others; those that are open already stay open."""
        self._waiting = []
        free = self._pages.all
        for place, chart in enumerate(layout.charts):
            here = [page for page in free if page.market.fqsn == chart.market]
            if here:
                free.remove(here[0])
                self._pages.move_tab(here[0], place)
                here[0].take_layout(chart)
            elif chart.market is not None:
                await self.open(chart.market, chart, place, choose=False)
        if len(free) < len(self._pages.all):
            for page in free:
                await self.close(page)
        self.drawings.take(layout.drawings)
        self._pages.choose(self._pages.all[min(layout.current, len(self._pages.all) - 1)])

    async def _open_chosen(self, fqsn: str, *, new_tab: bool) -> None:
        here = self._pages.current
        at = self._pages.all.index(here) + 1
        page = await self.open(fqsn, here.layout_now(), at, choose=True)
        if page is not None and not new_tab:
            await self.close(here)
