"""The controls of a replay: play and pause, step, speed, and the time of the market."""

import math
from datetime import UTC, datetime
from typing import Final

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from ems.ports import Playback
from ui import theme
from ui.field_arrows import field_arrows
from ui.worn_style import wear

SPEEDS: Final = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, math.inf)
"""Recorded seconds a second."""

_REFRESH_MS: Final = 100


def speed_text(speed: float) -> str:
    """Return ``10x``, or ``max`` for as fast as the machine goes."""
    return "max" if math.isinf(speed) else f"{speed:g}x"


def time_text(time_ns: int) -> str:
    """Return a market time (UTC ns) to the second, with its zone."""
    moment = datetime.fromtimestamp(time_ns // 1_000_000_000, UTC)
    return moment.strftime("%a %Y-%m-%d %H:%M:%S UTC")


class ReplayControls(QFrame):
    """Steers a `Playback`; hidden, and its keys dead, while there is none.

    Space plays or pauses, ``.`` steps, ``[`` and ``]`` change the speed, wherever in the window
    the focus is, except in a field that one types into.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._playback: Playback | None = None
        self.setObjectName("replayControls")
        wear(self, lambda: _style() + field_arrows())
        self.badge = QLabel("REPLAY")
        self.badge.setObjectName("replayBadge")
        self.play_button = _button("Pause", "Play or pause (Space)")
        self.step_button = _button("Step", "Play up to the next change of price ( . )")
        self.speed_choice = QComboBox()
        self.speed_choice.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.speed_choice.setToolTip("Recorded seconds a second ( [ slower, ] faster )")
        self.time_label = QLabel()
        self.time_label.setObjectName("replayTime")
        self._arrange()
        self._connect()
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self.hide()

    def set_playback(self, playback: Playback | None) -> None:
        """Steer this playback; None for a live feed, which has no controls."""
        self._playback = playback
        self.setVisible(playback is not None)
        if playback is None:
            self._timer.stop()
        else:
            self._timer.start()
            self.refresh()

    def refresh(self) -> None:
        """Show the playback as it is now; called ten times a second by itself."""
        playback = self._playback
        if playback is None:
            return
        self.play_button.setText("Play" if playback.paused else "Pause")
        self.play_button.setDisabled(playback.at_end)
        self.step_button.setDisabled(playback.at_end)
        self._show_speed(playback.speed)
        moment = time_text(playback.time_ns)
        self.time_label.setToolTip(moment)
        whole = moment + ("   end of the recording" if playback.at_end else "")
        short = "the end" if playback.at_end else moment.split()[2]
        self.time_label.setText(whole if self._has_room(whole) else short)

    def _has_room(self, text: str) -> bool:
        """Tell whether the text fits beside all else that is in the header."""
        around = self.parentWidget()
        layout = None if around is None else around.layout()
        if around is None or layout is None:
            return True
        label = self.time_label
        label.ensurePolished()
        advance = label.fontMetrics().horizontalAdvance
        needed = layout.minimumSize().width() + advance(text) - advance(label.text())
        return around.width() >= needed

    def toggle(self) -> None:
        """Pause, or play on."""
        if self._playback is not None:
            self._playback.paused = not self._playback.paused
            self.refresh()

    def step(self) -> None:
        """Pause, and play up to the next change of price."""
        if self._playback is not None:
            self._playback.paused = True
            self._playback.step()
            self.refresh()

    def slower(self) -> None:
        """Take the next lower speed of the choices."""
        self._change_speed([speed for speed in SPEEDS if speed < self._speed()][-1:])

    def faster(self) -> None:
        """Take the next higher speed of the choices."""
        self._change_speed([speed for speed in SPEEDS if speed > self._speed()][:1])

    def _speed(self) -> float:
        return self._playback.speed if self._playback is not None else math.nan

    def _change_speed(self, to: list[float]) -> None:
        if self._playback is not None and to:
            self._playback.speed = to[0]
            self.refresh()

    def _choose_speed(self, choice: int) -> None:
        self._change_speed([float(self.speed_choice.itemData(choice))])

    def _show_speed(self, speed: float) -> None:
        choice = self.speed_choice.findData(speed)
        if choice < 0:  # a speed of the command line's own
            self.speed_choice.addItem(speed_text(speed), speed)
            choice = self.speed_choice.count() - 1
        self.speed_choice.setCurrentIndex(choice)

    def _arrange(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 3, 8, 3)
        layout.setSpacing(6)
        layout.addWidget(self.badge)
        layout.addWidget(self.play_button)
        layout.addWidget(self.step_button)
        layout.addWidget(self.speed_choice)
        layout.addWidget(self.time_label)
        layout.addStretch(1)
        for speed in SPEEDS:
            self.speed_choice.addItem(speed_text(speed), speed)

    def _connect(self) -> None:
        self.play_button.clicked.connect(self.toggle)
        self.step_button.clicked.connect(self.step)
        self.speed_choice.activated.connect(self._choose_speed)
        # A shortcut of a hidden widget is dead, and a field that takes text keeps these keys.
        for key, slot in (
            (Qt.Key.Key_Space, self.play_button.click),
            (Qt.Key.Key_Period, self.step_button.click),
            (Qt.Key.Key_BracketLeft, self.slower),
            (Qt.Key.Key_BracketRight, self.faster),
        ):
            QShortcut(QKeySequence(key), self).activated.connect(slot)


def _button(title: str, tip: str) -> QPushButton:
    button = QPushButton(title)
    button.setToolTip(tip)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    button.setMinimumWidth(64)
    return button


def _style() -> str:
    return f"""
    #replayBadge {{
        background: {theme.REPLAY}; color: {theme.INK}; font-weight: bold;
        padding: 4px 10px; border-radius: 3px;
    }}
    #replayTime {{
        font-family: "{theme.number_font().family()}"; color: {theme.REPLAY}; padding-left: 6px;
    }}
    """
