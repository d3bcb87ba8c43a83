"""The tabs below the chart: orders, positions, fills, alerts, messages."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any, Final

from PyQt6.QtCore import QModelIndex, QPoint, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QKeySequence, QShortcut
from PyQt6.QtWidgets import QMenu, QTabWidget, QWidget

from ems.market import Market
from ems.messages import BrokerdFill, ClientMsg
from ui.tables.alerts import AlertsModel
from ui.tables.fills import FillsModel
from ui.tables.messages import MessageRow, MessagesModel
from ui.tables.orders import OrdersModel
from ui.tables.positions import PositionsModel
from ui.tables.row_model import RowModel
from ui.tables.table_tools import TableTools
from ui.tables.table_view import TableView
from ui.tables.tone import Ground
from ui.throttle import Throttle

_ORDER_WIDTHS: Final = (150, 140, 70, 150, 50, 65, 60, 80, 110, 140, 80, 85)
_POSITION_WIDTHS: Final = (110, 150, 140, 120, 140, 140, 120)
_FILL_WIDTHS: Final = (160, 150, 60, 80, 100, 110, 100, 90)
_ALERT_WIDTHS: Final = (160, 150, 90, 90, 170, 85)
_MESSAGE_WIDTHS: Final = (160, 70)


class TradeTables(QTabWidget):
    """What the account has, did and was told.

    Signals
    -------
    order_chosen(str)
        The oid of an order whose row was clicked or whose fill was.
    cancel_asked(str)
        The oid of an order to cancel: Delete, or the context menu.
    story_asked(str)
        The oid of an order whose story is wanted: a double click on any row that is about one.

    Parameters
    ----------
    markets : mapping of fqsn to Market
        Read whenever a number is written: it may grow later.
    """

    order_chosen = pyqtSignal(str)
    cancel_asked = pyqtSignal(str)
    story_asked = pyqtSignal(str)

    def __init__(self, markets: Mapping[str, Market], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.orders = OrdersModel(markets, self)
        self.positions = PositionsModel(markets, self)
        self.fills = FillsModel(markets, self)
        self.alerts = AlertsModel(markets, self)
        self.messages = MessagesModel(markets, self)
        self.tools = TableTools(self._csv_text)
        self.tools.filter_typed.connect(self._set_filter)
        self.orders_view = self._add_tab("Orders", self.orders, _ORDER_WIDTHS)
        self._add_tab("Positions", self.positions, _POSITION_WIDTHS)
        self.fills_view = self._add_tab("Fills", self.fills, _FILL_WIDTHS)
        self.alerts_view = self._add_tab("Alerts", self.alerts, _ALERT_WIDTHS)
        self.messages_view = self._add_tab("Messages", self.messages, _MESSAGE_WIDTHS)
        self.setDocumentMode(True)
        tabs = self.tabBar()
        assert tabs is not None
        tabs.setDrawBase(False)
        self.setCornerWidget(self.tools)
        self._connect_orders()
        self._connect_stories()

    def on_msg(self, msg: ClientMsg) -> None:
        """Take in one message of the EMS."""
        self.orders.on_msg(msg)
        self.positions.on_msg(msg)
        self.fills.on_msg(msg)
        self.alerts.on_msg(msg)
        self.messages.on_msg(msg)

    def set_last(self, fqsn: str, price: float) -> None:
        """Value the positions of a market at its last price."""
        self.positions.set_last(fqsn, price)

    def point_at_order(self, oid: str) -> None:
        """Select the row of an order, in the table that is open if it has one."""
        view = self.currentWidget()
        if isinstance(view, TableView) and view.select_key(oid):
            return
        if self.orders_view.select_key(oid):
            self.setCurrentWidget(self.orders_view)

    def lie_on(self, palette: Ground | None) -> None:
        """Let cells have colours that are read on a ``dark`` or a ``light`` ground.

        None = the ground of the theme.
        """
        for model in (self.orders, self.positions, self.fills, self.alerts, self.messages):
            model.palette = palette
        for view in self._views():
            view.viewport().update()  # type: ignore[union-attr]  # every view has one

    @property
    def hidden_columns(self) -> dict[str, tuple[str, ...]]:
        """Titles of the hidden columns, by the name of their table; those with none left out."""
        hidden = {view.objectName(): view.column_choice.hidden for view in self._views()}
        return {name: titles for name, titles in hidden.items() if titles}

    def hide_columns(self, hidden: Mapping[str, Collection[str]]) -> None:
        """Hide these columns and show all others; see `hidden_columns`."""
        for view in self._views():
            view.column_choice.hide(hidden.get(view.objectName(), ()))

    def _add_tab(self, title: str, model: RowModel[Any], widths: tuple[int, ...]) -> TableView:
        view = TableView(model, widths)
        view.setObjectName(title.lower())
        tab = self.addTab(view, title)

        def show_count() -> None:
            count = model.rowCount()
            part = f"{view.shown_rows.rowCount()} of " if self.tools.filter.text() else ""
            self.setTabText(tab, f"{title}  {part}{count}" if count else title)

        counted = Throttle(show_count, view)
        for rows in (model, view.shown_rows):
            rows.rowsInserted.connect(counted.ask)
            rows.rowsRemoved.connect(counted.ask)
        self.tools.filter_typed.connect(lambda _: show_count())
        return view

    def _connect_orders(self) -> None:
        self.fills_view.clicked.connect(self._choose_order_of_fill)
        for view in (self.orders_view, self.alerts_view):
            self._connect_cancelable(view)

    def _connect_cancelable(self, view: TableView) -> None:
        view.clicked.connect(lambda index: self.order_chosen.emit(view.key_at(index)))
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(lambda where: self._open_menu(view, where))
        delete = QShortcut(QKeySequence(Qt.Key.Key_Delete), view)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(lambda: self._ask_cancel(view.selected_keys()))

    def _connect_stories(self) -> None:
        for view in (self.orders_view, self.alerts_view):
            view.doubleClicked.connect(partial(self._ask_story_of_order, view))
        self.fills_view.doubleClicked.connect(
            lambda index: self._ask_story(self.fills.get(self.fills_view.key_at(index)))
        )
        self.messages_view.doubleClicked.connect(
            lambda index: self._ask_story(self.messages.get(self.messages_view.key_at(index)))
        )

    def _ask_story_of_order(self, view: TableView, index: QModelIndex) -> None:
        self.story_asked.emit(view.key_at(index))

    def _ask_story(self, row: BrokerdFill | MessageRow | None) -> None:
        if row is not None and row.oid:
            self.story_asked.emit(row.oid)

    def _views(self) -> list[TableView]:
        return [
            view for tab in range(self.count()) if isinstance(view := self.widget(tab), TableView)
        ]

    def _set_filter(self, text: str) -> None:
        for view in self._views():
            view.set_filter(text)

    def _csv_text(self) -> str:
        return self._views()[self.currentIndex()].csv_text()

    def _choose_order_of_fill(self, index: QModelIndex) -> None:
        fill = self.fills.get(self.fills_view.key_at(index))
        if fill is not None and fill.oid is not None:
            self.order_chosen.emit(fill.oid)

    def _ask_cancel(self, oids: list[str]) -> None:
        for oid in oids:
            self.cancel_asked.emit(oid)

    def _open_menu(self, view: TableView, where: QPoint) -> None:
        oids = view.selected_keys()
        viewport = view.viewport()
        if not oids or viewport is None:
            return
        menu = self.order_menu(oids, view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(viewport.mapToGlobal(where))

    def order_menu(self, oids: list[str], view: TableView) -> QMenu:
        """Return the context menu of these orders; it does to them what it says."""
        menu = QMenu(self)
        title = "Cancel order" if len(oids) == 1 else f"Cancel {len(oids)} orders"
        _add(menu, title, "Del").triggered.connect(lambda: self._ask_cancel(oids))
        _add(menu, "Its story…", "").triggered.connect(lambda: self.story_asked.emit(oids[0]))
        _add(menu, "Show on chart", "").triggered.connect(lambda: self.order_chosen.emit(oids[0]))
        _add(menu, "Copy", "Ctrl+C").triggered.connect(view.copy_selection)
        return menu


def _add(menu: QMenu, title: str, key: str) -> QAction:
    action = menu.addAction(f"{title}\t{key}" if key else title)
    assert action is not None
    return action
