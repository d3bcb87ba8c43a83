"""A dynamic property that the style sheet looks at, as in ``#accountBadge[live="true"]``."""

from PyQt6.QtWidgets import QWidget


def set_style_property(widget: QWidget, name: str, value: object) -> None:
    """Set a property of a widget; if it changed, apply the style sheet anew to all in it."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    style = widget.style()
    assert style is not None
    for one in (widget, *widget.findChildren(QWidget)):
        style.unpolish(one)
        style.polish(one)
