"""Kraken: market data with no account, trading with a key; see docs/kraken.md."""

from brokers.kraken.backend import open_backend

__all__ = ["open_backend"]
