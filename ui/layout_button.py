"""The button of the layouts: open one, save this one under a name, delete one."""

from collections.abc import Callable
from functools import partial

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QInputDialog, QMenu, QToolButton, QWidget

from ui.layout import Layout
from ui.layout_file import LayoutFiles, LayoutNotKept


class LayoutButton(QToolButton):
    """Opens a menu with the names of all layouts, read from the disk each time.

    Parameters
    ----------
    files : LayoutFiles
        Has them.
    layout : callable
        Returns the layout as it is now, to be saved.

    Signals
    -------
    layout_chosen(Layout)
        The window is to be arranged like this.
    told(str, str)
        Something to tell the user: the text, and ``info`` or ``error``.
    """

    layout_chosen = pyqtSignal(object)
    told = pyqtSignal(str, str)

    def __init__(
        self, files: LayoutFiles, layout: Callable[[], Layout], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._files = files
        self._layout = layout
        self.setObjectName("layouts")
        self.setText("Layout")
        self.setToolTip("Open, save or delete an arrangement of the window")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        menu.aboutToShow.connect(lambda: self._fill(menu))
        self.setMenu(menu)

    def save_as(self, name: str) -> None:
        """Save the layout under a name."""
        try:
            self._files.write_named(name, self._layout())
        except LayoutNotKept as error:
            self.told.emit(str(error), "error")
        else:
            self.told.emit(f"The layout is saved as {name}", "info")

    def _fill(self, menu: QMenu) -> None:
        menu.clear()
        names = self._files.names()
        for name in names:
            self._add(menu, name, partial(self._open, name))
        menu.addSeparator()
        self._add(menu, "Save as…", self._ask_name)
        if names and (delete := menu.addMenu("Delete")) is not None:
            for name in names:
                self._add(delete, name, partial(self._remove, name))

    @staticmethod
    def _add(menu: QMenu, text: str, slot: Callable[[], None]) -> None:
        action = menu.addAction(text.replace("&", "&&"))
        assert action is not None
        action.triggered.connect(lambda: slot())

    def _open(self, name: str) -> None:
        try:
            layout = self._files.read_named(name)
        except LayoutNotKept as error:
            self.told.emit(str(error), "error")
        else:
            self.layout_chosen.emit(layout)

    def _remove(self, name: str) -> None:
        try:
            self._files.remove_named(name)
        except LayoutNotKept as error:
            self.told.emit(str(error), "error")
        else:
            self.told.emit(f"The layout {name} is deleted", "info")

    def _ask_name(self) -> None:
        """Ask for the name; the program goes on meanwhile."""
        dialog = QInputDialog(self)
        dialog.setWindowTitle("Save the layout")
        dialog.setLabelText("Name of the layout")
        dialog.textValueSelected.connect(lambda name: self.save_as(name.strip()))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
