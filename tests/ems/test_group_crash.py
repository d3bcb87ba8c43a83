"""The EMS is killed with SIGKILL at random moments while it trades with groups of orders."""

import asyncio
import uuid
from decimal import Decimal
from pathlib import Path

import pytest

from ems.journal_reader import JournalReader, open_reader
from ems.messages import ZERO, Link, Order, OrderGroup, Role, encode
from ems.order_dialog import OrderDialog
from ems.transitions import S
from tests.ems.conftest import make_order
from tests.ems.test_crash import PATIENCE_S, Desk, Told, crash_again_and_again
from tests.ems.test_group_machine import is_armed, leaves_at_once, remaining
from tests.sims.ems_process import TIED
from tests.sims.hostile_venue import HostileVenue

CLOSED = HostileVenue.accounts[1]
"""The account whose position is closed now and then, which ends its dark orders."""


class GroupDesk(Desk):
    """Sends brackets and closes positions besides all else."""

    types = ("market", "stop")

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.groups: list[tuple[Order, list[Order]]] = []

    def act(self) -> None:
        number = self.dice.random()
        if number < 0.25:
            self._bracket()
        elif number < 0.28:
            self._flatten()
        else:
            super().act()

    def _bracket(self) -> None:
        dice = self.dice
        price, gap = Decimal(dice.randint(97, 103)), Decimal(dice.randint(1, 4))
        action, closing = dice.choice([("buy", "sell"), ("sell", "buy")])
        mode, account = dice.choice(["live", "dark"]), dice.choice(HostileVenue.accounts)
        entry = make_order(action, str(price), str(dice.randint(1, 4)), account=account)

        def exit_at(role: Role, at: Decimal) -> Order:
            return make_order(
                closing, str(at), str(entry.size), exec_mode=mode, account=account,
                type="stop" if role == "stop" else "limit",
                link=Link(group=entry.oid, role=role),
            )  # fmt: skip

        sign = 1 if action == "buy" else -1
        exits = [exit_at("stop", price - sign * gap), exit_at("target", price + sign * gap)]
        self._send(entry, *exits)
        self.groups.append((entry, exits))

    def _flatten(self) -> None:
        link = Link(group=str(uuid.uuid4()), role="flatten")
        self._send(make_order("sell", "100", "1", type="market", link=link, account=CLOSED))

    def _may_be_gone(self, told: Told, held: Order) -> bool:
        return held.account == CLOSED or super()._may_be_gone(told, held)

    def _send(self, *orders: Order) -> None:
        for order in orders:
            self.orders.append(order)
            self.told[order.oid] = Told()
            self.told[order.oid].asked.append(order)
        self.say(f"G {encode(OrderGroup(orders=orders)).decode()}")

    async def check_ledger(self) -> None:
        """Let it settle; then no group can close more than there is, and none is half done."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while self._ledger() != self._view() or await self._wrong():
                    await self.sync()
                    await asyncio.sleep(0.01)
        except TimeoutError:
            assert self._view() == self._ledger()
            assert await self._wrong() == ""
        assert not self.server.venue.doubled, "sent again though the venue had it"

    async def _wrong(self) -> str:
        with open_reader(self.journal) as journal:
            found = (_wrong_in(journal, entry, exits) for entry, exits in self.groups)
            return next((text for text in found if text), "")


class TiedDesk(GroupDesk):
    """The same at a venue that keeps groups itself, and does so with the program dead."""

    types = ("market", "stop", TIED)


def _wrong_in(journal: JournalReader, entry: Order, exits: list[Order]) -> str:
    first = journal.dialog(entry.oid)
    known = {one.oid for one in exits} | set(journal.members(entry.oid))  # and those put back
    rest = [found for oid in known if (found := journal.dialog(oid)) is not None]
    if first is None:
        return "" if not rest else f"exits without their entry: {rest}"  # never heard of, or all
    refused = first.state is S.ERROR and first.reqid is None  # each refusal is told by itself
    if len(rest) < len(exits) and not refused:
        return f"an entry without its exits: {first}"
    return _too_much(first, rest)


def _too_much(entry: OrderDialog, exits: list[OrderDialog]) -> str:
    left = max(ZERO, entry.filled - sum((one.filled for one in exits), ZERO))
    for one in exits:
        if is_armed(one) and remaining(one) > left:
            return f"closes more than {left}: {one}"
        if entry.over and not left and one.active and not leaves_at_once(one):
            return f"alive in a finished group: {one}"
        if left and entry.over and one.state is S.WAITING:
            return f"waits though there is {left} to close: {one}"
    return ""


@pytest.mark.parametrize("desk", [GroupDesk, TiedDesk])
async def test_killed_while_trading_with_groups(tmp_path: Path, desk: type[GroupDesk]) -> None:
    await crash_again_and_again(tmp_path, 12, 1, desk)


@pytest.mark.nightly
@pytest.mark.parametrize("desk", [GroupDesk, TiedDesk])
@pytest.mark.parametrize("seed", range(2, 12))
async def test_killed_while_trading_with_groups_again_and_again(
    tmp_path: Path, seed: int, desk: type[GroupDesk]
) -> None:
    await crash_again_and_again(tmp_path, 20, seed, desk)
