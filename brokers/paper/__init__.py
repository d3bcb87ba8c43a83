"""The paper venue: matches orders against the ticks of any feed, with no money at stake."""

from brokers.paper.broker import open_backend

__all__ = ["open_backend"]
