"""What can be placed at a price without keys: the choices of the menu there, with their sizes."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ems.market import Market
from ems.messages import ExecMode, Side
from order_mode.gesture import Intent
from order_mode.labels import account_words
from order_mode.order_types import TYPE_WORDS, types_at
from order_mode.outlook import Holding, breakeven
from order_mode.prices import Prices
from order_mode.sizing import ExitShare
from order_mode.stager import Stager
from order_mode.staging import Staged

_MODES: Final[tuple[ExecMode, ...]] = ("dark", "live")
_SIDES: Final[tuple[Side, ...]] = ("buy", "sell")
_SHARES: Final[tuple[ExitShare, ...]] = ("half", "all")


@dataclass(frozen=True, slots=True)
class Choice:
    """One order, or alert, that can be placed at a price."""

    intent: Intent
    staged: Staged
    """As it was when the choice was offered."""
    text: str
    """``Buy 25 at 100.00, dark (PAPER)``, or why it cannot be placed."""

    @property
    def possible(self) -> bool:
        """False if it would be refused; the text says why."""
        return not self.staged.refused


def choices_at(price: Decimal, market: Market, stager: Stager, position: Decimal) -> list[Choice]:
    """Return everything that can be placed at a price, what can not among it.

    Parameters
    ----------
    position
        Of the account, signed; exits are offered against it.
    """
    return [_choice(intent, price, market, stager) for intent in _intents(position)]


def other_choices_at(
    price: Decimal, market: Market, stager: Stager, prices: Prices
) -> list[Choice]:
    """Return the types that a click at this price would not place, then market orders."""
    found = []
    for action in _SIDES:
        kinds = [stager.stage_at(Intent(action, "live"), price).order.type]
        for kind in types_at(action, price, prices):
            if kind not in kinds:
                kinds.append(kind)
                intents = [Intent(action, mode, type=kind) for mode in _MODES]
                found += [_choice(intent, price, market, stager) for intent in intents]
    return found + market_choices(market, stager, prices)


def market_choices(market: Market, stager: Stager, prices: Prices) -> list[Choice]:
    """Return a market order a side, shown at the price that it would get now."""
    found = []
    for action in _SIDES:
        at = prices.entry(action)
        if at is not None:
            intent = Intent(action, "live", type="market")
            found.append(_choice(intent, market.round_price(at), market, stager))
    return found


def break_even_choices(held: Holding, market: Market, stager: Stager) -> list[Choice]:
    """Return exits of a whole position, dark and live, at the first price that loses nothing."""
    exact = breakeven(market, held)
    if exact is None:
        return []
    long = held.size > 0
    price = market.round_price(exact)
    if price != exact and (price < exact) == long:
        price = market.ticks_away(price, 1 if long else -1)
    closing: Side = "sell" if long else "buy"
    intents = [Intent(closing, mode, share="all") for mode in _MODES]
    return [_choice(intent, price, market, stager) for intent in intents]


def _intents(position: Decimal) -> Iterator[Intent]:
    for action in _SIDES:
        for mode in _MODES:
            yield Intent(action, mode)
    yield Intent("alert", "dark")
    if position:
        closing: Side = "sell" if position > 0 else "buy"
        for share in _SHARES:
            for mode in _MODES:
                yield Intent(closing, mode, share=share)


def _choice(intent: Intent, price: Decimal, market: Market, stager: Stager) -> Choice:
    staged = stager.stage_at(intent, price)
    order = staged.order
    at = market.format_price(order.price)
    what = f"{order.action.capitalize()}" if intent.share is None else f"Close {intent.share}:"
    if order.action == "alert":
        text = f"Alert at {at}"
    elif staged.refused:
        text = f"{what} {intent.exec_mode}: {staged.refused}"
    else:
        side = "" if intent.share is None else f" {order.action}"
        size = market.format_size(order.size)
        kind = "" if order.type == "limit" else f" {TYPE_WORDS[order.type]}"
        about = "about " if order.type == "market" else ""
        mode = "live, held here" if intent.exec_mode == "live" and staged.held else intent.exec_mode
        account = account_words(order.account)
        exits = f" with {len(staged.exits)} exits" if staged.exits else ""
        text = f"{what}{side} {size}{kind} at {about}{at}, {mode}{exits} ({account})"
    return Choice(intent, staged, text)
