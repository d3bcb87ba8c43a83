"""Our own backends keep the rules that everybody's must: the suite that we ship, on each."""

import pytest

from ordermode.testing import FeedRules, OpenVenue, OrderLifeRules
from tests.conformance.ib_venue import ib_venue
from tests.conformance.kraken_venue import kraken_venue
from tests.conformance.paper_venue import paper_venue
from tests.conformance.replay_venue import replay_venue


class TestPaper(OrderLifeRules):
    @pytest.fixture
    def open_venue(self) -> OpenVenue:
        return paper_venue


class TestKraken(OrderLifeRules, FeedRules):
    @pytest.fixture
    def open_venue(self) -> OpenVenue:
        return kraken_venue


class TestIb(OrderLifeRules, FeedRules):
    @pytest.fixture
    def open_venue(self) -> OpenVenue:
        return ib_venue


class TestReplay(OrderLifeRules, FeedRules):
    @pytest.fixture
    def open_venue(self) -> OpenVenue:
        return replay_venue
