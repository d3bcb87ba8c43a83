"""From which side a held order is reached stays what it was while its level stays."""

from decimal import Decimal
from pathlib import Path

from msgspec.structs import replace

from tests.ems.conftest import open_bench


async def test_another_size_before_the_first_tick_of_a_run_does_not_hide_a_gap(
    tmp_path: Path,
) -> None:
    async with open_bench(tmp_path) as bench:
        bench.feed.trade(100)
        dark = bench.submit("sell", "95", "2", exec_mode="dark")
        alert = bench.submit("alert", "95")
    async with open_bench(tmp_path) as again:
        again.watcher.client.modify(replace(dark, size=Decimal(1)))
        again.watcher.client.modify(replace(alert, note="look"))
        again.feed.trade(90)
        assert [again.watcher.last(one.oid).resp for one in (dark, alert)] == ["triggered"] * 2
        assert again.venue.orders[0].size == 1


async def test_another_level_is_reached_from_where_the_price_is_first(tmp_path: Path) -> None:
    async with open_bench(tmp_path) as bench:
        bench.feed.trade(100)
        dark = bench.submit("sell", "95", "2", exec_mode="dark")
    async with open_bench(tmp_path) as again:
        again.watcher.client.modify(replace(dark, price=Decimal(94)))
        again.feed.trade(90)
        assert again.watcher.last(dark.oid).resp == "dark_open"
        again.feed.trade(94)
        assert again.watcher.last(dark.oid).resp == "triggered"
