"""What the user is told of an order that Kraken has replaced by another one."""

from typing import Literal

from brokers.kraken.live_order import LiveOrder
from brokers.kraken.pairs import BROKER
from ems.messages import BrokerdFill, BrokerdOrder, Notice


def replaced(request: BrokerdOrder, old: LiveOrder | None, now_ns: int) -> Notice:
    """Tell that it was done; ``old`` is the order that was there before, as it was last."""
    text = (
        f"Kraken replaced {request.action} {request.size} {request.symbol} by one at "
        f"{request.price}: it has a new id there, and the last place in the queue."
    )
    if old is not None and old.filled:
        text += (
            f" Meanwhile {old.filled} of the old one was filled, and the new one may be as "
            "large as before: look at it."
        )
    return _notice("error" if old and old.filled else "warning", text, now_ns)


def answered_late(request: BrokerdOrder, now_ns: int) -> Notice:
    """Tell that it was done, when nobody waited for the answer any more."""
    text = (
        f"Kraken answered late that it had replaced {request.action} {request.size} "
        f"{request.symbol} by one at {request.price}: that one is shown as an order of its own."
    )
    return _notice("warning", text, now_ns)


def filled_late(fill: BrokerdFill, now_ns: int) -> Notice:
    """Tell of a fill of the old order that is heard of after the new one."""
    text = (
        f"Kraken says only now that {fill.size} of the order in {fill.symbol} was filled before it "
        "was replaced. The new one may be as large as before: look at it."
    )
    return _notice("error", text, now_ns)


def _notice(level: Literal["warning", "error"], text: str, now_ns: int) -> Notice:
    return Notice(time_ns=now_ns, level=level, text=text, src=BROKER)
