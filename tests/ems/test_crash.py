"""The EMS is killed with SIGKILL at random moments while it trades with a venue that lives on."""

import asyncio
import random
import sys
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from ems.journal_reader import open_reader
from ems.messages import Cancel, Order, Position, Status, decode, encode
from tests.ems.conftest import make_order
from tests.sims.hostile_venue import HostileVenue
from tests.sims.scripted_venue import FQSN
from tests.sims.socket_venue import VenueServer

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE_S = 30


class Told:
    """What the client was told of one order, and what it asked for since."""

    def __init__(self) -> None:
        self.last: Status | None = None
        self.asked: list[Order] = []
        self.cancel_asked = False

    def hear(self, status: Status) -> None:
        unheard_of = status.resp == "error" and status.refused in ("modify", "cancel")
        if status.resp != "fill" and not unheard_of:
            self.last = status
        if status.req is not None and status.resp == "dark_open":
            numbers = [(order.price, order.size) for order in self.asked]
            here = (status.req.price, status.req.size)
            if here in numbers:
                del self.asked[: numbers.index(here) + 1]

    @property
    def held(self) -> Order | None:
        """The order, if the client was told that it is held here."""
        told = self.last
        return told.req if told is not None and told.resp == "dark_open" else None

    def may_be(self, order: Order) -> bool:
        """Tell whether a restart may bring it back like this."""
        allowed = [self.held, *self.asked]
        numbers = [(one.price, one.size) for one in allowed if one is not None]
        return (order.price, order.size) in numbers


