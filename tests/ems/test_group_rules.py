"""What is due in a group, for each way that its orders can stand: a table, and laws that hold."""

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ems.flatten_rules import ALREADY_FLAT, after_due, flatten_due
from ems.group_rules import Group, Step, group_due
from ems.group_shares import GroupShares
from ems.messages import Link, Role
from ems.order_dialog import OrderDialog
from ems.transitions import ACTIVE, AT_VENUE, E, S
from tests.ems.conftest import make_order

ENTRY = make_order("buy", "100", "10")
ENOUGH = Decimal(1000)


def record(state: S, role: Role | None = None, size: str = "10", filled: str = "0",
           share: str = "1", **fields: object) -> OrderDialog:  # fmt: skip
    """An order of the group as it may stand; an entry if it has no role."""
    order = ENTRY
    if role is not None:
        link = Link(group=ENTRY.oid, role=role, share=Decimal(share))
        action = "buy" if role == "peer" else "sell"
        kind = {"stop": "stop", "flatten": "market"}.get(role, "limit")
        order = make_order(action, "95" if role == "stop" else "110", size, link=link, type=kind)
    if state is S.HELD:
        order = replace(order, exec_mode="dark")
    reqid = 1 if state in AT_VENUE - {S.SENT, S.UNKNOWN} else None
    return OrderDialog(
        order=replace(order, size=Decimal(size)), broker="scripted", changed_ns=1, state=state,
        filled=Decimal(filled), reqid=reqid, cancel_called=state is S.CANCELING, **fields,
    )  # type: ignore[arg-type]  # fmt: skip


def steps(
    entry: OrderDialog | None, *members: OrderDialog, position: Decimal = ENOUGH
) -> list[tuple[int, E, Decimal | None]]:
    """What is due, each order named by its number among the members; the entry is -1."""
    group = Group("g" if entry is None else entry.oid, entry, members)
    place = {id(one): number for number, one in enumerate(members)} | {id(entry): -1}
    found = due([group], lambda is_long: position if is_long else Decimal(0))
    return [(place[id(step.dialog)], step.event, step.size) for step in found]


def floor(size: Decimal) -> Decimal:
    return size // 1


def due(groups: list[Group], position: Callable[[bool], Decimal]) -> list[Step]:
    """What groups of one market want, the oldest first."""
    shares = GroupShares()
    for group in groups:
        shares.note(group)
    shares.share_out([group.name for group in groups], position)
    return [step for one in groups for step in group_due(one, shares.size(one.name), floor)]


class Case(NamedTuple):
    """A stop and a target, and what is due of them."""

    what: str
    entry: OrderDialog
    stop: OrderDialog
    target: OrderDialog
    due: list[tuple[int, E, Decimal | None]]


def _release(number: int, size: int) -> tuple[int, E, Decimal]:
    return number, E.RELEASE, Decimal(size)


def _modify(number: int, size: int) -> tuple[int, E, Decimal]:
    return number, E.MODIFY, Decimal(size)


def _cancel(number: int) -> tuple[int, E, None]:
    return number, E.CANCEL, None


