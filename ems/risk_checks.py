"""Which limits a request meets on each path that an order can take."""

from collections.abc import Sequence
from decimal import Decimal

from msgspec.structs import replace

from ems.arming import Arming
from ems.hard_limits import HardLimits
from ems.judged_order import judged_price
from ems.messages import BrokerdOrder, Order, Question
from ems.order_dialog import OrderDialog
from ems.refusal import Refusal, asking
from ems.request_counts import RequestCounts
from ems.risk_figures import Asked, RiskFigures
from ems.soft_limits import SoftLimits, confirmation


class RiskChecks:
    """Says why a request may not go out, or what has to be asked before it may.

    Parameters
    ----------
    figures
        Works out what limits are compared with.
    hard, soft
        The limits.
    arming
        Which accounts take orders at all, and which ask about each.
    counts
        Remembers what was placed.
    """

    def __init__(
        self,
        figures: RiskFigures,
        hard: HardLimits,
        soft: SoftLimits,
        arming: Arming,
        counts: RequestCounts,
    ) -> None:
        self._figures = figures
        self._hard = hard
        self._soft = soft
        self._arming = arming
        self._counts = counts

    def new(
        self, order: Order, consent: tuple[str, ...], beside: Sequence[Order]
    ) -> Refusal | None:
        """Check a new order or dark order; ``beside`` are the ones that are sent with it."""
        hard, ask = self._hard, self._figures.asked(order, beside=beside)
        live = order.exec_mode == "live"
        return (
            self._arming.refuses(order.account)
            or hard.new_risk(ask)
            or hard.order_size(ask)
            or hard.position(ask)
            or hard.working_orders(ask)
            or hard.duplicate(ask)
            or (hard.rate(ask) if live else None)
            or (hard.collar(ask) if live else None)
            or self._unanswered(ask, consent, grows=True, modify=False)
        )

    def taken(self, order: Order) -> None:
        """Note that a new order is taken."""
        self._arming.used(order.account)
        self._counts.placed(order)

    def not_taken(self, order: Order) -> None:
        """Forget a new order that did not begin after all."""
        self._counts.withdrawn(order.oid)

    def withdrawn(self, order: Order) -> None:
        """Note that an order's owner cancels it."""
        self._arming.used(order.account)
        self._counts.withdrawn(order.oid)

    def change(self, dialog: OrderDialog, order: Order, consent: tuple[str, ...]) -> Refusal | None:
        """Check a modify. One that only makes the order smaller always passes."""
        hard, now = self._hard, dialog.order
        if not (self._grows(dialog, order) or _prices(order) != _prices(now)):
            return None
        ask = self._asked(dialog, order.price, order.size, order.limit_price)
        dearer = order.size * judged_price(order) > now.size * judged_price(now)
        grows = self._grows(dialog, order) or dearer
        refusal = (
            self._arming.refuses(now.account)
            or hard.new_risk(ask)
            or (hard.order_size(ask) if grows else None)
            or (hard.position(ask) if grows else None)
            or (None if now.exec_mode == "dark" else hard.rate(ask) or hard.collar(ask))
            or self._unanswered(ask, consent, grows=grows, modify=True)
        )
        if refusal is None:
            self._arming.used(now.account)
        return refusal

    def trigger(self, dialog: OrderDialog, leaving: Order) -> Refusal | None:
        """Check a dark order at the moment its price is touched, or its group lets it go.

        Nobody is there to be asked, and that its account was armed when it was placed is enough.
        Its price is judged as it was asked for, and not as it leaves: see `ems.departures`.
        """
        order = replace(dialog.order, size=leaving.size, reduce_only=leaving.reduce_only)
        hard, ask = self._hard, self._figures.asked(order, dialog.oid, dialog.filled)
        return (
            hard.new_risk(ask)
            or hard.order_size(ask)
            or hard.position(ask)
            or hard.rate(ask)
            or hard.collar(ask)
        )

    def only_shrinks(self, dialog: OrderDialog, request: BrokerdOrder) -> bool:
        """Tell whether a modify at most makes its order smaller: that always passes."""
        now = dialog.order
        return request.size <= now.size and _prices(request) == _prices(now)

    def leaving(self, dialog: OrderDialog, request: BrokerdOrder) -> Refusal | None:
        """Check a modify that waited for the venue, at the moment it leaves."""
        ask = self._asked(dialog, request.price, request.size, request.limit_price)
        return self._hard.new_risk(ask) or self._hard.rate(ask) or self._hard.collar(ask)

    # ---- inside

    def _asked(
        self, dialog: OrderDialog, price: Decimal, size: Decimal, limit_price: Decimal | None
    ) -> Asked:
        order = replace(dialog.order, price=price, size=size, limit_price=limit_price)
        return self._figures.asked(order, dialog.oid, dialog.filled)

    def _grows(self, dialog: OrderDialog, order: Order) -> bool:
        versions = [v for v in (dialog.order, dialog.change, dialog.kept) if v is not None]
        return order.size > min(version.size for version in versions)

    def _unanswered(
        self, ask: Asked, consent: tuple[str, ...], *, grows: bool, modify: bool
    ) -> Refusal | None:
        """Return the questions that its owner has not said yes to, as a refusal."""
        questions: list[Question] = []
        if self._arming.asks_each(ask.order.account):
            questions.append(confirmation(ask.order, ask.market, modify=modify))
        questions += self._soft.questions(ask, grows=grows)
        if all(question.kind in consent for question in questions):
            return None
        return asking(questions)


def _prices(order: Order | BrokerdOrder) -> tuple[Decimal, Decimal | None]:
    return order.price, order.limit_price
