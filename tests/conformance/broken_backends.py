"""Backends of the Pier with one fault each, and the suite on them; run by test_finds_faults.py."""

import pytest
from msgspec.structs import replace
from ordermode_pier import broker, feed
from ordermode_pier.broker import PierDialogue
from ordermode_pier.exchange import Exchange
from test_conformance import pier

from ems.messages import BrokerdOrder, BrokerdReport
from ems.ports import Abilities
from ordermode.testing import FeedRules, OpenVenue, OrderLifeRules, Venue


def impatient(folder):
    """A venue for backends that fail: nothing that they owe is waited for long."""
    from contextlib import asynccontextmanager

    @asynccontextmanager
    async def opened():
        async with pier(folder) as venue:
            fields = {name: getattr(venue, name) for name in Venue.__struct_fields__}
            yield Venue(**fields | {"patience_s": 0.5})

    return opened()


class _Faulty(OrderLifeRules):
    def spoil(self, monkeypatch: pytest.MonkeyPatch) -> None:
        raise AssertionError

    @pytest.fixture
    def open_venue(self, monkeypatch: pytest.MonkeyPatch) -> OpenVenue:
        self.spoil(monkeypatch)
        return impatient


class TestOneExecutionId(_Faulty):
    def spoil(self, monkeypatch):
        real = broker.fill_of
        monkeypatch.setattr(broker, "fill_of", lambda words: replace(real(words), exec_id="X"))


class TestNoAck(_Faulty):
    def spoil(self, monkeypatch):
        real = PierDialogue._on_order

        def without_ack(self, order):
            self._known.add(order["id"])
            real(self, order)

        monkeypatch.setattr(PierDialogue, "_on_order", without_ack)


class TestKnowsNoOrder(_Faulty):
    def spoil(self, monkeypatch):
        def nothing(words):
            oid, asked = words["oid"], words["asked"]
            return BrokerdReport(oid=oid, account="pier", time_ns=1, found=False, asked_ns=asked)

        monkeypatch.setattr(broker, "report_of", nothing)


class TestNamelessRefusals(_Faulty):
    def spoil(self, monkeypatch):
        real = PierDialogue._on_refusal

        def nameless(self, words):
            real(self, words | {"ref": "", "id": None})

        monkeypatch.setattr(PierDialogue, "_on_refusal", nameless)


class TestWrongWord(_Faulty):
    def spoil(self, monkeypatch):
        monkeypatch.setitem(broker.status_of.__globals__["STATES"], "done", "filled")


class TestOutsideUnseen(_Faulty):
    def spoil(self, monkeypatch):
        real = PierDialogue._on_order

        def only_ours(self, order):
            if order["ref"]:
                real(self, order)

        monkeypatch.setattr(PierDialogue, "_on_order", only_ours)


class TestRoundedPrices(_Faulty):
    def spoil(self, monkeypatch):
        monkeypatch.setattr(
            broker, "_numbers", lambda r: {"price": f"{float(r.price):.1f}", "size": str(r.size)}
        )


class TestSilentBreak(_Faulty):
    def spoil(self, monkeypatch):
        monkeypatch.setattr(PierDialogue, "_on_down", lambda self, reason: None)


class TestForgetfulOpening(_Faulty):
    def spoil(self, monkeypatch):
        real = PierDialogue._open
        monkeypatch.setattr(
            PierDialogue,
            "_open",
            lambda self, state: real(self, state | {"orders": [], "fills": []}),
        )


class TestSendsAgain(_Faulty):
    def spoil(self, monkeypatch):
        real, asks = PierDialogue.send, PierDialogue._ask_for_all

        def remembering(self, request):
            if isinstance(request, BrokerdOrder):
                self.last = request
            real(self, request)

        def again(self):
            asks(self)
            if getattr(self, "last", None) is not None:
                real(self, self.last)

        monkeypatch.setattr(PierDialogue, "send", remembering)
        monkeypatch.setattr(PierDialogue, "_ask_for_all", again)
        monkeypatch.setattr(Exchange, "_objection", lambda *_: "")


class TestStatesTooMuch(_Faulty):
    def spoil(self, monkeypatch):
        can = Abilities(types=frozenset({"limit", "stop"}))
        monkeypatch.setattr(broker.PierBroker, "abilities", lambda *_: can, raising=False)


class TestTakesAnything(_Faulty):
    def spoil(self, monkeypatch):
        real = PierDialogue.send

        def as_limit(self, request):
            if isinstance(request, BrokerdOrder):
                request = replace(request, type="limit", limit_price=None, trail=None)
            real(self, request)

        monkeypatch.setattr(PierDialogue, "send", as_limit)


class TestBarsBackwards(FeedRules):
    @pytest.fixture
    def open_venue(self, monkeypatch: pytest.MonkeyPatch) -> OpenVenue:
        real = feed.PierFeed.bars

        async def backwards(self, *args, **options):
            return (await real(self, *args, **options))[::-1]

        monkeypatch.setattr(feed.PierFeed, "bars", backwards)
        return impatient
