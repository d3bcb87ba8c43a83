"""The parts of an EMS, made and joined; nothing is open yet, and nothing is known."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from ems.arming_rules import ArmingRules
from ems.departing_ties import DepartingTies
from ems.departures import Departures
from ems.dialog_index import DialogIndex
from ems.disconnect_guard import DisconnectGuard
from ems.expiry import Expiry
from ems.group_checks import GroupChecks
from ems.group_index import GroupIndex
from ems.groups import Groups
from ems.journal import Journal
from ems.lifecycle import Lifecycle
from ems.market import Market
from ems.market_hub import MarketHub
from ems.messages import BrokerdQuery, BrokerRequest, ClientMsg, Connection
from ems.order_dialog import Direction, Series
from ems.order_markets import OrderMarkets
from ems.order_starts import OrderStarts
from ems.order_type_checks import OrderTypeChecks
from ems.ports import Backend, MatchesTicks
from ems.positions import PositionBook
from ems.pulse import Pulse
from ems.relay import Relay
from ems.risk_limits import RiskLimits
from ems.router import Router
from ems.safety import Safety
from ems.trail_news import TrailNews
from ems.transitions import S
from ems.venues import Venues
from ems.waiting_triggers import WaitingTriggers
from ems.welcome import Welcome


class EmsParts:
    """What an EMS is made of. Each part is told here which others it needs.

    Parameters
    ----------
    journal
        Open, and locked.
    backends, clock, answer_timeout_s, limits, arming, cancel_after_s, slippage
        As `ems.embedded.open_ems` takes them.
    """

    def __init__(
        self,
        journal: Journal,
        backends: Mapping[str, Backend],
        clock: Callable[[], int],
        answer_timeout_s: float,
        limits: RiskLimits,
        arming: ArmingRules,
        cancel_after_s: Mapping[str, int],
        slippage: Decimal,
    ) -> None:
        self.journal = journal
        self._clock = clock
        self.venues: Final = Venues(backends)
        """The brokers, and what is open with them."""
        self._known_markets: dict[str, Market] = {}
        self.positions = PositionBook()
        self.router = Router(clock)
        self.hub = self._made_hub(backends)
        self.index = DialogIndex(journal)
        self._welcome = Welcome(self.router, self.index, self.positions, self._states, clock)
        self.order_markets: Final = OrderMarkets(
            self.hub.market,
            lambda: {dialog.order.symbol for dialog in self.index.active()},
            self.router.tell_all,
            clock,
        )
        """Watches the markets in which something is active."""
        self.lifecycle = Lifecycle(
            journal,
            self.index,
            self.positions,
            self.hub,
            self._send,
            self.router.client_broadcast,
            clock,
            answer_timeout_s,
        )
        self.trail_news = TrailNews(self.hub.levels, self.index, self.lifecycle)
        self._safety = self._made_safety(limits, arming)
        self.kill_switch: Final = self._safety.kill_switch
        self.arming: Final = self._safety.arming
        """Which live accounts are armed."""
        self.prices: Final = self._safety.prices
        """How old the last prices are."""
        self.disconnect_guard: Final = DisconnectGuard(
            cancel_after_s, self.venues.dialogues, self.venues.is_up, clock, self._tell_all
        )
        """Keeps the dead man's switches of venues from firing."""
        self.pulse: Final = Pulse((*self._safety.looks, self.disconnect_guard.look))
        """Beats while this EMS answers."""
        self._wire_gate_and_groups(slippage)

    def _made_hub(self, backends: Mapping[str, Backend]) -> MarketHub:
        return MarketHub(
            {backend.feed.name: backend.feed for backend in backends.values() if backend.feed},
            [broker for broker in self.venues.brokers.values() if isinstance(broker, MatchesTicks)],
            on_fire=self._on_fire,
            on_armed=self._on_armed,
            on_market=self._on_market,
            on_trailed=lambda: self.trail_news.moved(),
            ready=self.venues.until_open,
        )

    def _made_safety(self, limits: RiskLimits, arming: ArmingRules) -> Safety:
        safety = Safety(
            limits,
            arming,
            self.venues.accounts,
            self.journal.path,
            self.index,
            self.positions,
            self.hub,
            self._clock,
            self._tell_all,
        )
        safety.bind(self.lifecycle)
        return safety

    def _wire_gate_and_groups(self, slippage: Decimal) -> None:
        hub, index = self.hub, GroupIndex(self.index, self.journal)
        self.departures = Departures(
            *(self.venues.brokers, hub.markets, hub.last, self.positions.there),
            *(slippage, hub.hours, self._known_markets),
        )
        abilities = self.departures.abilities
        types = OrderTypeChecks(self.index, index, hub.markets, hub.last, abilities, self._clock)
        checks = GroupChecks(
            self.index, index, self.positions.there, types.through, self.departures.must_hold
        )
        gate = self._safety.gate(types, index.by_place)
        self.expiry = Expiry(self._clock, self.lifecycle)
        ties = DepartingTies(index, self.departures)
        self.lifecycle.changes_in_place = ties.changes_in_place
        starts = OrderStarts(
            gate, checks, self.departures, ties, self.index, self.expiry, self._clock
        )
        waiting = WaitingTriggers(
            self.lifecycle, hub, self.router.fired, self.router.client_broadcast, self._clock
        )
        self.router.bind(self.lifecycle, gate, self.departures, starts, waiting)
        self.groups = self.lifecycle.groups = Groups(
            index,
            self.index,
            self.lifecycle,
            self.positions,
            hub,
            self.departures,
            ties,
            gate,
            self.venues.is_up,
            self._welcome.warn,
            self._known_markets,
            self.order_markets.missing,
            self._clock,
        )

    # ---- between the parts

    def _relay_of(self, broker: str) -> Relay:
        return Relay(
            broker,
            self.lifecycle,
            self.positions,
            self.router.adopt,
            self._tell_all,
        )

    def _tell_all(self, msg: ClientMsg) -> None:
        if isinstance(msg, Connection) and not msg.up:
            self.arming.connection_lost(msg.broker)
        self._welcome.tell_all(msg)

    def _send(self, broker: str, request: BrokerRequest) -> None:
        dialogue = self.venues.dialogue(broker)
        if isinstance(request, BrokerdQuery):
            dialogue.send(request)
            return
        self._safety.let_out(request)
        try:
            dialogue.send(request)
        finally:
            self._safety.went_out(request)

    def _on_fire(self, oid: str, why: str) -> None:
        self.trail_news.tell(oid)
        self.router.fired(oid, why)

    def _on_armed(self, oid: str, directions: dict[Series, Direction]) -> None:
        if (dialog := self.index.by_oid(oid)) is not None:
            self.lifecycle.armed(dialog, directions)

    def _on_market(self, market: Market) -> None:
        """Arm what waited for its market, with the directions that it had."""
        self.prices.watch(market.fqsn)
        if self._known_markets.get(market.fqsn) != market:
            self._known_markets[market.fqsn] = market
            self.journal.record_market(market)  # written with the next event
        for record in self.positions.set_terms(market.fqsn, market.multiplier, market.currency):
            self.lifecycle.position_said(record)
        for dialog in self.index.active():
            if dialog.state is S.HELD and dialog.order.symbol == market.fqsn:
                self.lifecycle.arm(dialog, known=True)
        self.groups.settle_all()

    def _states(self) -> list[ClientMsg]:
        """Return how markets, guards and connections are now, for a client that comes."""
        missing = self.order_markets.missing.values()
        return [*missing, *self._safety.states(), *self.venues.connections]