W, H, O = S.WAITING, S.HELD, S.OPEN  # noqa: E741 - W, H and O stand for states in a table
TABLE = [
    Case("nothing filled", record(O), record(W, "stop"), record(W, "target"), []),
    Case("entry fills in part", record(O, filled="4"), record(W, "stop"), record(W, "target"),
         [_release(0, 4), _release(1, 4)]),
    Case("entry fills more", record(O, filled="7"), record(O, "stop", "4"),
         record(H, "target", "4"), [_modify(0, 7), _modify(1, 7)]),
    Case("all is as it should be", record(S.CLOSED, filled="10"), record(O, "stop"),
         record(O, "target"), []),
    Case("target fills in part", record(S.CLOSED, filled="10"), record(O, "stop"),
         record(O, "target", filled="4"), [_modify(0, 6)]),
    Case("target fills all", record(S.CLOSED, filled="10"), record(O, "stop"),
         record(S.CLOSED, "target", filled="10"), [_cancel(0)]),
    Case("target called filled, its fill is on its way", record(S.CLOSED, filled="10"),
         record(H, "stop"), record(S.CLOSED, "target"), [_cancel(0)]),
    Case("more of the target is filled by the venue's count", record(S.CLOSED, filled="10"),
         record(O, "stop"), record(O, "target", venue_filled=Decimal(3)), [_modify(0, 7)]),
    Case("stop closes all that was filled", record(O, filled="4"),
         record(S.CLOSED, "stop", "4", filled="4"), record(O, "target", "4"),
         [_cancel(1), _cancel(-1)]),
    Case("entry cancelled without a fill", record(S.CANCELED), record(W, "stop"),
         record(W, "target"), [_cancel(0), _cancel(1)]),
    Case("entry refused", record(S.ERROR), record(W, "stop"), record(W, "target"),
         [_cancel(0), _cancel(1)]),
    Case("entry cancelled, a fill is on its way", record(S.CANCELED, venue_filled=Decimal(2)),
         record(W, "stop"), record(W, "target"), []),
    Case("entry called filled, its fills are on their way", record(S.CLOSED),
         record(W, "stop"), record(W, "target"), []),
    Case("entry cancelled after a part", record(S.CANCELED, filled="4"), record(O, "stop", "4"),
         record(O, "target", "4"), []),
    Case("stop taken back", record(S.CLOSED, filled="10"), record(S.CANCELED, "stop"),
         record(O, "target"), []),
    Case("held stop touched", record(S.CLOSED, filled="10"), record(S.SENT, "stop", was_dark=True),
         record(O, "target"), [_cancel(1)]),
    Case("stop touched at the venue", record(S.CLOSED, filled="10"),
         record(O, "stop", triggered=True), record(O, "target"), [_cancel(1)]),
    Case("a change is on its way", record(S.CLOSED, filled="10"),
         record(S.CHANGING, "stop", change=record(O, "stop", "6").order),
         record(O, "target", filled="4"), []),
    Case("a cancel is on its way", record(S.CLOSED, filled="10"), record(S.CANCELING, "stop"),
         record(S.CLOSED, "target", filled="10"), []),
    Case("the line is down", record(S.CLOSED, filled="10"), record(O, "stop", stale=True),
         record(O, "target", filled="4"), []),
    Case("it could not be made smaller", record(S.CLOSED, filled="10"),
         record(O, "stop", refused_size=Decimal(6)), record(O, "target", filled="4"),
         [_cancel(0)]),
]  # fmt: skip


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case.what)
def test_a_stop_and_a_target(case: Case) -> None:
    assert steps(case.entry, case.stop, case.target) == case.due


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        (10, []),
        (6, [_modify(0, 6), _modify(1, 6)]),
        (0, [_cancel(0), _cancel(1)]),
    ],
)
def test_no_more_than_the_position_that_is_there(position: int, expected: list) -> None:
    entry = record(S.CLOSED, filled="10")
    stop, target = record(O, "stop"), record(O, "target")
    assert steps(entry, stop, target, position=Decimal(position)) == expected


def test_older_groups_come_first_where_the_position_is_not_enough_for_all() -> None:
    first = Group("a", record(S.CLOSED, filled="10"), (record(O, "stop"),))
    second = Group("b", record(S.CLOSED, filled="10"), (record(O, "stop"),))
    found = due([first, second], lambda is_long: Decimal(14 if is_long else 0))
    assert [(step.dialog, step.size) for step in found] == [(second.members[0], Decimal(4))]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([(O, "0"), (O, "0")], []),
        ([(O, "1"), (O, "0")], [1]),
        ([(O, "0"), (H, "0"), (S.CLOSED, "10")], [0, 1]),
        ([(S.CLOSED, "0"), (O, "0")], [1]),
        ([(S.CANCELED, "0"), (O, "0")], []),
        ([(S.ERROR, "0"), (O, "0")], []),
        ([(O, "2"), (S.CANCELING, "0")], []),
    ],
)
def test_peers(states: list[tuple[S, str]], expected: list[int]) -> None:
    peers = [record(state, "peer", filled=filled) for state, filled in states]
    assert steps(None, *peers) == [_cancel(number) for number in expected]


