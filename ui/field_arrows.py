"""The arrows of choices and number fields: a style sheet that replaces the frame loses them."""

from ui import theme


def field_arrows() -> str:
    """Return the style sheet for a widget that holds such fields."""
    # A triangle is a box of no size: its side borders have the colour of the ground.
    sides = f"4px solid {theme.BACKGROUND}"
    front = f"5px solid {theme.TEXT_MUTED}"
    return f"""
QComboBox::down-arrow {{
    width: 0; height: 0; margin-right: 6px;
    border-left: {sides}; border-right: {sides}; border-top: {front};
}}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{
    width: 18px; border: none; background: transparent;
}}
QAbstractSpinBox::up-arrow {{
    width: 0; height: 0; border-left: {sides}; border-right: {sides}; border-bottom: {front};
}}
QAbstractSpinBox::down-arrow {{
    width: 0; height: 0; border-left: {sides}; border-right: {sides}; border-top: {front};
}}
    """
