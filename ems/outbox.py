"""What waits to leave the EMS until the journal has it: requests to brokers, news to clients."""

import logging
from collections import deque
from collections.abc import Callable
from typing import TypeAlias

from ems.messages import BrokerdOrder, BrokerRequest, ClientMsg

log = logging.getLogger(__name__)

Send: TypeAlias = Callable[[str, BrokerRequest], None]
"""Hands a request to the broker of that name; raises ConnectionError if nothing was sent."""
Broadcast: TypeAlias = Callable[[str, ClientMsg], None]
"""Tells every client that follows the market of that fqsn."""
OnFailure: TypeAlias = Callable[[BrokerRequest, Exception], None]
"""Told of a request that a backend failed to take."""


class Outbox:
    """A queue that empties itself in order, also when emptying it brings new entries.

    A venue that answers from within ``send``, as paper does, re-enters the EMS; what that
    brings queues up behind what is leaving already.
    """

    def __init__(self, send: Send, broadcast: Broadcast, on_failure: OnFailure) -> None:
        self._send = send
        self._broadcast = broadcast
        self._on_failure = on_failure
        self._entries: deque[tuple[str, BrokerRequest | ClientMsg, bool]] = deque()
        self.leaving = False
        """True while it empties itself."""

    def request(self, broker: str, request: BrokerRequest) -> None:
        """Queue a request for a broker."""
        self._entries.append((broker, request, True))

    def news(self, symbol: str, msg: ClientMsg) -> None:
        """Queue a message for the clients that follow a market."""
        self._entries.append((symbol, msg, False))

    def mark(self) -> int:
        """Return the place that `take_back` goes back to."""
        return len(self._entries)

    def take_back(self, mark: int) -> None:
        """Drop everything that was queued since the mark."""
        while len(self._entries) > mark:
            self._entries.pop()

    def take_back_orders(self, mark: int) -> None:
        """Drop the orders and modifies that were queued since the mark, and nothing else."""
        kept = [self._entries.pop() for _ in range(len(self._entries) - mark)]
        self._entries.extend(
            entry for entry in reversed(kept) if not isinstance(entry[1], BrokerdOrder)
        )

    def leave(self) -> None:
        """Let everything go, in order."""
        if self.leaving:
            return
        self.leaving = True
        entries, broadcast = self._entries, self._broadcast
        try:
            while entries:
                where, entry, is_request = entries.popleft()
                if is_request:
                    self._hand_over(where, entry)  # type: ignore[arg-type]
                else:
                    broadcast(where, entry)  # type: ignore[arg-type]
        finally:
            self.leaving = False

    def _hand_over(self, broker: str, request: BrokerRequest) -> None:
        try:
            self._send(broker, request)
        except Exception as error:  # whatever it was, the order must know
            if not isinstance(error, ConnectionError):
                log.exception("%s failed to take %s", broker, request)
            self._on_failure(request, error)
