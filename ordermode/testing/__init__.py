"""The conformance suite: which rules of an order's life hold with a backend.

A backend's author derives a test class and gives it one fixture; see docs/backend.md::

    class TestRules(OrderLifeRules):
        @pytest.fixture
        def open_venue(self) -> OpenVenue:
            return my_venue

Then ``pytest`` says which of the 20 rules are broken, by number and sentence.
"""

from ordermode.testing.feed_rules import FeedRules, PromiseBroken
from ordermode.testing.hand import (
    CannotDo,
    OpenVenue,
    TouchingHand,
    Venue,
    VenueHand,
    VenueOrder,
)
from ordermode.testing.order_life_rules import OrderLifeRules
from ordermode.testing.rules import RULES, RuleBroken

__all__ = [
    "RULES",
    "CannotDo",
    "FeedRules",
    "OpenVenue",
    "OrderLifeRules",
    "PromiseBroken",
    "RuleBroken",
    "TouchingHand",
    "Venue",
    "VenueHand",
    "VenueOrder",
]
