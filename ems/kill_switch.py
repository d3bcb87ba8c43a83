"""The kill switch: no new risk, every order cancelled, until somebody releases it."""

import logging
from collections.abc import Callable
from typing import Final, Literal, TypeAlias

from msgspec.structs import replace

from ems.dialog_changes import Fact
from ems.kill_file import KillFile, KillRecord
from ems.lifecycle import Lifecycle
from ems.messages import Cancel, ClientMsg, KillState, Notice
from ems.order_dialog import OrderDialog
from ems.transitions import HERE, E

log = logging.getLogger(__name__)

PATIENCE_NS: Final = 5_000_000_000
"""A cancel without an end after this time is told; it is tried again this often."""

_NO_MORE: Final = "New orders that add risk are refused until it is released."

Level: TypeAlias = Literal["info", "warning", "error"]
_LOG_LEVEL: Final[dict[Level, int]] = {
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


class _Asked:
    """The cancel of one order."""

    def __init__(self, now_ns: int) -> None:
        self.first_ns = now_ns
        self.last_ns = now_ns
        self.why = ""  # it was refused

    def look(self, now_ns: int) -> None:
        """Count from now what lies ahead, after the clock was set back."""
        self.first_ns, self.last_ns = min(self.first_ns, now_ns), min(self.last_ns, now_ns)


KILLED: Final = "The kill switch is on."
"""Why it ends orders."""


class KillSwitch:
    """Ends every order and keeps the gate shut, over a restart too.

    Parameters
    ----------
    file
        Where it is written down that the switch is on.
    clock
        Now, UTC ns.
    """

    def __init__(self, file: KillFile, clock: Callable[[], int]) -> None:
        self._file = file
        self._clock = clock
        self._record = file.read()
        self._in_file = self._record is not None
        self._asked: dict[str, _Asked] = {}  # live orders whose end is not confirmed, by oid
        self._told: KillState | None = None
        self._engaged = False
        """It was put on in this run."""
        self._lifecycle: Lifecycle
        self._tell: Callable[[ClientMsg], None]

    def bind(self, lifecycle: Lifecycle, tell: Callable[[ClientMsg], None]) -> None:
        """Name who cancels, and the way to tell every client."""
        self._lifecycle = lifecycle
        self._tell = tell

    @property
    def on(self) -> bool:
        """True until it is released."""
        return self._record is not None

    @property
    def state(self) -> KillState:
        """The switch as clients see it."""
        record = self._record or KillRecord()
        return KillState(
            on=self.on, time_ns=record.time_ns, by=record.by, done=record.done, left=record.left
        )

    # ---- by hand

    def engage(self, by: str) -> None:
        """Put it on, cancel every live order, end every dark order; on again = try again."""
        now = self._clock()
        since = self._record.time_ns if self._record and self._record.time_ns else now
        self._record, self._engaged = KillRecord(time_ns=since, by=by, taken_ns=now), True
        self._write()  # before anything else: a crash from here on leaves the switch on
        active = [dialog for dialog in self._lifecycle.index.active() if _can_trade(dialog)]
        dark = [dialog for dialog in active if dialog.state in HERE]
        live = [dialog for dialog in active if dialog.state not in HERE]
        text = f"Kill switch on, by the {by}: {_count(len(dark), 'dark order')} to end here, "
        self._say("error", f"{text}{_count(len(live), 'order')} to cancel. {_NO_MORE}")
        for dialog in dark + live:
            self._cancel(dialog)
        self._take_stock()

    def release(self, by: str) -> None:
        """Take orders again. What was ended stays ended."""
        if not self.on:
            return
        try:
            self._file.remove()
        except OSError as error:
            text = f"The kill switch stays on: {self._file.path} cannot be removed ({error})."
            self._say("error", text)
            return
        self._open(by)

    # ---- by the clock

    def resume(self) -> None:
        """Act on a switch that was on before this run: asked for by a terminal, or left on."""
        record = self._record
        if record is None:
            return
        if record.taken_ns is None:
            self.engage(record.by or "file")
            return
        self._say("warning", f"The kill switch is on since an earlier run. {_NO_MORE}")
        index = self._lifecycle.index
        for dialog in index.active():
            taken_since = index.began_ns(dialog.oid) > record.taken_ns  # as a way out
            if _can_trade(dialog) and not dialog.origin and not taken_since:
                self._cancel(dialog)
        self._take_stock()

    def opened_late(self, broker: str) -> None:
        """Cancel what lives at a broker that was still opening when it was put on."""
        if not self._engaged:
            return
        for dialog in self._lifecycle.index.active():
            if dialog.broker == broker and dialog.state not in HERE and _can_trade(dialog):
                self._cancel(dialog)
        self._take_stock()

    def look(self) -> None:
        """See whether it was moved from outside, and what became of the cancels."""
        seen, record = self._file.read(), self._record
        if record is None:
            if seen is not None:
                self.engage(seen.by or "file")
        elif seen is None:
            if self._in_file:
                self._open("terminal")
        elif seen.taken_ns is None and seen.time_ns > (record.taken_ns or 0):
            self.engage(seen.by)
        self._take_stock()

    # ---- inside

    def _open(self, by: str) -> None:
        self._record, self._in_file, self._engaged = None, False, False
        self._asked.clear()
        self._say("warning", f"Kill switch released, by the {by}: orders are taken again.")
        self._tell_state()

    def _cancel(self, dialog: OrderDialog) -> None:
        order = dialog.order
        if dialog.state not in HERE:
            now = self._clock()
            self._asked.setdefault(order.oid, _Asked(now)).last_ns = now
        if not dialog.cancel_called or dialog.anew is not None:
            cancel = Cancel(oid=order.oid, symbol=order.symbol, account=order.account)
            reason = KILLED
            self._lifecycle.apply(dialog, E.CANCEL, Fact(reason=reason, msg=cancel))

    def _take_stock(self) -> None:
        """Tell what is left, if that has changed."""
        record = self._record
        if record is None:
            return
        found = [(oid, self._why_left(oid)) for oid in list(self._asked)]
        left = tuple(words for oid, words in found if words)
        done = all(words for oid, words in found if oid in self._asked)
        if left and left != record.left:
            self._say("error", "The kill switch could not cancel: " + " ".join(left))
        elif not self._asked and not record.done:
            self._say("info", "The kill switch is on, and no order works or waits here.")
        if (left, done) != (record.left, record.done):
            self._record = replace(record, left=left, done=done)
            self._write()
        self._tell_state()

    def _why_left(self, oid: str) -> str:
        """Say why an order is still there; empty if it is gone, or its cancel is young."""
        dialog, asked = self._lifecycle.index.by_oid(oid), self._asked[oid]
        if dialog is None or dialog.over:
            del self._asked[oid]
            return ""
        now = self._clock()
        asked.look(now)
        why = f"{dialog.broker} has not answered."
        if not dialog.cancel_called:
            why = asked.why = dialog.reason or asked.why or "The cancel was not carried out."
            if now - asked.last_ns >= PATIENCE_NS:
                self._cancel(dialog)
        elif dialog.stale:
            why = f"The connection to {dialog.broker} is lost."
        elif asked.why:
            why = asked.why
        elif now - asked.first_ns < PATIENCE_NS:
            return ""
        order = dialog.order
        words = f"{order.action} {order.size:f} at {order.price:f} in {order.symbol}"
        return f"{words} ({order.account}): {why}"

    def _write(self) -> None:
        if self._record is None:
            return
        try:
            self._file.write(self._record)
            self._in_file = True
        except OSError as error:
            text = f"The kill switch is on, but {self._file.path} cannot be written ({error}): "
            self._say("error", text + "it would not be on after a restart.")

    def _tell_state(self) -> None:
        if self.state != self._told:
            self._told = self.state
            self._tell(self._told)

    def _say(self, level: Level, text: str) -> None:
        log.log(_LOG_LEVEL[level], "%s", text)
        self._tell(Notice(time_ns=self._clock(), level=level, text=text))


def _can_trade(dialog: OrderDialog) -> bool:
    return dialog.order.action != "alert"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
