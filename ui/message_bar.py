"""A slim bar over the top of a widget: faults and notices, newest first, until dismissed.

It floats, so that its coming and going never moves the chart under a pointer that is about to
click a price, and it never takes the focus, so that a held key stays held.
"""

import html
from typing import Final, Literal, TypeAlias

import msgspec
from PyQt6.QtCore import QEvent, QObject, Qt, QTimer
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from ems.messages import Notice
from ui import theme
from ui.style_property import set_style_property
from ui.worn_style import wear

Level: TypeAlias = Literal["fault", "warning", "info"]

_HEIGHT: Final = 30
_MOST_KEPT: Final = 100
_NOTICE_LEVELS: Final[dict[str, Level]] = {"error": "fault", "warning": "warning", "info": "info"}

_INFO_MS: Final = 8_000


class _Item(msgspec.Struct):
    level: Level
    text: str
    details: str
    times: int = 1


class MessageBar(QFrame):
    """Shows the newest message and how many others there are.

    Parameters
    ----------
    over : QWidget
        The widget along whose upper edge it lies; put it in no layout.
    """

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self._over = over
        self._items: list[_Item] = []
        self.setObjectName("messageBar")
        wear(self, _style)
        self.setFixedHeight(_HEIGHT)
        self.text = _label("messageText")
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.more = _label("messageMore")
        self.copy_button = _button("Copy details")
        self.dismiss_button = _button("Dismiss")
        self.dismiss_all_button = _button("Dismiss all")
        self._arrange()
        self._leave = QTimer(self)
        self._leave.setSingleShot(True)
        self._leave.setInterval(_INFO_MS)
        self._leave.timeout.connect(self._drop_infos)
        over.installEventFilter(self)
        self.hide()

    def move_over(self, over: QWidget) -> None:
        """Lie over another widget from now on, with all messages."""
        self._over.removeEventFilter(self)
        self._over = over
        over.installEventFilter(self)
        self.setParent(over)
        self._show_newest()

    def show_fault(self, text: str, details: str) -> None:
        """Show a fault; ``details`` is what "Copy details" copies. Fits `Faults.fault`."""
        self._add("fault", text, details)

    def show_notice(self, notice: Notice) -> None:
        """Show a notice of the EMS; one of level ``error`` looks like a fault."""
        self._add(_NOTICE_LEVELS[notice.level], notice.text, notice.text)

    def dismiss(self) -> None:
        """Take the newest message away; the one before it shows."""
        del self._items[-1:]
        self._show_newest()

    def dismiss_all(self) -> None:
        """Take all messages away."""
        self._items.clear()
        self._show_newest()

    def copy_details(self) -> None:
        """Put the details of the newest message on the clipboard."""
        clipboard = QGuiApplication.clipboard()
        assert clipboard is not None
        clipboard.setText(self._items[-1].details)

    def _add(self, level: Level, text: str, details: str) -> None:
        same = next((item for item in self._items if item.text == text), None)
        if same is not None:
            same.times += 1
            self._items.remove(same)
        self._items.append(same or _Item(level, text, details))
        del self._items[:-_MOST_KEPT]
        if level == "info":
            self._leave.start()
        self._show_newest()

    def _drop_infos(self) -> None:
        """News that nobody has to act on leaves by itself; it stays among the messages."""
        self._items = [item for item in self._items if item.level != "info"]
        self._show_newest()

    def _show_newest(self) -> None:
        if not self._items:
            self.hide()
            return
        item, others = self._items[-1], len(self._items) - 1
        self.text.setText(item.text if item.times == 1 else f"{item.text}  (x{item.times})")
        self.text.setToolTip(f"<qt>{html.escape(item.text)}</qt>")  # <qt> wraps lines
        self.more.setText(f"+{others} more")
        self.more.setVisible(others > 0)
        self.dismiss_all_button.setVisible(others > 0)
        set_style_property(self, "level", item.level)
        self._lie_over()
        self.show()
        self.raise_()

    def _arrange(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 2, 6, 2)
        layout.addWidget(self.text, 1)
        for widget in (self.more, self.copy_button, self.dismiss_button, self.dismiss_all_button):
            layout.addWidget(widget)
        self.copy_button.clicked.connect(self.copy_details)
        self.dismiss_button.clicked.connect(self.dismiss)
        self.dismiss_all_button.clicked.connect(self.dismiss_all)

    def _lie_over(self) -> None:
        self.setGeometry(0, 0, self._over.width(), _HEIGHT)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Keep the width of the widget below."""
        if watched is self._over and event is not None and event.type() == QEvent.Type.Resize:
            self._lie_over()
        return super().eventFilter(watched, event)


def _label(name: str) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    return label


def _button(title: str) -> QPushButton:
    button = QPushButton(title)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button


def _style() -> str:
    return f"""
#messageBar {{
    background: {theme.mixed(theme.ACCENT, 0.24).name()};
    border-bottom: 1px solid {theme.ACCENT};
}}
#messageBar[level="warning"] {{
    background: {theme.mixed(theme.WARNING, 0.24).name()};
    border-bottom-color: {theme.WARNING};
}}
#messageBar[level="fault"] {{
    background: {theme.mixed(theme.ERROR, 0.28).name()};
    border-bottom-color: {theme.ERROR};
}}
#messageBar QLabel {{ background: transparent; }}
#messageBar #messageMore {{ color: {theme.TEXT_MUTED}; padding-right: 6px; }}
#messageBar QPushButton {{
    background: transparent; border: 1px solid transparent; padding: 1px 8px;
}}
#messageBar QPushButton:hover {{ border-color: {theme.TEXT_MUTED}; }}
    """
