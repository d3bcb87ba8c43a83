"""Arming in the window: whether the account takes orders, and the way to let it."""

from typing import Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QWidget

from ems.market import is_paper
from ems.messages import ArmState
from ui import theme
from ui.hold_button import HoldButton
from ui.second_press import SecondPress
from ui.style_property import set_style_property
from ui.window_chord import window_chord
from ui.worn_style import wear

CHORD: Final = "Ctrl+Shift+L"


class ArmControl(QWidget):
    """Names the account of the window, and arms it: hold the button, or the chord twice.

    Signals
    -------
    arm_asked(str)
        Arm this account.
    disarm_asked(str)
        Disarm it.
    changed()
        `word` is another.
    """

    arm_asked = pyqtSignal(str)
    disarm_asked = pyqtSignal(str)
    changed = pyqtSignal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.button = HoldButton()
        self.button.setObjectName("armButton")
        self.button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # a held order key stays held
        self.words = QLabel()
        self.words.setObjectName("armAccount")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.words)
        row.addWidget(self.button)
        wear(self, _style)
        self.button.held.connect(lambda: self.arm_asked.emit(self._account))
        self.button.tapped.connect(lambda: self.disarm_asked.emit(self._account))
        self.chord = window_chord(CHORD, window)
        self.chord.activated.connect(self._on_chord)
        self._account = ""
        self._states: dict[str, ArmState] = {}
        self._arming = SecondPress()

    @property
    def word(self) -> str:
        """``PAPER``, ``LIVE``, or whether the live account is ``LIVE ARMED``, ``LIVE DISARMED``."""
        if is_paper(self._account):
            return "PAPER"
        state = self._states.get(self._account)
        if state is None:
            return "LIVE"  # one click: it has no arms
        return "LIVE ARMED" if state.armed else "LIVE DISARMED"

    @property
    def armed(self) -> bool:
        """True while the account of the window takes orders."""
        state = self._states.get(self._account)
        return state is None or state.armed

    def set_account(self, account: str) -> None:
        """Show another account."""
        self._account = account
        self._show()

    def set_state(self, state: ArmState) -> None:
        """Take in what the EMS says of a live account."""
        if state.mode == "one click":
            self._states.pop(state.account, None)  # it has no arms
        else:
            self._states[state.account] = state
        self._show()

    def _on_chord(self) -> None:
        state = self._states.get(self._account)
        if state is None:
            return
        if state.armed:
            self.disarm_asked.emit(self._account)
        elif self._arming.press():
            self.arm_asked.emit(self._account)
        else:
            self.button.setText(f"{CHORD} again to ARM {self._account}")

    def _show(self) -> None:
        self._arming.forget()
        state = self._states.get(self._account)
        live = not is_paper(self._account)
        set_style_property(self.words, "live", "true" if live else "false")
        self.words.setText(f"{'LIVE' if live else 'PAPER'} {self._account}")
        self.button.setVisible(state is not None)
        if state is not None:
            self._show_button(state)
        self.changed.emit()

    def _show_button(self, state: ArmState) -> None:
        self.button.needs_hold = not state.armed
        each = ", asks each" if state.mode == "confirm" else ""
        self.button.setText(f"ARMED{each} · disarm" if state.armed else "DISARMED · hold to arm")
        self.button.setToolTip(
            f"Orders of {state.account} go out. Click to disarm it ({CHORD})"
            if state.armed
            else f"{state.account} takes no orders. Hold the button, or press {CHORD} twice, "
            f"to arm it. {state.why}".strip()
        )
        set_style_property(self.button, "armed", "true" if state.armed else "false")


def _style() -> str:
    return f"""
#armButton {{
    border: 1px solid {theme.WARNING}; color: {theme.WARNING}; padding: 2px 10px; font-weight: bold;
}}
#armButton:hover {{ background: {theme.mixed(theme.WARNING, 0.3).name()}; }}
#armButton[armed="true"] {{
    background: {theme.LIVE}; border-color: {theme.LIVE}; color: white;
}}
#armAccount {{ font-weight: bold; color: {theme.PAPER}; }}
#armAccount[live="true"] {{ color: {theme.LIVE}; }}
    """
