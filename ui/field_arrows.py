"""The arrows of choices and number fields: a style sheet that replaces the frame loses them."""

from typing import Final

from ui import theme

# A triangle is a box of no size: its side borders have the colour of the ground.
_SIDES: Final = f"4px solid {theme.BACKGROUND}"
_FRONT: Final = f"5px solid {theme.TEXT_MUTED}"

FIELD_ARROWS: Final = f"""
QComboBox::down-arrow {{
    width: 0; height: 0; margin-right: 6px;
    border-left: {_SIDES}; border-right: {_SIDES}; border-top: {_FRONT};
}}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{
    width: 18px; border: none; background: transparent;
}}
QAbstractSpinBox::up-arrow {{
    width: 0; height: 0; border-left: {_SIDES}; border-right: {_SIDES}; border-bottom: {_FRONT};
}}
QAbstractSpinBox::down-arrow {{
    width: 0; height: 0; border-left: {_SIDES}; border-right: {_SIDES}; border-top: {_FRONT};
}}
"""
"""Style sheet for a widget that holds such fields."""
