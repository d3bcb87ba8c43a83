"""Recorded ticks and bars as a live feed, and the built-in demo market."""

from brokers.replay.backend import open_backend

__all__ = ["open_backend"]
