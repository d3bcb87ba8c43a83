"""A style sheet of a widget's own that follows the theme."""

from collections.abc import Callable

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QWidget

from ui import theme


class _WornStyle(QObject):
    """Lives with its widget, so that nobody has to take it off."""

    def __init__(self, widget: QWidget, sheet: Callable[[], str]) -> None:
        super().__init__(widget)
        self._widget = widget
        self._sheet = sheet
        theme.changes.changed.connect(self.put_on)

    def put_on(self) -> None:
        self._widget.setStyleSheet(self._sheet())


def wear(widget: QWidget, sheet: Callable[[], str]) -> None:
    """Give a widget the style sheet that a function returns, now and whenever the theme changes.

    Parameters
    ----------
    widget : QWidget
        Gets it once; a second style takes the place of nothing.
    sheet : callable
        Reads its colours from `ui.theme` each time that it is called.
    """
    _WornStyle(widget, sheet).put_on()
