"""Who hears what IB says unasked: the ports of `brokers.ib.wire.Wire`."""

from typing import NamedTuple, Protocol

from ib_async import CommissionReport, Contract, Execution, Order, OrderState


class OrderListener(Protocol):
    """Hears what IB says of orders."""

    def on_open_order(
        self, order_id: int, contract: Contract, said: Order, state: OrderState
    ) -> None:
        """An order as IB has it; said again at each change."""

    def on_order_status(
        self, order_id: int, status: str, filled: float, remaining: float,
        perm_id: int, client_id: int, why_held: str,
    ) -> None:  # fmt: skip
        """The state of an order."""


class FillListener(Protocol):
    """Hears of executions."""

    def on_execution(self, contract: Contract, execution: Execution) -> None:
        """One execution, of now or of late."""

    def on_commission(self, report: CommissionReport) -> None:
        """What one execution cost."""


class PositionListener(Protocol):
    """Hears of positions."""

    def on_position(self, account: str, contract: Contract, size: float, avg_cost: float) -> None:
        """A position by IB's count."""


class CodeListener(Protocol):
    """Hears the codes about orders."""

    def on_order_error(self, order_id: int, code: int, text: str) -> bool:
        """A code about an order; False if no order of ours has the id."""


class TickListener(Protocol):
    """Hears the ticks of market data requests."""

    def on_price(self, req_id: int, kind: int, price: float, size: float) -> None:
        """A price with its size."""

    def on_size(self, req_id: int, kind: int, size: float) -> None:
        """A size alone."""

    def on_text(self, req_id: int, kind: int, text: str) -> None:
        """A tick that comes as text."""

    def on_packet(self) -> None:
        """All messages of one packet are read."""

    def on_data_error(self, req_id: int, code: int, text: str) -> bool:
        """A code about a request for ticks; False if there is none with the id."""


class Listeners(NamedTuple):
    """Who hears what IB says unasked."""

    orders: OrderListener
    fills: FillListener
    positions: PositionListener
    codes: CodeListener
    ticks: TickListener
