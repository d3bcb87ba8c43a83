"""How a position is shared out among the groups that close it, and that a crowd costs nothing."""

import gc
import time
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ems.group_rules import Group, need_of
from ems.group_shares import GroupShares
from ems.messages import ZERO
from ems.transitions import S
from tests.ems.brackets import ALL, Bracket
from tests.ems.conftest import open_bench
from tests.ems.test_group_rules import record
from tests.sims.scripted_venue import AbleVenue


class Move(NamedTuple):
    """One group is as it is now, and so is the position."""

    group: int
    filled: int
    """Of its entry; 0 = the group is forgotten."""
    closed: int
    there: int


moves = st.builds(Move, st.integers(0, 3), st.integers(0, 6), st.integers(0, 6), st.integers(0, 15))


def made(move: Move) -> Group:
    entry = record(S.CLOSED, size="6", filled=str(move.filled))
    exits = (record(S.OPEN, "stop", "6", str(move.closed)), record(S.OPEN, "target", "6"))
    return Group(str(move.group), entry, exits)


@given(st.lists(moves, max_size=30))
def test_shares_are_those_of_a_count_from_scratch_and_who_gets_another_is_looked_at(
    moves: list[Move],
) -> None:
    shares, groups = GroupShares(), dict[str, Group]()
    before = dict[str, Decimal]()
    for move in moves:
        group = made(move)
        if move.filled:
            groups[group.name] = group
            shares.note(group)
        else:
            groups.pop(group.name, None)
            shares.forget(group.name)
        shares.take()
        shares.share_out(groups, lambda is_long, at=move: Decimal(at.there) if is_long else ZERO)
        left, expected = Decimal(move.there), {}
        for name, one in groups.items():
            expected[name] = min(need_of(one), left)
            left -= expected[name]
        assert {name: shares.size(name) for name in groups} == expected
        moved = {name for name in groups if name in before and before[name] != expected[name]}
        assert moved - {group.name} <= shares.due.keys()
        before = expected


@pytest.mark.parametrize("position_is_short", [False, True])
async def test_an_order_among_many_brackets_costs_what_it_costs_alone(
    tmp_path: Path, position_is_short: bool
) -> None:
    folders = tmp_path / "few", tmp_path / "many"
    for folder in folders:
        folder.mkdir()
    alone = await cost_of_fills(folders[0], 1, position_is_short)
    crowd = await cost_of_fills(folders[1], 100, position_is_short)
    assert crowd < 8 * alone  # each event asked every group once: then it was 50 times as much


async def cost_of_fills(folder: Path, brackets: int, short_of: bool) -> int:
    """The least processor time of a fill, ns, of an order with no group beside brackets."""
    async with open_bench(folder, AbleVenue(ALL)) as bench:
        bench.feed.trade(100)
        for number in range(brackets):
            bracket = Bracket(bench)
            for place, one in enumerate((bracket.entry, bracket.stop, bracket.target)):
                bench.venue.works(one.oid, f"{number}.{place}")
                if not place:
                    bench.venue.fill(f"{number}.0", "10", exec_id=f"f{number}")
                    bench.venue.status("closed", f"{number}.0")
        action = "sell" if short_of else "buy"
        order = bench.working(action, "100", "100", reqid="plain")
        if short_of:
            bench.venue.fill("plain", "1", exec_id="first", action=action)
        times = []
        gc.collect()
        for number in range(9):
            begin = time.process_time_ns()
            if short_of:  # what is not enough for all is shared out anew, and nothing else changes
                bench.venue.status("open", "plain", price=str(99 - number), size="100")
                bench.ems.groups.moved_position("scripted", order.symbol)
            else:
                bench.venue.fill("plain", "1", exec_id=f"p{number}", action=action)
            times.append(time.process_time_ns() - begin)
        return min(times)
