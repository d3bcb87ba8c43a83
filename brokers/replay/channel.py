"""One market being played to its subscribers, by one asyncio task, frame by frame."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from brokers.replay.cursor import Cursor
from brokers.replay.playable import Playable
from brokers.replay.player import Player
from brokers.replay.tape import Place
from ems.ports import TickSink, Unsubscribe
from ems.ticks import Tick

FRAME_S: Final = 0.015
_SLICE_NS: Final = 5_000_000
"""The longest that ticks are played before the loop has its turn again."""
_LONGEST_FRAME_NS: Final = 250_000_000
"""A loop that was blocked for longer plays on, it does not make up for the time."""
_KEEP_EVERY_NS: Final = 250_000_000
"""After a kill the play begins so much earlier than its newest fill, at most."""


@dataclass(frozen=True, slots=True)
class Timer:
    """The real time that the play is paced by; a test brings its own."""

    clock: Callable[[], int] = time.perf_counter_ns
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(slots=True)
class Pace:
    """How all markets of the feed play."""

    speed: float
    paused: bool = False
    resumed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the pause ends."""


class Channel:
    """The play of one market: it runs while somebody is subscribed."""

    def __init__(
        self,
        playable: Playable,
        start: Place,
        cursor: Cursor,
        pace: Pace,
        timer: Timer,
        on_remark: Callable[[str], None],
    ) -> None:
        self.market = playable.market
        self.tape = playable.tape
        self.player = Player(playable.tape, start)
        self._cursor = cursor
        self._pace = pace
        self._timer = timer
        self._on_remark = on_remark
        self._sinks: dict[object, TickSink] = {}
        self._task: asyncio.Task[None] | None = None
        self._kept_ns = timer.clock()

    @property
    def playing(self) -> bool:
        """True while somebody is subscribed."""
        return bool(self._sinks)

    def subscribe(self, sink: TickSink) -> Unsubscribe:
        """Deliver to the sink from now on; call the result to stop."""
        key = object()
        self._sinks[key] = sink

        def unsubscribe() -> None:
            self._sinks.pop(key, None)
            if not self._sinks:
                self.stop()

        if self._task is None:
            self._task = asyncio.create_task(self._play(), name=f"replay {self.market.fqsn}")
            self._task.add_done_callback(self._ended)
        return unsubscribe

    def step(self) -> None:
        """Play up to the next change of price."""
        self._deliver(self.player.take_step())

    def stop(self) -> None:
        """End the play and keep the place."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
            self.keep_place()

    def keep_place(self) -> None:
        """Write down where the play is; a disk that refuses is a remark, no end of the play."""
        self._kept_ns = self._timer.clock()
        try:
            self._cursor.save(self.tape, self.player.place, self.player.time_ns)
        except OSError as error:
            self._on_remark(
                f"The place in {self.market.fqsn} cannot be kept ({error}); "
                "the next start begins where it was kept last."
            )

    async def _play(self) -> None:
        before_ns = self._timer.clock()
        while not self.player.at_end:
            if self._pace.paused:
                await self._pace.resumed.wait()
                before_ns = self._timer.clock()
                continue
            now_ns = self._timer.clock()
            self._play_frame(min(now_ns - before_ns, _LONGEST_FRAME_NS))
            before_ns = now_ns
            if now_ns - self._kept_ns >= _KEEP_EVERY_NS:
                self.keep_place()
            await self._timer.sleep(0 if math.isinf(self._pace.speed) else FRAME_S)

    def _play_frame(self, elapsed_ns: int) -> None:
        """Deliver what fell due, for as long as a slice of time allows."""
        self.player.advance(elapsed_ns, self._pace.speed)
        end_ns = self._timer.clock() + _SLICE_NS
        while self._goes_on and (batch := self.player.take_due()):
            self._deliver(batch)
            if self._timer.clock() >= end_ns:
                self.player.forget_due()
                return

    @property
    def _goes_on(self) -> bool:
        """False once a sink has paused the feed or was the last one to leave."""
        return self.playing and not self._pace.paused

    def _deliver(self, batch: list[Tick]) -> None:
        if batch:
            for sink in tuple(self._sinks.values()):
                sink(batch)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Say so if the play failed: a sink that raises is a bug, and the play stops there."""
        if self._task is task:
            self._task = None
            self.keep_place()
        error = None if task.cancelled() else task.exception()
        if error is not None:
            task.get_loop().call_exception_handler(
                {
                    "message": f"the replay of {self.market.fqsn} stopped",
                    "exception": error,
                    "task": task,
                }
            )
