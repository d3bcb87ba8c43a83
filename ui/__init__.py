"""The desktop program, and the call that puts order mode on anyone's plot.

``from ui import attach_order_mode`` imports Qt; ``import ui`` alone does not.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.attach import attach_order_mode

__all__ = ["attach_order_mode"]


def __getattr__(name: str) -> object:
    if name == "attach_order_mode":
        from ui.attach import attach_order_mode

        return attach_order_mode
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
