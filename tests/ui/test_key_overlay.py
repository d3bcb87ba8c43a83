"""The keys over a plot that is too low for them lie over its window, and go with the plot."""

from PyQt6 import sip
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from order_mode.keymap import Keymap
from ui.key_overlay import KeyOverlay


def test_keys_over_the_window_go_with_a_plot_that_is_deleted(qtbot):
    window, low = QWidget(), QWidget()
    qtbot.addWidget(window)
    QVBoxLayout(window).addWidget(low)
    low.setFixedHeight(90)
    window.resize(900, 900)
    window.show()
    keys = KeyOverlay(low)
    keys.show_keys(Keymap(), around=True)
    assert keys.parentWidget() is window
    low.deleteLater()
    qtbot.waitUntil(lambda: sip.isdeleted(keys))
