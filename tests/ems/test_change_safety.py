"""Limits and arming rules that change while orders work."""

from decimal import Decimal
from pathlib import Path

import pytest

from ems.arming_rules import NO_ARMING, ArmingRules
from ems.loosening import loosened
from ems.messages import ArmState
from ems.risk_limits import NO_LIMITS, Limits, RiskLimits
from tests.ems.conftest import open_bench
from tests.ems.test_risk import change, clock, refused
from tests.sims.scripted_venue import FQSN

__all__ = ["clock"]  # a fixture

ACCOUNT = "scripted"


def limits(**fields: object) -> RiskLimits:
    return RiskLimits(base=Limits(**fields))  # type: ignore[arg-type]


async def test_a_limit_counts_at_once_for_what_is_asked_for_and_touches_no_order(tmp_path: Path):
    async with open_bench(tmp_path) as bench:
        bench.feed.quote(99.99, 100.01)
        working = bench.working("buy", "90", "8")
        dark = bench.submit("buy", "91", "8", exec_mode="dark")
        bench.ems.change_safety(limits(largest_order_units=Decimal(5)), NO_ARMING)

        assert len(bench.venue.orders) == 1
        assert bench.venue.cancels == []
        assert [bench.watcher.last(o.oid).resp for o in (working, dark)] == ["open", "dark_open"]
        sizes = {"4": True, "5": True, "6": False}
        for size, passes in sizes.items():
            assert bool(refused(bench, bench.submit("buy", "92", size))) is not passes
        change(bench, working, size="7")  # smaller always passes
        assert not refused(bench, working)
        change(bench, dark, price="93")
        assert "largest_order_units" in refused(bench, dark)

        bench.ems.change_safety(limits(), NO_ARMING)
        assert not refused(bench, bench.submit("buy", "94", "60"))


async def test_the_limits_that_an_ems_was_opened_with_stay_what_they_are(tmp_path: Path):
    async with open_bench(tmp_path, limits=NO_LIMITS) as bench:
        bench.ems.change_safety(limits(working_orders=1), NO_ARMING)
        assert bench.ems.limits.of_market(ACCOUNT, FQSN).working_orders == 1
    assert NO_LIMITS.of_account(ACCOUNT) == Limits()


async def test_a_larger_daily_loss_opens_the_lock_and_another_limit_does_not(tmp_path, clock):
    async with open_bench(tmp_path, limits=limits(daily_loss=Decimal(10)), clock=clock) as bench:
        bench.feed.quote(99.99, 100.01)
        bench.working("buy", "100", "10")
        bench.venue.fill(size="10")
        bench.venue.status("closed")
        bench.feed.quote(98.0, 98.01, time_ns=2)
        assert "daily_loss" in refused(bench, bench.submit("buy", "90", "1"))
        bench.feed.quote(99.99, 100.01, time_ns=3)
        now = limits(daily_loss=Decimal(10), working_orders=50)
        bench.ems.change_safety(now, NO_ARMING)
        assert "daily_loss" in refused(bench, bench.submit("buy", "89", "1"))
        bench.ems.change_safety(limits(daily_loss=Decimal(11)), NO_ARMING)
        assert not refused(bench, bench.submit("buy", "88", "1"))


async def test_arming_rules_count_at_once_and_every_client_is_told(tmp_path: Path):
    async with open_bench(tmp_path) as bench:
        bench.feed.quote(99.99, 100.01)
        bench.ems.change_safety(NO_LIMITS, ArmingRules())
        assert "disarmed (since now it has to be armed)" in refused(bench, bench.submit())
        bench.ems.arm(ACCOUNT)
        assert not refused(bench, bench.submit("buy", "99"))

        bench.ems.change_safety(NO_LIMITS, ArmingRules({"mode": "confirm"}))
        bench.ems.change_safety(NO_LIMITS, NO_ARMING)
        bench.ems.change_safety(NO_LIMITS, ArmingRules())  # what was armed before is not any more
        bench.watcher.read()
        told = [m for m in bench.watcher.heard if isinstance(m, ArmState)]
        said = [state for state in told if state.account == ACCOUNT]
        assert [(state.mode, state.armed) for state in said] == [
            *(("armed", False), ("armed", True), ("confirm", True)),
            *(("one click", True), ("armed", False)),
        ]


@pytest.mark.parametrize(
    ("was", "will_be", "said"),
    [
        ({"daily_loss": Decimal(2500)}, {"daily_loss": Decimal(25000)}, "twenty-five thousand"),
        ({"daily_loss": Decimal(2500)}, {"daily_loss": Decimal(2499)}, ""),
        ({"daily_loss": Decimal(2500)}, {"daily_loss": None}, "2,500 becomes off."),
        ({"working_orders": None}, {"working_orders": 5}, ""),
        ({"duplicate_s": 1.0}, {"duplicate_s": 0.5}, "1 becomes 0.5."),
        ({"duplicate_s": 1.0}, {"duplicate_s": 2.0}, ""),
        ({"collar_from": "quote"}, {"collar_from": "any"}, "quote becomes any."),
        ({"collar_from": "any"}, {"collar_from": "quote"}, ""),
    ],
)
def test_what_is_looser_is_said_in_words(was, will_be, said):
    rules = ArmingRules()
    before, after = (RiskLimits(accounts={ACCOUNT: one}) for one in (was, will_be))
    found = loosened((before, rules), (after, rules), [ACCOUNT, "paper"])
    assert [said in text for text in found] == ([True] if said else [])


def test_markets_and_arming_are_compared_too_and_paper_is_not():
    rules = ArmingRules(), ArmingRules({"mode": "one click", "idle_min": 5, "on_lock": False})
    before = RiskLimits(markets={(ACCOUNT, FQSN): {"largest_order_units": Decimal(2)}})
    found = loosened((before, rules[0]), (RiskLimits(), rules[1]), [ACCOUNT, "paper"])
    assert found == [
        f"largest_order_units of {ACCOUNT} in {FQSN}: 2 becomes off.",
        f"mode of {ACCOUNT}: armed becomes one click.",
        f"on_lock of {ACCOUNT}: true becomes false.",
    ]


def test_what_a_market_only_inherits_is_said_once():
    own = {(ACCOUNT, FQSN): {"largest_order_units": Decimal(2)}}
    rules = ArmingRules()
    after = RiskLimits(accounts={ACCOUNT: {"daily_loss": None}}, markets=own)
    found = loosened((RiskLimits(markets=own), rules), (after, rules), [ACCOUNT])
    assert found == [f"daily_loss of {ACCOUNT}: 2,500 becomes off."]
