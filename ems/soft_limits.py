"""Limits that ask instead of blocking: the same request, with a yes to each question, is taken."""

from decimal import Decimal

from ems.market import Market
from ems.messages import Order, Question
from ems.number_words import number_words
from ems.price_ages import PriceAges
from ems.price_collar import beyond_best
from ems.risk_figures import Asked, RiskFigures

CONFIRM = "confirm"
"""The kind of the question of an account whose every order is to be confirmed."""


class SoftLimits:
    """Says what has to be asked about a request that no hard limit blocks."""

    def __init__(self, figures: RiskFigures, prices: PriceAges) -> None:
        self._figures = figures
        self._prices = prices

    def questions(self, ask: Asked, *, grows: bool) -> list[Question]:
        """Return the questions, none if it may go out.

        Parameters
        ----------
        ask
            The request.
        grows
            It is new, larger or dearer than before: one that is not is only asked about its price.
        """
        found = [*self._of_order(ask), *self._of_position(ask)] if grows else []
        return found + self._of_price(ask)

    def _of_order(self, ask: Asked) -> list[Question]:
        if ask.closes:
            return []
        found, limits, market = [], ask.limits, ask.market
        if _above(ask.order.size, limits.ask_order_units):
            size = f"{market.format_size(ask.order.size)} ({number_words(ask.order.size)}) units"
            found.append(_question("ask_order_units", f"An order of {size}", limits))
        if limits.ask_order_money is not None:
            money = self._figures.order_money(ask)
            if money > limits.ask_order_money:
                text = f"An order worth {_money(market, money)}"
                found.append(_question("ask_order_money", text, limits))
        return found

    def _of_position(self, ask: Asked) -> list[Question]:
        if ask.reduces:
            return []
        found, limits, market = [], ask.limits, ask.market
        way = "long" if ask.side == "buy" else "short"
        if _above(ask.worst, limits.ask_position_units):
            size = f"{market.format_size(ask.worst)} ({number_words(ask.worst)}) units"
            text = f"With all orders filled, {size} {way}"
            found.append(_question("ask_position_units", text, limits))
        if limits.ask_position_money is not None:
            money = self._figures.position_money(ask)
            if money > limits.ask_position_money:
                text = f"With all orders filled, {way} {_money(market, money)}"
                found.append(_question("ask_position_money", text, limits))
        return found

    def _of_price(self, ask: Asked) -> list[Question]:
        percent = ask.limits.ask_collar_percent
        if percent is None or ask.order.exec_mode == "dark":
            return []
        beyond = beyond_best(ask.order, self._prices)
        if beyond is None or beyond.points <= beyond.best * percent / 100:
            return []
        place, market = ("above" if ask.side == "buy" else "below"), ask.market
        away = f"{beyond.points / beyond.best:.1%} {place} the {beyond.what} of "
        text = f"A price of {market.format_price(beyond.price)}, which is {away}"
        text += market.format_price(beyond.best)
        return [_question("ask_collar_percent", text, ask.limits)]


def confirmation(order: Order, market: Market, *, modify: bool) -> Question:
    """Return the question of an account whose every order is to be confirmed."""
    money = _money(market, market.money(order.price, order.size))
    what = f"{order.action} {market.format_size(order.size)} at {market.format_price(order.price)}"
    start = "Change it to" if modify else "Place"
    return Question(CONFIRM, f"{start}: {order.exec_mode} {what}, worth {money}?")


def _above(number: Decimal, limit: Decimal | None) -> bool:
    return limit is not None and number > limit


def _money(market: Market, money: Decimal) -> str:
    return f"{money:,.2f} {market.currency} ({number_words(money)})"


def _question(kind: str, text: str, limits: object) -> Question:
    return Question(
        kind, f"{text}: you want to be asked above {getattr(limits, kind):,f} ({kind})."
    )
