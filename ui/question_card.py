"""A question over the plot: send it, or not. It waits for an answer and stops nothing else."""

from typing import Final

from PyQt6.QtCore import QEvent, QObject, Qt, QTimer
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from order_mode.chart_port import UserQuestion
from ui import theme
from ui.key_names import key_name
from ui.worn_style import wear

PATIENCE_MS: Final = 30_000
"""No answer for so long is a no: the market has moved on."""

SURE_MS: Final = 300
"""A yes sooner than this was meant for what stood there before."""

_AGAIN_MS: Final = 40
"""So long a key was up that was pressed again; a repeat has it up for no time."""

_WIDTH: Final = 420


class QuestionCard(QFrame):
    """Shows one question at a time, the first one first.

    It has the keyboard while it is there: Enter is yes, Esc is no, any other key does nothing. So
    no key that is held for an order, and no repeat of one, can answer it. A question may name the
    keys that asked it: let go and pressed once more, they are a yes too.

    Parameters
    ----------
    viewport
        What it lies over.
    back
        Gets the keyboard again when the last question is answered.
    """

    def __init__(self, viewport: QWidget, back: QWidget) -> None:
        super().__init__(viewport)
        self._back = back
        self._waiting: list[UserQuestion] = []
        self._released: tuple[str, int] | None = None
        """The key that was let go last, and when, ms."""
        self.setObjectName("questionCard")
        wear(self, _style)
        self.setFixedWidth(_WIDTH)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.title, self.text = QLabel(), QLabel()
        self.title.setObjectName("questionTitle")
        self.yes, self.no = QPushButton("Send  (Enter)"), QPushButton("Do not send  (Esc)")
        self.yes.setEnabled(False)
        self._arrange()
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(lambda: self._answer(False))
        self._read = QTimer(self)
        self._read.setSingleShot(True)
        self._read.setInterval(SURE_MS)
        self._read.timeout.connect(lambda: self.yes.setEnabled(True))
        viewport.installEventFilter(self)
        self.hide()

    def ask(self, question: UserQuestion) -> None:
        """Ask; a question with the same key that waits is taken back, as a no."""
        for asked in [asked for asked in self._waiting if asked.key == question.key]:
            self._waiting.remove(asked)
            asked.answered(False)
        self._waiting.append(question)
        self._show_first()

    def close_all(self) -> None:
        """Answer no to everything: the plot goes away."""
        while self._waiting:
            self._answer(False)

    def _answer(self, yes: bool) -> None:
        if self._waiting:
            asked = self._waiting.pop(0)
            self._show_first()
            asked.answered(yes)

    def _show_first(self) -> None:
        self.yes.setEnabled(False)
        self._read.start()
        if not self._waiting:
            self._patience.stop()
            self._read.stop()
            had_keys = self.hasFocus()
            self.hide()
            if had_keys:
                self._back.setFocus()
            return
        asked = self._waiting[0]
        self.title.setText(asked.title)
        self.text.setText(asked.text)
        self._released = None
        self.yes.setText(f"Send  ({' or '.join(('Enter', *asked.again))})")
        self._patience.start()
        self.adjustSize()
        self._lie_over()
        self.show()
        self.raise_()
        self.setFocus()

    def _arrange(self) -> None:
        for label in (self.title, self.text):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for button, name, answer in ((self.no, "no", False), (self.yes, "yes", True)):
            button.setObjectName(name)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(lambda _, answer=answer: self._answer(answer))
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.addWidget(self.title)
        layout.addWidget(self.text)
        layout.addLayout(buttons)

    def _lie_over(self) -> None:
        over = self.parentWidget()
        if over is not None:
            self.move((over.width() - self.width()) // 2, (over.height() - self.height()) // 3)

    # ---- Qt

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Answer with Enter or Esc; take every other key, so that none goes further."""
        if event is None:
            return
        if not event.isAutoRepeat():
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.yes.click()  # which does nothing while it is disabled
            elif event.key() == Qt.Key.Key_Escape:
                self._answer(False)
            elif self._asks_again(event):
                self._answer(True)
        event.accept()

    def _asks_again(self, event: QKeyEvent) -> bool:
        """Tell whether the keys that asked are pressed once more: let go before, and no repeat.

        X11 writes a repeat as a release and a press of the same moment.
        """
        name, released = key_name(event), self._released
        if not self._waiting or name not in self._waiting[0].again or released is None:
            return False
        return released[0] == name and event.timestamp() - released[1] >= _AGAIN_MS

    def keyReleaseEvent(self, event: QKeyEvent | None) -> None:
        """Note that a key was let go; take it, so that it goes no further."""
        if event is not None:
            if not event.isAutoRepeat():
                self._released = key_name(event), event.timestamp()
            event.accept()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Stay in the middle of what it lies over."""
        if event is not None and event.type() == QEvent.Type.Resize:
            self._lie_over()
        return super().eventFilter(watched, event)


def _style() -> str:
    return f"""
#questionCard {{
    background: {theme.RAISED}; border: 2px solid {theme.WARNING}; border-radius: 6px;
}}
#questionCard QLabel {{ background: transparent; color: {theme.TEXT}; }}
#questionCard #questionTitle {{ font-weight: bold; color: {theme.WARNING}; }}
#questionCard #yes {{ background: {theme.WARNING}; color: {theme.INK}; font-weight: bold; }}
#questionCard QPushButton {{ padding: 4px 14px; }}
    """
