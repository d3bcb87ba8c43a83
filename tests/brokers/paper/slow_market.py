"""The matching rules once more, slow and obvious: the reference of the engine's tests.

Prices are counted in ticks, sizes in lots; everything is looked at every time.
"""

from dataclasses import dataclass, field


@dataclass
class SlowOrder:
    number: int
    is_buy: bool
    price: int
    size: int
    turn: int
    filled: int = 0
    open: bool = True

    @property
    def remaining(self) -> int:
        return self.size - self.filled

    def accepts(self, price: int) -> bool:
        return price <= self.price if self.is_buy else price >= self.price


@dataclass
class Shown:
    price: int | None = None
    size: int | None = None
    left: int | None = None


@dataclass
class SlowMarket:
    orders: list[SlowOrder] = field(default_factory=list)
    fills: list[tuple[int, int, int]] = field(default_factory=list)
    """Number of the order, size, price: in the order in which they happened."""
    shown: dict[bool, Shown] = field(default_factory=lambda: {True: Shown(), False: Shown()})
    crossed: bool = False
    last_trade: int | None = None
    turns: int = 0

    def queue(self, is_buy: bool) -> list[SlowOrder]:
        mine = [order for order in self.orders if order.open and order.is_buy == is_buy]
        return sorted(mine, key=lambda o: (-o.price if is_buy else o.price, o.turn))

    def fill(self, order: SlowOrder, left: int | None, price: int) -> int | None:
        """Fill what is possible and return what is left of the size."""
        part = order.remaining if left is None else min(order.remaining, left)
        if part:
            order.filled += part
            order.open = order.remaining > 0
            self.fills.append((order.number, part, price))
        return None if left is None else left - part

    def arrive(self, order: SlowOrder) -> None:
        order.turn = self.turns = self.turns + 1
        shown = self.shown[order.is_buy]
        price = self.last_trade if shown.price is None else shown.price
        first = self.queue(order.is_buy)[0] is order
        if first and not self.crossed and price is not None and order.accepts(price):
            left = self.fill(order, None if shown.price is None else shown.left, price)
            if shown.price is not None:
                shown.left = left

    def new(self, is_buy: bool, price: int, size: int) -> None:
        order = SlowOrder(len(self.orders) + 1, is_buy, price, size, 0)
        self.orders.append(order)
        self.arrive(order)

    def modify(self, number: int, price: int, size: int) -> None:
        order = self.orders[number - 1]
        if not order.open or size < order.filled:
            return
        moved = price != order.price or size > order.size
        order.price, order.size = price, size
        order.open = order.remaining > 0
        if moved and order.open:
            self.arrive(order)

    def cancel(self, number: int) -> None:
        self.orders[number - 1].open = False

    def quote(self, bid: int, bid_size: int | None, ask: int, ask_size: int | None) -> None:
        self.crossed = bid > ask
        if self.crossed:
            return
        for is_buy, price, size in ((True, ask, ask_size), (False, bid, bid_size)):
            shown = self.shown[is_buy]
            if (shown.price, shown.size) != (price, size):
                shown.price, shown.size, shown.left = price, size, size
            for order in self.queue(is_buy):
                if order.accepts(price):
                    shown.left = self.fill(order, shown.left, order.price)

    def trade(self, price: int, size: int | None, taker: int) -> None:
        self.last_trade = price
        queues = [queue for is_buy in (True, False) if (queue := self.queue(is_buy))]
        left = size
        for queue in sorted(queues, key=lambda queue: queue[0].turn):
            for order in queue:
                met = taker != (1 if order.is_buy else -1)
                if order.accepts(price) and (met or order.price != price):
                    left = self.fill(order, left, order.price)