class TestFlatten:
    def due(self, *others: OrderDialog, there: int = 10, owed: bool = False) -> list[Step]:
        flatten = record(S.WAITING, "flatten", "1")
        return flatten_due(flatten, [flatten, *others], Decimal(there), lambda: owed)

    @pytest.mark.parametrize("state", sorted(ACTIVE, key=lambda state: state.value))
    def test_nothing_leaves_while_any_order_is_there(self, state: S) -> None:
        other = record(state)
        expected = [] if state is S.CANCELING else [(other, E.CANCEL)]
        assert [(step.dialog, step.event) for step in self.due(other)] == expected

    def test_what_is_held_here_ends_first(self) -> None:
        working, held = record(O), record(H)
        assert [step.dialog for step in self.due(working, held)] == [held, working]

    def test_it_waits_for_a_fill_that_is_on_its_way(self) -> None:
        assert self.due(owed=True) == []

    @pytest.mark.parametrize(("there", "action"), [(7, "sell"), (-7, "buy")])
    def test_it_closes_what_is_there(self, there: int, action: str) -> None:
        (step,) = self.due(there=there)
        assert (step.event, step.size, step.action) == (E.RELEASE, 7, action)

    def test_flat(self) -> None:
        (step,) = self.due(there=0)
        assert (step.event, step.reason) == (E.CANCEL, ALREADY_FLAT)

    @pytest.mark.parametrize(
        ("flatten", "there", "expected"),
        [
            (record(S.WAITING, "flatten"), 10, None),
            (record(O, "flatten"), 10, None),
            (record(S.CLOSED, "flatten"), 10, None),  # its fill is on its way
            (record(S.CLOSED, "flatten", filled="10"), 0, E.RELEASE),
            (record(S.CLOSED, "flatten", filled="10"), 3, E.CANCEL),
            (record(S.CANCELED, "flatten", reason=ALREADY_FLAT), 0, E.RELEASE),
            (record(S.CANCELED, "flatten"), 0, E.CANCEL),
            (record(S.ERROR, "flatten"), 10, E.CANCEL),
        ],
    )
    def test_what_comes_after(self, flatten: OrderDialog, there: int, expected: E | None) -> None:
        after = record(S.WAITING, "after")
        found = after_due([Group("g", None, (flatten, after))], Decimal(there))
        assert [step.event for step in found] == ([] if expected is None else [expected])


@given(
    filled=st.integers(0, 12),
    shares=st.lists(st.sampled_from(["0.1", "0.25", "0.3", "0.5"]), min_size=1, max_size=4),
    data=st.data(),
)
def test_targets_never_close_more_than_there_is_and_miss_nothing(
    filled: int, shares: list[str], data: st.DataObject
) -> None:
    total = sum(map(Decimal, shares))
    shares = [str((Decimal(share) / total).quantize(Decimal("0.0001"))) for share in shares]
    targets = [record(W, "target", "12", share=share) for share in shares]
    entry = record(S.CLOSED, size="12", filled=str(filled))
    found = steps(entry, *targets)
    released = {number: size for number, event, size in found if event is E.RELEASE}
    assert sum(size for size in released.values() if size is not None) == filled
    for number, size in released.items():  # as if each were at the venue, and one filled in part
        targets[number].state, targets[number].order = (
            O,
            replace(targets[number].order, size=size),
        )
    if not released:
        return
    lucky = data.draw(st.sampled_from(sorted(released)))
    part = data.draw(st.integers(0, int(released[lucky] or 0)))
    targets[lucky].filled = Decimal(part)
    assert [event for _, event, _ in steps(entry, *targets) if event is E.MODIFY] == []


def test_of_peers_that_were_filled_in_a_race_a_whole_one_ends_what_is_left_of_the_others() -> None:
    part = record(S.OPEN, "peer", filled="2")
    whole = record(S.CLOSED, "peer", filled="10")
    assert steps(None, part, whole) == [(0, E.CANCEL, None)]
    ended = record(S.CANCELED, "peer", filled="3")
    assert steps(None, part, ended) == []
