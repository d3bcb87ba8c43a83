"""Prices that stop coming, or come crossed: who is told, once, and what the collar says."""

from ems.messages import Notice
from tests.ems.conftest import Bench
from tests.ems.test_risk import clock, gated, refused
from tests.sims.scripted_venue import FQSN

__all__ = ["clock", "gated"]  # fixtures


def notices(bench: Bench) -> list[str]:
    bench.ems.pulse.beat()
    for look in bench.ems._safety.looks:
        look()
    bench.watcher.read()
    return [msg.text for msg in bench.watcher.heard if isinstance(msg, Notice)]


async def test_it_is_told_once_that_dark_orders_wait_for_old_quotes_and_once_that_they_are_back(
    gated, clock
):
    async with gated(quote_age_s=5.0) as bench:
        bench.submit("buy", "95", exec_mode="dark")
        clock.pass_s(5)
        assert notices(bench) == []
        clock.pass_s(1.1)
        [said] = notices(bench)
        assert said.startswith(
            f"The quotes of {FQSN} have stopped coming, and 1 dark order waits for its price."
        )
        clock.pass_s(60)
        assert len(notices(bench)) == 1
        bench.feed.quote(99.98, 100.0, time_ns=9)
        clock.pass_s(1)
        assert notices(bench)[1:] == [f"The quotes of {FQSN} are fresh again (scripted)."]


async def test_where_no_dark_order_waits_nobody_is_told(gated, clock):
    async with gated(quote_age_s=5.0) as bench:
        bench.submit("alert", "120")
        bench.working("buy", "90")
        clock.pass_s(60)
        assert notices(bench) == []


async def test_off_is_never_old(gated, clock):
    async with gated() as bench:
        bench.submit("buy", "95", exec_mode="dark")
        clock.pass_s(10**6)
        assert notices(bench) == []


async def test_crossed_quotes_are_no_quotes_and_are_named(gated, clock):
    async with gated(quote_age_s=5.0, collar_percent=1) as bench:
        dark = bench.submit("buy", "95", exec_mode="dark")
        clock.pass_s(6)
        bench.feed.quote(100.02, 100.01, time_ns=9)
        order = bench.submit("buy", "100", "2")
        assert "is 6 s old and the limit is 5 s (quote_age_s); newer ones are crossed" in refused(
            bench, order
        )
        assert any("what comes is crossed" in text for text in notices(bench))
        bench.feed.quote(94.0, 93.0, time_ns=10)
        assert bench.watcher.last(dark.oid).resp == "dark_open"
        bench.feed.quote(94.9, 94.95, time_ns=11)
        assert bench.venue.orders[-1].oid == dark.oid
