"""The tables below the chart: orders, positions, fills, messages."""

from ui.tables.trade_tables import TradeTables

__all__ = ["TradeTables"]
