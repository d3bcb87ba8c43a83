"""Cancel on disconnect: when the venue is told that this EMS is well."""

from ems.disconnect_guard import DisconnectGuard
from ems.messages import ClientMsg, Notice


class Dialogue:
    """A conversation whose venue has a switch."""

    opening = None

    def __init__(self) -> None:
        self.renewed: list[tuple[str, int]] = []
        self.released: list[str] = []
        self.down = False

    def send(self, request) -> None: ...

    def renew_switch(self, account: str, after_s: int) -> None:
        if self.down:
            raise ConnectionError("gone")
        self.renewed.append((account, after_s))

    async def release_switch(self, account: str) -> None:
        if self.down:
            raise ConnectionError("gone")
        self.released.append(account)


class NoSwitch:
    """A conversation whose venue has none."""

    opening = None

    def send(self, request) -> None: ...


class Desk:
    """A guard, its venue and a clock."""

    def __init__(self, dialogue: object) -> None:
        self.up = True
        self.now_s = 100.0
        self.told: list[ClientMsg] = []
        self.guard = DisconnectGuard(
            {"moon.main": 30},
            {"moon": dialogue},  # type: ignore[dict-item]
            lambda broker: self.up,
            lambda: 1,
            self.told.append,
            lambda: self.now_s,
        )

    def after(self, seconds: float) -> None:
        self.now_s += seconds
        self.guard.look()

    @property
    def notices(self) -> list[str]:
        return [msg.text for msg in self.told if isinstance(msg, Notice)]


def test_it_is_renewed_three_times_in_its_time_and_told_of_once():
    venue = Dialogue()
    desk = Desk(venue)
    for _ in range(31):
        desk.after(1)
    assert venue.renewed == [("moon.main", 30)] * 4
    [text] = desk.notices
    assert "EVERY order of the account, those of other programs and stops" in text


def test_it_is_renewed_at_once_when_the_line_is_back():
    venue = Dialogue()
    desk = Desk(venue)
    desk.after(1)
    desk.up = False
    desk.after(20)
    assert len(venue.renewed) == 1
    desk.up = True
    desk.after(0.1)
    assert len(venue.renewed) == 2


def test_a_line_that_breaks_meanwhile_is_no_fault():
    venue = Dialogue()
    desk = Desk(venue)
    venue.down = True
    desk.after(1)
    assert (venue.renewed, desk.notices) == ([], [])
    venue.down = False
    desk.after(0.1)
    assert len(venue.renewed) == 1


async def test_released_it_is_renewed_no_more():
    venue = Dialogue()
    desk = Desk(venue)
    desk.after(1)
    await desk.guard.release("moon.main")
    assert venue.released == ["moon.main"]
    desk.after(60)
    assert len(venue.renewed) == 1


async def test_one_that_was_never_set_is_not_released_and_a_broken_line_is_no_error():
    venue = Dialogue()
    desk = Desk(venue)
    await desk.guard.release()
    assert venue.released == []
    desk = Desk(venue)
    desk.after(1)
    venue.down = True
    await desk.guard.release()


def test_a_venue_without_a_switch_says_so_once():
    desk = Desk(NoSwitch())
    desk.after(1)
    desk.after(60)
    assert desk.notices == ["moon.main: its venue has no cancel on disconnect."]
