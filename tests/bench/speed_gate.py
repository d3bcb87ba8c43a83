"""What a bench measures against the figures that are committed beside it."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORSE = 1.5
"""A figure may be so many times the committed one before it counts as a loss."""


def worse_twice(bench: str, folder: Path, least: float = 0.0) -> set[str]:
    """Return the figures that are much worse than the committed ones, in two runs out of two.

    Parameters
    ----------
    bench
        ``chart`` or ``ems``: the module of `bench`, and the name of its figures.
    least
        Below, a figure is noise.
    """
    committed = json.loads((ROOT / "bench" / f"{bench}.json").read_text())

    def worse(figures: dict[str, float]) -> set[str]:
        return {
            name for name, ratio in figures.items() if ratio > max(committed[name], least) * WORSE
        }

    first = _measured(bench, folder)
    assert set(first) <= set(committed), "the bench has new figures: commit them"
    slow = worse(first)
    if slow:  # a neighbour on the machine is no regression: it must be slow twice
        slow &= worse(_measured(bench, folder))
    return slow


def _measured(bench: str, folder: Path) -> dict[str, float]:
    found = folder / f"{bench}.json"
    command = [sys.executable, "-m", f"bench.{bench}", "--quick", "--write", str(found)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=1800)
    return json.loads(found.read_text())
