"""The chart is not slower than it was: its ratios to the floor against the committed ones."""

from pathlib import Path

import pytest

from tests.bench.speed_gate import worse_twice

LEAST = 0.5
"""Times of the floor: below, a figure is noise."""


@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_no_figure_is_much_worse_than_the_committed_one(tmp_path: Path) -> None:
    assert worse_twice("chart", tmp_path, LEAST) == set()
