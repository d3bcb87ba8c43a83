"""The status map: every row, from Kraken's words on the wire to ours in the EMS."""

from decimal import Decimal

import msgspec
import pytest

from brokers.kraken import rest_wire, status, wire
from brokers.kraken.executions import Executions
from brokers.kraken.orders import LiveOrders
from brokers.kraken.pairs import Pairs
from brokers.kraken.parsing import pairs_of
from brokers.kraken.status import EXEC_TYPES, ORDER_STATUS, REST_STATUS
from ems.messages import BrokerdFill, BrokerdStatus, Status
from tests.brokers.kraken.conftest import until
from tests.sims.kraken import PAIRS

DOCUMENTED_EXEC_TYPES = {
    "pending_new",
    "new",
    "trade",
    "filled",
    "iceberg_refill",
    "canceled",
    "expired",
    "amended",
    "restated",
    "status",
}
DOCUMENTED_ORDER_STATUS = {
    "pending_new",
    "new",
    "partially_filled",
    "filled",
    "canceled",
    "expired",
}


@pytest.fixture
def orders() -> LiveOrders:
    pairs = msgspec.convert(PAIRS, dict[str, rest_wire.AssetPair], strict=False)
    return LiveOrders(Pairs(pairs_of(pairs)), Executions(), lambda: 1_000)


def report(exec_type: str, order_status: str, **fields: object) -> wire.Execution:
    return msgspec.convert(
        {"order_id": "O1", "exec_type": exec_type, "order_status": order_status, **fields},
        wire.Execution,
        strict=False,
    )


def begin(orders: LiveOrders) -> None:
    whole = {"symbol": "BTC/USD", "side": "buy", "order_qty": "2", "limit_price": "50000"}
    [adopted] = orders.take(report("pending_new", "pending_new", **whole))
    assert isinstance(adopted, Status)


def test_the_map_is_complete_and_each_row_has_its_source():
    assert set(EXEC_TYPES) == DOCUMENTED_EXEC_TYPES
    assert set(ORDER_STATUS) == DOCUMENTED_ORDER_STATUS
    assert set(REST_STATUS) == {"pending", "open", "closed", "canceled", "expired"}
    rows = [*EXEC_TYPES.values(), *ORDER_STATUS.values(), *REST_STATUS.values()]
    for row in rows:
        assert row.source.startswith(("[exec]", "[uexec]", "[life]", "[open]"))


@pytest.mark.parametrize(
    ("exec_type", "order_status", "ours", "reason"),
    [
        ("pending_new", "pending_new", "pending", ""),
        ("new", "new", "open", ""),
        ("filled", "filled", "closed", ""),
        ("iceberg_refill", "partially_filled", "open", ""),
        ("canceled", "canceled", "canceled", "User requested"),
        ("expired", "expired", "canceled", "Expired."),
        ("amended", "new", "open", ""),
        ("amended", "pending_new", "pending", ""),
        ("restated", "partially_filled", "open", ""),
        ("status", "new", "open", ""),
        ("status", "partially_filled", "open", ""),
        ("status", "pending_new", "pending", ""),
        ("status", "filled", "closed", ""),
        ("status", "canceled", "canceled", ""),
        ("status", "expired", "canceled", "Expired."),
    ],
)
def test_each_word(orders, exec_type, order_status, ours, reason):
    begin(orders)
    said = {"reason": "User requested"} if exec_type == "canceled" else {}
    [event] = orders.take(report(exec_type, order_status, **said))
    assert isinstance(event, BrokerdStatus)
    assert (event.status, event.reqid, event.reason) == (ours, "O1", reason)


def test_every_exec_type_is_tested():
    cases = test_each_word.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {case[0] for case in cases} | {"trade"} == set(EXEC_TYPES)
    assert {case[1] for case in cases} == set(ORDER_STATUS)


def test_the_last_trade_says_partially_filled_and_ends_nothing(orders):
    begin(orders)
    fields = {"exec_id": "T1", "last_qty": "2", "last_price": "50000", "cum_qty": "2"}
    [event] = orders.take(report("trade", "partially_filled", **fields))
    assert isinstance(event, BrokerdFill)
    assert (event.size, event.exec_id, event.action) == (Decimal(2), "T1", "buy")
    assert orders.take(report("trade", "partially_filled", **fields)) == []
    [end] = orders.take(report("filled", "filled", cum_qty="2"))
    assert (end.status, end.filled) == ("closed", Decimal(2))


