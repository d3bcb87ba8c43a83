"""The desktop program, and what others can use of it in their own.

``from ui import attach_order_mode`` puts order mode on anyone's plot, ``from ui import show``
opens a chart of a data frame, ``from ui import Chart`` is the chart as a widget, ``EmsTables`` the
tables, ``OrderModePane`` the order pane of a plot. These import Qt; ``import ui`` alone does not.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

from ui.qt_binding import check_qt_binding

if TYPE_CHECKING:
    from ui.attach import attach_order_mode
    from ui.chart import Chart
    from ui.ems_tables import EmsTables
    from ui.order_mode_pane import OrderModePane
    from ui.show_bars import show

__all__ = ["Chart", "EmsTables", "OrderModePane", "attach_order_mode", "show"]

_MODULES: Final = {
    "Chart": "ui.chart",
    "EmsTables": "ui.ems_tables",
    "OrderModePane": "ui.order_mode_pane",
    "attach_order_mode": "ui.attach",
    "show": "ui.show_bars",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    check_qt_binding()
    return getattr(import_module(_MODULES[name]), name)
