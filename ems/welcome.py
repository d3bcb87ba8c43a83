"""Who comes is told how everything is; a notice that nobody was there to hear waits for them."""

from collections.abc import Callable, Collection, Iterable

from ems.dialog_index import DialogIndex
from ems.embedded_client import EmbeddedClient
from ems.messages import ClientMsg, Notice
from ems.positions import PositionBook
from ems.router import Router, snapshot


class Welcome:
    """Greets the clients of one EMS.

    Parameters
    ----------
    router
        Tells clients what comes.
    index, positions
        Orders and positions, as they are now.
    states
        Returns how the guards and the connections are now.
    clock
        Now, UTC ns.
    """

    def __init__(
        self,
        router: Router,
        index: DialogIndex,
        positions: PositionBook,
        states: Callable[[], Iterable[ClientMsg]],
        clock: Callable[[], int],
    ) -> None:
        self._router = router
        self._index = index
        self._positions = positions
        self._states = states
        self._clock = clock
        self._standing: list[Notice] = []

    def greet(self, client: EmbeddedClient, shown: Collection[str] = ()) -> None:
        """Tell a client how everything is now, how what it shows has ended, then what comes."""
        for msg in (*self._standing, *self._states()):
            client.deliver(msg)
        for oid in shown:
            dialog = self._index.by_oid(oid)
            if dialog is not None and dialog.over:
                client.deliver(dialog.status())
        for status in snapshot(self._index.active(), client):
            client.deliver(status)
        for position in self._positions.known():
            if client.follows(position.symbol):
                client.deliver(position.message())
        if not client.dropped:
            self._router.subscribe(client)

    def tell_all(self, msg: ClientMsg) -> None:
        """Tell every client; a notice that comes before the first one connects waits for it."""
        if isinstance(msg, Notice) and not self._router.has_subscribers:
            self._standing.append(msg)
        self._router.tell_all(msg)

    def warn_all(self, text: str) -> None:
        """Tell every client of an error that stays: now, and whenever one connects."""
        notice = self._error(text)
        self._standing.append(notice)
        self._router.tell_all(notice)

    def warn(self, symbol: str, text: str) -> None:
        """Tell the clients of a market of an error; before the first one connects, it waits."""
        if self._router.has_subscribers:
            self._router.client_broadcast(symbol, self._error(text))
        else:
            self._standing.append(self._error(text))

    def _error(self, text: str) -> Notice:
        return Notice(time_ns=self._clock(), level="error", text=text)
