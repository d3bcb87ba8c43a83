"""Which exits protect with the program closed, in words."""

from collections.abc import Sequence

from ems.market import Market, broker_of
from ems.messages import ZERO
from order_mode.dialog import Dialog
from order_mode.outlook import Holding


def protection_words(market: Market, held: Holding, exits: Sequence[Dialog]) -> str:
    """Return how a position is protected: ``stop-loss works with the program closed``.

    Parameters
    ----------
    exits
        The exits of the position.
    """
    stops = [one for one in exits if one.order.link and one.order.link.role == "stop"]
    covered = sum((one.remaining for one in stops), ZERO)
    size = abs(held.size)
    if not covered:
        return "no stop-loss"
    part = ""
    if covered < size:
        part = f" for {market.format_size(covered)} of {market.format_size(size)}"
    alone = all(
        one.order.exec_mode == "live" and broker_of(one.order.account) != "paper" for one in stops
    )
    return f"stop-loss{part} {'works with the program closed' if alone else 'needs the program'}"
