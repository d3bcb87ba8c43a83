"""Cancel on disconnect: the venue's own dead man's switch, held off while this EMS is well.

It is fed by the pulse of the EMS, so it fires when the loop stands still, the process dies or the
line breaks, whatever the window does.
"""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Final, Literal

from ems.market import broker_of
from ems.messages import ClientMsg, Notice
from ems.ports import DeadMansSwitch, TradesDialogue

log = logging.getLogger(__name__)

_SHARE: Final = 3
"""It is renewed so often in its time."""


class DisconnectGuard:
    """Feeds the switch of each account that wants one.

    Parameters
    ----------
    after_s
        By account: without a sign of life for so many seconds, the venue cancels.
    dialogues
        By broker; read at each look.
    is_up
        Tells whether the line to a broker is up.
    clock
        Now, UTC ns.
    tell
        Tells every client.
    steady_s
        Any steady clock, seconds.
    """

    def __init__(
        self,
        after_s: Mapping[str, int],
        dialogues: Mapping[str, TradesDialogue],
        is_up: Callable[[str], bool],
        clock: Callable[[], int],
        tell: Callable[[ClientMsg], None],
        steady_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._after_s = dict(after_s)
        self._dialogues = dialogues
        self._is_up = is_up
        self._clock = clock
        self._tell = tell
        self._steady_s = steady_s
        self._fed_s: dict[str, float] = {}
        self._told: set[str] = set()

    def look(self) -> None:
        """Renew what is due; the pulse of the EMS calls it."""
        for account, after_s in self._after_s.items():
            if not self._is_up(broker_of(account)):
                self._fed_s.pop(account, None)
            elif self._steady_s() - self._fed_s.get(account, -after_s) >= after_s / _SHARE:
                self._feed(account, after_s)

    async def release(self, account: str | None = None) -> None:
        """Take the venue's hand off the orders, of one account or of all: they stay as they are."""
        for name in [account] if account is not None else list(self._after_s):
            self._after_s.pop(name, None)
            dialogue = self._dialogues.get(broker_of(name))
            if self._fed_s.pop(name, None) is None or not isinstance(dialogue, DeadMansSwitch):
                continue
            try:
                await dialogue.release_switch(name)
            except ConnectionError as error:
                log.warning("the dead man's switch of %s may still fire: %s", name, error)

    def _feed(self, account: str, after_s: int) -> None:
        dialogue = self._dialogues.get(broker_of(account))
        if not isinstance(dialogue, DeadMansSwitch):
            self._once(account, "warning", f"{account}: its venue has no cancel on disconnect.")
            return
        try:
            dialogue.renew_switch(account, after_s)
        except ConnectionError:
            return  # the line has just gone: that is what it is for
        self._fed_s[account] = self._steady_s()
        text = (
            f"{account}: when nothing is heard from here for {after_s} s, its venue cancels EVERY "
            "order of the account, those of other programs and stops that protect a position too. "
            "Closing the program turns that off, and orders stay."
        )
        self._once(account, "info", text)

    def _once(self, account: str, level: Literal["info", "warning"], text: str) -> None:
        if account not in self._told:
            self._told.add(account)
            self._tell(Notice(time_ns=self._clock(), level=level, text=text))
