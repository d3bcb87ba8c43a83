"""What is due in a group that is tied at its venue: a table, and a law for all ways to stand."""

from decimal import Decimal
from typing import NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from ems.group_rules import Group, Step, group_due, need_of
from ems.messages import Link, Role, Tie
from ems.order_dialog import OrderDialog
from ems.ties import FILLED_ELSEWHERE, TAKEN_ALONG, is_unexplained, tie_for, why_ended
from ems.transitions import ACTIVE, AT_VENUE, OVER, E, S
from tests.ems.test_group_rules import ENTRY, floor, record

TIE = Tie("g")
ENTERED = record(S.CLOSED, filled="10")
O = S.OPEN  # noqa: E741 - stands for a state in a table


def tied(state: S, role: Role = "stop", size: str = "10", filled: str = "0",
         **fields: object) -> OrderDialog:  # fmt: skip
    return record(state, role, size, filled, tie=TIE, **fields)


def steps(*members: OrderDialog, entry: OrderDialog | None = ENTERED) -> list[Step]:
    group = Group(ENTRY.oid if entry else "g", entry, members)
    return group_due(group, need_of(group), floor)


class Case(NamedTuple):
    """A stop and a target in one group at the venue, and what is due: (number, event, size, is it
    the venue's to do)."""

    what: str
    stop: OrderDialog
    target: OrderDialog
    due: list[tuple[int, E, int | None, bool]]


TABLE = [
    Case("the target fills in part: the venue makes the stop smaller",
         tied(O), tied(O, "target", filled="4"), [(0, E.MODIFY, 6, True)]),
    Case("the venue has done it", tied(O, size="6"), tied(O, "target", filled="4"), []),
    Case("the venue did it before the fill is told", tied(O, size="6"), tied(O, "target"),
         [(0, E.MODIFY, 10, True)]),
    Case("both are too small: the venue has no part in it",
         tied(O, size="4"), tied(O, "target", "4"),
         [(0, E.MODIFY, 10, False), (1, E.MODIFY, 10, False)]),
    Case("the target is filled: a cancel more does no harm",
         tied(O), tied(S.CLOSED, "target", filled="10"), [(0, E.CANCEL, None, False)]),
    Case("the stop was touched: a cancel of the target would end it",
         tied(O, triggered=True), tied(O, "target"), []),
    Case("the target was cancelled here, and took the stop along",
         tied(S.CANCELED), tied(S.CANCELED, "target", cancel_reason=""), [(0, E.WAIT, 10, False)]),
    Case("the target is to end, and took the stop along before it is told",
         tied(S.CANCELED), tied(S.CANCELING, "target", cancel_reason=""),
         [(0, E.WAIT, 10, False)]),
    Case("the target was refused, and took the stop along",
         tied(S.CANCELED), tied(S.ERROR, "target"),
         [(0, E.WAIT, 10, False), (1, E.WAIT, 10, False)]),
    Case("the stop was refused in the group: it goes out alone",
         tied(S.ERROR), tied(O, "target"), [(0, E.WAIT, 10, False)]),
    Case("a smaller target was filled, and took the stop along",
         tied(S.CANCELED), tied(S.CLOSED, "target", "4", filled="4"), [(0, E.WAIT, 6, False)]),
    Case("both were ended at the venue", tied(S.CANCELED), tied(S.CANCELED, "target"), []),
    Case("both were cancelled here", tied(S.CANCELED, cancel_reason=""),
         tied(S.CANCELED, "target", cancel_reason=""), []),
    Case("nothing is left", tied(S.CANCELED), tied(S.CLOSED, "target", filled="10"), []),
]  # fmt: skip


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case.what)
def test_a_stop_and_a_target(case: Case) -> None:
    place = {id(case.stop): 0, id(case.target): 1}
    found = steps(case.stop, case.target)
    assert [
        (place[id(step.dialog)], step.event, step.size, step.venue_does) for step in found
    ] == case.due


def test_one_that_was_put_back_is_not_put_back_again() -> None:
    gone = tied(S.CANCELED)
    link = Link(group=ENTRY.oid, role="stop", instead=gone.oid)
    heir = record(S.CANCELED, "stop", cancel_reason="")
    heir.order = replace(heir.order, link=link)
    assert steps(gone, tied(S.CANCELED, "target", cancel_reason=""), heir) == []


