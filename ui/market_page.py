"""One market in the window: its chart, order mode on it, and the order pane beside it."""

import time
from collections.abc import Callable, Sequence
from typing import Final

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ems.embedded import Ems
from ems.market import Market
from ems.ports import Feed, Playback, Usage
from ems.ticks import Tick
from ems.trading_hours import TradingHours
from order_mode.chart_port import Level
from order_mode.keymap import Keymap
from order_mode.order_mode import OrderMode
from order_mode.sizing import Sizing
from ui.attach import Attachment, attach_order_mode
from ui.bar_loader import early_s
from ui.chart import Chart
from ui.chart.function_formula import FunctionFormula
from ui.chart.period import Period
from ui.chart.true_range import atr_now
from ui.chart_layout import arrange, chart_layout, kept_period
from ui.chart_tools import ChartTools
from ui.indicator_kinds import Kinds, kinds
from ui.latest_prices import LatestPrices
from ui.layout import ChartLayout
from ui.line_choices import LineChoices
from ui.market_hours import MarketHours
from ui.order_choices import DEFAULT_ORDER_CHOICES, OrderChoices
from ui.order_pane import OrderPane
from ui.order_pane_wiring import OrderPaneWiring
from ui.page_bars import PageBars
from ui.quote_age import quote_words
from ui.scrolled_pane import scrolled


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
    line_clicked(str)
        The oid of an order whose line was clicked.
    """

    follows_ems: Final = True
    """The window shows the EMS's notices itself; see `ui.attach.attach_order_mode`."""

    notice = pyqtSignal(str, str)
    changed = pyqtSignal()
    price_moved = pyqtSignal(float)
    line_clicked = pyqtSignal(str)

    def __init__(
        self,
        ems: Ems,
        market: Market,
        period: Period,
        account: str,
        sizing_of: Callable[[str], Sizing],
        keymap: Keymap,
        lines: LineChoices | None = None,
        functions: Sequence[FunctionFormula] = (),
        orders: OrderChoices = DEFAULT_ORDER_CHOICES,
    ) -> None:
        super().__init__()
        self.market: Final = market
        self.chart = Chart()
        self.pane = OrderPane(market)
        self.side: Final = scrolled(self.pane)
        """The pane as it stands beside the chart; `ui.pages` puts it there."""
        self._ems = ems
        self.feed: Final[Feed] = ems.hub.feed(market.fqsn)
        feed = self.feed

        def hours() -> TradingHours | None:
            return ems.hub.hours(market.fqsn)

        self.bars: Final = PageBars(feed, market, hours, period, self.chart, self.notice.emit)
        early = early_s(hours())
        self._kinds: Final[Kinds] = kinds(market.timezone, functions, early)
        self.tools = ChartTools(self.chart, self._kinds)
        self._sizing_of = sizing_of
        self._stop_ticks: Callable[[], None] = lambda: None
        self._prices = LatestPrices(market, self, self._on_quote, self._on_last)
        self._arrange()
        self.chart.set_market(market)
        self.chart.set_clock(_clock_of(feed))
        self._hours = MarketHours(hours, self.chart, self.pane.set_day_end)
        self.attachment: Final = self._attach(account, keymap, lines, orders)
        self._wiring = self._wire_pane(account, orders)

    @property
    def order_mode(self) -> OrderMode | None:
        """Order mode on the chart; None until it has started."""
        return self.attachment.order_mode

    @property
    def last_price(self) -> float | None:
        """The last price that bars are built from; None before the first."""
        return self._prices.last

    def layout_now(self) -> ChartLayout:
        """Return how the chart is arranged."""
        return chart_layout(self.chart, self.market.fqsn, self._kinds)

    def take_look(self, layout: ChartLayout) -> list[str]:
        """Arrange the chart like this, but for its bars; return a sentence for what cannot be."""
        troubles = arrange(self.chart, layout, self._kinds)
        self.tools.show_choices()
        return troubles

    def take_layout(self, layout: ChartLayout) -> None:
        """Arrange the chart like this, with bars of its period if the feed has them."""
        for trouble in self.take_look(layout):
            self.notice.emit(trouble, "warning")
        period = kept_period(layout)
        if period is not None and self.bars.can(period):
            self.tools.periods.period_chosen.emit(period)

    async def load(self) -> None:
        """Show the history, follow the ticks, and wait until the chart can be traded on."""
        await self.bars.history.load()
        self._stop_ticks = self._ems.hub.show(self.market.fqsn, self._on_ticks)
        self.bars.watch_gaps()
        self.attachment.refresh_times()
        self._take_last_known()
        self._prices.start()
        self._hours.start()
        mode = await self.attachment.ready
        mode.listeners.append(self._on_mode_changed)
        mode.line_listeners.append(self.line_clicked.emit)
        self._prices.tell()
        self._on_mode_changed()

    async def close_page(self) -> None:
        """Let go of the feed and of the EMS."""
        self._prices.stop()
        self._hours.stop()
        self._stop_ticks()
        self.attachment.detach()
        await self.bars.stop()

    @property
    def ems_silence_s(self) -> float:
        """How long the EMS has given no sign of life."""
        return self._ems.pulse.age_s

    def show_quote_age(self) -> None:
        """Say in the pane how old the quote is, if that matters; call it a few times a second."""
        self.pane.set_quote_age(quote_words(self._ems.prices, self.market.fqsn))

    @property
    def closed(self) -> bool:
        """True while the market is known to be closed."""
        return self._hours.closed

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

    def atr(self) -> float | None:
        """Return the average true range of the last bars of the chart."""
        return atr_now(self.chart.series)

    def set_extra_prices(self, prices: Sequence[float]) -> None:
        """Take the prices of the order lines for the auto-scale."""
        self.chart.set_extra_prices(prices)

    def notify(self, text: str, level: Level) -> None:
        """Show a sentence to the user."""
        self.notice.emit(text, level)

    # ---- inside

    def _arrange(self) -> None:
        plot = QVBoxLayout()
        plot.setSpacing(0)
        plot.addWidget(self.tools)
        plot.addWidget(self.chart, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(plot, 1)
        self.tools.told.connect(self.notice)
        self.bars.offer_periods(self.tools.periods, self)
        self.bars.history.loaded.connect(self._on_history)

    def _on_history(self) -> None:
        """Place the fills anew: a time has another x now."""
        self.attachment.refresh_times()

    def _attach(
        self, account: str, keymap: Keymap, lines: LineChoices | None, orders: OrderChoices
    ) -> Attachment:
        return attach_order_mode(
            self.chart.plot_item,
            self._ems,
            self.market.fqsn,
            account=account,
            keymap=keymap,
            sizing=self._sizing_of(account),
            x_of_time=self.chart.x_of_time,
            host=self,
            terms=orders.terms,
            presets=orders.presets,
            lines=lines,
        )

    def _wire_pane(self, account: str, orders: OrderChoices) -> OrderPaneWiring:
        self.pane.editing_done.connect(self.focus_chart)
        return OrderPaneWiring(
            self.pane,
            lambda: self.order_mode,
            accounts=self._ems.accounts,
            account=account,
            sizing_of=self._sizing_of,
            terms=orders.terms,
            presets=orders.presets,
        )

    @property
    def asked(self) -> str:
        """What the question that has the keyboard is about; empty if none has."""
        if self.attachment.detached:
            return ""
        question = self.attachment.port.question
        return question.title.text() if question.hasFocus() else ""

    def usage(self) -> Usage | None:
        """Return how much of the venue's allowance of requests the account has used up."""
        return self._ems.usage(self.pane.account_choice.currentText(), self.market.fqsn)

    def _on_ticks(self, ticks: Sequence[Tick]) -> None:
        self.chart.on_ticks(ticks)
        self._prices.on_ticks(ticks)

    def _take_last_known(self) -> None:
        """Before the first tick the last price is the close of the last bar."""
        last_bar = self.chart.series.bar(self.chart.series.last_x)
        if self._prices.last is None and last_bar is not None:
            self._prices.last = last_bar.close

    def _on_quote(self, bid: float, ask: float) -> None:
        self.pane.set_quote(bid, ask)
        if (mode := self.order_mode) is not None:
            mode.set_quote(bid, ask)

    def _on_last(self, price: float) -> None:
        self.pane.set_last(price)
        if (mode := self.order_mode) is not None:
            mode.set_last(price)
        self.price_moved.emit(price)

    def _on_mode_changed(self) -> None:
        if self.order_mode is not None:
            self._wiring.show_mode()
            self.changed.emit()


def _clock_of(feed: Feed) -> Callable[[], int]:
    """Return the clock of a market: that of the recording if one is played."""
    return (lambda: feed.time_ns) if isinstance(feed, Playback) else time.time_ns
