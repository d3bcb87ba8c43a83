"""What should not have happened to a group, in words: to be said at once."""

from collections.abc import Callable, Iterable
from decimal import Decimal

from ems.group_rules import Group
from ems.market import Market
from ems.messages import ZERO
from ems.order_dialog import OrderDialog
from ems.ties import is_unexplained, replaced
from ems.transitions import S


def faults(
    group: Group,
    market: Market,
    protected: Decimal,
    may_be_explained: Callable[[OrderDialog], bool],
    *,
    closing: bool,
) -> list[str]:
    """Return a sentence for each fault of a group as it is now.

    Parameters
    ----------
    protected
        How much there is for its exits to close.
    may_be_explained
        Tells of a stop that its venue has ended whether the venue may still say what for.
    closing
        The position is being closed: its stops are gone on purpose.
    """
    found = (
        _overfilled(group, market),
        _peers(group, market),
        "" if closing else _unprotected(group, market, protected, may_be_explained),
        _too_small(group, market, protected),
        _not_closed(group, market),
    )
    return [text for text in found if text]


def left_over(market: Market, account: str, there: Decimal) -> str:
    """Say what is left of a position that was to be closed."""
    side = "long" if there > 0 else "short"
    size = market.format_size(abs(there))
    return (
        f"The position of {account} in {market.fqsn} was closed, and a late fill has opened one: "
        f"{side} {size}. Close it again if you do not want it."
    )


def _overfilled(group: Group, market: Market) -> str:
    if group.entry is None or not group.exits:
        return ""
    too_much = sum((one.filled for one in group.exits), ZERO) - group.entry.filled
    if too_much <= 0:
        return ""
    return (
        f"The exits in {market.fqsn} were filled by {market.format_size(too_much)} more than "
        f"their entry ({_names(group.exits)}): look at the position."
    )


def _peers(group: Group, market: Market) -> str:
    done = [one for one in group.having("peer") if one.filled]
    if len(done) < 2:
        return ""
    return (
        f"More than one order of an OCO group in {market.fqsn} was filled "
        f"({_names(done)}): look at the position."
    )


def _unprotected(
    group: Group,
    market: Market,
    protected: Decimal,
    may_be_explained: Callable[[OrderDialog], bool],
) -> str:
    """Say so if the stops of a group are gone, and nobody here wanted that."""
    again = replaced(group.members)
    stops = [one for one in group.having("stop") if one.oid not in again]
    if not stops or not protected or any(one.active for one in stops):
        return ""
    if any(is_unexplained(one, group.members) and may_be_explained(one) for one in stops):
        return ""
    if all(one.state is S.CANCELED and one.cancel_reason == "" for one in stops):
        return ""  # their owner took them back
    why = next((one.reason for one in reversed(stops) if one.reason), "")
    size = market.format_size(protected)
    return f"A position of {size} in {market.fqsn} has no stop any more. {why}".strip()


def _too_small(group: Group, market: Market, protected: Decimal) -> str:
    """Say so if the only stop of a group could not be made larger."""
    stops = [one for one in group.having("stop") if one.active]
    if len(stops) != 1 or stops[0].refused_size is None:
        return ""
    size = stops[0].order.size - stops[0].filled
    if size >= protected or stops[0].refused_size <= stops[0].order.size:
        return ""
    return (
        f"The stop in {market.fqsn} covers {market.format_size(size)} of "
        f"{market.format_size(protected)}: the venue did not make it larger. {stops[0].reason}"
    ).strip()


def _not_closed(group: Group, market: Market) -> str:
    for one in group.having("flatten"):
        if one.over and ZERO < one.filled < one.order.size:
            left = market.format_size(one.order.size - one.filled)
            return f"The position in {market.fqsn} was not closed: {left} is left. {one.reason}"
    return ""


def _names(dialogs: Iterable[OrderDialog]) -> str:
    words = []
    for one in dialogs:
        if one.filled > ZERO:
            role = one.order.link.role if one.order.link else "order"
            words.append(f"{role} {one.oid[:8]}: {one.filled}")
    return ", ".join(words)
