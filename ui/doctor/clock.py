"""Whether this machine's clock is kept right: order times and deadlines are by it.

Only the kernel is asked, no time server: every program that keeps a clock right tells it.
"""

import ctypes
import os
import sys
from collections.abc import Callable
from typing import Final

import msgspec

from ui.doctor.finding import Finding, ok, warn

_SUBJECT: Final = "clock"
_UNSYNCHRONISED: Final = 0x40
_MUCH_S: Final = 0.5
_MEND: Final = (
    "turn time synchronisation on: sudo timedatectl set-ntp true, or install chrony; "
    "in a container or a virtual machine, on the machine below it"
)


class KernelClock(msgspec.Struct, frozen=True):
    """What the kernel knows of how right its clock is."""

    synchronised: bool
    error_s: float
    """The most that it may be wrong by, in seconds."""


class _Timex(ctypes.Structure):
    """``struct timex`` of Linux, as far as it is read here."""

    _fields_ = (
        ("modes", ctypes.c_uint),  # 0: nothing is set
        ("offset", ctypes.c_long),
        ("frequency", ctypes.c_long),
        ("max_error_us", ctypes.c_long),
        ("estimated_error_us", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 512),
    )


def read_kernel_clock() -> KernelClock:
    """Return the kernel's own opinion of its clock.

    Raises
    ------
    OSError
        If this system does not tell.
    """
    if not sys.platform.startswith("linux"):
        raise OSError("this system does not tell programs how right its clock is")
    timex = _Timex()
    library = ctypes.CDLL(None, use_errno=True)
    if library.adjtimex(ctypes.byref(timex)) == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return KernelClock(not timex.status & _UNSYNCHRONISED, timex.max_error_us / 1e6)


def check_clock(read: Callable[[], KernelClock] = read_kernel_clock) -> Finding:
    """Return whether something keeps the clock right."""
    try:
        clock = read()
    except OSError as error:
        return warn(_SUBJECT, f"cannot be told: {error.strerror or error}", _MEND)
    if not clock.synchronised:
        return warn(_SUBJECT, "nothing keeps it right", _MEND)
    if clock.error_s > _MUCH_S:
        return warn(_SUBJECT, f"may be wrong by {clock.error_s:.1f} s", _MEND)
    return ok(_SUBJECT, f"kept right, within {clock.error_s:.3f} s")


def check_offset(venue: str, offset_s: float) -> Finding:
    """Return whether our clock agrees with a venue's; ``offset_s`` is ours less theirs."""
    where = "ahead of" if offset_s > 0 else "behind"
    text = f"{abs(offset_s):.1f} s {where} {venue}'s"
    if abs(offset_s) > _MUCH_S * 4:
        return warn(_SUBJECT, text, _MEND)
    return ok(_SUBJECT, text)
