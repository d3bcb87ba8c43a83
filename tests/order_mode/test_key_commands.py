import pytest

from order_mode.keymap import DEFAULT_BINDINGS
from tests.order_mode.test_order_mode import Desk
from tests.sims.scripted_ems import order, status

KEYS = sorted({key for binding in DEFAULT_BINDINGS for key in binding.keys})


@pytest.mark.parametrize("held", [(), ("f",)])
@pytest.mark.parametrize("marked", [None, "o1"])
@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_used_if_it_was_wanted_and_only_then(key, marked, held):
    desk = Desk()
    desk.mode.on_msg(status(order(), "open"))
    desk.chart.marked = marked
    desk.hold(*held, at=99.0)
    wanted = desk.mode.wants_key(key, frozenset())
    assert desk.mode.key_pressed(key, time_ns=0, modifiers=frozenset()) == wanted
