"""The orders at IB by their ids: the permanent one, and the one that is unique per client only."""

from collections.abc import Iterator

from brokers.ib.ib_order import IbOrder
from brokers.ib.origin import our_oid


class OrderIndex:
    """Finds the order that a message is about.

    ``permId`` is unique for ever but 0 in the first messages; ``orderId`` is unique only for one
    client, and another client can use the same. So the permanent id decides once it is known.
    """

    def __init__(self) -> None:
        self._by_perm: dict[int, IbOrder] = {}
        self._by_client: dict[tuple[int, int], IbOrder] = {}
        self._by_oid: dict[str, IbOrder] = {}

    def __iter__(self) -> Iterator[IbOrder]:
        return iter(tuple(self._by_oid.values()))

    def clear(self) -> None:
        """Forget all: a new connection tells of them anew."""
        self._by_perm.clear()
        self._by_client.clear()
        self._by_oid.clear()

    def add(self, order: IbOrder) -> None:
        """Take an order, or the ids that it has got since."""
        self._by_oid[order.oid] = order
        if order.perm_id:
            self._by_perm[order.perm_id] = order
        if order.order_id:
            self._by_client[order.client_id, order.order_id] = order

    def by_oid(self, oid: str) -> IbOrder | None:
        """Return the order with our id."""
        return self._by_oid.get(oid)

    def by_perm_id(self, perm_id: object) -> IbOrder | None:
        """Return the order with IB's permanent id."""
        return self._by_perm.get(perm_id) if isinstance(perm_id, int) else None

    def by_order_id(self, client_id: int, order_id: int) -> IbOrder | None:
        """Return the order that a client knows by this number."""
        return self._by_client.get((client_id, order_id))

    def match(
        self, perm_id: int, client_id: int, order_id: int, order_ref: str | None = None
    ) -> IbOrder | None:
        """Return the order that a message with these ids is about; None if it is another one.

        A ``orderRef`` of None means that the message has none.
        """
        if perm_id and (known := self._by_perm.get(perm_id)) is not None:
            return known
        known = self._by_client.get((client_id, order_id)) if order_id else None
        if known is None or (known.perm_id and perm_id and known.perm_id != perm_id):
            return None
        if order_ref is not None and known.sent_here and our_oid(order_ref) != known.oid:
            return None  # the number was used before, by an order of an earlier run
        return known
