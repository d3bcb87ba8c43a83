"""What is announced, how often, and what happens where the desktop takes nothing."""

import asyncio
import gc
from decimal import Decimal

import pytest

from ems.messages import Connection, Notice
from tests.sims.scripted_ems import FQSN, MARKET, fill, order, status
from ui.announcements import Announcement, announcement
from ui.config import NotifyConfig
from ui.desktop_notices import MOST, WITHIN_S, DesktopNotices, DesktopSender

MARKETS = {FQSN: MARKET}
ALERT = order("a1", action="alert", exec_mode="dark", size=Decimal(0), note="look")
ORDER = order()


@pytest.mark.parametrize(
    ("msg", "kind", "words"),
    [
        (status(ALERT, "triggered"), "alert", "reached 100.00"),
        (status(ORDER, "fill", brokerd_msg=fill(ORDER)), "fill", "Filled: buy 10"),
        (status(ORDER, "error", reason="no funds"), "refusal", "Refused: buy 30 at 100.00"),
        (status(ORDER, "open", refused="cancel", reason="late"), "refusal", "Refused"),
        (Connection(broker="ib", up=False, time_ns=1, reason="gone"), "connection", "ib lost"),
    ],
)
def test_what_is_announced(msg, kind, words):
    news = announcement(msg, MARKETS)
    assert news is not None
    assert news.kind == kind
    assert words in news.title


@pytest.mark.parametrize(
    "msg",
    [
        status(ORDER, "open"),
        status(ORDER, "canceled"),
        status(order(exec_mode="dark"), "triggered"),
        Connection(broker="ib", up=True, time_ns=1),
        Notice(time_ns=1, level="info", text="hello"),
    ],
)
def test_what_is_not(msg):
    assert announcement(msg, MARKETS) is None


class Desk:
    def __init__(self, **config):
        self.sent = []
        self.works = []
        self.beeps = 0
        self.now = 0.0
        self.error = None
        self.notices = DesktopNotices(
            NotifyConfig(**config),
            self.send,
            lambda work, name: self.works.append(work),
            self.beep,
            lambda: self.now,
        )

    async def send(self, title, text, sound):
        if self.error is not None:
            raise self.error
        self.sent.append((title, text, sound))

    def beep(self):
        self.beeps += 1

    async def announce(self, kind="alert", times=1):
        for number in range(times):
            self.notices.announce(Announcement(kind, f"{kind} {number}", "text"))
        for work in self.works:
            await work
        self.works.clear()


async def test_an_alert_is_shown_with_a_sound_and_a_fill_without():
    desk = Desk()
    await desk.announce("alert")
    await desk.announce("fill")
    assert [(title, sound) for title, _, sound in desk.sent] == [
        ("alert 0", True),
        ("fill 0", False),
    ]


@pytest.mark.parametrize(
    ("off", "kind"),
    [("alerts", "alert"), ("fills", "fill"), ("refusals", "refusal"), ("connection", "connection")],
)
async def test_what_is_turned_off_is_not_shown(off, kind):
    desk = Desk(**{off: False})
    await desk.announce(kind)
    assert desk.sent == []
    assert desk.beeps == 0


async def test_without_the_desktop_an_alert_still_makes_its_sound():
    desk = Desk(desktop=False)
    await desk.announce("alert")
    await desk.announce("fill")
    assert (desk.sent, desk.beeps) == ([], 1)
    silent = Desk(desktop=False, sound=False)
    await silent.announce("alert")
    assert silent.beeps == 0


async def test_a_storm_is_throttled_and_told_of():
    desk = Desk()
    await desk.announce("fill", times=50)
    assert len(desk.sent) == MOST
    desk.now = WITHIN_S + 1
    await desk.announce("fill")
    assert len(desk.sent) == MOST + 1
    assert f"and {50 - MOST} more" in desk.sent[-1][1]


async def test_a_desktop_that_takes_none_is_asked_once_and_the_alert_beeps():
    desk = Desk()
    desk.error = OSError("no bus")
    await desk.announce("alert")
    assert desk.notices.unavailable == "no bus"
    desk.error = None
    await desk.announce("alert")
    assert desk.sent == []
    assert desk.beeps == 2


async def test_a_machine_without_a_notification_service_raises_quickly():
    with pytest.raises((OSError, ValueError)):
        await asyncio.wait_for(DesktopSender()("title", "text", False), 20)


async def test_one_that_is_cancelled_before_it_begins_leaves_no_coroutine_behind(recwarn):
    desk = Desk()
    desk.notices.announce(Announcement("alert", "AAPL reached 5", ""))
    task = asyncio.get_running_loop().create_task(desk.works.pop())
    await asyncio.sleep(0)  # it has begun, what it waits for has not
    task.cancel()
    await asyncio.wait({task})  # not `await task`: its traceback would hold the frames
    del task
    gc.collect()
    assert [str(warning.message) for warning in recwarn] == []
    assert desk.sent == []
