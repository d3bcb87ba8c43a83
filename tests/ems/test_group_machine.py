"""Brackets, OCO and flatten with a hostile venue, a moving price and crashes: sizes stay right."""

import uuid
from decimal import Decimal
from typing import NamedTuple

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule
from msgspec.structs import replace

from ems.messages import ZERO, Link, Notice, Order, Role
from ems.order_dialog import OrderDialog
from ems.ports import Abilities
from ems.ties import was_taken_along
from ems.transitions import S
from tests.ems.brackets import ALL
from tests.ems.conftest import Watcher, make_order
from tests.ems.test_order_life_machine import (
    OrderLife,
    accounts,
    numbers,
    prices,
    refusals,
    sizes,
    which_order,
)
from tests.sims.hostile_venue import HostileVenue
from tests.sims.scripted_venue import FQSN

TIED = replace(ALL, ties=frozenset({"reduces", "cancels"}))
abilities = st.sampled_from(
    [
        Abilities(),
        Abilities(types=frozenset({"limit", "market"})),
        ALL,
        TIED,
        TIED,
        replace(TIED, changes_tied=True),
    ]
)
groups_there = st.sampled_from(["at once", "at once", "late", "late", "never"])
"""When a venue does what it owes to its own groups."""
what_then = st.lists(
    st.sampled_from(["fill", "fill", "cancel", "move", "elsewhere", "take"]),
    min_size=1,
    max_size=3,
)
gaps = st.integers(1, 4).map(Decimal)
shares = st.sampled_from([("1",), ("1",), ("0.5", "0.5"), ("0.25", "0.75")])
modes = st.sampled_from(["live", "live", "dark"])


class Family(NamedTuple):
    """The oids of a group."""

    entry: str
    """Empty if it closes a position that was there."""
    stops: tuple[str, ...]
    targets: tuple[str, ...]
    account: str
    sells: bool
    name: str
    """Of the group."""


