"""The line at the foot of the window: what is staged, the feed, the EMS."""

from typing import Final, Literal, TypeAlias

from PyQt6.QtCore import QSize
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from ems.messages import ClientMsg, Connection
from ems.ports import Usage
from ui import theme
from ui.replay_controls import speed_text
from ui.style_property import set_style_property
from ui.tables.orders import OrderCounts
from ui.worn_style import wear

FeedState: TypeAlias = Literal["none", "live", "closed", "replay", "paused", "ended"]

_FEED_WORDS: Final[dict[FeedState, str]] = {
    "none": "NO FEED",
    "live": "LIVE FEED",
    "closed": "MARKET CLOSED",
    "replay": "REPLAY",
    "paused": "REPLAY paused",
    "ended": "REPLAY ended",
}
_OLD_TICK_S: Final = 10.0
_SILENT_S: Final = 3.0
_NEARLY_FULL: Final = 0.8
_AGE_WIDTH: Final = 140
"""Pixels: what stands beside the age keeps its place when the age gets another digit."""


def _style() -> str:
    numbers = theme.number_font().family()
    return f"""
    #statusBar {{ border-top: 1px solid {theme.BORDER}; }}
    #statusBar QLabel {{ color: {theme.TEXT_MUTED}; }}
    #statusBar QLabel[figures="true"] {{ font-family: "{numbers}"; }}
    #statusBar QLabel[state="staged"] {{ color: {theme.ACCENT}; font-weight: bold; }}
    #statusBar QLabel[state="ready"], #statusBar QLabel[state="up"] {{ color: {theme.TEXT}; }}
    #statusBar QLabel[state="off"], #statusBar QLabel[state="old"],
    #statusBar QLabel[state="closed"] {{ color: {theme.WARNING}; }}
    #statusBar QLabel[state="down"], #statusBar QLabel[state="none"] {{ color: {theme.ERROR}; }}
    #statusBar QLabel[state="live"] {{ color: {theme.UP_TEXT}; font-weight: bold; }}
    #statusBar QLabel[state="replay"], #statusBar QLabel[state="paused"],
    #statusBar QLabel[state="ended"] {{ color: {theme.REPLAY}; font-weight: bold; }}
    """


