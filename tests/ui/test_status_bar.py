"""The status bar: what a key press would do, how old the prices are, who is connected."""

import pytest
from PyQt6.QtWidgets import QLabel, QVBoxLayout, QWidget

from ems.messages import Connection, Notice
from ems.ports import Usage
from ui.status_bar import StatusBar
from ui.tables.orders import OrderCounts


@pytest.fixture
def bar(qtbot):
    bar = StatusBar("Ready: hold f buy, d sell, a alert")
    qtbot.addWidget(bar)
    return bar


def test_it_says_whether_the_keys_of_the_chart_would_be_heard(bar):
    assert bar.mode.text() == "Click the chart to trade on it"
    bar.set_chart_focus(True)
    assert bar.mode.text() == "Ready: hold f buy, d sell, a alert"
    bar.set_staged("BUY 25 dark, paper")
    assert (bar.mode.text(), bar.mode.property("state")) == ("BUY 25 dark, paper", "staged")
    bar.set_chart_focus(False)
    assert bar.mode.property("state") == "off"


@pytest.mark.parametrize(
    ("state", "more", "words"),
    [
        ("none", {}, "NO FEED"),
        ("live", {}, "LIVE FEED"),
        ("replay", {"speed": 30.0}, "REPLAY 30x"),
        ("replay", {"speed": float("inf")}, "REPLAY max"),
        ("paused", {"speed": 30.0}, "REPLAY paused"),
        ("ended", {}, "REPLAY ended"),
    ],
)
def test_the_feed_in_words(bar, state, more, words):
    bar.set_feed(state, **more)
    assert (bar.feed.text(), bar.feed.property("state")) == (words, state)


@pytest.mark.parametrize(
    ("age_s", "words", "state"),
    [
        (0.2, "last tick <1 s ago", ""),
        (9.4, "last tick 9 s ago", ""),
        (10.0, "last tick 10 s ago", "old"),
        (600.0, "last tick 10 min ago", "old"),
        (None, "", ""),
    ],
)
def test_an_old_tick_stands_out(bar, age_s, words, state):
    bar.set_feed("live", age_s=age_s)
    assert (bar.age.text(), bar.age.property("state")) == (words, state)


def test_a_paused_replay_has_no_old_tick(bar):
    bar.set_feed("paused", age_s=600.0)
    assert bar.age.text() == ""


def test_a_broker_that_is_down_stands_out(bar):
    assert bar.brokers.text() == "EMS: no broker"
    bar.on_msg(Connection(broker="paper", up=True, time_ns=1))
    bar.on_msg(Connection(broker="ib", up=True, time_ns=1))
    assert (bar.brokers.text(), bar.brokers.property("state")) == ("EMS: ib, paper", "up")
    bar.on_msg(Connection(broker="ib", up=False, time_ns=2))
    assert bar.brokers.text() == "EMS: ib DISCONNECTED, paper"
    assert bar.brokers.property("state") == "down"
    bar.on_msg(Notice(time_ns=3, level="info", text="for others"))
    assert bar.brokers.property("state") == "down"


def test_counts_of_orders(bar):
    bar.set_counts(OrderCounts(at_venue=3, dark=2, alerts=1))
    assert bar.counts.text() == "3 at venue   2 dark   1 alert"
    bar.set_counts(OrderCounts())
    assert bar.counts.text() == "0 at venue   0 dark   0 alerts"


def words_of(bar) -> list[str]:
    """What stands there; a text that is cut with an ellipsis."""
    shown = [label for label in bar.findChildren(QLabel) if label.isVisible() and label.text()]
    return [
        label.text() if label.width() >= label.sizeHint().width() else f"{label.text()[:9]}…"
        for label in shown
    ]


def test_where_there_is_no_room_what_is_as_usual_goes_and_nothing_is_cut(qtbot):
    window, bar = QWidget(), StatusBar()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(bar)
    window.show()
    for name in ("ib.another", "paper"):
        bar.on_msg(Connection(broker=name, up=True, time_ns=1))
    bar.set_feed("live", age_s=2.0)
    bar.set_usage(Usage(used=20, limit=125))
    bar.set_counts(OrderCounts(at_venue=12, dark=10, alerts=11))
    mode = "Click: live buy 25 stop at 104,304.13 (LIVE ib.another)"
    bar.set_staged(mode)
    calm = ["last tick 2 s ago", "requests 20 of 125", "EMS: ib.another, paper"]
    for width, gone in ((1600, 0), (1150, 1), (1000, 2), (850, 3), (1600, 0)):
        window.resize(width, 40)
        words = [mode, "LIVE FEED", *calm[gone:], "12 at venue   10 dark   11 alerts"]
        qtbot.waitUntil(lambda words=words: sorted(words_of(bar)) == sorted(words), timeout=5000)
    window.resize(850, 40)
    bar.set_chart_focus(False)
    bar.on_msg(Connection(broker="paper", up=False, time_ns=2))
    qtbot.waitUntil(lambda: "EMS: ib.another, paper DISCONNECTED" in words_of(bar), timeout=5000)
