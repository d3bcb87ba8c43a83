"""Alerts and dark orders of a market that no client has asked for: the EMS watches it."""

from pathlib import Path

from ems.arming_rules import NO_ARMING
from ems.embedded import open_ems
from ems.risk_limits import NO_LIMITS
from tests.ems.conftest import Watcher, open_bench
from tests.sims.scripted_venue import PushFeed, ScriptedVenue, backend


async def test_they_go_off_after_a_restart_with_no_chart_of_their_market(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        bench.feed.trade(100.0)
        alert = bench.submit("alert", "105", note="up", repeats=True, expires_ns=10**18)
        dark = bench.submit("buy", "95", exec_mode="dark")
    venue, feed = ScriptedVenue(), PushFeed()
    async with open_ems(
        backend(venue, feed), tmp_path / "journal.db", limits=NO_LIMITS, arming=NO_ARMING
    ) as ems:
        elsewhere = Watcher(ems, ["other.test.scripted"])  # the only chart is of another market
        all_markets = Watcher(ems)
        feed.trade(105.0)
        rung = all_markets.last(alert.oid)
        assert rung.resp == "triggered"
        assert rung.req == alert  # its note and terms have survived
        assert venue.orders == []
        feed.trade(94.0)
        assert [request.oid for request in venue.orders] == [dark.oid]
        assert elsewhere.statuses() == []