class GroupLife(OrderLife):
    """`OrderLife` with groups among its orders."""

    @initialize(
        can=abilities, names_request=st.booleans(), groups=groups_there, alone=st.booleans(),
        names_fills=st.booleans(),
    )  # fmt: skip
    def open(self, can, names_request, groups="at once", alone=False, names_fills=False) -> None:
        self.families: list[Family] = []
        self.peers: list[tuple[str, ...]] = []
        self.flattens: list[str] = []
        self.heard: list[str] = []
        super().open(names_request, names_fills)
        self.venue.can = can
        self.venue.keeps_groups, self.venue.groups_lag = groups != "never", groups == "late"
        self.venue.cancel_ends_group = not alone
        self.feed.trade(100)

    @precondition(lambda self: self.venue.chores)
    @rule()
    def venue_minds_its_groups(self) -> None:
        self.venue.do_chores()

    def _run_dry(self) -> None:
        super()._run_dry()
        while self.venue.chores:
            self.venue.do_chores()
            super()._run_dry()

    # ---- clients

    @precondition(lambda self: self.families)
    @rule(who=numbers, which=which_order, of=numbers)
    def cancel_an_exit(self, who, which, of) -> None:
        family = self.families[which % len(self.families)]
        alive = [one for one in self.ems.groups.index.members(family.name) if one.active]
        if alive:
            self._cancel(who, alive[of % len(alive)].order)

    @rule(
        who=numbers, buys=st.booleans(), price=prices, size=sizes, gap=gaps, shares=shares,
        mode=modes, entry_mode=modes, account=accounts,
    )  # fmt: skip
    def bracket(self, who, buys, price, size, gap, shares, mode, entry_mode, account) -> None:
        entry = make_order(
            "buy" if buys else "sell", str(price), str(size), exec_mode=entry_mode, account=account
        )
        self._send(
            who, entry, self._exits(entry.oid, buys, price, size, gap, shares, mode, account)
        )

    @rule(
        who=numbers, buys=st.booleans(), size=sizes, shares=shares, mode=modes, account=accounts,
        filled=sizes, closed=sizes, by=numbers, both=st.booleans(), hand_over=st.booleans(),
    )  # fmt: skip
    def bracket_in_the_market(
        self, who, buys, size, shares, mode, account, filled, closed, by, both, hand_over
    ) -> None:
        """An entry that is filled in part, with exits of which one or two are filled in part."""
        if not self.venue.up:
            return
        self.bracket(who, buys, Decimal(100), size + 1, Decimal(4), shares, mode, "live", account)
        family = self.families[-1]
        self._run_dry()
        self.venue.fill_order(family.entry, filled)
        self._run_dry()
        exits = family.stops + family.targets
        self.venue.fill_order(exits[by % len(exits)], closed)
        if both:
            self.venue.fill_order(exits[(by + 1) % len(exits)], closed)
        while hand_over and self.venue.mail:
            self.venue.deliver()

    @precondition(lambda self: self.venue.up)
    @rule(
        who=numbers, size=sizes, account=accounts, more=st.booleans(), what=what_then,
        of=st.sampled_from([0, 1]), part=sizes, which=st.lists(numbers, max_size=4),
    )  # fmt: skip
    def stop_and_target_in_the_market(
        self, who, size, account, more, what, of, part, which
    ) -> None:
        """Both work; then one is filled, cancelled or moved, and the mail comes in disorder."""
        self.bracket(
            who, True, Decimal(100), size + more, Decimal(4), ("1",), "live", "live", account
        )
        family = self.families[-1]
        self._run_dry()
        self.venue.fill_order(family.entry, size)
        self._run_dry()
        exits = self._dialogs(family.stops + family.targets)
        one = exits[of % len(exits)]
        for do in what:
            if do == "fill":
                self.venue.fill_order(one.oid, part)
            elif do == "cancel" and one.active:
                self._cancel(who, one.order)
            elif do == "move" and one.active:
                self._client(who).modify(replace(one.order, price=one.order.price + 1))
            elif do == "elsewhere":
                self.venue.cancel_order(one.oid)
            elif do == "take":
                self.venue.take()
        for number in which:
            self.venue.deliver(number)

    @rule(who=numbers, account=accounts, price=prices, reverses=st.booleans(), refuse=refusals)
    def flatten_with_orders_in_the_market(self, who, account, price, reverses, refuse) -> None:
        self.submit(who, "buy", "live", price, Decimal(3), account, "")
        if self.venue.up:
            self._run_dry()
        self.flatten(who, account, reverses, Decimal(2))
        self.venue.refuse_next = refuse
        self.venue.take()
        self.venue.fill_order(self.orders[-1].oid, Decimal(1))

    @rule(who=numbers, gap=gaps, shares=shares, mode=modes, account=accounts)
    def exits_of_a_position(self, who, gap, shares, mode, account) -> None:
        size = self.ems.positions.of(account, FQSN).size
        if size:
            price, name = Decimal(100), str(uuid.uuid4())
            exits = self._exits(name, size > 0, price, abs(size), gap, ("1",), mode, account)
            self._send(who, None, exits)

    def _exits(self, name, buys, price, size, gap, shares, mode, account) -> list[Order]:
        def one(role: Role, at: Decimal, share: str) -> Order:
            return make_order(
                "sell" if buys else "buy", str(at), str(size), exec_mode=mode, account=account,
                type="stop" if role == "stop" else "limit",
                link=Link(group=name, role=role, share=Decimal(share)),
            )  # fmt: skip

        sign = 1 if buys else -1
        targets = [one("target", price + sign * gap, share) for share in shares]
        return [one("stop", price - sign * gap, "1"), *targets]

    def _send(self, who: int, entry: Order | None, exits: list[Order]) -> None:
        orders = [*([entry] if entry else []), *exits]
        self._client(who).submit_group(orders)
        self.orders += orders
        stops = tuple(one.oid for one in exits if one.link and one.link.role == "stop")
        targets = tuple(one.oid for one in exits if one.oid not in stops)
        first = exits[0]
        name = entry.oid if entry else ""
        assert first.link is not None
        self.families.append(
            Family(name, stops, targets, first.account, first.action == "sell", first.link.group)
        )

    @rule(who=numbers, prices=st.lists(prices, min_size=2, max_size=3), size=sizes, mode=modes)
    def one_cancels_the_other(self, who, prices, size, mode) -> None:
        link = Link(group=str(uuid.uuid4()), role="peer")
        orders = [make_order("buy", str(p), str(size), exec_mode=mode, link=link) for p in prices]
        self._client(who).submit_group(orders)
        self.orders += orders
        self.peers.append(tuple(one.oid for one in orders))

    @rule(who=numbers, first=numbers, second=numbers)
    def tie(self, who, first, second) -> None:
        """Two orders that are there are tied; the EMS may refuse one or both."""
        entries = {family.entry for family in self.families}
        alone = [o for o in self.orders if o.link is None and o.oid not in entries]
        alone = [one for one in alone if one.action != "alert" and self._dialogs((one.oid,))]
        if not alone:
            return
        pair = {one.oid for one in (alone[first % len(alone)], alone[second % len(alone)])}
        link = Link(group=str(uuid.uuid4()), role="peer")
        for dialog in self._dialogs(tuple(pair)):
            self._client(who).modify(replace(dialog.wanted, link=link))
        tied = tuple(one.oid for one in self._dialogs(tuple(pair)) if one.order.link == link)
        before = (tuple(oid for oid in peers if oid not in tied) for peers in self.peers)
        self.peers = [peers for peers in (*before, tied) if len(peers) > 1]

    @rule(who=numbers, which=numbers, share=st.sampled_from(["0.3", "0.5", "1"]))
    def another_share(self, who, which, share) -> None:
        families = [family for family in self.families if family.entry]
        if not families:
            return
        family = families[which % len(families)]
        exits = self._dialogs(family.targets)
        if exits and exits[0].order.link is not None:
            link = replace(exits[0].order.link, share=Decimal(share))
            self._client(who).modify(replace(exits[0].wanted, link=link))

    @rule(who=numbers, account=accounts, reverses=st.booleans(), size=sizes)
    def flatten(self, who, account, reverses, size) -> None:
        name = str(uuid.uuid4())
        order = make_order(
            "sell", "100", "1", account=account, type="market", reduce_only=True,
            link=Link(group=name, role="flatten"),
        )  # fmt: skip
        after = make_order(
            "sell", "100", str(size), account=account, link=Link(group=name, role="after")
        )
        self._client(who).submit_group([order, after] if reverses else [order])
        self.flattens.append(order.oid)

    # ---- what the machine below expects of single orders

    def _held(self) -> dict[str, Order]:
        """Of what is in no group, and not being closed: groups change what they hold."""
        closing = {
            one.order.account
            for one in self.ems.index.active()
            if one.order.link is not None and one.order.link.role == "flatten"
        }
        return {
            oid: order
            for oid, order in super()._held().items()
            if order.link is None and order.account not in closing
        }

    def _wish(self, order: Order, wish: tuple[Decimal, Decimal] | None) -> None:
        if order.link is None:
            super()._wish(order, wish)

    def _wishes_came_true(self, active: dict[str, OrderDialog]) -> None:
        if not self.flattens:
            super()._wishes_came_true(active)

    def _client_agrees(self, watcher: Watcher, active: dict[str, OrderDialog]) -> None:
        super()._client_agrees(watcher, active)
        last = {s.oid: s for s in watcher.statuses() if s.resp != "fill"}
        for oid, dialog in active.items():
            assert last[oid].waits == (dialog.state is S.WAITING)

    # ---- the reckoning

    def _quiet(self) -> None:
        """As above, and what was refused is tried again."""
        super()._quiet()
        for _ in range(3):
            self.loop.pass_time(70.0)
            super()._quiet()

    def _all_agree(self) -> None:
        self._note_what_was_said()
        super()._all_agree()
        assert not self.venue.unasked, "asked for what the venue cannot do"
        if self.venue.lost:
            return
        for account in HostileVenue.accounts:
            for sells in (True, False):
                self._exits_fit_the_position(account, sells)
        for family in self.families:
            self._family_is_right(family)
        for peers in self.peers:
            self._at_most_one_peer(peers)
        self._nothing_is_stuck()

    def _start(self) -> None:
        self._note_what_was_said()
        super()._start()

    def _note_what_was_said(self) -> None:
        for watcher in self.watchers:
            watcher.read()
            self.heard += [m.text for m in watcher.heard if isinstance(m, Notice)]

    def _dialogs(self, oids: tuple[str, ...]) -> list[OrderDialog]:
        """Return the orders, and those that were put in their place."""
        found = (self.ems.index.by_oid(oid) for oid in oids)
        dialogs = [one for one in found if one is not None]
        for one in dialogs:  # grows as it goes
            group = one.order.link.group if one.order.link else ""
            members = self.ems.groups.index.members(group)
            dialogs += [other for other in members if other.order.link.instead == one.oid]
        return dialogs

    def _exits_fit_the_position(self, account: str, sells: bool) -> None:
        """All stops together close no more than there is, nor do all targets."""
        size = self.ems.positions.of(account, FQSN).size
        there = max(ZERO, size if sells else -size)
        mine = [f for f in self.families if (f.account, f.sells) == (account, sells)]
        for kind in ("stops", "targets"):
            armed = [one for f in mine for one in self._dialogs(getattr(f, kind)) if is_armed(one)]
            assert sum(map(remaining, armed)) <= there, (kind, armed, there)

    def _family_is_right(self, family: Family) -> None:
        exits = self._dialogs(family.stops + family.targets)
        closed = sum((one.filled for one in exits), ZERO)
        if not family.entry:
            return
        (entry,) = self._dialogs((family.entry,))
        if closed > entry.filled:
            assert any("more than their entry" in text for text in self.heard), "nobody was told"
        left = max(ZERO, entry.filled - closed)
        for kind in (family.stops, family.targets):
            armed = [one for one in self._dialogs(kind) if is_armed(one)]
            assert sum(map(remaining, armed)) <= left, (armed, left)
        if entry.over and not left:
            alive = [one for one in exits if one.active and not leaves_at_once(one)]
            assert not alive, f"alive in a finished group: {alive}"
        self._stop_is_whole(family, left)

    def _stop_is_whole(self, family: Family, left: Decimal) -> None:
        """The stop that nobody took away closes all that is left, if it is the only group."""
        *gone, stop = self._dialogs(family.stops)
        assert not any(one.active for one in gone), "two stops, one in the place of the other"
        size = self.ems.positions.of(family.account, FQSN).size
        there = size if family.sells else -size
        alone = sum(f.account == family.account for f in self.families) == 1
        members = self.ems.groups.index.members(family.name)
        closing = any(one.order.account == family.account for one in self._flattens())
        enough = there >= self._to_close(family) and not closing
        if left and enough and was_taken_along(stop, members):
            raise AssertionError(f"the venue ended a stop with its group, and none came: {stop}")
        if alone and stop.active and not leaves_at_once(stop) and left and there >= left:
            assert stop.state is not S.WAITING, "a stop waits though its entry is filled"
            assert remaining(stop) == left or stop.refused_size is not None

    def _flattens(self) -> list[OrderDialog]:
        found = map(self.ems.index.by_oid, self.flattens)
        return [one for one in found if one is not None]

    def _to_close(self, family: Family) -> Decimal:
        """Return no less than what all groups of the account and side have to close."""
        total = ZERO
        for one in self.families:
            if (one.account, one.sells) == (family.account, family.sells):
                total += sum((entry.filled for entry in self._dialogs((one.entry,))), ZERO)
                total += ZERO if one.entry else Decimal(1000)
        return total

    def _at_most_one_peer(self, peers: tuple[str, ...]) -> None:
        dialogs = self._dialogs(peers)
        filled = [one for one in dialogs if one.filled]
        if len(filled) > 1:
            assert any("More than one order of an OCO group" in text for text in self.heard)
        alive = [one for one in dialogs if one.active] if filled else []
        if any(one.state is S.CLOSED for one in filled):
            assert not alive, f"peers of a filled order: {alive}"
        assert len(alive) <= 1, f"more than one peer is left: {alive}"
        assert all(one.filled for one in alive), f"peers of a filled order: {alive}"

    def _nothing_is_stuck(self) -> None:
        """A flatten goes on until it is at its venue."""
        for oid in self.flattens:
            dialog = self.ems.index.by_oid(oid)
            assert dialog is None or dialog.state is not S.WAITING, dialog


