"""How fast the EMS is: `.venv/bin/python -m bench.ems [PART ...]` prints one table.

Each figure is the median of at least three rounds in one process. Costs are processor time, so
that another program on a shared machine does not count; what says so is by the clock. Every limit
of a live account is looked at, and none is met.
"""

import argparse
import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench.ems_journal import journal_events, start_up
from bench.ems_loopback import tick_to_order
from bench.ems_orders import click_to_wire, clients, whole_lives
from bench.ems_rig import Row, reference_us
from bench.ems_ticks import firing_ticks, paper_quotes, quiet_ticks

COMMITTED = Path(__file__).with_name("ems.json")
_US = {"us": 1.0, "ms": 1e3, "s": 1e6}

PARTS: dict[str, Callable[[], Awaitable[list[Row]]]] = {
    "ticks": quiet_ticks,
    "firing": firing_ticks,
    "lives": lambda: whole_lives(False),
    "journaled": lambda: whole_lives(True),
    "wire": click_to_wire,
    "loopback": tick_to_order,
    "journal": journal_events,
    "clients": clients,
    "paper": paper_quotes,
    "start": start_up,
}
SLOW = frozenset({"start"})
"""Left out by ``--quick``."""


async def measured(part: str) -> tuple[list[Row], dict[str, float]]:
    """Return the lines of a part, and its figures as ratios to the reference."""
    before = reference_us()
    rows = await PARTS[part]()
    reference = (before + reference_us()) / 2
    ratios = {
        row.what.strip(): round(row.value * _US.get(row.unit, reference) / reference, 4)
        for row in rows
        if row.kept
    }
    return rows, ratios


def shown(row: Row) -> str:
    """Return a line of the table, with a mark where the figure is not what is wanted."""
    value = f"{row.value:,.3g}" if row.value < 1000 else f"{row.value:,.0f}"
    wanted = "" if row.wanted is None else f"{row.wanted:,g} {row.unit}"
    mark = "" if row.met else "  missed"
    return f"{row.what:52}{value:>10} {row.unit:4}{wanted:>10}{mark}"


def main() -> None:
    """Print the figures of some parts, or of all; write their ratios if a file is named."""
    parser = argparse.ArgumentParser(prog="python -m bench.ems", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="without the part that takes longest")
    parser.add_argument("--write", type=Path, help=f"JSON file to write, as {COMMITTED.name}")
    options = parser.parse_args()
    unknown = [part for part in options.parts if part not in PARTS]
    if unknown:
        parser.error(f"no part {unknown[0]!r}; there are {', '.join(PARTS)}")
    print(f"ref: {reference_us():.1f} us")
    print(f"{'':52}{'measured':>15}{'wanted':>10}")
    ratios: dict[str, float] = {}
    for part in options.parts or [p for p in PARTS if not (options.quick and p in SLOW)]:
        rows, figures = asyncio.run(measured(part))
        ratios |= figures
        for row in rows:
            print(shown(row), flush=True)
    if options.write is not None:
        options.write.write_text(json.dumps(ratios, indent=2) + "\n")


if __name__ == "__main__":
    main()
