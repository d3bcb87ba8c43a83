"""The market that the chart shows in the bench."""

from decimal import Decimal

from ems.market import Market

MINUTE_NS = 60_000_000_000
MARKET = Market(
    fqsn="bench.demo.replay", tick_size=Decimal("0.01"), lot_size=Decimal(1), currency="USD"
)