def is_armed(one: OrderDialog) -> bool:
    """Tell whether an exit may close something by itself, and can still be made smaller."""
    return one.active and one.state is not S.WAITING and not leaves_at_once(one)


def leaves_at_once(one: OrderDialog) -> bool:
    """Tell whether it was touched, and is being filled."""
    return one.was_dark or one.order.type == "market"


def remaining(one: OrderDialog) -> Decimal:
    return one.order.size - one.filled


GroupLife.TestCase.settings = settings(
    max_examples=200, stateful_step_count=40, parent=settings.get_profile("default")
)


@pytest.mark.timeout(900)
class TestGroupLife(GroupLife.TestCase):
    """Its length is a number of lives, so a machine that is busy takes long."""


@pytest.mark.nightly
class TestGroupLifeDeep(GroupLife.TestCase):
    """The same, as long as the nightly run may take."""

    settings = settings(
        max_examples=2000, stateful_step_count=100, parent=settings.get_profile("nightly")
    )


def test_a_flatten_that_had_arrived_after_all_shows_as_what_it_arrived() -> None:
    """Found by the machine: held again, as the market order that it was, it had left as a limit."""
    life = GroupLife()
    can = Abilities(types=frozenset({"limit"}), tifs=frozenset({"gtc"}))
    life.open(can=can, names_request=False)
    life.made_elsewhere(account="scripted", price=Decimal(95), size=Decimal(1))
    life.venue_fills(size=Decimal(1), which=0)
    life.all_is_quiet()
    life.flatten(account="scripted", reverses=False, size=Decimal(1), who=0)
    price, size = Decimal(95), Decimal(1)
    life.submit(
        account="scripted", action="buy", mode="live", price=price, size=size, then="", who=0
    )
    life.ems_starts_again(arrive=True, killed=False)
    life.flatten_with_orders_in_the_market(
        account="scripted", price=price, refuse="", reverses=False, who=0
    )
    life.all_is_quiet()
    life.teardown()


