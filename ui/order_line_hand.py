"""The left button on order lines: dragging one, its cross, dismissing a red one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PyQt6.QtCore import QPointF, Qt

from order_mode.line import POSITION_KEY, Button
from order_mode.order_mode import OrderMode
from ui.label_buttons import tip
from ui.line_choices import LineChoices
from ui.order_lines import OrderLines

DRAG_DISTANCE: Final = 4.0
"""A press becomes a drag after so many logical pixels: a shaky click moves no order."""


@dataclass(slots=True)
class _Grab:
    key: str
    start: QPointF
    offset: float
    """From the pointer to the line, in pixels: the line does not jump to the pointer."""
    moving: bool = False
    together: bool = False
    """Its exits go along."""


class OrderLineHand:
    """What the left button does on lines; points are in pixels of the pane.

    Parameters
    ----------
    mode
        Gets the drags and cancels.
    lines
        What is where.
    price_at
        The price at a y of the pane.
    choices
        The modifier without which nothing is dragged, and whether exits follow their entry.
    exits_asked
        Called with the key of a line whose handle for exits was clicked.
    """

    def __init__(
        self,
        mode: OrderMode,
        lines: OrderLines,
        price_at: Callable[[float], float],
        choices: LineChoices,
        exits_asked: Callable[[str], None],
    ) -> None:
        self._mode = mode
        self._lines = lines
        self._price_at = price_at
        self._drag_with = choices.drag_with
        self._together_with = "alt" if choices.drag_with == "shift" else "shift"
        self._exits_follow = choices.exits_follow
        self._exits_asked = exits_asked
        self._grab: _Grab | None = None
        self._cross: str | None = None
        self._button: tuple[str, Button] | None = None
        self._pull: _Grab | None = None

    def pressed(self, point: QPointF, modifiers: frozenset[str] = frozenset()) -> bool:
        """Take hold of what is at the point; return whether anything is."""
        self._cross = self._lines.cross_at(point)
        self._button = self._lines.button_at(point)
        if self._cross is not None:
            return True
        if self._button is not None:
            owner, button = self._button
            if button == "exit":
                self._pull = _Grab(owner, point, 0.0)
            return True
        key = self._lines.line_at(point)
        if key is None or key == POSITION_KEY:
            return False
        if self._drag_with and self._drag_with not in modifiers:
            return bool(self._lines.lines[key].refused) and self._hold(key, point)
        together = self._exits_follow != (self._together_with in modifiers)
        return self._hold(key, point, together=together)

    def _hold(self, key: str, point: QPointF, *, together: bool = False) -> bool:
        offset = self._lines.line_y(key) - point.y()
        self._grab = _Grab(key, point, offset, together=together)
        return True

    def moved(self, point: QPointF) -> None:
        """Drag what is held, once it has moved far enough to mean it."""
        if self._pull is not None:
            self._pull_to(self._pull, point)
            return
        grab = self._grab
        if grab is None:
            return
        if not grab.moving:
            if abs(point.y() - grab.start.y()) < DRAG_DISTANCE:
                return
            grab.moving = True
            other = self._together_with
            self._mode.drag_started(grab.key, together=grab.together, other_key=other)
        self._mode.drag_moved(self._price_at(point.y() + grab.offset))

    def released(self, point: QPointF, *, inside: bool) -> None:
        """Let go. Outside the pane nothing is asked for: the line gets its price back."""
        grab, cross, button, pull = self._grab, self._cross, self._button, self._pull
        self._grab = self._cross = self._button = self._pull = None
        if pull is not None and pull.moving:
            if inside:
                self._mode.exits.pulled_out(self._price_at(point.y()))
            else:
                self._mode.exits.put_back()
        elif button is not None:
            if self._lines.button_at(point) == button:
                self._clicked(*button)
        elif cross is not None and self._lines.cross_at(point) == cross:
            self._mode.cancel(cross)
        elif grab is not None and not grab.moving:
            self._mode.line_clicked(grab.key)
        elif grab is not None and inside:
            self._mode.drag_dropped(self._price_at(point.y() + grab.offset))
        else:
            self._mode.drag_aborted()

    def let_go(self) -> None:
        """Hold nothing: the focus or the mouse went elsewhere."""
        self._grab = self._cross = self._button = self._pull = None
        self._mode.drag_aborted()
        self._mode.exits.put_back()

    def _clicked(self, key: str, button: Button) -> None:
        if button == "exit":
            self._exits_asked(key)
        else:
            self._mode.hand.ask(button)

    def _pull_to(self, pull: _Grab, point: QPointF) -> None:
        """Drag an exit out of the line whose handle is held."""
        if not pull.moving:
            if abs(point.y() - pull.start.y()) < DRAG_DISTANCE:
                return
            pull.moving = True
            if not self._mode.exits.pull(pull.key):
                self._pull = self._button = None
                return
        self._mode.exits.pulled_to(self._price_at(point.y()))

    def tip_at(self, point: QPointF) -> str:
        """Return what the button at the point does; empty where there is none."""
        found = self._lines.button_at(point)
        return "" if found is None else tip(found[1])

    def cursor_at(self, point: QPointF) -> Qt.CursorShape | None:
        """Return the shape of the cursor over what is at the point; None over nothing of ours."""
        if self._mode.dragging:
            return Qt.CursorShape.SizeVerCursor
        on_button = self._lines.button_at(point) is not None
        if on_button or self._lines.cross_at(point) is not None:
            return Qt.CursorShape.PointingHandCursor
        line = self._lines.lines.get(self._lines.line_at(point) or "")
        if line is None or line.key == POSITION_KEY:
            return None
        return Qt.CursorShape.SizeVerCursor if line.draggable else Qt.CursorShape.ForbiddenCursor
