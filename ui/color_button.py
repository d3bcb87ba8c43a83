"""A small button in a colour, with a menu of other colours."""

from typing import Final

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QIcon, QPixmap
from PyQt6.QtWidgets import QColorDialog, QMenu, QToolButton, QWidget

from ui import theme

_SIZE: Final = 14
_NAMES: Final = ("Blue", "Yellow", "Purple", "White", "Green", "Orange")
"""Of the theme's indicator colours, in their order; see `ui.palettes`."""


class ColorButton(QToolButton):
    """Shows a colour; a click offers those of the theme, and any other.

    Signals
    -------
    color_chosen(str)
        Another colour was chosen: its name, as ``#5b9cf5``.
    """

    color_chosen = pyqtSignal(str)

    def __init__(self, color: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setIconSize(QSize(_SIZE, _SIZE))
        menu = QMenu(self)
        for name, one in zip(_color_names(), theme.INDICATORS, strict=True):
            action = menu.addAction(_swatch(one), name)
            assert action is not None
            action.triggered.connect(lambda _, one=one: self._choose(one))
        other = menu.addAction("Another…")
        assert other is not None
        other.triggered.connect(self._ask)
        self.setMenu(menu)
        self._show(color)

    @property
    def color(self) -> str:
        """The colour that is shown."""
        return self._color

    def _show(self, color: str) -> None:
        self._color = color
        self.setIcon(_swatch(color))

    def _choose(self, color: str) -> None:
        if color != self._color:
            self._show(color)
            self.color_chosen.emit(color)

    def _ask(self) -> None:
        chosen = QColorDialog.getColor(QColor(self._color), self.window(), "Colour of the line")
        if chosen.isValid():
            self._choose(chosen.name())


def _color_names() -> tuple[str, ...]:
    """Return what the theme's colours are called; white is black in the light theme."""
    dark = theme.current() == "dark"
    return tuple("Black" if name == "White" and not dark else name for name in _NAMES)


def _swatch(color: str) -> QIcon:
    picture = QPixmap(_SIZE, _SIZE)
    picture.fill(theme.color(color))
    return QIcon(picture)
