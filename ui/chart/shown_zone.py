"""Whose time the time axis shows."""

from PyQt6.QtCore import QTimeZone

from ui.zone_choice import COMPUTER, EXCHANGE


def zone_of(choice: str, exchange: str) -> str:
    """Return the IANA name of what was chosen.

    Parameters
    ----------
    choice : str
        ``exchange``, ``computer``, or an IANA name.
    exchange : str
        The zone of the market.
    """
    if choice == EXCHANGE:
        return exchange
    if choice != COMPUTER:
        return choice
    return bytes(QTimeZone.systemTimeZoneId().data()).decode() or "UTC"
