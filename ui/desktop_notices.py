"""Notifications of the desktop, for who looks elsewhere; quiet where the desktop has none."""

import asyncio
import importlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final

from ui.announcements import Announcement
from ui.config import NotifyConfig

log = logging.getLogger(__name__)

MOST: Final = 4
WITHIN_S: Final = 10.0
"""No more than so many notifications in so many seconds; the next one tells how many were not."""
_PATIENCE_S: Final = 5.0

Send = Callable[[str, str, bool], Awaitable[None]]
"""Shows a title and a text, with a sound if True; raises if the desktop does not take it."""


class DesktopNotices:
    """Shows announcements that the user wants to see.

    Parameters
    ----------
    config
        What is wanted.
    send
        Hands one to the desktop.
    start
        Runs a coroutine in the background, under a name.
    beep
        The sound of an alert where the desktop takes no notification.
    clock_s
        Any steady clock, seconds.
    """

    def __init__(
        self,
        config: NotifyConfig,
        send: Send,
        start: Callable[..., None],
        beep: Callable[[], None],
        clock_s: Callable[[], float],
    ) -> None:
        self._config = config
        self._send = send
        self._start = start
        self._beep = beep
        self._clock_s = clock_s
        self._shown: deque[float] = deque(maxlen=MOST)
        self._left_out = 0
        self.unavailable = ""
        """Why the desktop takes none; empty while it does, or was not asked yet."""

    def announce(self, news: Announcement) -> None:
        """Show it, unless the user has turned its kind off or there were too many of late."""
        if not self._config.wants(news.kind):
            return
        sound = self._config.sound and news.kind == "alert"
        if self.unavailable or not self._config.desktop:
            if sound:
                self._beep()
            return
        now = self._clock_s()
        if len(self._shown) == MOST and now - self._shown[0] < WITHIN_S:
            self._left_out += 1
            return
        self._shown.append(now)
        more, self._left_out = self._left_out, 0
        text = "\n".join(filter(None, (news.text, f"and {more} more before it" if more else "")))
        self._start(self._hand_over(news.title, text, sound), "a desktop notification")

    async def _hand_over(self, title: str, text: str, sound: bool) -> None:
        """Send one, and take any failure for what it is: a desktop without notifications."""
        sending = self._send_in_time(title, text, sound)
        (failure,) = await asyncio.gather(sending, return_exceptions=True)
        if isinstance(failure, asyncio.CancelledError):
            raise failure
        if isinstance(failure, BaseException):
            self.unavailable = str(failure) or type(failure).__name__
            log.info("no desktop notifications: %s", self.unavailable)
            if sound:
                self._beep()

    async def _send_in_time(self, title: str, text: str, sound: bool) -> None:
        async with asyncio.timeout(_PATIENCE_S):
            await self._send(title, text, sound)


class DesktopSender:
    """Hands notifications to this desktop; the library is loaded at the first one, in a thread."""

    def __init__(self) -> None:
        self._library: Any = None
        self._notifier: Any = None

    async def __call__(self, title: str, text: str, sound: bool) -> None:
        """Show one; raises if the desktop does not take it."""
        if self._notifier is None:
            self._library = await asyncio.to_thread(importlib.import_module, "desktop_notifier")
            self._notifier = self._library.DesktopNotifier(app_name="ordermode")
        await self._notifier.get_capabilities()  # unlike `send`, it raises without a desktop
        chime = self._library.DEFAULT_SOUND if sound else None
        await self._notifier.send(title=title, message=text, sound=chime)
