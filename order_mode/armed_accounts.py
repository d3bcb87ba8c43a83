"""Which accounts take orders, and whether they ask first: as the EMS has told."""

from ems.market import is_paper
from ems.messages import ArmMode, ArmState, Order


class ArmedAccounts:
    """The live accounts, as far as the EMS has spoken of them; every other one takes orders."""

    def __init__(self) -> None:
        self._disarmed: set[str] = set()
        self._modes: dict[str, ArmMode] = {}

    def on_state(self, state: ArmState) -> None:
        """Take note that an account was armed or disarmed."""
        (self._disarmed.discard if state.armed else self._disarmed.add)(state.account)
        self._modes[state.account] = state.mode

    def is_one_click(self, account: str) -> bool:
        """Tell whether a live account takes orders at once.

        The EMS says of every other one what it takes. A paper account asks as one does that is
        armed, so that hands learn the same.
        """
        return not is_paper(account) and self._modes.get(account, "one click") == "one click"

    def is_confirmed(self, account: str) -> bool:
        """Tell whether each order of a live account is asked about."""
        return self._modes.get(account) == "confirm"

    def why_locked(self, order: Order) -> str:
        """Say why the EMS would refuse this order or a change of it, as a clause; empty if not."""
        return "" if order.action == "alert" else self.why_locked_account(order.account)

    def why_locked_account(self, account: str) -> str:
        """Say why the EMS would refuse every order of an account, as a clause; empty if not."""
        return f"{account} is LIVE and disarmed; arm it first" if account in self._disarmed else ""
