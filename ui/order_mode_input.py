"""Real keys and mouse events of a plot, handed to order mode.

Keys act only while the view has the focus and the cursor is over this plot. The view takes the
focus when the mouse enters it, if its window is the active one and no text is being typed
elsewhere. Whatever takes the focus or the mouse away disarms. An order goes out at the press of
the left button; that press and its release are swallowed, and so is what a double click adds.
"""

import time
from collections.abc import Callable
from typing import Final

import pyqtgraph as pg
from PyQt6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PyQt6.QtGui import QCursor, QKeyEvent, QMouseEvent
from PyQt6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QGraphicsView,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from order_mode.order_mode import OrderMode
from ui.key_names import modifier_names
from ui.order_line_hand import OrderLineHand
from ui.order_menus import OrderMenus
from ui.order_mode_keys import OrderModeKeys
from ui.plot_cursor import PlotCursor
from ui.plot_port import PlotPort
from ui.right_button import RightButton

_EDITORS: Final = (QLineEdit, QAbstractSpinBox, QTextEdit, QPlainTextEdit)
_LEFT: Final = Qt.MouseButton.LeftButton
_RIGHT: Final = Qt.MouseButton.RightButton
_DISARMING: Final = frozenset(
    {QEvent.Type.FocusOut, QEvent.Type.WindowDeactivate, QEvent.Type.Hide, QEvent.Type.Leave}
)


