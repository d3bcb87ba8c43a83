"""Fields that change in the text of a config, and all that must not."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.config_edit import GONE, tables_with, with_changes

TEXT = """\
# mine
[risk]   # of everyone
daily_loss = 900  # a bad day

# the account in Chicago
[risk.accounts."ib.main"]
  collar_percent = 2   # tight

# what the chart shows
[chart]
period = "5m"
"""
IB = ("risk", "accounts", "ib.main")


def test_a_value_changes_in_its_place_and_every_other_letter_stays():
    changed = with_changes(TEXT, {("risk", "daily_loss"): 500})
    assert changed == TEXT.replace("900", "500")


def test_a_new_line_stands_with_its_table_and_not_below_the_comment_of_the_next():
    changed = with_changes(TEXT, {(*IB, "daily_loss"): "off", ("risk", "working_orders"): 3})
    tight, bad = "collar_percent = 2   # tight\n", "# a bad day\n"
    wanted = TEXT.replace(tight, f'{tight}  daily_loss = "off"\n')
    assert changed == wanted.replace(bad, f"{bad}working_orders = 3\n")


def test_a_new_table_is_added_at_the_end_and_can_be_changed_again():
    market = (*IB, "markets", "mes.cme.ib", "largest_order_units")
    changed = with_changes(TEXT, {market: 2})
    added = '[risk.accounts."ib.main".markets."mes.cme.ib"]\nlargest_order_units = 2\n'
    assert changed == f"{TEXT}\n{added}"
    again = with_changes(changed, {market: 3, (*IB, "daily_loss"): 7})
    assert again.startswith(TEXT.split("# what the chart")[0].rstrip())
    assert tomllib.loads(again)["risk"]["accounts"]["ib.main"]["daily_loss"] == 7
    assert with_changes(changed, {market: GONE}).startswith(TEXT)


def test_a_field_is_taken_out_and_one_that_is_not_there_does_no_harm():
    changed = with_changes(TEXT, {(*IB, "collar_percent"): GONE, ("risk", "daily_loss_x"): GONE})
    assert changed == TEXT.replace("  collar_percent = 2   # tight\n", "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing yet",
        "risk = {}",
        "risk = { daily_loss = 3, accounts = { a = { working_orders = 1 } } } # inline\n",
        "risk.accounts.a.working_orders = 1\n# dotted\nrisk.daily_loss = 4",
        "[risk]\naccounts.a.daily_loss = 3 # dotted below\n[chart]\n",
        "[risk.accounts]\na = { daily_loss = 3 }\nb = { daily_loss = 4 }\n",
        "[risk.accounts.a.markets.m]\ndaily_loss = 3\n[chart]\n[risk]\n# last\n[risk.accounts.b]\n",
        "[risk]\r\ndaily_loss = 3\r\n\r\n[chart]\r\nperiod = '5m'\r\n",
    ],
)
def test_every_way_to_write_a_table_can_be_changed(text):
    wanted = tomllib.loads(text)
    for change in (
        {("risk", "accounts", "a", "daily_loss"): 5},
        {("risk", "accounts", "a", "markets", "m", "daily_loss"): 6.5},
        {("risk", "accounts", "a", "daily_loss"): "off"},
        {("risk", "accounts", "a", "daily_loss"): GONE},
    ):
        wanted, text = tables_with(wanted, change), with_changes(text, change)
        found = tomllib.loads(text)
        assert found["risk"]["accounts"]["a"] == wanted["risk"]["accounts"]["a"]
    for comment in ("# last", "# nothing yet", "# inline", "# dotted\n"):
        assert text.count(comment) <= 1


_NAME = st.sampled_from(["a", "ib.main", "x y"])
_PLACE = st.one_of(
    st.tuples(st.just("risk"), st.just("accounts"), _NAME, st.sampled_from(["k", "l"])),
    st.tuples(*map(st.just, ("risk", "accounts")), _NAME, st.just("markets"), _NAME, _NAME),
    st.tuples(st.just("arming"), st.just("accounts"), _NAME, st.sampled_from(["k", "l"])),
)
_VALUE = st.one_of(st.integers(1, 99), st.just("off"), st.booleans(), st.just(0.5), st.just(GONE))


@given(st.lists(st.tuples(_PLACE, _VALUE), max_size=12))
def test_no_order_of_changes_is_refused_or_loses_a_comment(changes):
    text, wanted = TEXT, tomllib.loads(TEXT)
    for place, value in changes:
        wanted = tables_with(wanted, {place: value})
        text = with_changes(text, {place: value})
    assert _leaves(tomllib.loads(text)) == _leaves(wanted)
    for comment in ("# mine", "# of everyone", "# a bad day", "# the account", "# what the chart"):
        assert comment in text
    assert text.index("# what the chart shows\n[chart]")


def _leaves(tables: dict, path: tuple[str, ...] = ()) -> dict:
    found = {}
    for name, value in tables.items():
        own = _leaves(value, (*path, name)) if isinstance(value, dict) else {(*path, name): value}
        found.update(own)
    return found
