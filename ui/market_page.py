"""One market in the window: its chart, order mode on it, and the order pane beside it."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Final

from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QWidget

from ems.embedded import Ems
from ems.market import Market, parse_fqsn
from ems.messages import ClientMsg, Connection
from ems.ticks import Quote, Tick, Trade
from order_mode.chart_port import Level
from order_mode.keymap import Keymap
from order_mode.order_mode import OrderMode
from order_mode.sizing import Sizing
from ui.attach import Attachment, attach_order_mode
from ui.background_tasks import BackgroundTasks
from ui.chart import Chart
from ui.order_pane import OrderPane
from ui.sizing_fields import Unit

FIRST_BARS: Final = 3_000
MORE_BARS: Final = 3_000
_SLOW_S: Final = 0.7
_FIGURES_MS: Final = 50
"""Figures in the pane and labels follow the price so often; nobody reads faster."""


class MarketPage(QWidget):
    """Puts the chart, order mode and the pane of one market together.

    Signals
    -------
    notice(str, str)
        Something to tell the user: the text, and ``info``, ``warning`` or ``error``.
    changed()
        What is staged, the position or the orders have changed.
    price_moved(float)
        The last price, a few times a second at most.
    """

    notice = pyqtSignal(str, str)
    changed = pyqtSignal()
    price_moved = pyqtSignal(float)

    def __init__(
        self,
        ems: Ems,
        market: Market,
        period_ns: int,
        account: str,
        sizing_of: Callable[[str], Sizing],
        keymap: Keymap,
    ) -> None:
        super().__init__()
        self.market: Final = market
        self.chart = Chart()
        self.pane = OrderPane(market)
        self._ems = ems
        self._period_ns = period_ns
        self._sizing_of = sizing_of
        self._tasks = BackgroundTasks()
        self._stop_ticks: Callable[[], None] = lambda: None
        self._last: float | None = None
        self._quote: Quote | None = None
        self._moved = False
        self._loading_older = False
        self._feed_down = False
        self._figures = QTimer(self)
        self._figures.setInterval(_FIGURES_MS)
        self._figures.timeout.connect(self._show_figures)
        self._arrange()
        self.chart.set_market(market)
        self._attachment = self._attach(account, keymap)
        self._set_up_pane(account)

    @property
    def order_mode(self) -> OrderMode | None:
        """Order mode on the chart; None until it has started."""
        return self._attachment.order_mode

    @property
    def last_price(self) -> float | None:
        """The last price that bars are built from; None before the first."""
        return self._last

    async def load(self) -> None:
        """Show the history, follow the ticks, and wait until the chart can be traded on."""
        feed = self._ems.hub.feed(self.market.fqsn)
        with self._says_if_slow("Loading the history"):
            bars = await feed.bars(self.market.fqsn, self._period_ns, count=FIRST_BARS)
        # Nothing may come between the history and the first tick that continues it.
        self.chart.set_bars(bars, self._period_ns)
        self._stop_ticks = self._ems.hub.show(self.market.fqsn, self._on_ticks)
        self._attachment.refresh_times()
        self._take_last_known()
        self._figures.start()
        mode = await self._attachment.ready
        mode.listeners.append(self._on_mode_changed)
        self._moved = True
        self._show_figures()
        self._on_mode_changed()

    def on_msg(self, msg: ClientMsg) -> None:
        """Fill the hole in the history when the connection to the market's broker is back."""
        if not isinstance(msg, Connection) or msg.broker != parse_fqsn(self.market.fqsn).broker:
            return
        was_down, self._feed_down = self._feed_down, not msg.up
        if was_down and msg.up:
            self._tasks.start(self._refill(), "loading the bars that were missed")

    async def _refill(self) -> None:
        feed = self._ems.hub.feed(self.market.fqsn)
        bars = await feed.bars(self.market.fqsn, self._period_ns, count=FIRST_BARS)
        if len(bars):
            self.chart.set_bars(bars, self._period_ns)
            self._attachment.refresh_times()

    async def close_page(self) -> None:
        """Let go of the feed and of the EMS."""
        self._figures.stop()
        self._stop_ticks()
        self._attachment.detach()
        await self._tasks.stop()

    def focus_chart(self) -> None:
        """Give the keyboard to the chart."""
        view = self.chart.plot_item.getViewWidget()
        view.setFocus()

    # ---- what the chart asks of its host: `ui.plot_port.ChartHost`

    def hold_view(self, why: str) -> None:
        """Stop every automatic scale and scroll: an order is staged or in hand."""
        self.chart.hold_view(why)

    def release_view(self, why: str) -> None:
        """Allow automatic scale and scroll again."""
        self.chart.release_view(why)

    def set_extra_prices(self, prices: Sequence[float]) -> None:
        """Take the prices of the order lines for the auto-scale."""
        self.chart.set_extra_prices(prices)

    def notify(self, text: str, level: Level) -> None:
        """Show a sentence to the user."""
        self.notice.emit(text, level)

    # ---- inside

    def _arrange(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.chart, 1)
        layout.addWidget(self.pane)
        self.chart.older_wanted.connect(self._load_older)

    def _attach(self, account: str, keymap: Keymap) -> Attachment:
        return attach_order_mode(
            self.chart.plot_item,
            self._ems,
            self.market.fqsn,
            account=account,
            keymap=keymap,
            sizing=self._sizing_of(account),
            x_of_time=self.chart.x_of_time,
            host=self,
        )

    def _set_up_pane(self, account: str) -> None:
        sizing = self._sizing_of(account)
        self.pane.set_accounts(self._ems.accounts, account)
        self.pane.set_sizing(sizing.limit, sizing.unit, sizing.slots)
        self.pane.account_chosen.connect(self._on_account_chosen)
        self.pane.sizing_changed.connect(self._on_sizing_changed)
        self.pane.editing_done.connect(self.focus_chart)

    def _on_account_chosen(self, account: str) -> None:
        mode = self.order_mode
        if mode is not None and account:
            sizing = self._sizing_of(account)
            self.pane.set_sizing(sizing.limit, sizing.unit, sizing.slots)
            mode.set_account(account)
            mode.set_sizing(sizing)

    def _on_sizing_changed(self, limit: Decimal, unit: Unit, slots: int) -> None:
        if (mode := self.order_mode) is not None:
            mode.set_sizing(Sizing(limit, unit, slots))

    def _on_ticks(self, ticks: Sequence[Tick]) -> None:
        self.chart.on_ticks(ticks)
        by_bid = self.market.chart_price == "bid"
        for tick in ticks:
            if isinstance(tick, Trade):
                if not by_bid and tick.price > 0:
                    self._last = tick.price
            else:
                self._quote = tick
                if by_bid and not tick.crossed and tick.bid > 0:
                    self._last = tick.bid
        self._moved = True

    def _take_last_known(self) -> None:
        """Before the first tick the last price is the close of the last bar."""
        last_bar = self.chart.series.bar(self.chart.series.last_x)
        if self._last is None and last_bar is not None:
            self._last = last_bar.close

    def _show_figures(self) -> None:
        if not self._moved:
            return
        self._moved = False
        if self._quote is not None:
            self.pane.set_quote(self._quote.bid, self._quote.ask)
        if self._last is not None:
            self.pane.set_last(self._last)
            if (mode := self.order_mode) is not None:
                mode.set_last(self._last)
            self.price_moved.emit(self._last)

    def _on_mode_changed(self) -> None:
        mode = self.order_mode
        if mode is None:
            return
        self.pane.set_position(mode.position)
        staged = mode.staged
        if staged is not None and staged.order.action != "alert":
            self.pane.set_next_size(staged.order.size, staged.refused or staged.why)
        else:
            self.pane.set_next_size(None)
        self.changed.emit()

    def _load_older(self) -> None:
        if not self._loading_older and len(self.chart.series.time):
            self._loading_older = True
            self._tasks.start(self._fetch_older(), "loading older bars")

    async def _fetch_older(self) -> None:
        try:
            feed = self._ems.hub.feed(self.market.fqsn)
            first_ns = int(self.chart.series.time[0])
            with self._says_if_slow("Loading older bars"):
                older = await feed.bars(
                    self.market.fqsn, self._period_ns, end_ns=first_ns, count=MORE_BARS
                )
            if len(older):
                self.chart.prepend_bars(older)
                self._attachment.refresh_times()
        finally:
            self._loading_older = False

    @contextmanager
    def _says_if_slow(self, what: str) -> Iterator[None]:
        """Tell the user what is being waited for, once that takes a while."""
        text = f"{what} of {self.market.fqsn} ..."
        saying = asyncio.get_running_loop().call_later(_SLOW_S, self.notice.emit, text, "info")
        try:
            yield
        finally:
            saying.cancel()