def test_an_alert_is_there_again_beside_a_flatten_whose_end_was_not_written_before_the_kill() -> (
    None
):
    """The machine itself had it wrong: it looked at what is held only where nothing is closed."""
    life = GroupLife()
    price, size = Decimal(95), Decimal(1)
    life.open(can=Abilities(), names_request=False)
    life.submit(
        account="scripted", action="alert", mode="live", price=price, size=size, then="", who=0
    )
    life.flatten_with_orders_in_the_market(
        account="scripted", price=price, refuse="", reverses=False, who=0
    )
    life.all_is_quiet()
    life.one_cancels_the_other(mode="live", prices=[price, price], size=size, who=0)
    life.flatten_with_orders_in_the_market(
        account="scripted", price=price, refuse="", reverses=False, who=0
    )
    life.all_is_quiet()
    life.cancelled_elsewhere(which=0)
    life.bracket_in_the_market(
        account="scripted", both=False, buys=False, by=0, closed=size, filled=size,
        hand_over=False, mode="live", shares=("1",), size=size, who=0,
    )  # fmt: skip
    life.ems_starts_again(arrive=False, killed=True)
    life.teardown()


def test_what_a_venue_left_undone_while_the_machine_slept_is_asked_for_at_once() -> None:
    """Found by the machine: a wait that ended in a sleep of more than a minute began anew."""
    life = GroupLife()
    life.open(can=replace(TIED, changes_tied=True), alone=True, names_request=True, groups="never")
    for size in (Decimal(4), Decimal(3)):
        life.stop_and_target_in_the_market(
            account="scripted.two", more=False, of=1, part=Decimal(2), size=size, what=["fill"],
            which=[], who=6,
        )  # fmt: skip
    life.all_is_quiet()
    life.teardown()