class OrderModeInput(QObject):
    """Watches the view of one plot, and uses up exactly the events that it acted on.

    Parameters
    ----------
    mode
        Gets the gestures.
    plot_item : pg.PlotItem
        Whose events they are; others in the same view are left alone.
    port
        Draws on the plot, and knows what is where.
    clock_ns
        Tells one cancel key from two where the platform gives events no time.
    """

    def __init__(
        self,
        mode: OrderMode,
        plot_item: pg.PlotItem,
        port: PlotPort,
        *,
        clock_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        super().__init__()
        self._mode = mode
        self._box: pg.ViewBox = plot_item.vb
        self._view: QGraphicsView = plot_item.getViewWidget()
        self._viewport: QWidget = self._view.viewport()
        self._port = port
        self._lines = port.lines
        self._hand = OrderLineHand(mode, port.lines, port.price_at, port.choices, self._ask_exits)
        self._menus = OrderMenus(mode, self._view, self._box)
        self._right = RightButton(self._viewport, self._open_menu_at)
        self._plus_pressed = False
        self._keys = OrderModeKeys(mode, self._view, clock_ns)
        self._cursor = PlotCursor(plot_item, self._view)
        self._ours: set[Qt.MouseButton] = set()  # pressed, and the press was used here
        self._last_press_was_ours = False
        port.menu_asked = self._open_menu_by_key
        port.exits_asked = self._ask_exits
        self._box.sigTransformChanged.connect(self._follow_view)
        for widget in (self._view, self._viewport):
            widget.installEventFilter(self)

    def remove(self) -> None:
        """Watch no more."""
        self._disarm()
        self._box.sigTransformChanged.disconnect(self._follow_view)
        for widget in (self._view, self._viewport):
            widget.removeEventFilter(self)
        self._cursor.set_shape(None)

    def let_go(self) -> None:
        """Stage and hold nothing, until the pointer moves: below it will be another price."""
        self._disarm()
        self._cursor.point = None
        self._follow_view()

    # ---- keys

    def _on_key(self, event: QKeyEvent) -> bool:
        pressed = event.type() != QEvent.Type.KeyRelease
        if pressed and self._cursor.point is None and self._viewport.underMouse():
            # it has not moved since it came
            self._follow(QPointF(self._viewport.mapFromGlobal(QCursor.pos())))
        return self._keys.take(event, over=self._cursor.point is not None)

    # ---- mouse

    def _on_press(self, event: QMouseEvent, *, second: bool = False) -> bool:
        self._follow(event.position())
        button = event.button()
        if self._ours or (second and self._last_press_was_ours):
            ours = True  # another button, or a double click: swallowed whole
        elif event.buttons() != button:
            ours = False  # the plot has a button already, so it gets this one too
        else:
            ours = self._take(event)
        if ours:
            self._ours.add(button)
        self._last_press_was_ours = ours
        return ours

    def _take(self, event: QMouseEvent) -> bool:
        """Act on a press of the one button that is down; return whether it was used."""
        point, button = self._cursor.pane_point, event.button()
        if point is None:
            return False
        if button == _LEFT:
            return self._take_left(point, modifier_names(event))
        if button != _RIGHT or not self._port.takes_right_clicks:
            return False
        if self._mode.staged is None:
            self._right.press(event)
        return True

    def _take_left(self, point: QPointF, modifiers: frozenset[str]) -> bool:
        if self._mode.clicked(self._port.price_at(point.y())):
            return True
        self._plus_pressed = self._port.plus.contains_point(point)
        return self._plus_pressed or self._hand.pressed(point, modifiers)

    def _on_move(self, event: QMouseEvent) -> bool:
        if self._ours and event.buttons() == Qt.MouseButton.NoButton:
            self._let_go()  # the release went elsewhere
        self._follow(event.position())
        if self._right.hands_over(event):
            self._ours.discard(_RIGHT)  # a drag of the plot's own
        if not self._ours:
            return False
        if self._cursor.point is not None:
            self._hand.moved(self._cursor.point)
        scene = self._view.scene()
        if isinstance(scene, pg.GraphicsScene):  # the plot's own crosshair goes along
            scene.sigMouseMoved.emit(self._view.mapToScene(event.position().toPoint()))
        return True

    def _on_release(self, event: QMouseEvent) -> bool:
        self._follow(event.position())
        button = event.button()
        if button not in self._ours:
            return False
        self._ours.discard(button)
        point = self._cursor.point_at(event.position())
        if button == _RIGHT:
            self._right.release(event)
        elif button == _LEFT and self._plus_pressed:
            self._plus_pressed = False
            if self._port.plus.contains_point(point):
                price = self._port.price_at(point.y())
                self._menus.open_at_price(price, event.globalPosition().toPoint())
        elif button == _LEFT:
            self._hand.released(point, inside=self._cursor.is_in_pane(point))
        return True

    def _let_go(self) -> None:
        self._ours.clear()
        self._right.let_go()
        self._plus_pressed = False
        self._hand.let_go()

    # ---- menus

    def _open_menu_at(self, position: QPointF) -> None:
        """Open the menu of the line at a position of the viewport, or of the price there."""
        point = self._cursor.point_at(position)
        self._open_menu(point, self._viewport.mapToGlobal(position.toPoint()))

    def _open_menu_by_key(self) -> None:
        point = self._cursor.pane_point
        if point is not None:
            self._open_menu(point, self._cursor.on_screen(point))
        elif (last := self._mode.last) is not None:  # no mouse at hand
            middle = self._viewport.rect().center()
            self._menus.open_at_price(last, self._viewport.mapToGlobal(middle))

    def _ask_exits(self, key: str) -> None:
        self._menus.open_exits(key, QCursor.pos())

    def _open_menu(self, point: QPointF, at: QPoint) -> None:
        price = self._port.price_at(point.y())
        key = self._lines.line_at(point)
        if key is None:
            self._menus.open_at_price(price, at)
        else:
            self._menus.open_at_line(key, price, at)

    # ---- focus

    def _take_focus(self) -> None:
        focus = QApplication.focusWidget()
        asked = focus is self._port.question
        if self._view.isActiveWindow() and not (asked or isinstance(focus, _EDITORS)):
            self._view.setFocus(Qt.FocusReason.MouseFocusReason)

    def _disarm(self) -> None:
        self._hand.let_go()
        self._right.let_go()
        self._mode.disarm()

    # ---- where the cursor is

    def _follow(self, position: QPointF) -> None:
        """Tell order mode and the lines where the cursor is, by a position in the viewport."""
        over = self._cursor.is_over(position)
        held = bool(self._ours)  # a drag may leave the plot and come back
        if not over and not held and self._cursor.point is not None:
            self._disarm()
        self._cursor.point = self._cursor.point_at(position) if over or held else None
        self._follow_view()

    def _follow_view(self) -> None:
        """Work out what is under the cursor anew: it, or the view below it, has moved."""
        point = self._cursor.pane_point
        self._mode.pointer_moved(None if point is None else self._port.price_at(point.y()))
        free = None if self._mode.staged is not None or self._mode.dragging else point
        self._lines.set_cursor(free)
        self._port.plus.follow(free)
        self._port.point_at_fills(free)
        self._show_shape()

    def _show_shape(self) -> None:
        point = self._cursor.point
        self._viewport.setToolTip("" if point is None else self._hand.tip_at(point))
        if self._mode.staged is not None:
            self._cursor.set_shape(Qt.CursorShape.CrossCursor)
        elif point is not None and (self._mode.dragging or self._cursor.pane_point is not None):
            self._cursor.set_shape(self._hand.cursor_at(point))
        else:
            self._cursor.set_shape(None)

    # ---- Qt

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Hand an event of the view or its viewport on; return True if it was used up."""
        if event is None:
            return False
        used = False
        match event.type():
            case QEvent.Type.KeyPress | QEvent.Type.KeyRelease | QEvent.Type.ShortcutOverride if (
                isinstance(event, QKeyEvent) and watched is self._view
            ):
                used = self._on_key(event)
                self._follow_view()
            case QEvent.Type.MouseMove if isinstance(event, QMouseEvent):
                used = self._on_move(event)
            case QEvent.Type.MouseButtonPress if isinstance(event, QMouseEvent):
                used = not self._right.replaying and self._on_press(event)
            case QEvent.Type.MouseButtonDblClick if isinstance(event, QMouseEvent):
                used = self._on_press(event, second=True)
            case QEvent.Type.MouseButtonRelease if isinstance(event, QMouseEvent):
                used = self._on_release(event)
            case QEvent.Type.Enter if watched is self._viewport:
                self._take_focus()
            case kind if kind in _DISARMING:
                self._on_gone(kind, watched)
        if used:
            event.accept()
        return used

    def _on_gone(self, kind: QEvent.Type, watched: QObject | None) -> None:
        if kind == QEvent.Type.Leave and watched is self._viewport:
            self._cursor.point = None
        elif watched is not self._view or kind == QEvent.Type.Leave:
            return
        self._disarm()
        self._follow_view()
