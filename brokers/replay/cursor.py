"""Where a replay stopped: one small file a market, so that the next start goes on from there."""

from pathlib import Path
from typing import Final

import msgspec

from brokers.replay.tape import Place, Tape
from ems.errors import BadHistory

_encoder: Final = msgspec.json.Encoder()


class _Saved(msgspec.Struct, frozen=True, kw_only=True):
    tape: str
    """The tape's fingerprint."""
    page: int
    row: int
    time_ns: int
    """For people who look into the file."""


class Cursor:
    """The kept place of one market."""

    def __init__(self, state_dir: Path, fqsn: str) -> None:
        self._path = state_dir / f"{fqsn}.cursor.json"
        self._saved: _Saved | None = None

    def load(self, tape: Tape) -> Place | None:
        """Return the kept place, None if none was kept.

        Raises
        ------
        BadHistory
            If what was kept cannot be read or is no place on this tape.
        """
        try:
            data = self._path.read_bytes()
            saved = msgspec.json.decode(data, type=_Saved)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadHistory(f"the place kept in {self._path} cannot be read ({error})") from error
        place = Place(saved.page, saved.row)
        if saved.tape != tape.fingerprint:
            raise BadHistory(f"the place kept in {self._path} belongs to other data or options")
        if not _is_on(tape, place):
            raise BadHistory(f"the place kept in {self._path} is not in the recording")
        return place

    def save(self, tape: Tape, place: Place, time_ns: int) -> None:
        """Keep the place; the file is whole at any moment, whatever happens to the program.

        Raises
        ------
        OSError
            If the disk refuses it; the place kept before is still there.
        """
        saved = _Saved(tape=tape.fingerprint, page=place.page, row=place.row, time_ns=time_ns)
        if saved == self._saved:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_bytes(_encoder.encode(saved))
        fresh.replace(self._path)
        self._saved = saved


def _is_on(tape: Tape, place: Place) -> bool:
    if place.page < 0 or place.row < 0:
        return False
    if tape.pages is not None and place.page >= tape.pages:
        return place == (tape.pages, 0)
    return place.row < len(tape.page(place.page).time)