states = st.sampled_from(sorted(ACTIVE | OVER - {S.DONE}, key=lambda state: state.value))
reasons = st.sampled_from([None, "", "a group's"])


@given(
    first=states, second=states, filled=st.integers(0, 10), other=st.integers(0, 10),
    why=reasons, its_why=reasons, touched=st.booleans(),
)  # fmt: skip
def test_no_cancel_of_a_group_ends_what_is_to_live(
    first: S, second: S, filled: int, other: int, why: str | None, its_why: str | None,
    touched: bool,
) -> None:  # fmt: skip
    """Whatever a cancel takes along at the venue was to end as well, or is put back."""
    stop = tied(first, filled=str(filled), cancel_reason=why, triggered=touched)
    target = tied(second, "target", filled=str(other), cancel_reason=its_why)
    found = steps(stop, target)
    ended = {id(step.dialog) for step in found if step.event is E.CANCEL}
    changed = {id(step.dialog) for step in found if step.event in (E.MODIFY, E.RELEASE)}
    assume(ended)
    for one in (stop, target):
        lives = one.state in AT_VENUE and id(one) not in ended and not one.cancel_called
        left = one.order.size - one.done
        assert not (lives and left > 0 and filled + other < 10) or one.triggered, found
        assert id(one) not in ended & changed


class TestWhy:
    @pytest.mark.parametrize(
        ("other", "why"),
        [
            (tied(O, "target", filled="1"), ""),
            (tied(O, "target", filled="10"), FILLED_ELSEWHERE),
            (tied(O, "target", venue_filled=Decimal(10)), FILLED_ELSEWHERE),
            (tied(S.CLOSED, "target"), FILLED_ELSEWHERE),
            (tied(S.CANCELED, "target", cancel_reason=""), TAKEN_ALONG),
            (tied(S.CANCELED, "target"), ""),
            (tied(O, "target"), ""),
            (record(S.CLOSED, "target", filled="10"), ""),
        ],
    )
    def test_what_a_venue_ended_it_for(self, other: OrderDialog, why: str) -> None:
        stop = tied(O)
        assert why_ended(stop, [stop, other]) == why

    def test_any_fill_of_a_peer_ends_the_others(self) -> None:
        peers = [record(O, "peer", filled=filled) for filled in ("0", "1")]
        for one in peers:
            one.tie = Tie("g", "cancels")
        assert why_ended(peers[0], peers) == FILLED_ELSEWHERE

    def test_word_of_another_that_lives_may_still_come(self) -> None:
        stop, other = tied(S.CANCELED), tied(O, "target")
        assert is_unexplained(stop, [stop, other])
        other.state = S.CANCELED
        assert not is_unexplained(stop, [stop, other])


class TestNames:
    def names(self, *members: OrderDialog) -> tuple[str, str]:
        """The name that a target gets beside others and a stop that is to leave; its own id."""
        order = record(O, "target").order
        tie = tie_for(order, None, [*members, record(S.WAITING, "stop")], ["reduces", "cancels"])
        assert tie is not None
        return tie.group, order.oid

    @pytest.mark.parametrize(
        "other",
        [
            None,
            record(O, "stop"),
            record(S.WAITING, "stop", share="0.5"),
            record(S.WAITING, "target"),
            record(S.CANCELED, "stop"),
        ],
        ids=["none", "untied", "for a part", "of its kind", "gone"],
    )
    def test_without_another_to_be_tied_to_it_leaves_alone(self, other: OrderDialog | None) -> None:
        order = record(O, "target").order
        assert tie_for(order, None, [other] if other else [], ["reduces"]) is None

    @pytest.mark.parametrize(
        "gone",
        [
            tied(S.CANCELED),
            tied(S.CANCELING),
            tied(O, filled="1"),
            tied(O, asked_size=Decimal(4)),
        ],
        ids=["ended", "to end", "filled in part", "for another size"],
    )
    def test_no_group_is_joined_that_may_end_the_order(self, gone: OrderDialog) -> None:
        assert self.names(gone)[0] != TIE.group

    def test_a_name_that_was_used_is_not_used_again(self) -> None:
        first, _ = self.names()
        gone = tied(S.CANCELED)
        gone.tie = Tie(first)
        name, oid = self.names(gone)
        assert name == oid

    def test_two_of_a_kind_are_not_tied(self) -> None:
        assert self.names(tied(O, "target"))[0] != TIE.group
