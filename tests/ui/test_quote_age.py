"""The age of the quote in words, and in the pane."""

from decimal import Decimal

import pytest

from ems.market import Market
from ems.price_ages import Aged
from ui.order_pane import OrderPane
from ui.quote_age import quote_words

MARKET = Market(fqsn="a.b.c", tick_size=Decimal("0.01"), lot_size=Decimal(1), currency="USD")


class Prices:
    """Prices as a test says."""

    def __init__(self, age_s: float | None, crossed: bool = False) -> None:
        self._age_s = age_s
        self._crossed = crossed

    def quote(self, _: str) -> Aged | None:
        return None if self._age_s is None else Aged(1.0, 2.0, self._age_s, "quote")

    def crossed(self, _: str) -> bool:
        return self._crossed


@pytest.mark.parametrize(
    ("prices", "words"),
    [
        (Prices(None), ""),
        (Prices(4.9), ""),
        (Prices(5), "Bid and ask are 5 s old."),
        (Prices(119.6), "Bid and ask are 120 s old."),
        (Prices(600), "Bid and ask are 10 min old."),
        (Prices(0, True), "Crossed: bid above ask. Nothing fills or triggers on it."),
    ],
)
def test_in_words(prices, words):
    assert quote_words(prices, "a.b.c") == words


def test_the_pane_shows_it_and_takes_it_away(qtbot):
    pane = OrderPane(MARKET)
    qtbot.addWidget(pane)
    pane.show()
    assert not pane.quote_note.isVisible()
    pane.set_quote_age("Bid and ask are 9 s old.")
    assert pane.quote_note.isVisible()
    pane.set_quote_age("")
    assert not pane.quote_note.isVisible()
