"""The replay as a feed that can be paused, stepped and played at any speed."""

from collections.abc import Sequence
from pathlib import Path

from brokers.replay.channel import Channel, Pace, Timer
from brokers.replay.cursor import Cursor
from brokers.replay.playable import Playable
from brokers.replay.tape import Place, Tape, history, last_ticks
from brokers.replay.time_column import iso_time
from ems.errors import BadHistory, UnknownMarket
from ems.market import Market
from ems.ports import TickSink, Unsubscribe
from ems.ticks import Bars


class ReplayFeed:
    """Recorded markets as a live feed; implements `ems.ports.Feed` and `ems.ports.Playback`.

    The controls act on all markets; ``time_ns``, ``at_end``, ``start_ns`` and ``end_ns`` tell of
    the first one that somebody is subscribed to, or of the first one if nobody is.
    """

    name = "replay"

    def __init__(
        self,
        playables: Sequence[Playable],
        state_dir: Path,
        *,
        start_ns: int | None = None,
        speed: float | None = None,
        timer: Timer | None = None,
    ) -> None:
        """Make the feed; it plays a market once it has a subscriber, on the running loop.

        Parameters
        ----------
        playables : sequence of Playable
            The markets, the one that the user asked for first; one at least.
        state_dir : Path
            Where the places are kept.
        start_ns : int, optional
            Where the first market begins, UTC ns; wins over the place that was kept.
        speed : float, optional
            Recorded seconds a second, ``inf`` for as fast as the machine goes.
        timer : Timer, optional
            The real time, for tests.

        Raises
        ------
        BadHistory
            If ``start_ns`` is after the end of the recording.
        """
        self._remarks = [text for playable in playables for text in playable.remarks]
        self._pace = Pace(playables[0].speed)
        self._channels: dict[str, Channel] = {}
        for playable in playables:
            cursor = Cursor(state_dir, playable.market.fqsn)
            if start_ns is not None and playable is playables[0]:
                start = _asked_for(playable, start_ns)
            else:
                start = self._kept(playable, cursor)
            self._channels[playable.market.fqsn] = Channel(
                playable, start, cursor, self._pace, timer or Timer(), self._remark
            )
        if speed is not None:
            self.speed = speed

    # ---- Feed

    @property
    def markets(self) -> tuple[Market, ...]:
        """The markets that can be played, the one asked for first."""
        return tuple(channel.market for channel in self._channels.values())

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the user should know about the data, a sentence each."""
        return tuple(self._remarks)

    async def search(self, text: str) -> list[Market]:
        """Return the markets whose name or description contains the text, in any case."""
        wanted = text.lower()
        return [m for m in self.markets if wanted in f"{m.fqsn} {m.description}".lower()]

    async def market(self, fqsn: str) -> Market:
        """Return the market; raises `UnknownMarket`."""
        return self._channel(fqsn).market

    async def bars(
        self, fqsn: str, period_ns: int, *, end_ns: int | None = None, count: int = 1000
    ) -> Bars:
        """Return up to ``count`` bars of what has been played, the last perhaps unfinished.

        Bars start at whole multiples of the period in UTC. Nothing that is still to be played
        is ever in them.

        Raises
        ------
        UnknownMarket
            If no market has this name.
        BadHistory
            If the recording has bars that do not add up to this period; see `period_ns`.
        """
        channel = self._channel(fqsn)
        return history(channel.tape, channel.player.place, period_ns, end_ns, count)

    def knows_ticks(self, fqsn: str) -> bool:
        """Tell whether the market was recorded tick by tick."""
        return self._channel(fqsn).tape.period_ns == 1

    async def ticks(self, fqsn: str, *, end_ns: int | None = None, count: int = 1000) -> Bars:
        """Return up to ``count`` ticks of what has been played; none of a recording of bars."""
        channel = self._channel(fqsn)
        return last_ticks(channel.tape, channel.player.place, end_ns, count)

    async def subscribe(self, fqsn: str, sink: TickSink) -> Unsubscribe:
        """Deliver each batch of ticks to ``sink`` from now on; call the result to stop.

        The first subscriber of a market starts its play. A sink that raises stops it, and the
        loop's exception handler gets the exception.
        """
        return self._channel(fqsn).subscribe(sink)

    def period_ns(self, fqsn: str) -> int:
        """Return the shortest period of bars: that of the recorded bars, 1 ns for ticks."""
        return self._channel(fqsn).tape.period_ns

    # ---- Playback

    @property
    def speed(self) -> float:
        """Recorded seconds a second; ``inf`` = as fast as the machine goes."""
        return self._pace.speed

    @speed.setter
    def speed(self, speed: float) -> None:
        if not speed > 0:
            raise ValueError(f"a speed of {speed} does not play; give one above 0, or pause")
        self._pace.speed = float(speed)

    @property
    def paused(self) -> bool:
        """True while no market plays on its own."""
        return self._pace.paused

    @paused.setter
    def paused(self, paused: bool) -> None:
        self._pace.paused = paused
        if paused:
            self._pace.resumed.clear()
        else:
            self._pace.resumed.set()

    @property
    def time_ns(self) -> int:
        """The recording's time, UTC ns: that of the last tick played."""
        return self._first.player.time_ns

    @property
    def at_end(self) -> bool:
        """True once the last tick is played."""
        return self._first.player.at_end

    @property
    def start_ns(self) -> int:
        """Time of the recording's first tick, UTC ns."""
        return int(self._first.tape.page(0).time[0])

    @property
    def end_ns(self) -> int | None:
        """Time of the recording's last tick, UTC ns; None if it never ends."""
        return _end_ns(self._first.tape)

    def step(self) -> None:
        """Play the ticks of each subscribed market up to its next change of price; then pause."""
        self.paused = True
        for channel in self._channels.values():
            if channel.playing:
                channel.step()

    def close(self) -> None:
        """End the play and keep the places; the feed can be subscribed to again."""
        for channel in self._channels.values():
            channel.stop()

    # ---- ours

    @property
    def _first(self) -> Channel:
        channels = list(self._channels.values())
        return next((channel for channel in channels if channel.playing), channels[0])

    def _channel(self, fqsn: str) -> Channel:
        try:
            return self._channels[fqsn]
        except KeyError:
            there = ", ".join(self._channels)
            raise UnknownMarket(f"the replay has no market {fqsn!r}; it has {there}") from None

    def _remark(self, text: str) -> None:
        if text not in self._remarks:
            self._remarks.append(text)

    def _kept(self, playable: Playable, cursor: Cursor) -> Place:
        """The place that was kept, else where the first play begins."""
        fqsn = playable.market.fqsn
        try:
            place = cursor.load(playable.tape)
        except BadHistory as error:
            self._remark(f"{fqsn} begins afresh: {error}.")
            return playable.start
        if place is not None and place.page == playable.tape.pages:
            self._remark(f"{fqsn} was played to its end and begins afresh.")
            return playable.start
        return playable.start if place is None else place


def _asked_for(playable: Playable, start_ns: int) -> Place:
    place = playable.tape.find(start_ns)
    if place.page == playable.tape.pages:
        first_ns, last_ns = int(playable.tape.page(0).time[0]), _end_ns(playable.tape) or 0
        raise BadHistory(
            f"{playable.market.fqsn} ends before {iso_time(start_ns)}; choose a start "
            f"between {iso_time(first_ns)} and {iso_time(last_ns)}"
        )
    return place


def _end_ns(tape: Tape) -> int | None:
    return None if tape.pages is None else int(tape.page(tape.pages - 1).time[-1])