@pytest.mark.parametrize(
    ("fees", "fee", "currency"),
    [
        ([], "0", "USD"),
        ([("USD", "1.5")], "1.5", "USD"),
        ([("BTC", "0.001")], "0.001", "BTC"),
        ([("USD", "1.5"), ("USD", "0.25")], "1.75", "USD"),
        ([("USD", "1.5"), ("KFEE", "9")], "1.5", "USD"),
    ],
)
def test_fees_have_their_currency(orders, fees, fee, currency):
    begin(orders)
    said = [{"asset": asset, "qty": qty} for asset, qty in fees]
    fields = {"exec_id": "T1", "last_qty": "2", "last_price": "50000", "fees": said}
    [event] = orders.take(report("trade", "partially_filled", **fields))
    assert (event.fee, event.fee_currency) == (Decimal(fee), currency)


def test_a_late_trade_of_an_order_that_is_over_does_not_bring_it_back(orders):
    begin(orders)
    orders.take(report("canceled", "canceled"))
    late = report(
        "trade",
        "partially_filled",
        exec_id="T9",
        last_qty="1",
        last_price="50000",
        symbol="BTC/USD",
        side="buy",
        order_qty="2",
        limit_price="50000",
    )
    assert [type(event) for event in orders.take(late)] == [BrokerdFill]
    assert orders.by_id == {}


def test_a_snapshot_whose_last_word_of_an_order_is_a_trade(orders):
    row = {"exec_id": "T1", "last_qty": "1", "last_price": "50000", "symbol": "BTC/USD"}
    row |= {"side": "buy", "timestamp": "2026-11-22T08:00:00Z"}
    alive = report("trade", "partially_filled", order_qty="2", limit_price="50000", **row)
    assert [fill.exec_id for fill in orders.snapshot([alive], 0)] == ["T1"]
    assert list(orders.by_id) == ["O1"]
    assert orders.snapshot([alive], 2 * 10**18) == []  # before the first use of the account
    over = report("trade", "filled", **row)
    assert len(orders.snapshot([over], 0)) == 1
    assert orders.by_id == {}


@pytest.mark.parametrize("field", ["price", "size"])
def test_amended_and_restated_bring_the_new_numbers(orders, field):
    begin(orders)
    new = {"price": {"limit_price": "49000.5"}, "size": {"order_qty": "1.5"}}[field]
    for exec_type in ("amended", "restated"):
        [event] = orders.take(report(exec_type, "new", **new))
        assert getattr(event, field) == Decimal(next(iter(new.values())))


@pytest.mark.parametrize(
    ("exec_type", "order_status"), [("paused", "new"), ("status", "asleep"), ("restated", "")]
)
def test_an_unknown_word_is_logged_whole_and_changes_nothing(
    orders, caplog, exec_type, order_status
):
    begin(orders)
    before = repr(orders.by_id)
    assert orders.take(report(exec_type, order_status, reason="a reason of its own")) == []
    assert repr(orders.by_id) == before
    assert "a reason of its own" in caplog.text
    assert "unknown" in caplog.text


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("open", "open"), ("closed", "closed"), ("canceled", "canceled"), ("expired", "canceled")],
)
async def test_each_word_of_rest_when_an_order_is_looked_up(desk, theirs, ours):
    order = await desk.working()
    live = desk.sim.engine.order(order.oid)
    desk.sim.script.down = True
    desk.sim.cut_private()
    await until(lambda: not desk.up)
    live.state = theirs
    desk.sim.script.down = False
    await desk.back(2)
    assert (await desk.resp(order, ours)).resp == ours


@pytest.mark.parametrize("error", status.UNKNOWN_OUTCOME)
async def test_an_amend_of_unknown_outcome_is_asked_for(desk, error):
    order = await desk.working()
    desk.sim.script.refuse["amend_order"] = [error]
    desk.modify(order, "49000.0")
    await until(lambda: desk.last(order).refused == "modify")
    await desk.settled(order, "50000.0")
    assert any(s.outcome_unknown for s in desk.watcher.statuses(order.oid))


@pytest.mark.parametrize(
    "error",
    [
        "EOrder:Insufficient funds",
        "EOrder:Order minimum not met",
        "EOrder:Orders limit exceeded",
        "EOrder:Rate limit exceeded",
        "EOrder:Post only order",
        "EGeneral:Permission denied",
        "EGeneral:Invalid arguments:price",
        "EService:Market in cancel_only mode",
        "EService:Deadline elapsed",
        "EAPI:Rate limit exceeded",
    ],
)
async def test_each_refusal_is_told_in_krakens_words(desk, error):
    desk.sim.script.refuse["add_order"] = [error]
    order = desk.submit("buy", "50000.0", "0.01")
    told = await desk.resp(order, "error")
    assert (told.reason, told.reqid) == (error, None)
    assert desk.sim.engine.orders == {}
