"""What an alert says and how long it stands."""

from dataclasses import dataclass

from msgspec.structs import replace

from ems.messages import Order


@dataclass(frozen=True, slots=True)
class AlertTerms:
    """Of an alert, besides its price."""

    note: str = ""
    repeats: bool = False
    expires_ns: int | None = None
    """UTC; None = never."""

    def applied(self, alert: Order) -> Order:
        """Return the alert with these terms."""
        return replace(
            alert,
            note=self.note,
            repeats=self.repeats,
            expires_ns=self.expires_ns,
        )
