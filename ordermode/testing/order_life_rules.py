"""The rules of an order's life as one class of pytest tests."""

from ordermode.testing.line_rules import LineRules
from ordermode.testing.request_rules import RequestRules
from ordermode.testing.trigger_rules import TriggerRules
from ordermode.testing.type_rules import TypeRules
from ordermode.testing.venue_rules import VenueRules


class OrderLifeRules(RequestRules, VenueRules, TriggerRules, LineRules, TypeRules):
    """Derive a test class and give it a fixture ``open_venue`` that returns an `OpenVenue`.

    Each test opens a venue, an EMS and the backend on it, with a tap in between that can hold
    back, reorder, repeat and lose what is said; so most rules need little of the venue itself.
    """
