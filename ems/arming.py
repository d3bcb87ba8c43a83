"""Which live accounts are armed: by a deliberate act, for one session, until something ends it.

New orders and modifies of a disarmed account are refused, whoever asks. Cancels are not, and a dark
order that was placed while its account was armed still goes out when its price is touched.
"""

from collections.abc import Callable, Collection
from typing import Final, Literal, NamedTuple, TypeAlias

from ems.arming_rules import ArmingRules
from ems.errors import UnknownAccount
from ems.market import broker_of
from ems.messages import ArmState, ClientMsg, Notice
from ems.refusal import Refusal

_NS_PER_MIN: Final = 60_000_000_000

Ending: TypeAlias = Literal["lock", "reconnect", "account_change"]
"""What can end the arming, by the user's choice of each."""


class _Armed(NamedTuple):
    since_ns: int
    by: str


class Arming:
    """Knows which accounts are armed.

    Parameters
    ----------
    rules
        What each account takes.
    accounts
        Every account that there is.
    clock
        Now, UTC ns.
    tell
        Tells every client.
    """

    def __init__(
        self,
        rules: ArmingRules,
        accounts: Collection[str],
        clock: Callable[[], int],
        tell: Callable[[ClientMsg], None],
    ) -> None:
        self._rules = rules
        self._accounts = tuple(accounts)
        self._clock = clock
        self._tell = tell
        self._armed: dict[str, _Armed] = {}
        self._used_ns: dict[str, int] = {}
        self._why: dict[str, str] = {}

    # ---- what the gate asks

    def refuses(self, account: str) -> Refusal | None:
        """Say why no order of the account may go out; None if it may."""
        if account in self._armed or not self._rules.must_be_armed(account):
            return None
        why = self._why.get(account, "it starts so")
        return Refusal(f"{account} is LIVE and disarmed ({why}): arm it first.", "disarmed")

    def asks_each(self, account: str) -> bool:
        """Tell whether each order of the account is to be confirmed."""
        return self._rules.of(account).mode == "confirm"

    def used(self, account: str) -> None:
        """Note that somebody trades on the account: it does not rest."""
        self._used_ns[account] = self._clock()

    @property
    def rules(self) -> ArmingRules:
        """What each account takes."""
        return self._rules

    def change_rules(self, rules: ArmingRules) -> None:
        """Go by other rules from now on; what has to be armed and was not is disarmed."""
        before, self._rules = self._rules, rules
        for account in self._accounts:
            if not rules.must_be_armed(account):
                self._armed.pop(account, None)
            elif not before.must_be_armed(account):
                self._why[account] = "since now it has to be armed"
            if before.of(account) != rules.of(account) and (
                before.must_be_armed(account) or rules.must_be_armed(account)
            ):
                self._tell(self.state(account))

    # ---- by hand

    def arm(self, account: str, by: str) -> None:
        """Arm a live account until something ends it; one that needs no arming stays as it is.

        Raises
        ------
        UnknownAccount
            If there is no such account.
        """
        self._check(account)
        if not self._rules.must_be_armed(account) or account in self._armed:
            return
        self.used(account)
        self._armed[account] = _Armed(self._clock(), by)
        self._tell(self.state(account))

    def disarm(self, account: str, why: str) -> None:
        """Take no more orders of a live account; raises `UnknownAccount`."""
        self._check(account)
        if self._armed.pop(account, None) is not None:
            self._why[account] = why
            self._tell(self.state(account))

    def hands_moved(self) -> None:
        """Note that somebody is at the window: nothing rests."""
        for account in self._armed:
            self.used(account)

    # ---- what ends it

    def end(self, cause: Ending, why: str, accounts: Collection[str] | None = None) -> None:
        """Disarm, of these accounts or all, those that this cause ends by the user's choice."""
        for account in list(self._armed):
            if accounts is not None and account not in accounts:
                continue
            if getattr(self._rules.of(account), f"on_{cause}"):
                self._disarm_aloud(account, why)

    def connection_lost(self, broker: str) -> None:
        """End it for the accounts of the broker."""
        accounts = [account for account in self._armed if broker_of(account) == broker]
        self.end("reconnect", f"the connection to {broker} was lost", accounts)

    def look(self) -> None:
        """Disarm what has rested too long; call it every second or so."""
        now = self._clock()
        for account in list(self._armed):
            idle_min = self._rules.of(account).idle_min
            if idle_min is None:
                continue
            rested_ns = now - self._used_ns[account]
            if not 0 <= rested_ns < idle_min * _NS_PER_MIN:  # below 0: the clock was set back
                self._disarm_aloud(account, f"nothing was done for {idle_min:g} min")

    # ---- to clients

    def states(self) -> list[ArmState]:
        """Return how each account is that has to be armed, for a client that connects."""
        return [self.state(name) for name in self._accounts if self._rules.must_be_armed(name)]

    def state(self, account: str) -> ArmState:
        """Return how an account is; one that needs no arming is armed."""
        armed = self._armed.get(account)
        return ArmState(
            account=account,
            armed=armed is not None or not self._rules.must_be_armed(account),
            mode=self._rules.of(account).mode,
            time_ns=armed.since_ns if armed else self._clock(),
            why=f"by the {armed.by}" if armed else self._why.get(account, ""),
        )

    def _disarm_aloud(self, account: str, why: str) -> None:
        self.disarm(account, why)
        text = f"{account} is disarmed: {why}. Cancels still pass; arm it again to trade."
        self._tell(Notice(time_ns=self._clock(), level="warning", text=text))

    def _check(self, account: str) -> None:
        if account not in self._accounts:
            names = ", ".join(self._accounts) or "none"
            raise UnknownAccount(f"there is no account {account!r}; there are {names}")
