"""The scripted session: trade on the demo market with real events, restart, and tell what happened.

It runs the same program as ``ordermode`` does, on a journal of its own.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from ems.client import EmsClient
from ems.messages import BrokerdFill, Position, Status
from order_mode.dialog import Dialog
from ui.app import DEMO_MARKET, run_qt
from ui.commands import DemoCommand
from ui.config import Config
from ui.config_faults import ConfigError
from ui.demo_hands import Hands, NotAsAskedError
from ui.demo_report import Record, print_table, write_files
from ui.faults import Faults
from ui.program import Program, open_program
from ui.session import Session
from ui.state_folder import open_paths

EXIT_NOT_AS_ASKED: Final = 1
_FAST: Final = 300.0
_STILL: Final = 0.001
"""The market stands until the session moves it, so that what happens in it does not depend on how
long this machine takes to open a window."""


def play(command: DemoCommand) -> int:
    """Play the session with the default settings; return 0 if all happened as asked, else 1.

    Raises
    ------
    ConfigError
        If the folder for its files cannot be made.
    """
    try:
        command.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"--out {command.out} cannot be made: {error.strerror}; name another folder"
        ) from error
    with tempfile.TemporaryDirectory(prefix="ordermode-demo-") as folder:
        session = Session(
            config=Config(),
            paths=open_paths(Path(folder)),
            config_file=Path(folder) / "config.toml",
            fqsn=DEMO_MARKET,
            period=command.period,
            options={"replay": {"speed": _STILL}},
        )
        return run_qt(lambda faults: _play(session, command.out, faults))


async def _play(session: Session, out: Path, faults: Faults) -> int:
    record = Record()
    faults.fault.connect(lambda _, details: record.faults.append(details))
    try:
        async with open_program(session, faults) as program:
            await _First(program, record).run()
        async with open_program(session, faults) as program:
            await _Second(program, record).run(out)
    except NotAsAskedError as error:
        record.check(str(error), happened=False)
    write_files(record, out)
    print_table(record, sys.stdout)
    sys.stdout.write(f"\nThe picture is {out / 'chart.png'}, the record {out / 'session.json'}.\n")
    return 0 if record.all_happened else EXIT_NOT_AS_ASKED


class _Act:
    """What both runs of the program have in common."""

    def __init__(self, program: Program, record: Record) -> None:
        self.program = program
        self.record = record
        self.page = program.page
        self.hands = Hands(program.page)
        self.client: EmsClient = program.ems.connect()
        self.feed: Any = program.ems.hub.feed(program.page.market.fqsn)
        mode = program.page.order_mode
        assert mode is not None
        self.mode = mode

    @property
    def last(self) -> float:
        assert self.page.last_price is not None
        return self.page.last_price

    async def done(self, condition: Any, what: str) -> None:
        """Wait for something, and note that it happened."""
        await self.hands.until(condition, what)
        self.record.check(what, happened=True)

    async def placed(self, keys: str, price: float, resp: str, what: str) -> Dialog:
        """Place an order with real keys and a click; return its dialog once it is accepted."""
        known = set(self.mode.dialogs)
        await self.hands.place(keys, price)

        def accepted() -> bool:
            return any(
                oid not in known and dialog.status is not None and dialog.status.resp == resp
                for oid, dialog in self.mode.dialogs.items()
            )

        await self.done(accepted, what)
        (oid,) = set(self.mode.dialogs) - known
        return self.mode.dialogs[oid]

    async def collect(self) -> None:
        """Read what the EMS has told, up to now, into the record."""
        self.client.close()
        async for msg in self.client:
            if isinstance(msg, Status):
                self.record.statuses.append(msg)
            elif isinstance(msg, Position):
                self.record.positions[(msg.account, msg.symbol)] = msg
        fills: list[BrokerdFill] = await self.client.fills()
        self.record.fills = {fill.exec_id: fill for fill in fills}


class _First(_Act):
    """Place, drag, fill, cancel."""

    async def run(self) -> None:
        self.feed.paused = True
        await self.done(self._quoted, "the market has a price")
        low, high = self.page.chart.view.price_range
        step = (high - low) / 12
        last = self.last
        bought = await self.placed("fs", last - step, "open", "a live buy works at the venue")
        dark = await self.placed("d", last + 2 * step, "dark_open", "a dark sell is held here")
        await self.placed("a", last + step, "dark_open", "an alert is armed")
        unwanted = await self.placed("fs", last - 3 * step, "open", "a second live buy works")
        await self._cancel(unwanted)
        await self._drag(bought, last - 2 * float(self.page.market.tick_size))
        await self._fill(bought)
        self.record.kept = {dark.order.oid}
        await self.collect()

    def _quoted(self) -> bool:
        """Play just so far that there is a quote and a trade."""
        if not all(self.program.ems.hub.last(self.page.market.fqsn)):
            self.feed.step()
            return False
        return self.page.last_price is not None

    async def _cancel(self, dialog: Dialog) -> None:
        oid = dialog.order.oid
        await self.hands.press_over("c", float(dialog.order.price))
        await self.done(lambda: oid not in self.mode.dialogs, "`c` over a line cancels its order")

    async def _drag(self, dialog: Dialog, price: float) -> None:
        oid = dialog.order.oid
        before = dialog.order.price
        await self.hands.drag(float(before), price)

        def moved() -> bool:
            now = self.mode.dialogs.get(oid)
            status = now.status if now is not None else None
            if status is None or status.req is None:
                return False
            return status.req.price != before and status.change is None

        await self.done(moved, "a dragged line is a changed order at the venue")

    async def _fill(self, dialog: Dialog) -> None:
        oid = dialog.order.oid
        self.feed.speed = _FAST
        self.feed.paused = False
        await self.done(lambda: oid not in self.mode.dialogs, "the market comes to it and it fills")
        self.feed.paused = True
        await self.done(
            lambda: self.mode.position is not None and self.mode.position.size > 0,
            "the position is there",
        )


class _Second(_Act):
    """The program again, on the same journal."""

    async def run(self, out: Path) -> None:
        kept = self.record.kept
        await self.done(
            lambda: kept <= set(self.mode.dialogs), "after a restart every order is where it was"
        )
        self.feed.paused = True
        self.feed.speed = 1.0  # for the picture: nobody plays as slowly as this session
        position = self.mode.position
        self.record.check(
            "the position and its fills are back",
            happened=position is not None and position.size > 0 and bool(self.mode.fills),
        )
        last = self.last
        low, high = self.page.chart.view.price_range
        await self.placed("ds", last + (high - low) / 4, "open", "a live sell against it works")
        await self.hands.rest(last - (high - low) / 6)
        tables = self.program.window.tables
        orders = str(tables.orders.rowCount())
        await self.hands.until(lambda: tables.tabText(0).endswith(orders), "the orders are counted")
        self.program.window.replay.refresh()  # it looks only ten times a second
        saved = self.program.window.grab().save(str(out / "chart.png"))
        self.record.check("the picture is written", happened=saved)
        await self.collect()
