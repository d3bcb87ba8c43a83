"""An execution counts once, whoever tells of it, and by whatever id."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokers.kraken.executions import Executions, Source, Told
from ems.messages import BrokerdFill
from tests.brokers.kraken.conftest import until

MS_NS = 1_000_000


def told(
    exec_id: str, trade_id: int | None = None, *, price: str = "50000", time_ns: int = 0
) -> Told:
    fill = BrokerdFill(
        reqid="O1",
        account="kraken.spot",
        symbol="xbtusd.kraken",
        exec_id=exec_id,
        action="buy",
        size=Decimal("0.1"),
        price=Decimal(price),
        broker_time_ns=time_ns,
        time_ns=1,
    )
    return Told(fill, trade_id)


def ids(executions: Executions, *all_told: Told, source: Source = "rest") -> list[str]:
    return [fill.exec_id for fill in executions.fills_of(all_told, source)]


def test_by_its_id():
    executions = Executions()
    assert executions.fill_of(told("A"), "stream")[1]
    assert not executions.fill_of(told("A"), "stream")[1]
    assert ids(executions, told("A")) == ["A"]


def test_by_the_number_of_its_trade_it_keeps_the_id_that_it_was_told_with_first():
    executions = Executions()
    executions.fill_of(told("A", 7), "stream")
    executions.fill_of(told("B", 8), "stream")
    assert ids(executions, told("R1", 8), told("R2", 7), told("R3", 9)) == ["B", "A", "R3"]
    fill, is_news = executions.fill_of(told("C", 9), "stream")
    assert (fill.exec_id, is_news) == ("R3", True)
    assert executions.fill_of(told("C", 9), "stream") == (fill, False)


def test_without_a_number_by_all_else_that_it_says():
    executions = Executions()
    executions.fill_of(told("A"), "stream")
    executions.fill_of(told("B"), "stream")  # the same again, in the same moment: another one
    later = told("R3", time_ns=2 * MS_NS)
    dearer = told("R4", price="50001")
    found = ids(executions, told("R1"), told("R2"), later, dearer)
    assert found == ["A", "B", "R3", "R4"]


def test_once_the_ids_were_seen_to_agree_another_id_is_another_execution():
    executions = Executions()
    executions.fill_of(told("A"), "stream")
    assert ids(executions, told("B"), told("A")) == ["A", "B"]  # B was never streamed
    assert ids(executions, told("C")) == ["C"]


@given(
    st.lists(st.sampled_from(["50000", "50001"]), min_size=1, max_size=8),
    st.data(),
    st.sampled_from(["same ids", "other ids, numbered", "other ids"]),
)
def test_in_any_order_each_is_told_once_by_each_and_counts_once(prices, data, way):
    executions = Executions()
    numbered = way == "other ids, numbered"
    by_rest = "S" if way == "same ids" else "R"

    def one(source: Source, place: int) -> Told:
        name = f"{'S' if source == 'stream' else by_rest}{place}"
        return told(name, place if numbered else None, price=prices[place])

    streamed = data.draw(st.lists(st.sampled_from(range(len(prices))), unique=True))
    counted = {executions.fill_of(one("stream", place), "stream")[0].exec_id for place in streamed}
    asked = data.draw(st.permutations(range(len(prices))))
    counted |= set(ids(executions, *(one("rest", place) for place in asked)))
    assert len(counted) == len(prices)
    for place in streamed:
        assert not executions.fill_of(one("stream", place), "stream")[1]


@pytest.mark.parametrize("numbers", [True, False])
async def test_rest_with_ids_of_its_own_makes_no_position_larger(desk, numbers):
    engine = desk.sim.engine
    engine.other_ids, engine.numbers_trades = True, numbers
    order = await desk.working("buy", "50000.0", "0.03")
    live = engine.order(order.oid)
    engine.fill(live, "0.01")
    await until(lambda: desk.position().size == Decimal("0.01"))
    desk.sim.script.down = True
    desk.sim.cut_private()
    await until(lambda: not desk.up)
    engine.fill(live, "0.02")
    desk.sim.script.down = False
    await desk.back(2)
    assert (await desk.resp(order, "closed")).filled == Decimal("0.03")
    assert desk.position().size == Decimal("0.03")
    assert desk.resps(order).count("fill") == 2


async def test_what_an_answer_held_that_was_overtaken_is_still_news_on_the_stream(desk):
    """REST had told of it, but that answer went no further, and then REST is down."""
    order = await desk.working("buy", "50000.0", "0.03")
    dialog = desk.ems.index.by_oid(order.oid)
    engine, sim = desk.sim.engine, desk.sim
    sim.script.hold.add("reports")
    engine.fill(engine.order(order.oid), "0.01")
    answers = sim._rest_QueryOrders

    def only_once(form):
        sim.script.rest_errors["QueryOrders"] += [500] * 100
        desk.ems.lifecycle.ask(dialog)
        return answers(form)

    sim._rest_QueryOrders = only_once
    desk.ems.lifecycle.ask(dialog)
    await until(lambda: 0 < len(sim.script.rest_errors["QueryOrders"]) < 100)
    assert desk.last(order).filled == 0
    sim.let_go("reports")
    await until(lambda: desk.last(order).filled == Decimal("0.01"))
