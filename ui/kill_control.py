"""The kill switch in the window: a button that always shows whether it is on."""

from typing import Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from ems.messages import KillState
from ui import theme
from ui.second_press import SecondPress
from ui.style_property import set_style_property
from ui.window_chord import window_chord
from ui.worn_style import wear

CHORD: Final = "Ctrl+Shift+K"


class KillControl(QWidget):
    """A button, its key chord, and the words beside it.

    The chord only puts the switch on; releasing it takes two clicks.

    Signals
    -------
    kill_asked()
        Put it on; asked again while it is on, cancels are tried again.
    release_asked()
        Release it.
    """

    kill_asked = pyqtSignal()
    release_asked = pyqtSignal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.button = QPushButton()
        self.button.setObjectName("killButton")
        self.button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # a held order key stays held
        self.words = QLabel()
        self.words.setObjectName("killWords")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.words)
        row.addWidget(self.button)
        wear(self, _style)
        self.button.clicked.connect(self._on_click)
        self.chord = window_chord(CHORD, window)
        self.chord.activated.connect(self.kill_asked)
        self._state = KillState(on=False, time_ns=0)
        self._release = SecondPress()
        self._show()

    @property
    def on(self) -> bool:
        """True while the EMS says that the switch is on."""
        return self._state.on

    def set_state(self, state: KillState) -> None:
        """Show how the switch is, as the EMS says."""
        self._state = state
        self._release.forget()
        self._show()

    def _on_click(self) -> None:
        if not self.on:
            self.kill_asked.emit()
        elif self._release.press():
            self.release_asked.emit()
        else:
            self.button.setText("Click again to release")

    def _show(self) -> None:
        state = self._state
        self.button.setText("KILLED · release" if state.on else "Kill")
        self.button.setToolTip(
            "The kill switch is on: click twice to take orders again"
            if state.on
            else f"Cancel every order and refuse new risk ({CHORD})"
        )
        set_style_property(self.button, "on", "true" if state.on else "false")
        self.words.setText(_words(state))
        self.words.setToolTip("\n".join(state.left))
        self.words.setVisible(state.on)


def _words(state: KillState) -> str:
    if state.left:
        return f"{len(state.left)} NOT cancelled"
    return "no orders left" if state.done else "cancelling"


def _style() -> str:
    return f"""
#killButton {{
    border: 1px solid {theme.ERROR}; color: {theme.ERROR}; padding: 2px 10px; font-weight: bold;
}}
#killButton:hover {{ background: {theme.mixed(theme.ERROR, 0.3).name()}; }}
#killButton[on="true"] {{ background: {theme.ERROR}; color: {theme.INK}; }}
#killWords {{ color: {theme.ERROR}; font-weight: bold; }}
    """
