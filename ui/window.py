"""The main window: a market's page, the tables under it, and what the program has to say."""

import time
from collections.abc import Mapping, Sequence
from typing import Final

from PyQt6.QtCore import QRect, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QCloseEvent
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMainWindow,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from ems.journal import HistoryEvent
from ems.market import Market, is_paper
from ems.messages import ArmState, ClientMsg, KillState, Notice
from ems.ports import Playback
from order_mode.chart_port import Level
from order_mode.keymap import ORDER_KEYS, Keymap
from order_mode.labels import order_words
from ui import theme
from ui.arm_control import ArmControl
from ui.elided_label import ElidedLabel
from ui.kill_control import KillControl
from ui.layout import WindowLayout
from ui.market_page import MarketPage
from ui.message_bar import MessageBar
from ui.order_story_window import OrderStory
from ui.pages import Pages
from ui.replay_controls import ReplayControls
from ui.screen_room import fitting_place, fitting_size
from ui.status_bar import FeedState, StatusBar
from ui.tables import TradeTables
from ui.throttle import Throttle

_STATUS_MS: Final = 250
_SIZE: Final = QSize(1600, 1000)
_LEAST_SIZE: Final = QSize(1100, 700)
"""Below it labels and tables show little; a screen that is smaller still gets all of the window."""
_TABLES_HEIGHT: Final = 210


