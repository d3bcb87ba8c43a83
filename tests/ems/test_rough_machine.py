"""The machines of orders and groups where clocks, disks and clients misbehave too."""

from decimal import Decimal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule
from msgspec.structs import replace

from ems.messages import Cancel, Order
from tests.ems.full_disk import can_write
from tests.ems.test_group_machine import GroupLife
from tests.ems.test_order_life_machine import (
    OrderLife,
    numbers,
    prices,
    sizes,
    which_order,
)
from tests.sims.scripted_venue import FQSN


class RoughMachine(OrderLife):
    """More that can go wrong around one EMS."""

    now_ns = 10**18
    disk_works = True

    def _clock(self) -> int:
        self.now_ns += 1000
        return self.now_ns

    # ---- clients

    @precondition(lambda self: self.orders)
    @rule(who=numbers, which=which_order, times=st.integers(1, 2))
    def modify_to_what_it_is(self, who, which, times) -> None:
        dialog = self.ems.index.by_oid(self.orders[which % len(self.orders)].oid)
        if dialog is not None:
            for _ in range(times):
                self._modify(who, replace(dialog.wanted))

    @precondition(lambda self: self.orders)
    @rule(who=numbers, which=which_order)
    def submit_again(self, who, which) -> None:
        """The same order under the same id: a modify, or told how it ended; never another order."""
        order = self.orders[which % len(self.orders)]
        if self.ems.index.by_oid(order.oid) is not None:
            self._wish(order, (order.price, order.size))
            self._client(who).submit(order)

    @precondition(lambda self: self.orders)
    @rule(who=numbers, which=which_order, account=st.sampled_from(["scripted.two", "nobody", None]))
    def cancel_twice(self, who, which, account) -> None:
        order = self.orders[which % len(self.orders)]
        self._cancel(who, order)
        again = Cancel(oid=order.oid, symbol=order.symbol, account=account)
        self._client(who).cancel(again)

    # ---- the machine that it runs on

    @rule(seconds=st.sampled_from([-7200, -5, 5, 7200]))
    def clock_is_set(self, seconds) -> None:
        self.now_ns += seconds * 1_000_000_000

    @precondition(lambda self: self.disk_works)
    @rule()
    def disk_fills_up(self) -> None:
        self.disk_works = False
        can_write(self.ems.journal, False)

    @precondition(lambda self: not self.disk_works)
    @rule()
    def disk_has_room(self) -> None:
        self.disk_works = True
        can_write(self.ems.journal, True)

    @rule(arrive=st.booleans(), killed=st.booleans())
    def ems_starts_again(self, arrive, killed) -> None:
        if not (self.disk_works or killed):
            self.disk_has_room()  # what waits in memory is written at the end
        super().ems_starts_again(arrive, killed)
        self.disk_works = True

    def _quiet(self) -> None:
        if not self.disk_works:
            self.disk_has_room()
        super()._quiet()


class RoughLife(RoughMachine):
    """And at its venue: single orders, and a position that was there before them."""

    @initialize(names_request=st.booleans(), names_fills=st.booleans(), before=st.integers(-5, 5))
    def open(self, names_request, names_fills=False, before=0) -> None:
        self.before = Decimal(before)
        super().open(names_request, names_fills)

    def _begin_at_venue(self) -> None:
        if self.before:
            self.venue.before["scripted"] = self.before

    @rule(on=st.booleans())
    def kill_switch(self, on) -> None:
        if on:
            self.wishes.clear()
            self.ems.kill("test")
        else:
            self.ems.release("test")

    @precondition(lambda self: self.venue.alive())
    @rule(which=numbers, more=sizes)
    def venue_overfills(self, which, more) -> None:
        self.venue.overfill(which, more)

    @precondition(lambda self: self.venue.ledger)
    @rule(which=numbers, price=prices, size=sizes, same_id=st.booleans())
    def venue_corrects(self, which, price, size, same_id) -> None:
        """A venue names only the step before: no step may be lost that nobody could write."""
        if not (same_id or self.disk_works):
            return
        self.venue.correct(which, price, size, same_id=same_id)

    def _all_agree(self) -> None:
        super()._all_agree()
        if self.venue.lost:
            return
        for account in self.venue.accounts:
            done = [f for o in self.venue.ledger.values() for f in o.fills if f.account == account]
            money = sum(
                (f.size * f.price * (1 if f.action == "sell" else -1) for f in done), Decimal(0)
            )
            for record in self.ems.positions.of_account(account):
                assert record.cash == money, "what was put right counts as it is"
            there = self.ems.positions.there(account, FQSN)
            assert there == self.venue.size_of(account), "what is there was miscounted"


class RoughGroups(RoughMachine, GroupLife):
    """The same with groups."""

    def _send(self, who: int, entry: Order | None, exits: list[Order]) -> None:
        """A group begins; what becomes of one that is refused is seen elsewhere."""
        if not self.disk_works:
            self.disk_has_room()
        super()._send(who, entry, exits)


RoughGroups.TestCase.settings = RoughLife.TestCase.settings = settings(
    max_examples=100, stateful_step_count=50, parent=settings.get_profile("default")
)


@pytest.mark.timeout(900)
class TestRoughLife(RoughLife.TestCase):
    """Its length is a number of lives, so a machine that is busy takes long."""


@pytest.mark.timeout(900)
class TestRoughGroups(RoughGroups.TestCase):
    """As above."""


@pytest.mark.nightly
class TestRoughGroupsDeep(RoughGroups.TestCase):
    """The same, as long as the nightly run may take."""

    settings = settings(
        max_examples=2000, stateful_step_count=100, parent=settings.get_profile("nightly")
    )


@pytest.mark.nightly
class TestRoughLifeDeep(RoughLife.TestCase):
    """The same, as long as the nightly run may take."""

    settings = settings(
        max_examples=2000, stateful_step_count=100, parent=settings.get_profile("nightly")
    )
