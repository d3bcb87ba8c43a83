"""What guards the orders of an EMS, wired together: arming, limits, kill switch."""

from collections.abc import Callable, Container, Mapping, Sequence
from pathlib import Path
from typing import Final

from ems.arming import Arming
from ems.arming_rules import ArmingRules
from ems.daily_loss import DailyLoss
from ems.dialog_index import DialogIndex
from ems.hard_limits import HardLimits
from ems.kill_file import KillFile
from ems.kill_switch import KillSwitch
from ems.lifecycle import Lifecycle
from ems.market_hub import MarketHub
from ems.messages import BrokerdOrder, BrokerRequest, ClientMsg
from ems.order_type_checks import OrderTypeChecks
from ems.plain_orders import Place, PlainOrders
from ems.positions import PositionBook
from ems.price_ages import PriceAges
from ems.request_counts import RequestCounts
from ems.risk import Gate
from ems.risk_checks import RiskChecks
from ems.risk_figures import RiskFigures
from ems.risk_limits import RiskLimits
from ems.soft_limits import SoftLimits
from ems.stale_watch import StaleWatch


class Safety:
    """The guards of one EMS.

    Parameters
    ----------
    limits, rules
        Of each account and market; what arms each account.
    accounts
        Account names by broker.
    journal
        The file that the kill file lies beside.
    index, positions, hub
        Orders, positions and prices, as they are now.
    clock
        Now, UTC ns.
    tell
        Tells every client.
    """

    def __init__(
        self,
        limits: RiskLimits,
        rules: ArmingRules,
        accounts: Mapping[str, tuple[str, ...]],
        journal: Path,
        index: DialogIndex,
        positions: PositionBook,
        hub: MarketHub,
        clock: Callable[[], int],
        tell: Callable[[ClientMsg], None],
    ) -> None:
        names = [name for of_broker in accounts.values() for name in of_broker]
        self._limits = limits = limits.copy()
        self.arming: Final = Arming(rules, names, clock, tell)
        self.kill_switch: Final = KillSwitch(KillFile(journal), clock)
        self.prices: Final = PriceAges(hub, clock)
        self._tell = tell
        self._index, self._positions = index, positions
        stale = StaleWatch(limits, names, self.prices, hub, index, clock, tell)
        self.looks: Final = (self.kill_switch.look, self.arming.look, stale.look)
        """What is to be called at each beat of the EMS."""
        self._counts = RequestCounts(clock)
        figures = RiskFigures(limits, index.exposure, positions, self.prices, hub.markets)
        self._losses = losses = DailyLoss(positions, self.prices)
        hard = HardLimits(
            limits, figures, index.exposure, self.prices, self._counts, losses, self.kill_switch
        )
        soft = SoftLimits(figures, self.prices)
        self._checks = RiskChecks(figures, hard, soft, self.arming, self._counts)
        self._accounts, self._markets = accounts, hub.markets
        self._gate: Gate

    def gate(self, types: OrderTypeChecks, groups: Container[Place]) -> Gate:
        """Return the gate of the EMS, made with what order types ask for.

        Parameters
        ----------
        groups
            The places where there are groups of orders.
        """
        plain = PlainOrders(
            self._accounts,
            self._markets,
            groups,
            self._limits,
            self.arming,
            self.kill_switch,
            self._index.exposure,
            self._positions,
            self.prices,
            self._counts,
            self._losses,
        )
        self._gate = Gate(self._accounts, self._markets, types, self._checks, plain)
        return self._gate

    @property
    def limits(self) -> RiskLimits:
        """The limits that hold now."""
        return self._limits

    def change(self, limits: RiskLimits, rules: ArmingRules) -> None:
        """Go by these limits and rules from now on; no order that is out or held is touched."""
        self._limits.become(limits)
        self.arming.change_rules(rules)

    def bind(self, lifecycle: Lifecycle) -> None:
        """Name who cancels for the kill switch."""
        self.kill_switch.bind(lifecycle, self._tell)

    def states(self) -> Sequence[ClientMsg]:
        """Return how the guards are, for a client that connects."""
        killed = [self.kill_switch.state] if self.kill_switch.on else []
        return [*killed, *self.arming.states()]

    def let_out(self, request: BrokerRequest) -> None:
        """Stop a modify that waited until it is not allowed any more.

        Raises
        ------
        ConnectionError
            If it may not go: nothing was sent.
        """
        if not isinstance(request, BrokerdOrder) or request.reqid is None:
            return
        dialog = self._index.by_oid(request.oid)
        why = None if dialog is None else self._gate.stops_change(dialog, request)
        if why is not None:
            raise ConnectionError(why)

    def went_out(self, request: BrokerRequest) -> None:
        """Count a request that left, or may have."""
        if isinstance(request, BrokerdOrder):
            self._counts.sent(request.account, request.symbol)
        elif (dialog := self._index.by_oid(request.oid)) is not None:
            self._counts.sent(request.account, dialog.order.symbol)