class MainWindow(QMainWindow):
    """Shows the open markets and everything that the EMS knows.

    Signals
    -------
    closed()
        The user closed the window.
    cancel_asked(str)
        The oid of an order whose end was asked for in the tables.
    story_asked(str)
        The oid of an order whose story was asked for in the tables.
    account_shown(str)
        The account that the keys go to: of another tab, or chosen in the pane.
    """

    closed = pyqtSignal()
    cancel_asked = pyqtSignal(str)
    story_asked = pyqtSignal(str)
    account_shown = pyqtSignal(str)

    def __init__(self, page: MarketPage, markets: Mapping[str, Market], keymap: Keymap) -> None:
        super().__init__()
        self.pages: Final = Pages(page)
        self.tables = TradeTables(markets)
        self.status = StatusBar(_ready_words(keymap))
        self.replay = ReplayControls()
        self.kill = KillControl(self)
        self.arm = ArmControl(self)
        self._last_tick = time.monotonic()
        self._counts = Throttle(lambda: self.status.set_counts(self.tables.orders.counts()), self)
        self._status_soon = Throttle(self._show_status, self)
        self._title = ElidedLabel()
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._tools = QHBoxLayout()
        self._arrange()
        self.messages = MessageBar(page.chart)
        self._connect()
        self._connect_page(page)
        self.replay.set_playback(self._playback)
        self._status_timer = QTimer(self)
        self._status_timer.setInterval(_STATUS_MS)
        self._status_timer.timeout.connect(self._show_status)
        self._status_timer.start()
        self.arm.set_account(page.pane.account_choice.currentText())
        self._show_status()

    @property
    def page(self) -> MarketPage:
        """The page that the keys go to."""
        return self.pages.current

    @property
    def _playback(self) -> Playback | None:
        """The recording that is played in it."""
        feed = self.page.feed
        return feed if isinstance(feed, Playback) else None

    def add_page(self, page: MarketPage, at: int) -> None:
        """Open a tab for one more market."""
        self.pages.add(page, at)
        self._connect_page(page)

    def on_msg(self, msg: ClientMsg) -> None:
        """Take in one message of the EMS."""
        self.tables.on_msg(msg)
        self.status.on_msg(msg)
        if isinstance(msg, Notice):
            self.messages.show_notice(msg)
        elif isinstance(msg, KillState):
            self.kill.set_state(msg)
        elif isinstance(msg, ArmState):
            self.arm.set_state(msg)
        self._counts.ask()

    def show_notice(self, text: str, level: Level) -> None:
        """Tell the user a sentence on the bar over the chart."""
        self.messages.show_notice(Notice(time_ns=time.time_ns(), level=level, text=text))

    def note(self, text: str, level: Level) -> None:
        """Tell the user a sentence that is worth keeping: it goes among the messages too."""
        self.show_notice(text, level)
        self.tables.messages.add(level, text, time.time_ns())

    def show_story(self, oid: str, events: Sequence[HistoryEvent]) -> None:
        """Open a window with what the journal has of an order."""
        OrderStory(oid, events, self).show()

    def add_tool(self, tool: QWidget) -> None:
        """Put a button at the right end of the header."""
        self._tools.addWidget(tool)

    def layout_now(self) -> WindowLayout:
        """Return how the window is arranged."""
        return WindowLayout(
            place=self.normalGeometry().getRect(),
            maximized=self.isMaximized(),
            split=tuple(self._split.sizes()),
            table=self.tables.currentIndex(),
            hidden_columns=self.tables.hidden_columns,
        )

    def take_layout(self, layout: WindowLayout) -> None:
        """Arrange the window like this; a place that no screen shows any more is left out."""
        if layout.place is not None:
            place = QRect(*layout.place)
            shown = fitting_place(place)
            self.resize(fitting_size(place.size())) if shown is None else self.setGeometry(shown)
        if layout.maximized != self.isMaximized():
            self.setWindowState(self.windowState() ^ Qt.WindowState.WindowMaximized)
        if len(layout.split) == self._split.count() and any(layout.split):
            self._split.setSizes(list(layout.split))
        self.tables.setCurrentIndex(min(layout.table, self.tables.count() - 1))
        self.tables.hide_columns(layout.hidden_columns)

    # ---- building

    def _arrange(self) -> None:
        split = self._split
        split.addWidget(self.pages)
        split.addWidget(self.tables)
        split.setStretchFactor(0, 1)
        split.setCollapsible(0, False)
        split.setSizes([_SIZE.height() - _TABLES_HEIGHT, _TABLES_HEIGHT])
        body = QFrame()
        body.setObjectName("windowFrame")
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._header())
        layout.addWidget(split, 1)
        layout.addWidget(self.status)
        self.setCentralWidget(body)
        self.resize(fitting_size(_SIZE))
        self.setMinimumSize(fitting_size(_LEAST_SIZE))

    def _header(self) -> QFrame:
        header = QFrame()
        header.setObjectName("header")
        row = QHBoxLayout(header)
        row.setContentsMargins(10, 4, 8, 4)
        row.setSpacing(14)
        self._title.setObjectName("marketTitle")
        self._title.setFont(theme.text_font(15, bold=True))
        row.addWidget(self._title)
        row.addStretch(1)
        row.addWidget(self.arm)
        row.addWidget(self.replay)
        row.addWidget(self.kill)
        row.addLayout(self._tools)
        return header

    def _connect(self) -> None:
        self.pages.current_changed.connect(self._on_other_page)
        self.arm.changed.connect(self._show_account)
        self.tables.cancel_asked.connect(self.cancel_asked)
        self.tables.order_chosen.connect(self._show_order)
        self.tables.story_asked.connect(self.story_asked)
        theme.changes.changed.connect(self._show_account)
        self.tables.tools.failed.connect(lambda text: self.show_notice(text, "error"))

    def _connect_page(self, page: MarketPage) -> None:
        page.notice.connect(self.show_notice)
        page.changed.connect(self._status_soon.ask)
        page.price_moved.connect(lambda price: self._on_price(page, price))
        page.line_clicked.connect(self.tables.point_at_order)
        page.pane.account_chosen.connect(lambda account: self._on_account(page, account))

    # ---- following

    def _on_price(self, page: MarketPage, price: float) -> None:
        if page is self.page:
            self._last_tick = time.monotonic()
        self.tables.set_last(page.market.fqsn, price)

    def _on_other_page(self) -> None:
        """Show the market and the account that the keys go to now."""
        self._last_tick = time.monotonic()
        self.messages.move_over(self.page.chart)
        self.replay.set_playback(self._playback)
        self._on_account(self.page, self.page.pane.account_choice.currentText())
        self._show_account()
        self._show_status()

    def _on_account(self, page: MarketPage, account: str) -> None:
        if page is self.page:
            self.arm.set_account(account)
            self.account_shown.emit(account)

    def _show_account(self) -> None:
        """Name the account's kind of money and the kind of prices where nobody can miss them."""
        market = self.page.market
        account = self.page.pane.account_choice.currentText()
        words = " · ".join(filter(None, (self.arm.word, market.badge, account)))
        color = theme.badge_color("PAPER" if is_paper(account) else "LIVE")
        if not self.arm.armed:
            color = theme.mixed(color, 0.5).name()
        self.setWindowTitle(f"{market.description or market.fqsn} · {words} — ordermode")
        self._title.setText(f"{market.description or market.fqsn}")
        self.setStyleSheet(
            f"#windowFrame {{ border: 3px solid {color}; }}"
            f"#header {{ background: {theme.PANEL}; border-bottom: 1px solid {theme.BORDER}; }}"
        )

    def _show_status(self) -> None:
        mode = self.page.order_mode
        staged = mode.staged if mode is not None else None
        if staged is not None:
            words = order_words(self.page.market, staged.order)
            self.status.set_staged(f"Click: {staged.order.exec_mode} {words}")
        elif asked := self.page.asked:
            self.status.set_question(asked)
        else:
            view = self.page.chart.plot_item.getViewWidget()
            self.status.set_chart_focus(view.hasFocus() and mode is not None, self._locked())
        self.status.set_usage(self.page.usage())
        self._show_feed()
        self.page.show_quote_age()
        self.status.set_ems_silence(self.page.ems_silence_s)

    def _locked(self) -> str:
        """Say why no order of the account would go out; empty if it would."""
        if self.kill.on:
            return "KILLED: only what reduces a position is taken"
        account = self.page.pane.account_choice.currentText()
        return "" if self.arm.armed else f"{account} is DISARMED: none of its orders goes out"

    def _show_feed(self) -> None:
        age_s = time.monotonic() - self._last_tick
        playback = self._playback
        if playback is None:
            self.status.set_feed("closed" if self.page.closed else "live", age_s=age_s)
            return
        state: FeedState = "paused" if playback.paused else "replay"
        if playback.at_end:
            state = "ended"
        self.status.set_feed(state, speed=playback.speed, age_s=age_s)

    def _show_order(self, oid: str) -> None:
        """Point at the line of an order, on the chart that has it."""
        for page in (self.page, *self.pages.all):
            mode = page.order_mode
            if mode is not None and oid in mode.dialogs:
                self.pages.choose(page)
                page.chart.view.show_price(float(mode.dialogs[oid].order.price))
                return

    # ---- Qt

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Tell the program; it closes what is open."""
        self._status_timer.stop()
        self._counts.stop()
        self._status_soon.stop()
        self.closed.emit()
        super().closeEvent(event)


def _ready_words(keymap: Keymap) -> str:
    held = ", ".join(f"{keymap.keys_of(name)[0]} {name}" for name in ORDER_KEYS)
    return f"Ready: hold {held}"
