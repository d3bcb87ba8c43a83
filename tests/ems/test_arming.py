"""Arming: no request of a disarmed account goes out, whoever makes it, and what ends it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec import ValidationError
from msgspec.structs import replace

from ems.arming_rules import ArmingRule, ArmingRules, given_rule
from ems.errors import UnknownAccount
from ems.messages import ArmState, Connection, Order
from tests.ems.conftest import Bench, Watcher, make_order, notices, open_bench
from tests.ems.test_risk import SECOND, Clock, change, clock, refused

__all__ = ["clock"]  # a fixture

ACCOUNT = "scripted"


@pytest.fixture
def live(tmp_path: Path, clock: Clock):
    """Open an EMS whose account is live, with these choices."""

    @asynccontextmanager
    async def opened(**choices: object) -> AsyncIterator[Bench]:
        rules = ArmingRules(accounts={ACCOUNT: choices})
        async with open_bench(tmp_path, arming=rules, clock=clock) as bench:
            bench.feed.quote(99.99, 100.01)
            yield bench

    return opened


def states(watcher: Watcher) -> list[ArmState]:
    watcher.read()
    said = [msg for msg in watcher.heard if isinstance(msg, ArmState)]
    return [state for state in said if state.account == ACCOUNT]


async def test_a_live_account_starts_disarmed_and_says_so(live):
    async with live() as bench:
        [state] = states(bench.watcher)
        assert (state.account, state.armed, state.mode) == (ACCOUNT, False, "armed")
        for order in (bench.submit(), bench.submit(exec_mode="dark")):
            assert (
                refused(bench, order)
                == f"{ACCOUNT} is LIVE and disarmed (it starts so): arm it first."
            )
        assert bench.venue.orders == []
        alert = bench.submit("alert", "120")
        assert bench.watcher.last(alert.oid).resp == "dark_open"


async def test_arming_is_of_the_account_for_every_client_and_of_this_session(live):
    async with live() as bench:
        other = Watcher(bench.ems)
        bench.ems.arm(ACCOUNT, "window")
        assert [state.armed for state in states(other)] == [False, True]
        assert states(other)[-1].why == "by the window"
        order = make_order()
        other.client.submit(order)
        assert [sent.oid for sent in bench.venue.orders] == [order.oid]
    async with live() as bench:
        assert [state.armed for state in states(bench.watcher)] == [False]


async def test_every_path_that_could_add_risk_needs_it_and_every_way_out_is_free(live):
    async with live() as bench:
        bench.ems.arm(ACCOUNT)
        working = bench.working("buy", "90", "4")
        dark = bench.submit("buy", "95", "2", exec_mode="dark")
        bench.ems.disarm(ACCOUNT)
        for order, fields in (
            (working, {"price": "91"}),
            (working, {"size": "5"}),
            (dark, {"price": "96"}),
        ):
            change(bench, order, **fields)
            assert "disarmed (by the program)" in refused(bench, order)
        group = [make_order("buy", "90"), make_order("buy", "91")]
        bench.watcher.client.submit_group(group)
        assert all("disarmed" in refused(bench, order) for order in group)
        change(bench, working, size="3")
        assert bench.venue.changes[-1].size == 3
        bench.venue.status("open", size="3")
        bench.cancel(working)
        assert len(bench.venue.cancels) == 1


async def test_a_dark_order_that_was_placed_armed_still_goes_out(live):
    async with live() as bench:
        bench.ems.arm(ACCOUNT)
        dark = bench.submit("buy", "95", exec_mode="dark")
        bench.ems.disarm(ACCOUNT)
        bench.feed.trade(95)
        assert [sent.oid for sent in bench.venue.orders] == [dark.oid]


async def test_a_modify_that_was_asked_for_armed_goes_when_its_turn_comes(live):
    async with live() as bench:
        bench.ems.arm(ACCOUNT)
        order = bench.submit("buy", "90")
        change(bench, order, price="91")
        bench.ems.disarm(ACCOUNT)
        bench.venue.works(order.oid, 1)
        assert [sent.price for sent in bench.venue.changes] == [Decimal(91)]


@pytest.mark.parametrize(("rested", "armed"), [(59.9, True), (60, False), (61, False)])
async def test_it_ends_when_nothing_was_done_for_a_while(live, clock, rested, armed):
    async with live(idle_min=1) as bench:
        bench.ems.arm(ACCOUNT)
        clock.pass_s(30)
        bench.submit()  # a request is a sign of life, and so are hands at the window
        clock.pass_s(30)
        bench.ems.arming.hands_moved()
        clock.pass_s(rested)
        bench.ems.arming.look()
        assert states(bench.watcher)[-1].armed is armed
        assert any("nothing was done for 1 min" in text for text in notices(bench)) is not armed


async def test_a_cancel_is_a_sign_of_life_and_a_clock_set_back_ends_it(live, clock):
    async with live(idle_min=1) as bench:
        bench.ems.arm(ACCOUNT)
        order = bench.working()
        clock.pass_s(50)
        bench.cancel(order)
        clock.pass_s(50)
        bench.ems.arming.look()
        assert states(bench.watcher)[-1].armed
        clock.now_ns -= 3600 * SECOND
        bench.ems.arming.look()
        assert not states(bench.watcher)[-1].armed


async def test_off_means_never(live, clock):
    async with live(**given_rule({"idle_min": "off"})) as bench:
        bench.ems.arm(ACCOUNT)
        clock.pass_s(1_000_000)
        bench.ems.arming.look()
        assert states(bench.watcher)[-1].armed


@pytest.mark.parametrize("cause", ["lock", "account_change"])
@pytest.mark.parametrize("chosen", [True, False])
async def test_it_ends_by_what_the_user_has_chosen(live, cause, chosen):
    async with live(**{f"on_{cause}": chosen}) as bench:
        bench.ems.arm(ACCOUNT)
        bench.ems.arming.end(cause, "because", ["another"])
        assert states(bench.watcher)[-1].armed
        bench.ems.arming.end(cause, "because", [ACCOUNT])
        assert states(bench.watcher)[-1].armed is not chosen
        assert states(bench.watcher)[-1].why == ("because" if chosen else "by the program")


@pytest.mark.parametrize("chosen", [True, False])
async def test_it_ends_when_the_connection_is_lost(live, chosen):
    async with live(on_reconnect=chosen) as bench:
        bench.ems.arm(ACCOUNT)
        bench.venue.say(Connection(broker=ACCOUNT, up=False, time_ns=1, reason="gone"))
        bench.venue.say(Connection(broker=ACCOUNT, up=True, time_ns=2))
        assert states(bench.watcher)[-1].armed is not chosen


# ---- a yes to each order


async def test_confirm_asks_about_each_order_and_takes_it_with_a_yes(live):
    async with live(mode="confirm") as bench:
        order = bench.submit("buy", "100", "3")
        assert "disarmed" in refused(bench, order)
        bench.ems.arm(ACCOUNT)
        order = bench.submit("buy", "100", "3")
        asked = bench.watcher.last(order.oid)
        assert (asked.resp, asked.refused) == ("error", "new")
        [question] = asked.asks
        assert question.kind == "confirm"
        assert question.text == "Place: live buy 3 at 100.00, worth 300.00 USD (three hundred)?"
        assert bench.ems.index.by_oid(order.oid) is None, "nothing has happened"
        agreed(bench, order, "confirm")
        [sent] = bench.venue.orders
        assert sent.oid == order.oid
        bench.venue.works(order.oid)
        assert bench.watcher.last(order.oid).req.consent == ()


async def test_a_yes_is_for_one_request(live):
    async with live(mode="confirm") as bench:
        bench.ems.arm(ACCOUNT)
        order = agreed(bench, make_order("buy", "90", "3"), "confirm")
        bench.venue.works(order.oid, 1)
        change(bench, order, price="91")
        asked = bench.watcher.last(order.oid)
        assert (asked.resp, asked.refused) == ("open", "modify")
        assert asked.asks[0].text.startswith("Change it to: live buy 3 at 91.00")
        assert bench.venue.changes == []
        bench.watcher.client.modify(
            make_order("buy", "91", "3", oid=order.oid, consent=("confirm",))
        )
        assert bench.venue.changes[-1].price == 91


async def test_only_who_asked_is_asked(live):
    async with live(mode="confirm") as bench:
        bench.ems.arm(ACCOUNT)
        other = Watcher(bench.ems)
        bench.submit()
        assert other.statuses() == []


async def test_a_group_is_asked_about_as_a_whole(live):
    async with live(mode="confirm") as bench:
        bench.ems.arm(ACCOUNT)
        group = [make_order("buy", "90"), make_order("buy", "91")]
        bench.watcher.client.submit_group(group)
        assert bench.venue.orders == []
        for order in group:
            assert len(bench.watcher.last(order.oid).asks) == 2
        again = [make_order("buy", str(o.price), oid=o.oid, consent=("confirm",)) for o in group]
        bench.watcher.client.submit_group(again)
        assert {sent.oid for sent in bench.venue.orders} == {order.oid for order in group}


def agreed(bench: Bench, order: Order, *kinds: str) -> Order:
    """Send it once more, with a yes."""
    fields = {name: getattr(order, name) for name in ("oid", "exec_mode")}
    again = make_order(order.action, str(order.price), str(order.size), consent=kinds, **fields)
    bench.watcher.client.submit(again)
    return replace(again, consent=())


# ---- the choices


def test_paper_is_never_armed_and_one_click_needs_no_arming():
    rules = ArmingRules({"mode": "confirm"}, {"ib.fast": {"mode": "one click"}})
    assert not rules.must_be_armed("paper")
    assert rules.of("paper").mode == "one click"
    assert not rules.must_be_armed("ib.fast")
    assert rules.must_be_armed("ib.main")
    assert rules.of("ib.main") == ArmingRule(mode="confirm")
    assert ArmingRules().of("kraken.spot").mode == "armed"


@pytest.mark.parametrize(
    "table",
    [{"mode": "never"}, {"idle_min": 0}, {"idle_min": "x"}, {"on_moon": True}, {"on_lock": 1}],
)
def test_what_is_no_choice_is_refused(table):
    with pytest.raises(ValidationError):
        given_rule(table)


async def test_an_account_that_there_is_not_cannot_be_armed(live):
    async with live() as bench:
        with pytest.raises(UnknownAccount, match="there are scripted"):
            bench.ems.arm("moon")
        with pytest.raises(UnknownAccount):
            bench.ems.disarm("moon")
