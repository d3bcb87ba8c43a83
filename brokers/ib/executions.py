"""Fills from IB's execution details: each once, corrections in their place, with commissions."""

from decimal import Decimal

from msgspec.structs import replace

from ems.messages import ZERO, BrokerdFill


class Executions:
    """The executions that IB has told of.

    A correction comes as an execution whose id differs from that of the corrected one only after
    its last dot. https://interactivebrokers.github.io/tws-api/executions_commissions.html
    """

    def __init__(self) -> None:
        self._fills: dict[str, BrokerdFill] = {}
        self._keys: dict[str, str] = {}
        self._early_fees: dict[str, tuple[Decimal, str]] = {}

    def add(self, fill: BrokerdFill) -> BrokerdFill | None:
        """Take an execution; return it as the EMS is told, or None if it is not new.

        A commission that came before is in it, and a correction names what it replaces.
        """
        key = _without_revision(fill)
        before = self._fills.get(key)
        if before is not None and _revision(fill.exec_id) <= _revision(before.exec_id):
            return None
        fee, currency = self._early_fees.pop(fill.exec_id, (ZERO, ""))
        fill = replace(fill, fee=fee, fee_currency=currency)
        if before is not None:
            fill = replace(fill, replaces=before.exec_id)
        self._fills[key] = fill
        self._keys[fill.exec_id] = key
        return fill

    def commission(self, exec_id: str, fee: Decimal, currency: str) -> BrokerdFill | None:
        """Take a commission; return the fill with it, or None if the fill has not come yet."""
        key = self._keys.get(exec_id)
        if key is None:
            self._early_fees[exec_id] = (fee, currency)
            return None
        fill = self._fills[key]
        if fill.exec_id != exec_id or (fill.fee, fill.fee_currency) == (fee, currency):
            return None  # corrected since, or said again
        self._fills[key] = replace(fill, fee=fee, fee_currency=currency)
        return replace(self._fills[key], replaces=exec_id)

    def all(self) -> tuple[BrokerdFill, ...]:
        """Return every fill as it is now, oldest first; each with what it replaces, if anything."""
        fills = sorted(self._fills.values(), key=lambda fill: fill.broker_time_ns)
        return tuple(
            replace(fill, replaces=fill.exec_id) if fill.fee and not fill.replaces else fill
            for fill in fills
        )

    def of(self, account: str, perm_id: int) -> tuple[BrokerdFill, ...]:
        """Return the fills of one order."""
        return tuple(
            fill for fill in self.all() if (fill.account, fill.reqid) == (account, perm_id)
        )

    def filled(self, account: str, perm_id: int) -> Decimal:
        """Return how much of an order is filled."""
        return sum((fill.size for fill in self.of(account, perm_id)), ZERO)


def _without_revision(fill: BrokerdFill) -> str:
    return f"{fill.account}/{fill.exec_id.rpartition('.')[0] or fill.exec_id}"


def _revision(exec_id: str) -> tuple[int, str]:
    last = exec_id.rpartition(".")[2]
    return (int(last), "") if last.isdigit() else (0, last)