class StatusBar(QFrame):
    """Shows the states that decide what a key press would do."""

    def __init__(self, ready_words: str = "Ready", parent: QWidget | None = None) -> None:
        """Make it; ``ready_words`` say which keys to hold while the chart hears them."""
        super().__init__(parent)
        self._ready_words = ready_words
        self._brokers: dict[str, bool] = {}
        self._silent_s = 0.0
        self.setObjectName("statusBar")
        self.mode = QLabel()
        self.feed, self.age = QLabel(), QLabel()
        self.brokers, self.usage, self.counts = QLabel(), QLabel(), QLabel()
        self.usage.setToolTip(
            "What the venue's limit on orders, changes and cancels in this market is used up to. "
            "It goes down by itself."
        )
        self._row = QHBoxLayout(self)
        self._arrange()
        self.set_chart_focus(False)
        self.set_feed("none")
        self.set_counts(OrderCounts())
        self._show_brokers()

    def set_staged(self, words: str) -> None:
        """Show what a click would do now, as in ``BUY 25 dark, paper``; see `set_chart_focus`."""
        self._show_state(self.mode, words, "staged")

    def set_question(self, title: str) -> None:
        """Show that the keys go to a question; see `set_chart_focus`."""
        self._show_state(self.mode, f"Asked: {title}  Enter or Esc", "off")

    def set_chart_focus(self, focus: bool, locked: str = "") -> None:
        """Show that nothing is staged, and whether the keys of the chart would be heard.

        Parameters
        ----------
        focus
            Whether the chart has the keyboard.
        locked
            Why no order would go out all the same; empty if it would.
        """
        if focus and locked:
            self._show_state(self.mode, locked, "off")
        elif focus:
            self._show_state(self.mode, self._ready_words, "ready")
        else:
            self._show_state(self.mode, "Click the chart to trade on it", "off")

    def set_feed(
        self,
        state: FeedState,
        *,
        speed: float | None = None,
        age_s: float | None = None,
    ) -> None:
        """Show how the feed does.

        Parameters
        ----------
        state : {"none", "live", "closed", "replay", "paused", "ended"}
        speed : float or None
            Recorded seconds a second, of a replay.
        age_s : float or None
            Seconds of our clock since the last tick; old ones of a running feed stand out.
        """
        runs = state in ("live", "replay")
        words = _FEED_WORDS[state]
        if state == "replay" and speed is not None:
            words = f"{words} {speed_text(speed)}"
        self._show_state(self.feed, words, state)
        old = runs and age_s is not None and age_s >= _OLD_TICK_S
        age = "" if age_s is None or not runs else f"last tick {_age_text(age_s)} ago"
        self._show_state(self.age, age, "old" if old else "")

    def set_counts(self, counts: OrderCounts) -> None:
        """Show how many orders are alive."""
        alerts = f"{counts.alerts} alert{'' if counts.alerts == 1 else 's'}"
        self.counts.setText(f"{counts.at_venue} at venue   {counts.dark} dark   {alerts}")
        self._fit()

    def set_usage(self, usage: Usage | None) -> None:
        """Show how much of what the venue allows of requests is used up, before it complains."""
        if usage is None:
            self._show_state(self.usage, "", "")
            return
        full = usage.used >= _NEARLY_FULL * usage.limit
        words = f"requests {usage.used:.0f} of {usage.limit:.0f}"
        self._show_state(self.usage, words, "old" if full else "")

    def on_msg(self, msg: ClientMsg) -> None:
        """Take in what the EMS says of its connections; all else is for others."""
        match msg:
            case Connection():
                self._brokers[msg.broker] = msg.up
                self._show_brokers()

    def set_ems_silence(self, seconds: float) -> None:
        """Show that the EMS has not given a sign of life for so long, if that is long."""
        self._silent_s = seconds if seconds >= _SILENT_S else 0.0
        self._show_brokers()

    def _show_brokers(self) -> None:
        words = [
            name if up else f"{name} DISCONNECTED" for name, up in sorted(self._brokers.items())
        ]
        if self._silent_s:
            text = f"EMS DOES NOT ANSWER ({self._silent_s:.0f} s)"
            self._show_state(self.brokers, text, "down")
            return
        all_up = bool(words) and all(self._brokers.values())
        text = f"EMS: {', '.join(words) or 'no broker'}"
        self._show_state(self.brokers, text, "up" if all_up else "down")

    def _show_state(self, label: QLabel, text: str, state: str) -> None:
        if label.text() == text and label.property("state") == state:
            return
        label.setText(text)
        set_style_property(label, "state", state)
        self._fit()

    def _fit(self) -> None:
        """Leave out what is as it should be, where there is no room for all: nothing is cut."""
        labels = [self.mode, self.feed, self.age, self.brokers, self.usage, self.counts]
        shown = [label for label in labels if label.text() or label is self.age]
        margins = self._row.contentsMargins()
        room = self.width() - margins.left() - margins.right() + self._row.spacing()
        for label, calm in ((self.age, ""), (self.usage, ""), (self.brokers, "up")):
            wide = [max(one.sizeHint().width(), one.minimumWidth()) for one in shown]
            if sum(wide) + self._row.spacing() * len(wide) <= room:
                break
            if label in shown and label.property("state") == calm:
                shown.remove(label)
        for label in labels:
            label.setVisible(label in shown)
        self._row.activate()  # not first in the next turn: no text is ever seen cut

    def minimumSizeHint(self) -> QSize:
        """Return how small it may become: any width will do, see `_fit`."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Look what there is room for now."""
        super().resizeEvent(event)
        self._fit()

    def _arrange(self) -> None:
        layout = self._row
        layout.setContentsMargins(10, 3, 10, 3)
        layout.setSpacing(18)
        layout.addWidget(self.mode)
        layout.addStretch(1)
        for label in (self.feed, self.age, self.brokers, self.usage, self.counts):
            layout.addWidget(label)
        self.age.setMinimumWidth(_AGE_WIDTH)
        for label in (self.age, self.usage, self.counts):
            label.setProperty("figures", True)
        wear(self, _style)


def _age_text(seconds: float) -> str:
    if seconds < 1:
        return "<1 s"
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