class Desk:
    """A client of one EMS process after the other, on one journal."""

    types: tuple[str, ...] = ()
    """What the venue has besides limit orders."""

    def __init__(self, folder: Path, server: VenueServer, seed: int) -> None:
        self.dice = random.Random(seed)
        self.journal = folder / "journal.db"
        self.server = server
        self.told: dict[str, Told] = {}
        self.orders: list[Order] = []
        self.positions: dict[str, Decimal] = {}
        self.prices: list[float] = [100.0]
        self._syncs = 0
        self._process: asyncio.subprocess.Process

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.sims.ems_process",
            str(self.journal), str(self.server.port), *self.types,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, cwd=REPOSITORY,
        )  # fmt: skip

    async def kill(self) -> None:
        self._process.kill()
        await self._read_rest()
        await self._process.wait()

    # ---- talking

    def say(self, text: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(text.encode() + b"\n")

    def act(self) -> None:
        """Do one random thing, and do not wait for what becomes of it."""
        dice = self.dice
        number = dice.random()
        if number < 0.15:
            self.prices.append(float(dice.randint(95, 105)))
            self.say(f"P {self.prices[-1]}")
        elif number < 0.6 or not self.orders:
            self._submit()
        else:
            order = dice.choice(self.orders[-40:])
            told = self.told[order.oid]
            if number < 0.85:
                price = Decimal(dice.randint(95, 105))
                changed = replace(order, price=price)
                told.asked.append(changed)
                self.say(f"M {encode(changed).decode()}")
            else:
                told.cancel_asked = True
                self.say(f"C {encode(Cancel(oid=order.oid, symbol=FQSN)).decode()}")

    def _submit(self) -> None:
        dice = self.dice
        order = make_order(
            dice.choice(["buy", "sell", "alert"]),
            str(dice.randint(95, 105)),
            str(dice.randint(1, 4)),
            exec_mode=dice.choice(["live", "dark"]),
            account=dice.choice(HostileVenue.accounts),
        )
        self.orders.append(order)
        self.told[order.oid] = Told()
        self.told[order.oid].asked.append(order)
        self.say(f"S {encode(order).decode()}")

    # ---- listening

    async def hear(self, lines: int) -> None:
        """Read so many messages, or all that there are to what was asked for."""
        self.say("Y 0")
        for _ in range(lines):
            if (line := await self._line()) == b"Y 0\n":
                return
            self._take(line)

    async def sync(self) -> None:
        """Read until everything that was asked for was answered."""
        self._syncs += 1
        self.say(f"Y {self._syncs}")
        while (line := await self._line()) != b"Y %d\n" % self._syncs:
            self._take(line)

    async def _line(self) -> bytes:
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            line = await self._process.stdout.readline()
        assert line, "the EMS ended by itself"
        return line

    async def _read_rest(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            if line.endswith(b"\n"):
                self._take(line)

    def _take(self, line: bytes) -> None:
        if line.startswith(b"Y"):
            return
        match decode(line):
            case Status() as status:
                self.told.setdefault(status.oid, Told()).hear(status)
            case Position() as position:
                self.positions[position.account] = position.size

    # ---- what must hold

    async def check_restart(self) -> None:
        """Compare what was told before the kill with what the first look shows."""
        before, self.told = self.told, {oid: Told() for oid in self.told}
        await self.sync()
        for oid, told in before.items():
            if told.held is None or told.held.link is not None:
                continue  # a group changes what it holds: see `tests.ems.test_group_crash`
            now = self.told[oid].last
            if now is None:
                assert self._may_be_gone(told, told.held), f"lost: {told.held}"
            elif now.resp == "dark_open":
                assert now.req is not None
                assert told.may_be(now.req), f"changed: {told.held} to {now.req}"
            else:
                assert now.outcome_unknown or self.server.sent[oid], now
        with open_reader(self.journal) as journal:
            for oid, told in before.items():
                assert told.last is None or journal.dialog(oid) is not None

    def _may_be_gone(self, told: Told, held: Order) -> bool:
        if told.cancel_asked or self.server.sent[held.oid]:
            return True
        levels = [held.price, *(order.price for order in told.asked)]
        rang = any(min(self.prices) <= level <= max(self.prices) for level in levels)
        return held.action == "alert" and rang

    async def check_ledger(self) -> None:
        """Let it settle; then the client's view is the venue's ledger, in every number."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while self._ledger() != self._view():
                    await self.sync()
                    await asyncio.sleep(0.01)
        except TimeoutError:
            assert self._view() == self._ledger()
        assert not self.server.venue.doubled, "sent again though the venue had it"

    def _ledger(self) -> tuple[object, object]:
        venue = self.server.venue
        alive = {order.oid: (order.price, order.size, order.filled) for order in venue.alive()}
        sizes = dict.fromkeys(venue.accounts, Decimal(0))
        for order in venue.ledger.values():
            sizes[order.account] += order.filled if order.action == "buy" else -order.filled
        return alive, sizes

    def _view(self) -> tuple[object, object]:
        shown = [told.last for told in self.told.values()]
        at_venue = {
            status.oid: (status.req.price, status.req.size, status.filled)
            for status in shown
            if status and status.req and status.resp in ("pending", "open", "triggered")
            if not (status.resp == "triggered" and status.req.action == "alert")
        }
        sizes = dict.fromkeys(HostileVenue.accounts, Decimal(0)) | self.positions
        return at_venue, sizes


async def crash_again_and_again(
    folder: Path, times: int, seed: int, make: type[Desk] = Desk
) -> None:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(VenueServer(seed).serving())
        desk = make(folder, server, seed)
        await desk.start()
        try:
            for _ in range(times):
                for _ in range(desk.dice.randint(5, 60)):
                    desk.act()
                await desk.hear(desk.dice.randint(1, 40))
                await desk.kill()
                await desk.start()
                await desk.check_restart()
            await desk.check_ledger()
        finally:
            await desk.kill()


async def test_killed_while_trading(tmp_path: Path) -> None:
    await crash_again_and_again(tmp_path, 20, seed=1)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(2, 12))
async def test_killed_while_trading_again_and_again(tmp_path: Path, seed: int) -> None:
    await crash_again_and_again(tmp_path, 20, seed)
