"""nautilus_trader on the same work: run it with the Python of `.venv-bench`, where it is installed.

    .venv-bench/bin/python bench/ems_nautilus.py

Its backtest engine takes quotes with orders resting, and orders that are submitted, accepted and
filled, with no journal and no limits. The costs are processor time, as in `bench.ems`; what the
quotes alone cost is taken off the orders.
"""

import statistics
import time

from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.config import LoggingConfig, RiskEngineConfig, StrategyConfig
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import TraderId, Venue
from nautilus_trader.model.objects import Money
from nautilus_trader.test_kit.providers import TestInstrumentProvider
from nautilus_trader.trading.strategy import Strategy

QUOTES = 5_000
ORDERS = 2_000


class Rests(Strategy):
    """Lets orders rest far from the market, then takes each quote and does nothing."""

    def __init__(self, instrument, resting: int, taking: int) -> None:
        super().__init__(StrategyConfig())
        self._instrument = instrument
        self._resting = resting
        self._taking = taking
        self.began = 0

    def on_start(self) -> None:
        self.subscribe_quote_ticks(self._instrument.id)

    def on_quote_tick(self, tick: QuoteTick) -> None:
        if self._resting:
            for number in range(self._resting):
                self._submit(50 - number % 1000 * 0.01)
            self._resting = 0
        elif not self.began:
            self.began = time.process_time_ns()
        elif self._taking:
            self._taking -= 1
            self._submit(101.0)

    def _submit(self, price: float) -> None:
        order = self.order_factory.limit(
            self._instrument.id,
            OrderSide.BUY,
            self._instrument.make_qty(1),
            self._instrument.make_price(price),
        )
        self.submit_order(order)


def cost_us(resting: int, taking: int, quotes: int) -> float:
    """How long the quotes took, each, once the orders rested."""
    engine = BacktestEngine(
        BacktestEngineConfig(
            trader_id=TraderId("BENCH-001"),
            logging=LoggingConfig(bypass_logging=True),
            risk_engine=RiskEngineConfig(bypass=True),  # else it takes 100 orders a second
        )
    )
    engine.add_venue(
        venue=Venue("XNAS"),
        oms_type=OmsType.NETTING,
        account_type=AccountType.MARGIN,
        base_currency=USD,
        starting_balances=[Money(10**12, USD)],
    )
    instrument = TestInstrumentProvider.equity("ABC", "XNAS")
    engine.add_instrument(instrument)
    ticks = [
        QuoteTick(
            instrument.id,
            instrument.make_price(100.00 + n % 5 * 0.01),
            instrument.make_price(100.10 + n % 5 * 0.01),
            instrument.make_qty(1_000_000),
            instrument.make_qty(1_000_000),
            n * 1000 + 1,
            n * 1000 + 1,
        )
        for n in range(quotes + 2)
    ]
    engine.add_data(ticks)
    strategy = Rests(instrument, resting, taking)
    engine.add_strategy(strategy)
    engine.run()
    spent = time.process_time_ns() - strategy.began
    filled = sum(order.filled_qty > 0 for order in engine.cache.orders())
    assert (engine.cache.orders_open_count(), filled) == (resting, taking)
    engine.dispose()
    return spent / quotes / 1000


def main() -> None:
    """Print the figures."""
    for resting in (0, 1_000, 10_000):
        quotes = QUOTES if resting < 10_000 else 500
        cost = statistics.median(cost_us(resting, 0, quotes) for _ in range(3))
        print(f"{f'nautilus_trader: quote, {resting:,} resting':52}{cost:10.2f} us", flush=True)
    idle = statistics.median(cost_us(0, 0, ORDERS) for _ in range(3))
    full = statistics.median(cost_us(0, ORDERS, ORDERS) for _ in range(3))
    print(f"{'nautilus_trader: submit, accept, fill':52}{full - idle:10.1f} us")


if __name__ == "__main__":
    main()
