"""Nobody else can read what the program writes, whatever the umask is."""

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ui.running_ems import run
from ui.log_file import log_to
from ui.state_folder import open_paths

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such bits there")


@pytest.fixture
def open_hands() -> Iterator[None]:
    """A user whose new files can be read by all."""
    before = os.umask(0)
    yield
    os.umask(before)


async def test_journal_log_and_books_are_the_users_own(open_hands, tmp_path: Path):
    state = tmp_path / "state"
    seen: set[str] = set()

    def look() -> None:
        for path in (state, *state.rglob("*")):
            mode = stat.S_IMODE(path.lstat().st_mode)
            assert mode & 0o077 == 0, f"{path} has mode {mode:04o}"
            seen.add(path.name)

    paths = open_paths(state)
    with log_to(paths.log, "debug"):
        await run(state, hang=False, stay=False, while_open=look)
    look()
    assert {
        "journal.sqlite",
        "journal.sqlite-wal",
        "journal.sqlite-shm",
        "journal.sqlite-tail",
        "ordermode.log",
    } <= seen
