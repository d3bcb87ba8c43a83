"""A field for an amount that may be large: no digit of it is left out of sight for nothing."""

from PyQt6.QtWidgets import QDoubleSpinBox


class AmountField(QDoubleSpinBox):
    """Writes a whole amount without decimals: ``1,000,000`` where ``1,000,000.00`` is cut.

    What does not fit all the same is in its tool tip.
    """

    def textFromValue(self, value: float) -> str:
        """Return the amount; the cents only where there are any."""
        text: str = super().textFromValue(value)
        whole, point, part = text.partition(".")
        return text if part.strip("0") or not point else whole
