"""Which exits protect with the program closed, in words."""

from collections.abc import Sequence
from typing import Final

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
    alone = [one for one in stops if _works_alone(one)]
    size = abs(held.size)
    if not stops:
        return "no stop-loss"
    if sum((one.remaining for one in alone), ZERO) >= size:
        with_them = ", shrinks with its target" if _are_tied(alone, exits) else ""
        return f"stop-loss works with the program closed{with_them}"
    covered = sum((one.remaining for one in stops), ZERO)
    part = ""
    if covered < size:
        part = f" for {market.format_size(covered)} of {market.format_size(size)}"
    return f"stop-loss{part} {'works with the program closed' if stops == alone else _NEEDS}"


def _works_alone(stop: Dialog) -> bool:
    """Tell whether a stop is at a venue that is not a part of the program."""
    return stop.order.exec_mode == "live" and broker_of(stop.order.account) != "paper"


def _are_tied(stops: Sequence[Dialog], exits: Sequence[Dialog]) -> bool:
    """Tell whether the venue itself makes each stop smaller when another exit is filled."""
    ties = [one.status.tie for one in exits if one.status is not None]
    mine = [None if one.status is None else one.status.tie for one in stops]
    return all(tie is not None and ties.count(tie) > 1 for tie in mine)


_NEEDS: Final = "needs the program"
