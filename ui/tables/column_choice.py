"""Which columns of a table are shown: a right click on a title opens the list."""

from collections.abc import Collection
from typing import Final

from PyQt6.QtCore import QAbstractItemModel, QPoint, Qt
from PyQt6.QtWidgets import QHeaderView, QMenu


class ColumnChoice:
    """Hides and shows the columns of one table; the last one that is shown stays.

    Parameters
    ----------
    header : QHeaderView
        Of the columns; it belongs to a view with a model.
    """

    def __init__(self, header: QHeaderView) -> None:
        self._header: Final = header
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._open)

    @property
    def titles(self) -> list[str]:
        """The titles of all columns."""
        model, orientation = self._model, Qt.Orientation.Horizontal
        return [str(model.headerData(c, orientation)) for c in range(model.columnCount())]

    @property
    def hidden(self) -> tuple[str, ...]:
        """The titles of the columns that are hidden."""
        hidden = self._header.isSectionHidden
        return tuple(title for column, title in enumerate(self.titles) if hidden(column))

    def hide(self, titles: Collection[str]) -> None:
        """Hide the columns with these titles and show the others, but never hide them all."""
        all_titles = self.titles
        if all(title in titles for title in all_titles):
            return
        for column, title in enumerate(all_titles):
            self._header.setSectionHidden(column, title in titles)

    def menu(self) -> QMenu:
        """Return the list of columns; it does what it says."""
        menu = QMenu(self._header)
        shown = [title for title in self.titles if title not in self.hidden]
        for title in self.titles:
            action = menu.addAction(title)
            assert action is not None
            action.setCheckable(True)
            action.setChecked(title in shown)
            action.setEnabled(shown != [title])
            action.toggled.connect(lambda show, title=title: self._show(title, show=show))
        return menu

    def _show(self, title: str, *, show: bool) -> None:
        hidden = set(self.hidden) - {title}
        self.hide(hidden if show else hidden | {title})

    @property
    def _model(self) -> QAbstractItemModel:
        model = self._header.model()
        assert model is not None
        return model

    def _open(self, where: QPoint) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self._header.mapToGlobal(where))
