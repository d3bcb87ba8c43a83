"""The messages of one fill in every order, and each twice: the end is always the same."""

from decimal import Decimal
from itertools import permutations

import pytest

from tests.brokers.ib.session import IbBench, until
from tests.sims import tws_layout
from tests.sims.tws import TIME

PARTS = ("execution", "order", "status", "commission")


@pytest.mark.parametrize("sequence", list(permutations(PARTS)), ids="-".join)
async def test_a_fill(bench: IbBench, sequence: tuple[str, ...]) -> None:
    order, sim = await bench.working()
    sim.filled, sim.status = 10, "Filled"
    messages = {
        "execution": tws_layout.execution(-1, sim, "e.1.01", "10", "100.2", TIME, 10),
        "order": sim.open_order(),
        "status": sim.order_status(),
        "commission": [59, 1, "e.1.01", "1.5", "USD", tws_layout.UNSET, tws_layout.UNSET, ""],
    }
    for part in sequence * 2:
        bench.tws.say(messages[part])
    await until(lambda: bench.position() and bench.position().fees == Decimal("1.5"), "the fee")
    await bench.settled()
    dialog = bench.ems.index.by_oid(order.oid)
    assert (dialog.resp, dialog.filled, dialog.avg_price) == ("closed", 10, Decimal("100.2"))
    assert bench.position().size == 10
    assert bench.resps(order.oid).count("closed") == 1


@pytest.mark.parametrize("sequence", list(permutations(PARTS[:3])), ids="-".join)
async def test_the_first_words_about_an_order(bench: IbBench, sequence: tuple[str, ...]) -> None:
    bench.tws.silent_orders = True
    order, sim = await bench.placed()
    sim.filled, sim.status = 4, "Submitted"
    messages = {
        "execution": tws_layout.execution(-1, sim, "e.1.01", "4", "100.2", TIME, 4),
        "order": sim.open_order(),
        "status": sim.order_status(),
    }
    for part in sequence * 2:
        bench.tws.say(messages[part])
    await bench.until_resp(order.oid, "open")
    await bench.settled()
    dialog = bench.ems.index.by_oid(order.oid)
    assert (dialog.resp, dialog.filled, dialog.reqid) == ("open", 4, sim.perm_id)
