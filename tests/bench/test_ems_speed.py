"""The EMS is not slower than it was: its ratios to the reference against the committed ones."""

from pathlib import Path

import pytest

from tests.bench.speed_gate import worse_twice


@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_no_figure_is_much_worse_than_the_committed_one(tmp_path: Path) -> None:
    assert worse_twice("ems", tmp_path) == set()
