"""The way of a request to the venue, which takes time on the market's clock."""

import math
from collections import deque
from collections.abc import Iterator

from ems.messages import BrokerRequest


class Wire:
    """Requests on their way to one market, first in, first out.

    Parameters
    ----------
    latency_ns : int
        How long each takes, in the market's time: a replay at any speed gives the same fills.
    """

    def __init__(self, latency_ns: int) -> None:
        self.latency_ns = latency_ns
        self._requests: deque[tuple[int, BrokerRequest]] = deque()

    def put(self, request: BrokerRequest, now_ns: int) -> None:
        """Send a request off at the market time ``now_ns``."""
        self._requests.append((now_ns + self.latency_ns, request))

    @property
    def next_ns(self) -> float:
        """When the next one arrives, in the market's time; inf if none is on its way."""
        return self._requests[0][0] if self._requests else math.inf

    def arrived(self, now_ns: int) -> Iterator[tuple[int, BrokerRequest]]:
        """Yield each request that has arrived by ``now_ns``, with the time of its arrival."""
        while self._requests and self._requests[0][0] <= now_ns:
            yield self._requests.popleft()
