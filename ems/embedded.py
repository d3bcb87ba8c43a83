"""The EMS in this process: `open_ems` opens it, `Ems.connect` gives a client."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Final

from ems.arming_rules import ArmingRules
from ems.background import in_background
from ems.client import EmsClient
from ems.embedded_client import EmbeddedClient
from ems.errors import EmsError, JournalDamaged, JournalWriteError
from ems.journal import Journal
from ems.journal_file import check_pages
from ems.journal_owner import note_owner
from ems.journal_recovery import recover
from ems.parts import EmsParts
from ems.ports import Backend, Usage
from ems.risk_limits import RiskLimits
from ems.slippage import SLIPPAGE

log = logging.getLogger(__name__)

ANSWER_TIMEOUT_S: Final = 10.0


class Ems(EmsParts):
    """An open EMS. Make it with `open_ems`."""

    def kill(self, by: str = "program") -> None:
        """Put the kill switch on: no new risk, every live and dark order cancelled.

        It stays on, over a restart too, until `release`.

        Parameters
        ----------
        by
            Who asks, in a word, for the clients to read.
        """
        self.kill_switch.engage(by)

    def release(self, by: str = "program") -> None:
        """Release the kill switch: orders are taken again."""
        self.kill_switch.release(by)

    def arm(self, account: str, by: str = "program") -> None:
        """Let a live account trade for this session, or until something ends it.

        Raises
        ------
        UnknownAccount
            If there is no such account.
        """
        self.arming.arm(account, by)

    def disarm(self, account: str, by: str = "program") -> None:
        """Take no more orders of a live account; its cancels still pass. See `arm`."""
        self.arming.disarm(account, f"by the {by}")

    @property
    def limits(self) -> RiskLimits:
        """The limits that hold now; see `change_safety`."""
        return self._safety.limits

    def change_safety(self, limits: RiskLimits, arming: ArmingRules) -> None:
        """Go by these limits and arming rules from now on.

        They hold for every request that is made and every trigger that comes. Orders that work or
        are held stay as they are.
        """
        self._safety.change(limits, arming)

    @property
    def accounts(self) -> tuple[str, ...]:
        """Every account that can be traded on."""
        return tuple(name for accounts in self.venues.accounts.values() for name in accounts)

    def usage(self, account: str, fqsn: str) -> Usage | None:
        """Return how much of its venue's allowance of requests an account has used up.

        None where the venue has no such count, or the market is not open here.
        """
        market = self.hub.markets.get(fqsn)
        return None if market is None else self.venues.usage(account, market)

    def connect(self, symbols: Collection[str] | None = None) -> EmsClient:
        """Return a new client; its first messages are how everything is now.

        Parameters
        ----------
        symbols
            The fqsns to follow; None = all.
        """
        client = EmbeddedClient(
            self.router,
            self.hub,
            self.journal,
            symbols,
            self.departures.abilities,
            self._welcome.greet,
        )
        self._welcome.greet(client)
        return client

    # ---- opening

    def _restore(self) -> None:
        for dialog in self.journal.active_dialogs():
            self.lifecycle.resume(dialog)
            self.groups.index.note(dialog)
            if dialog.ends_ns is not None:
                self.expiry.note(dialog.oid, dialog.ends_ns)
        self._known_markets.update(self.journal.markets())
        for market in self._known_markets.values():
            self.positions.set_terms(market.fqsn, market.multiplier, market.currency)
        self.positions.restore(self.journal.positions())
        for fill in self.journal.fills(after_seq=self.journal.positions_seq()):
            self.positions.apply(fill)
        self.snapshot_positions()

    def snapshot_positions(self) -> None:
        """Write the positions down, so that the next start has fewer fills to count."""
        try:
            self.journal.snapshot_positions(self.positions.known())
        except JournalWriteError as error:
            log.warning("no snapshot of the positions: %s", error)

    async def check_journal(self) -> None:
        """Check the pages of a journal that was too large to check before it was used.

        Damage is told to every client, now and later; trading goes on, for what is open has to
        be looked after.
        """
        wrong = await asyncio.to_thread(check_pages, self.journal.path)
        if wrong:
            text = (
                f"The journal {self.journal.path} is damaged: {wrong}. Close the program soon and "
                "compare the orders with your broker; the next start sets the file aside."
            )
            log.error("%s", text)
            self._welcome.warn_all(text)

    async def open(self, stack: AsyncExitStack, wait_s: float | None) -> None:
        """Restore the journal, open each trades dialogue, watch the markets of what is active.

        `open_ems` calls it; what has to be closed goes on the stack. What takes longer than
        ``wait_s`` goes on behind the scenes.
        """
        self._restore()
        self.expiry.end_now()  # before anything is armed: what should be over fires no more
        await self.venues.open(stack, self._relay_of, self._not_opened, self._clock, wait_s)
        late = self._see_to_what_comes_late()
        in_background(stack, late, "orders of slow brokers", self._welcome.warn_all)
        watching = self.order_markets.watch_all(self.groups.settle_all)
        task = in_background(stack, watching, "markets of orders", self._welcome.warn_all)
        await asyncio.wait({task}, timeout=wait_s)
        stack.push_async_callback(self.disconnect_guard.release)
        self.kill_switch.resume()
        in_background(stack, self.pulse.run(), "pulse", self._welcome.warn_all)
        if self.journal.learn():
            in_background(stack, _learn(self.journal), "journal", self._welcome.warn_all)

    async def _see_to_what_comes_late(self) -> None:
        slow = self.venues.brokers.keys() - self.venues.dialogues
        await asyncio.gather(*map(self._see_to_orders_once_open, slow))

    async def _see_to_orders_once_open(self, broker: str) -> None:
        """Do for the orders that it brings what the start does for those of the others."""
        await self.venues.until_open(broker)
        self.kill_switch.opened_late(broker)
        await self.order_markets.watch_all(self.groups.settle_all)

    def _not_opened(self, broker: str, error: Exception) -> None:
        """Tell of a broker whose opening failed when everything else was open already."""
        text = f"{broker} cannot be traded at: {error}"
        log.error("%s", text, exc_info=None if isinstance(error, EmsError) else error)
        self._welcome.warn_all(text)


@asynccontextmanager
async def open_ems(
    backends: Mapping[str, Backend],
    journal_path: Path,
    *,
    clock: Callable[[], int] = time.time_ns,
    answer_timeout_s: float = ANSWER_TIMEOUT_S,
    limits: RiskLimits | None = None,
    arming: ArmingRules | None = None,
    cancel_after_s: Mapping[str, int] | None = None,
    slippage: Decimal = SLIPPAGE,
    wait_s: float | None = None,
) -> AsyncIterator[Ems]:
    """Open an EMS in this process, on the running asyncio loop.

    Parameters
    ----------
    backends
        By name. Their feeds and brokers belong to the EMS while it is open.
    journal_path
        The journal; made if it is not there. Only one EMS can have it.
    clock
        Now, UTC ns.
    answer_timeout_s
        How long a venue may be silent about a request before its outcome counts as unknown.
    limits
        The limits of each account; None = the defaults.
    arming
        What each live account takes to be armed; None = the defaults: it starts disarmed.
    cancel_after_s
        Cancel on disconnect, by account: when the EMS is not heard of for so many seconds, the
        venue cancels every order, if it has such a switch.
    slippage
        How far through the market a limit order goes that stands for a market order, where the
        venue has none; a part of the price.
    wait_s
        So long each are brokers, and then the markets of active orders, waited for. What is slower
        goes on opening; its orders are marked as not confirmed meanwhile. None = until each is
        open, or has said that its venue is not there.

    Raises
    ------
    JournalLocked, JournalUnreadable
        If the journal cannot be had; nothing is changed.
    JournalDamaged
        If it was damaged. By then it is set aside, never deleted, and a new one holds what
        could be recovered; the text says so. Nothing is traded before the user has read it.
    """
    try:
        journal = Journal(journal_path)
    except JournalDamaged as error:
        raise JournalDamaged(f"{error}. {recover(journal_path).sentence()}") from error
    async with AsyncExitStack() as stack:
        stack.callback(journal.close)
        note_owner(journal_path)
        rules = limits or RiskLimits(), arming or ArmingRules(), cancel_after_s or {}
        ems = Ems(journal, backends, clock, answer_timeout_s, *rules, slippage)
        stack.callback(ems.snapshot_positions)
        stack.callback(ems.lifecycle.close)
        stack.callback(ems.groups.close)
        stack.callback(ems.expiry.stop)
        stack.callback(ems.trail_news.stop)
        stack.callback(ems.hub.close)
        stack.callback(ems.order_markets.stop)
        await ems.open(stack, wait_s)
        if journal.is_large:
            check = asyncio.create_task(ems.check_journal(), name="check of the journal's pages")
            stack.push_async_callback(_ended, check)
        yield ems


async def _learn(journal: Journal) -> None:
    """Let the journal learn what its tables have, whenever the loop has a moment."""
    more = True
    while more:
        more = journal.learn()
        await asyncio.sleep(0)


async def _ended(task: asyncio.Task[None]) -> None:
    """Wait for a task that is not to be broken off: it holds a file open."""
    await task
