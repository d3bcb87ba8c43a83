"""What other programs use of ordermode: trading from code, and order mode on their charts.

``async with ordermode.connect() as client`` opens an EMS with the user's config and accounts, and
`attach_order_mode` puts order mode on a plot. Qt is imported by what draws, and by nothing else.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ems.errors import EmsError
    from ems.known_orders import OrderOver
    from ems.market import Market
    from ems.messages import Cancel, Order, Position, Status, Trail
    from ems.ticks import Quote, Trade
    from ems.trading_client import TradingClient
    from ordermode.own_ems import OwnEms, connect, run
    from ui.attach import attach_order_mode
    from ui.chart import Chart
    from ui.ems_tables import EmsTables
    from ui.hosted_loop import loop_of_qt
    from ui.order_mode_pane import OrderModePane
    from ui.show_bars import show

_MODULES: Final = {
    "Cancel": "ems.messages",
    "Chart": "ui",
    "EmsError": "ems.errors",
    "EmsTables": "ui",
    "Market": "ems.market",
    "Order": "ems.messages",
    "OrderModePane": "ui",
    "OrderOver": "ems.known_orders",
    "OwnEms": "ordermode.own_ems",
    "Position": "ems.messages",
    "Quote": "ems.ticks",
    "Status": "ems.messages",
    "Trade": "ems.ticks",
    "Trail": "ems.messages",
    "TradingClient": "ems.trading_client",
    "attach_order_mode": "ui",
    "connect": "ordermode.own_ems",
    "loop_of_qt": "ui.hosted_loop",
    "run": "ordermode.own_ems",
    "show": "ui",
}

__all__ = [
    "Cancel",
    "Chart",
    "EmsError",
    "EmsTables",
    "Market",
    "Order",
    "OrderModePane",
    "OrderOver",
    "OwnEms",
    "Position",
    "Quote",
    "Status",
    "Trade",
    "TradingClient",
    "Trail",
    "attach_order_mode",
    "connect",
    "loop_of_qt",
    "run",
    "show",
]


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
