"""The dark book against a plain scan over all triggers."""

from hypothesis import given
from hypothesis import strategies as st

from ems.dark_book import DarkBook
from ems.ticks import Quote, Trade

TICK = 0.25
levels = st.integers(1, 40).map(lambda n: n * TICK)
actions = st.sampled_from(["buy", "sell", "alert"])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("arm"), st.integers(0, 9), actions, levels),
        st.tuples(st.just("disarm"), st.integers(0, 9)),
        st.tuples(st.just("trade"), levels),
        st.tuples(st.just("quote"), levels, levels),
    ),
    max_size=60,
)
LOOKS_AT = {"buy": ("ask", "trade"), "sell": ("bid", "trade"), "alert": ("trade",)}


class Scan:
    """What the book must do, the slow way."""

    def __init__(self) -> None:
        self.armed: dict[str, tuple[str, float, dict[str, str]]] = {}
        self.price: dict[str, float] = {}

    def arm(self, oid: str, action: str, level: float) -> None:
        sides = {}
        for series in LOOKS_AT[action]:
            if series in self.price:
                sides[series] = self._side(action, level, self.price[series])
        self.armed[oid] = (action, level, sides)

    @staticmethod
    def _side(action: str, level: float, price: float) -> str:
        if price == level:
            return "above" if action == "sell" else "below"
        return "above" if price < level else "below"

    def tick(self, series: str, price: float) -> set[str]:
        self.price[series] = price
        fired = set()
        for oid, (action, level, sides) in self.armed.items():
            if series not in LOOKS_AT[action]:
                continue
            side = sides.setdefault(series, "above" if price < level else "below")
            if price >= level if side == "above" else price <= level:
                fired.add(oid)
        for oid in fired:
            del self.armed[oid]
        return fired


@given(steps)
def test_fires_what_a_plain_scan_fires(script) -> None:
    fired: list[str] = []
    book = DarkBook(TICK, lambda oid, *_: fired.append(oid), lambda *_: None)
    scan = Scan()
    for step in script:
        fired.clear()
        expected: set[str] = set()
        match step:
            case ("arm", number, action, level):
                book.arm(str(number), action, level)
                scan.arm(str(number), action, level)
            case ("disarm", number):
                book.disarm(str(number))
                scan.armed.pop(str(number), None)
            case ("trade", price):
                book.on_trade(Trade(1, price))
                expected = scan.tick("trade", price)
            case ("quote", bid, ask):
                book.on_quote(Quote(1, bid, ask))
                expected = scan.tick("bid", bid) | scan.tick("ask", ask)
        assert set(fired) == expected
        assert len(fired) == len(set(fired)), "a trigger fires once"
        assert len(book) == len(scan.armed)


def test_trigger_with_no_price_known_is_armed_by_the_first_tick() -> None:
    fired: list[str] = []
    armed: list[tuple] = []
    book = DarkBook(TICK, lambda oid, *_: fired.append(oid), lambda *a: armed.append(a))
    assert book.arm("a", "alert", 10.0) == {}
    book.on_trade(Trade(1, 12.0))
    assert (fired, armed) == ([], [("a", {"trade": "below"})])
    book.on_trade(Trade(2, 9.0))
    assert fired == ["a"]


def test_direction_of_before_a_restart_is_kept() -> None:
    fired: list[str] = []
    book = DarkBook(TICK, lambda oid, *_: fired.append(oid), lambda *_: None)
    book.on_trade(Trade(1, 9.0))
    book.arm("a", "buy", 10.0, {"trade": "below", "ask": "below"})
    book.on_trade(Trade(2, 9.5))
    assert fired == ["a"]


def test_float_noise_does_not_hide_a_touch() -> None:
    fired: list[str] = []
    book = DarkBook(0.1, lambda oid, *_: fired.append(oid), lambda *_: None)
    book.on_trade(Trade(1, 1.0))
    book.arm("a", "buy", 0.3)
    book.on_trade(Trade(2, 0.1 + 0.2))
    assert fired == ["a"]


def test_trigger_armed_while_another_fires_is_not_lost() -> None:
    fired: list[str] = []

    def on_fire(oid: str, *_: object) -> None:
        fired.append(oid)
        if oid == "a":
            book.arm("b", "buy", 8.0)

    book = DarkBook(TICK, on_fire, lambda *_: None)
    book.on_trade(Trade(1, 11.0))
    book.arm("a", "buy", 10.0)
    book.on_trade(Trade(2, 10.0))
    book.on_trade(Trade(3, 8.0))
    assert fired == ["a", "b"]
