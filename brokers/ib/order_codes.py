"""What the codes that IB sends about orders do to them; see the table in `brokers.ib.codes`."""

import logging

from brokers.ib.codes import CODES, Effect, is_warning, text_of
from brokers.ib.ib_order import IbOrder
from brokers.ib.order_book import OrderBook

log = logging.getLogger(__name__)


class OrderCodes:
    """Hears the codes about orders of this client; see `brokers.ib.listeners.Listeners`."""

    def __init__(self, book: OrderBook, client_id: int) -> None:
        self._book = book
        self._client_id = client_id

    def on_order_error(self, order_id: int, code: int, text: str) -> bool:
        """Take a code; False if no order here has the id."""
        order = self._book.index.by_order_id(self._client_id, order_id)
        if order is None:
            return False
        words = text_of(code, text)
        row = CODES.get(code)
        if row is None and is_warning(code):
            self._warned(order, words)
            return True
        if row is None:
            log.warning("IB says of order %s what is not in the table: %s", order, words)
            return True
        log.info("IB says of order %s: %s", order.oid, words)
        match row.effect:
            case Effect.REFUSES:
                self._refused(order, words)
            case Effect.REFUSES_CHANGE:
                self._refused_change(order, words)
            case Effect.REFUSES_CANCEL:
                order.cancel_asked = False
                self._book.refuse(order, "cancel", words)
            case Effect.ENDS:
                self._ended(order, words)
            case Effect.WARNS:
                self._warned(order, words)
        return True

    def _refused(self, order: IbOrder, words: str) -> None:
        if order.wish is not None:
            self._refused_change(order, words)
        elif not order.acked:
            order.over, order.refusal = True, words
            self._book.refuse(order, "new", words)
        else:
            order.refusal = words
            self._book.tell_state(order)
            self._book.doubt()  # a code alone does not end an order that IB has called its own

    def _refused_change(self, order: IbOrder, words: str) -> None:
        order.wish = None
        self._book.refuse(order, "modify", words)
        self._book.doubt()

    def _ended(self, order: IbOrder, words: str) -> None:
        order.word = "Cancelled"
        if order.perm_id:
            self._book.tell_state(order, "" if order.cancel_asked else words)
        else:
            order.over = True
            self._book.refuse(order, "new", words)

    def _warned(self, order: IbOrder, words: str) -> None:
        if order.acked and not order.over:
            self._book.tell_state(order, words)
