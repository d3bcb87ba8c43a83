"""Groups that live at the venue: who does what, what is told, and what is put right."""

import uuid
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from ems.messages import Link, Notice, Order, Tie
from tests.ems.brackets import ALL, Bracket, exit_of, sent, works
from tests.ems.conftest import Bench, make_order, open_bench
from tests.ems.full_disk import can_write
from tests.sims.scripted_venue import AbleVenue

TIED = replace(ALL, ties=frozenset({"reduces", "cancels"}), changes_tied=True)


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let the time of every venue be over, as soon as it is called."""
    monkeypatch.setattr("ems.venue_patience.PATIENCE_S", 1000.0)

    def end() -> None:
        monkeypatch.setattr("ems.venue_patience.PATIENCE_S", 0.0)

    return end


@pytest.fixture
async def tied(tmp_path: Path, patience: Callable[[], None]) -> AsyncIterator[Bench]:
    """A venue with groups of its own; nothing is asked of it before it had its time."""
    async with open_bench(tmp_path, AbleVenue(TIED)) as opened:
        opened.feed.trade(100)
        yield opened


def in_the_market(bench: Bench, size: str = "10", **fields: object) -> Bracket:
    """A bracket whose entry is filled, with its stop as 2 and its target as 3 at the venue."""
    group = Bracket(bench, size, **fields)  # type: ignore[arg-type]
    works(bench, group.entry, 1)
    bench.venue.fill(1, size, exec_id="e1")
    bench.venue.status("closed", 1)
    works(bench, group.stop, 2)
    works(bench, group.target, 3)
    return group


def moved_while_the_disk_fills_up(rigid: Bench) -> Bracket:
    """A stop was dragged where its venue has to put it anew, and nothing can be written now."""
    group = in_the_market(rigid)
    rigid.watcher.client.modify(replace(group.stop, price=Decimal(96)))
    can_write(rigid.ems.journal, False)
    rigid.venue.status("canceled", 2)
    rigid.venue.status("canceled", 3)
    return group


def two_peers(bench: Bench) -> tuple[Order, Order]:
    """Two orders of which one cancels the other, as 1 and 2 at the venue."""
    link = Link(group=str(uuid.uuid4()), role="peer")
    one, two = (make_order("buy", p, "5", link=link) for p in ("90", "91"))
    bench.watcher.client.submit_group([one, two])
    works(bench, one, 1)
    works(bench, two, 2)
    return one, two


def exits_of_a_position(bench: Bench, there: str, asked: str) -> tuple[Order, Order]:
    """A stop as 2 and a target as 3, of a position that was there."""
    bench.working("buy", "100", there)
    bench.venue.fill(1, there, exec_id="e1")
    bench.venue.status("closed", 1)
    group = str(uuid.uuid4())
    stop, target = exit_of(group, "stop", "95", asked), exit_of(group, "target", "110", asked)
    bench.watcher.client.submit_group([stop, target])
    works(bench, stop, 2)
    works(bench, target, 3)
    return stop, target


def said(bench: Bench) -> list[str]:
    bench.watcher.read()
    return [m.text for m in bench.watcher.heard if isinstance(m, Notice)]


def heirs(bench: Bench, order: Order) -> list[Order]:
    """What was put in the place of an order."""
    found = [s.req for s in bench.watcher.statuses() if s.req and s.req.link]
    return list({o.oid: o for o in found if o.link and o.link.instead == order.oid}.values())


class TestLeaving:
    async def test_stop_and_target_of_an_entry_leave_in_one_group(self, tied: Bench) -> None:
        group = in_the_market(tied)
        (stop,), (target,) = sent(tied, group.stop), sent(tied, group.target)
        assert stop.tie == target.tie == Tie(f"{group.entry.oid}/scripted", "reduces")
        assert sent(tied, group.entry)[0].tie is None
        assert tied.watcher.last(group.stop.oid).tie == stop.tie

    async def test_a_modify_says_the_group_again(self, tied: Bench) -> None:
        group = in_the_market(tied)
        tied.watcher.client.modify(replace(group.stop, price=Decimal(96)))
        assert [c.tie for c in tied.venue.changes] == [sent(tied, group.stop)[0].tie]

    async def test_targets_for_parts_are_not_tied(self, tied: Bench) -> None:
        """The first of them to be filled would end the stop at the venue."""
        group = Bracket(tied, shares=("0.5", "0.5"))
        works(tied, group.entry, 1)
        tied.venue.fill(1, "10", exec_id="e1")
        ties = {sent(tied, one)[0].tie for one in group.targets}
        assert ties == {None}

    async def test_peers_leave_in_one_group_and_end_each_other(self, tied: Bench) -> None:
        link = Link(group=str(uuid.uuid4()), role="peer")
        peers = [make_order("buy", price, "5", link=link) for price in ("90", "91")]
        tied.watcher.client.submit_group(peers)
        assert {r.tie for r in tied.venue.orders} == {Tie(f"{link.group}/scripted", "cancels")}

    async def test_peers_of_two_accounts_are_in_a_group_each(self, tied: Bench) -> None:
        link = Link(group=str(uuid.uuid4()), role="peer")
        accounts = ("scripted", "scripted.two")
        peers = [make_order("buy", "90", "5", link=link, account=name) for name in accounts]
        tied.watcher.client.submit_group(peers)
        assert len({r.tie for r in tied.venue.orders}) == 2

    async def test_what_is_held_here_is_not_tied_when_it_is_touched(self, tied: Bench) -> None:
        group = Bracket(tied, exec_mode="dark")
        works(tied, group.entry, 1)
        tied.venue.fill(1, "10", exec_id="e1")
        tied.feed.trade(95)
        assert [r.tie for r in sent(tied, group.stop)] == [None]

    async def test_a_venue_without_groups_is_asked_for_none(self, tmp_path: Path) -> None:
        async with open_bench(tmp_path, AbleVenue(ALL)) as bench:
            bench.feed.trade(100)
            group = in_the_market(bench)
            assert sent(bench, group.stop)[0].tie is None

    @pytest.mark.parametrize(("size", "tied_then"), [("10", True), ("4", False)])
    async def test_a_target_attached_later_is_put_anew_with_the_stop(
        self, tied: Bench, size: str, tied_then: bool
    ) -> None:
        tied.working("buy", "100", "10")
        tied.venue.fill(1, "10", exec_id="e1")
        tied.venue.status("closed", 1)
        group = str(uuid.uuid4())
        stop, target = exit_of(group, "stop", "95", "10"), exit_of(group, "target", "110", size)
        tied.watcher.client.submit(stop)
        works(tied, stop, 2)
        tied.watcher.client.submit(target)
        works(tied, target, 3)
        assert [r.tie for r in tied.venue.orders[1:3]] == [None, None]
        assert {c.reqid for c in tied.venue.cancels} == ({2, 3} if tied_then else set())


class TestWhatTheVenueDoesItself:
    async def test_it_makes_the_stop_smaller_and_is_not_asked_to(self, tied: Bench) -> None:
        group = in_the_market(tied)
        tied.venue.fill(3, "4", "110", exec_id="t1", action="sell")
        assert tied.venue.changes == []
        tied.venue.status("open", 2, price="95", size="6")
        assert tied.venue.changes == []
        req = tied.watcher.last(group.stop.oid).req
        assert req is not None
        assert req.size == 6

    async def test_its_smaller_size_is_believed_before_the_fill_is_heard_of(
        self, tied: Bench, patience: Callable[[], None]
    ) -> None:
        group = in_the_market(tied)
        tied.venue.status("open", 2, price="95", size="6")
        assert tied.venue.changes == []
        assert [q.oid for q in tied.venue.queries] == [group.target.oid]
        tied.venue.fill(3, "4", "110", exec_id="t1", action="sell")
        patience()
        tied.ems.groups.settle_all()
        assert tied.venue.changes == []

    async def test_a_smaller_size_that_no_fill_explains_is_put_right(
        self, tied: Bench, patience: Callable[[], None]
    ) -> None:
        group = in_the_market(tied)
        tied.venue.status("open", 2, price="95", size="6")
        patience()
        tied.ems.groups.settle_all()
        assert [(c.oid, c.size) for c in tied.venue.changes] == [(group.stop.oid, 10)]

    async def test_if_it_does_not_in_time_it_is_asked(
        self, tied: Bench, patience: Callable[[], None]
    ) -> None:
        group = in_the_market(tied)
        tied.venue.fill(3, "4", "110", exec_id="t1", action="sell")
        patience()
        tied.ems.groups.settle_all()
        assert [(c.oid, c.size) for c in tied.venue.changes] == [(group.stop.oid, 6)]

    async def test_what_it_does_not_know_of_is_asked_for_at_once(self, tied: Bench) -> None:
        """The entry fills on, and another order closes a part of the position."""
        group = Bracket(tied)
        works(tied, group.entry, 1)
        tied.venue.fill(1, "4", exec_id="e1")
        works(tied, group.stop, 2)
        works(tied, group.target, 3)
        tied.venue.fill(1, "6", exec_id="e2")
        assert {(c.oid, c.size) for c in tied.venue.changes} == {
            (group.stop.oid, 10),
            (group.target.oid, 10),
        }

    async def test_it_ends_the_stop_and_the_reason_is_told(self, tied: Bench) -> None:
        group = in_the_market(tied)
        tied.venue.fill(3, "10", "110", exec_id="t1", action="sell")
        tied.venue.status("canceled", 2)
        status = tied.watcher.last(group.stop.oid)
        assert (status.resp, status.reason) == (
            "canceled",
            "Another order of its group was filled.",
        )
        assert said(tied) == []

    async def test_in_disorder_nobody_is_told_of_a_lost_stop(
        self, tied: Bench, patience: Callable[[], None]
    ) -> None:
        group = in_the_market(tied)
        tied.venue.status("canceled", 2)  # the fill that it was ended for is not heard of yet
        assert said(tied) == []
        assert [q.oid for q in tied.venue.queries] == [group.target.oid]
        tied.venue.fill(3, "10", "110", exec_id="t1", action="sell")
        tied.venue.status("closed", 3)
        patience()
        tied.ems.groups.settle_all()
        assert said(tied) == []
        assert heirs(tied, group.stop) == []

    async def test_a_stop_that_ends_there_alone_is_told_after_a_while(
        self, tied: Bench, patience: Callable[[], None]
    ) -> None:
        in_the_market(tied)
        tied.venue.status("canceled", 2)
        patience()
        tied.ems.groups.settle_all()
        assert any("A position of 10" in text for text in said(tied))

    async def test_both_ended_at_the_venue_is_told_at_once(self, tied: Bench) -> None:
        group = in_the_market(tied)
        tied.venue.status("canceled", 3)
        tied.venue.status("canceled", 2)
        assert any("has no stop any more" in text for text in said(tied))
        assert heirs(tied, group.stop) == heirs(tied, group.target) == []

    async def test_a_touched_stop_is_not_ended_with_its_target(self, tied: Bench) -> None:
        """A cancel of the target would end the stop, too; the venue ends what has to end."""
        in_the_market(tied)
        tied.venue.status("open", 2, price="95", size="10", triggered=True)
        assert tied.venue.cancels == []
        tied.venue.fill(2, "10", "95", exec_id="s1", action="sell")
        tied.venue.status("closed", 2)
        assert [c.reqid for c in tied.venue.cancels] == [3]

    async def test_a_drag_while_it_makes_the_stop_smaller_is_done(self, tied: Bench) -> None:
        group = in_the_market(tied)
        tied.watcher.client.modify(replace(group.stop, price=Decimal(96)))
        tied.venue.fill(3, "4", "110", exec_id="t1", action="sell")
        tied.venue.status("open", 2, price="96", size="6")
        status = tied.watcher.last(group.stop.oid)
        assert status.change is None
        assert status.req is not None
        assert (status.req.price, status.req.size) == (96, 6)

    async def test_both_filled_is_said_at_once(self, tied: Bench) -> None:
        in_the_market(tied)
        tied.venue.fill(3, "10", "110", exec_id="t1", action="sell")
        tied.venue.fill(2, "10", "95", exec_id="s1", action="sell")
        assert any("10 more than their entry" in text for text in said(tied))


class TestACancelEndsTheGroupThere:
    async def test_the_stop_comes_back_when_its_target_was_cancelled(self, tied: Bench) -> None:
        group = in_the_market(tied)
        tied.cancel(group.target)
        tied.venue.status("canceled", 3)
        tied.venue.status("canceled", 2)
        (heir,) = heirs(tied, group.stop)
        (leaving,) = sent(tied, heir)
        assert (leaving.type, leaving.price, leaving.size) == ("stop", 95, 10)
        assert leaving.tie is None, "there is nothing to tie it to"
        assert heirs(tied, group.target) == []
        assert said(tied) == []
        assert "together with another order" in tied.watcher.last(group.stop.oid).reason

    async def test_it_comes_back_for_what_is_left(self, tied: Bench) -> None:
        group = in_the_market(tied)
        tied.venue.fill(2, "3", "95", exec_id="s1", action="sell")
        tied.venue.status("open", 3, price="110", size="7")
        tied.cancel(group.target)
        tied.venue.status("canceled", 2)
        tied.venue.status("canceled", 3)
        (heir,) = heirs(tied, group.stop)
        assert [r.size for r in sent(tied, heir)] == [7]

    async def test_what_is_filled_by_the_venues_count_does_not_come_back(self, tied: Bench) -> None:
        group = in_the_market(tied)
        tied.cancel(group.target)
        tied.venue.status("canceled", 2, filled="3")  # its fill is on its way
        tied.venue.status("canceled", 3)
        (heir,) = heirs(tied, group.stop)
        assert [r.size for r in sent(tied, heir)] == [7]
        tied.venue.fill(2, "3", "95", exec_id="s1", action="sell")
        assert tied.venue.changes == []

    async def test_both_cancelled_here_stay_cancelled(self, tied: Bench) -> None:
        group = in_the_market(tied)
        tied.cancel(group.target)
        tied.cancel(group.stop)
        tied.venue.status("canceled", 3)
        tied.venue.status("canceled", 2)
        assert heirs(tied, group.stop) == heirs(tied, group.target) == []
        assert said(tied) == []

    async def test_one_that_was_put_back_can_be_cancelled_for_good(self, tied: Bench) -> None:
        group = in_the_market(tied)
        tied.cancel(group.target)
        tied.venue.status("canceled", 3)
        tied.venue.status("canceled", 2)
        (heir,) = heirs(tied, group.stop)
        works(tied, heir, 4)
        tied.cancel(heir)
        tied.venue.status("canceled", 4)
        assert len(sent(tied, heir)) == 1
        assert heirs(tied, heir) == []
        assert said(tied) == []

    async def test_the_target_is_filled_while_only_a_part_was_known_there(
        self, tied: Bench
    ) -> None:
        """It is full at the venue before it was made larger, and takes the whole stop along."""
        stop, target = exits_of_a_position(tied, "4", "10")
        more = tied.submit("buy", "100", "6")
        works(tied, more, 4)
        tied.venue.fill(4, "6", exec_id="e2")
        tied.venue.status("open", 2, price="95", size="10")
        tied.venue.fill(3, "4", "110", exec_id="t1", action="sell")
        tied.venue.status("closed", 3, size="4")
        tied.venue.status("canceled", 2)
        (heir,) = heirs(tied, stop)
        assert [r.size for r in sent(tied, heir)] == [6]
        assert heirs(tied, target) == []

    async def test_of_a_position_too_the_other_comes_back(self, tied: Bench) -> None:
        stop, target = exits_of_a_position(tied, "10", "10")
        tied.cancel(target)
        tied.venue.status("canceled", 2)
        tied.venue.status("canceled", 3)
        (heir,) = heirs(tied, stop)
        assert [r.size for r in sent(tied, heir)] == [10]

    async def test_a_peer_that_was_cancelled_here_leaves_the_others(self, tied: Bench) -> None:
        link = Link(group=str(uuid.uuid4()), role="peer")
        one, two, three = (make_order("buy", p, "5", link=link) for p in ("90", "91", "92"))
        tied.watcher.client.submit_group([one, two, three])
        for reqid, order in enumerate((one, two, three), 1):
            works(tied, order, reqid)
        tied.cancel(one)
        for reqid in (1, 2, 3):
            tied.venue.status("canceled", reqid)
        again = heirs(tied, two) + heirs(tied, three)
        ties = [r.tie for order in again for r in sent(tied, order)]
        assert [order.price for order in again] == [91, 92]
        assert ties[0] == ties[1] != sent(tied, two)[0].tie


class TestItsPlace:
    async def test_a_peer_cannot_leave_a_group_that_its_venue_keeps(self, tied: Bench) -> None:
        one, _two = two_peers(tied)
        tied.watcher.client.modify(replace(one, link=Link(group="", role="peer")))
        status = tied.watcher.last(one.oid)
        assert status.refused == "modify"
        assert "Its venue keeps it in a group" in status.reason

    async def test_a_client_that_leaves_out_what_an_order_is_put_instead_of_changes_nothing(
        self, tied: Bench
    ) -> None:
        group = in_the_market(tied)
        tied.cancel(group.target)
        tied.venue.status("canceled", 3)
        tied.venue.status("canceled", 2)
        (heir,) = heirs(tied, group.stop)
        works(tied, heir, 4)
        assert heir.link is not None
        plain = replace(heir, price=Decimal(96), link=replace(heir.link, instead=""))
        tied.watcher.client.modify(plain)
        assert [c.price for c in tied.venue.changes] == [96]
        tied.venue.status("open", 4, price="96", size="10")
        assert heirs(tied, group.stop) == [tied.watcher.last(heir.oid).req]


class TestRefusedThere:
    async def test_a_stop_that_is_refused_in_a_group_goes_out_alone(self, tied: Bench) -> None:
        group = Bracket(tied)
        works(tied, group.entry, 1)
        tied.venue.fill(1, "10", exec_id="e1")
        tied.venue.refuse("no groups here", oid=group.stop.oid, request="new")
        (heir,) = heirs(tied, group.stop)
        (leaving,) = sent(tied, heir)
        assert (leaving.type, leaving.price, leaving.size, leaving.tie) == ("stop", 95, 10, None)
        tied.venue.refuse("nor alone", oid=heir.oid, request="new")
        assert heirs(tied, heir) == []
        assert any("has no stop any more. nor alone" in text for text in said(tied))


class TestPutAnew:
    """At a venue where a tied order cannot be changed, as at IB."""

    @pytest.fixture
    async def rigid(self, tmp_path: Path, patience: Callable[[], None]) -> AsyncIterator[Bench]:
        async with open_bench(tmp_path, AbleVenue(replace(TIED, changes_tied=False))) as opened:
            opened.feed.trade(100)
            yield opened

    async def test_a_drag_puts_both_anew_the_stop_at_its_new_price(self, rigid: Bench) -> None:
        group = in_the_market(rigid)
        rigid.watcher.client.modify(replace(group.stop, price=Decimal(96)))
        assert rigid.venue.changes == []
        assert [c.oid for c in rigid.venue.cancels] == [group.stop.oid]
        status = rigid.watcher.last(group.stop.oid)
        assert status.put_anew
        assert status.change is not None
        assert status.change.price == 96
        rigid.venue.status("canceled", 2)
        rigid.venue.status("canceled", 3)
        (stop,), (target,) = heirs(rigid, group.stop), heirs(rigid, group.target)
        (first,), (second,) = sent(rigid, stop), sent(rigid, target)
        assert (first.price, first.size, second.price, second.size) == (96, 10, 110, 10)
        assert rigid.watcher.last(stop.oid).first_price == 95  # R is as before
        assert first.tie == second.tie != sent(rigid, group.stop)[0].tie
        assert said(rigid) == []

    async def test_filled_meanwhile_nothing_comes_back(self, rigid: Bench) -> None:
        group = in_the_market(rigid)
        rigid.watcher.client.modify(replace(group.stop, price=Decimal(96)))
        rigid.venue.fill(2, "10", "95", exec_id="s1", action="sell")
        rigid.venue.status("closed", 2)
        rigid.venue.status("canceled", 3)
        assert heirs(rigid, group.stop) == heirs(rigid, group.target) == []

    async def test_cancelled_while_it_is_put_anew_it_stays_cancelled(self, rigid: Bench) -> None:
        group = in_the_market(rigid)
        rigid.watcher.client.modify(replace(group.target, price=Decimal(111)))
        rigid.cancel(group.target)
        rigid.venue.status("canceled", 3)
        rigid.venue.status("canceled", 2)
        assert heirs(rigid, group.target) == []
        assert len(heirs(rigid, group.stop)) == 1
        assert len(rigid.venue.cancels) == 1

    async def test_a_change_that_does_not_come_about_is_told(self, rigid: Bench) -> None:
        group = in_the_market(rigid)
        rigid.watcher.client.modify(replace(group.stop, price=Decimal(96)))
        rigid.venue.refuse("no", reqid=2, request="cancel")
        (query,) = rigid.venue.queries
        rigid.venue.report(
            query.oid, found=True, reqid=2, status="open", price="95", size="10", to=query
        )
        status = rigid.watcher.last(group.stop.oid)
        assert (status.resp, status.refused, status.change) == ("open", "modify", None)

    async def test_exits_that_left_while_their_entry_filled_are_tied_once_it_is_done(
        self, rigid: Bench
    ) -> None:
        group = Bracket(rigid)
        works(rigid, group.entry, 1)
        rigid.venue.fill(1, "4", exec_id="e1")
        works(rigid, group.stop, 2)
        works(rigid, group.target, 3)
        assert sent(rigid, group.stop)[0].tie is None
        rigid.venue.fill(1, "6", exec_id="e2")
        assert {c.size for c in rigid.venue.changes} == {10}
        rigid.venue.status("closed", 1)
        rigid.venue.status("open", 2, price="95", size="10")
        assert rigid.venue.cancels == []
        rigid.venue.status("open", 3, price="110", size="10")
        assert [c.oid for c in rigid.venue.cancels] == [group.stop.oid, group.target.oid]
        rigid.venue.status("canceled", 2)
        rigid.venue.status("canceled", 3)
        (stop,), (target,) = heirs(rigid, group.stop), heirs(rigid, group.target)
        (first,), (second,) = sent(rigid, stop), sent(rigid, target)
        assert first.tie == second.tie is not None
        assert (first.size, second.size) == (10, 10)

    async def test_killed_while_it_is_put_anew(self, tmp_path: Path) -> None:
        venue = AbleVenue(replace(TIED, changes_tied=False))
        async with open_bench(tmp_path, venue) as bench:
            bench.feed.trade(100)
            group = in_the_market(bench)
            bench.watcher.client.modify(replace(group.stop, price=Decimal(96)))
        venue.received.clear()
        async with open_bench(tmp_path, venue) as bench:
            for query in venue.queries:
                reqid = 2 if query.oid == group.stop.oid else 3
                venue.report(query.oid, found=True, reqid=reqid, status="canceled", to=query)
            (stop,), (target,) = heirs(bench, group.stop), heirs(bench, group.target)
            assert [r.price for one in (stop, target) for r in sent(bench, one)] == [96, 110]

    async def test_a_peer_is_put_anew_with_the_others(self, rigid: Bench) -> None:
        one, two = two_peers(rigid)
        rigid.watcher.client.modify(replace(one, price=Decimal(89)))
        rigid.venue.status("canceled", 1)
        rigid.venue.status("canceled", 2)
        again = heirs(rigid, one) + heirs(rigid, two)
        ties = [r.tie for order in again for r in sent(rigid, order)]
        assert [order.price for order in again] == [89, 91]
        assert ties[0] == ties[1] != sent(rigid, one)[0].tie

    async def test_what_the_full_disk_kept_from_leaving_leaves_once_there_is_room(
        self, rigid: Bench
    ) -> None:
        moved_while_the_disk_fills_up(rigid)
        assert any("has no stop any more" in text for text in said(rigid))
        assert len(rigid.venue.orders) == 3
        can_write(rigid.ems.journal, True)
        rigid.ems.groups.settle_all()
        again = {(r.type, r.price, r.size) for r in rigid.venue.orders[3:]}
        assert again == {("stop", 96, 10), ("limit", 110, 10)}

    async def test_no_order_is_shown_that_the_full_disk_kept_from_beginning(
        self, rigid: Bench
    ) -> None:
        group = moved_while_the_disk_fills_up(rigid)
        for _ in range(5):
            rigid.ems.groups.settle_all()
        assert heirs(rigid, group.stop) == heirs(rigid, group.target) == []
        told = [text for text in said(rigid) if "cannot be written" in text]
        assert len(told) == 1, told
        assert "The sell of 10 at 96 in abc.test.scripted is not there again yet" in told[0]
        can_write(rigid.ems.journal, True)
        rigid.ems.groups.settle_all()
        (stop,), (target,) = heirs(rigid, group.stop), heirs(rigid, group.target)
        assert (stop.price, target.price) == (96, 110)

    async def test_the_kill_switch_ends_it_for_good(self, rigid: Bench) -> None:
        group = in_the_market(rigid)
        rigid.watcher.client.modify(replace(group.stop, price=Decimal(96)))
        rigid.ems.kill("test")
        rigid.venue.status("canceled", 2)
        rigid.venue.status("canceled", 3)
        assert heirs(rigid, group.stop) == heirs(rigid, group.target) == []


class TestPeersFilledThere:
    async def test_the_venue_ends_the_other_and_the_reason_is_told(self, tied: Bench) -> None:
        _one, two = two_peers(tied)
        tied.venue.fill(1, "1", "90", exec_id="p1")
        assert tied.venue.cancels == [], "it might end the one that is being filled"
        tied.venue.status("canceled", 2)
        assert tied.watcher.last(two.oid).reason == "Another order of its group was filled."
        assert heirs(tied, two) == []

    async def test_one_that_the_venue_leaves_is_cancelled_after_a_while(
        self, tied: Bench, patience: Callable[[], None]
    ) -> None:
        _one, two = two_peers(tied)
        tied.venue.fill(1, "1", "90", exec_id="p1")
        patience()
        tied.ems.groups.settle_all()
        assert [c.oid for c in tied.venue.cancels] == [two.oid]

    async def test_nothing_comes_back_while_the_cancelled_one_may_be_filled(
        self, tied: Bench
    ) -> None:
        """The fill and the cancel of one meet: it is the fill that has ended the other."""
        one, two = two_peers(tied)
        tied.cancel(one)
        tied.venue.status("canceled", 2)
        assert heirs(tied, two) == []
        tied.venue.status("canceled", 1, filled="2")  # its fill is on its way
        assert heirs(tied, two) == []
        tied.venue.fill(1, "2", "90", exec_id="p1")
        assert len(tied.venue.orders) == 2

    async def test_the_other_comes_back_once_the_cancel_is_done(self, tied: Bench) -> None:
        one, two = two_peers(tied)
        tied.cancel(one)
        tied.venue.status("canceled", 2)
        tied.venue.status("canceled", 1)
        assert [r.price for o in heirs(tied, two) for r in sent(tied, o)] == [91]


class TestOverARestart:
    async def test_the_target_filled_while_the_program_was_closed(
        self, tmp_path: Path, patience: Callable[[], None]
    ) -> None:
        venue = AbleVenue(TIED)
        async with open_bench(tmp_path, venue) as bench:
            bench.feed.trade(100)
            group = in_the_market(bench)
        venue.received.clear()
        venue.opening = replace(
            venue.opening, fills=(venue.made_fill(3, "10", "110", "t1", action="sell"),)
        )
        async with open_bench(tmp_path, venue) as bench:
            for query in venue.queries:
                status = "closed" if query.oid == group.target.oid else "canceled"
                reqid = 3 if status == "closed" else 2
                venue.report(query.oid, found=True, reqid=reqid, status=status, to=query)
            stop = bench.watcher.last(group.stop.oid)
            assert (stop.resp, stop.reason) == (
                "canceled",
                "Another order of its group was filled.",
            )
            assert said(bench) == []
            assert venue.orders == []

    async def test_killed_between_the_cancel_and_its_answers(self, tmp_path: Path) -> None:
        venue = AbleVenue(TIED)
        async with open_bench(tmp_path, venue) as bench:
            bench.feed.trade(100)
            group = in_the_market(bench)
            bench.cancel(group.target)
        venue.received.clear()
        async with open_bench(tmp_path, venue) as bench:
            for query in venue.queries:
                reqid = 2 if query.oid == group.stop.oid else 3
                venue.report(query.oid, found=True, reqid=reqid, status="canceled", to=query)
            (heir,) = heirs(bench, group.stop)
            assert [r.size for r in sent(bench, heir)] == [10]

    async def test_an_order_made_elsewhere_keeps_its_group(self, tied: Bench) -> None:
        order = make_order("sell", "110", "5")
        tie = Tie("of TWS")
        tied.venue.say(replace(tied.venue.live_order(order, 9), tie=tie, origin="made in TWS"))
        assert tied.watcher.last(order.oid).tie == tie
        tied.watcher.client.modify(replace(order, price=Decimal(111)))
        assert [c.tie for c in tied.venue.changes] == [tie]
