"""A long trading day: memory stays flat, nothing is left running or open, and the books agree."""

import asyncio
import sys
import threading
from pathlib import Path

import pytest

from tests.soak.trading_day import LARGEST_POSITION, Day, trade

WARM_HOURS = 2.0
"""By then every cache is as full as it gets."""


@pytest.fixture
def small_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep few finished orders in memory, so that their cache is full within the warm-up."""
    monkeypatch.setattr("ems.dialog_index.KEEP_OVER", 100)


def books_agree(day: Day) -> None:
    assert day.fills > 0
    assert day.by_ems == day.by_fills == day.by_paper
    assert day.realised_by_ems == day.realised_by_fills
    assert day.left == []
    assert day.largest <= LARGEST_POSITION


def nothing_is_left(before: tuple[set[str], int]) -> None:
    names, files = before
    assert {thread.name for thread in threading.enumerate()} <= names | {"asyncio_0"}
    assert files_open() <= files


def files_open() -> int:
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.is_dir() else 0


async def test_half_an_hour_of_random_trading_leaves_the_books_right(tmp_path: Path):
    before = {thread.name for thread in threading.enumerate()}, files_open()
    tasks = asyncio.all_tasks()
    day = await trade(tmp_path, 0.5, acts=30)
    books_agree(day)
    assert asyncio.all_tasks() == tasks
    nothing_is_left(before)


@pytest.mark.nightly
@pytest.mark.timeout(3000)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")
async def test_eight_hours_of_the_market_leave_memory_flat(small_caches, tmp_path: Path):
    before = {thread.name for thread in threading.enumerate()}, files_open()
    day = await trade(tmp_path, 8 + WARM_HOURS, acts=60)
    books_agree(day)
    warm = next(sample for sample in day.samples if sample.hour >= WARM_HOURS)
    end = day.samples[-1]
    text = "\n".join(map(str, day.samples))
    assert end.rss_mb <= warm.rss_mb * 1.05, text
    assert end.tasks <= warm.tasks, text
    assert end.files <= warm.files + 1, text  # SQLite opens its journal's shared memory late
    nothing_is_left(before)
