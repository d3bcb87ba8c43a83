"""How the program looks: its colours, fonts and style sheet. One dark theme so far.

Up and down are teal and coral: apart in hue for most eyes, and in blue and in lightness for
those who see red and green alike. Loud colours are kept for what must not be overlooked.
"""

from functools import cache
from typing import Final

from PyQt6.QtGui import QColor, QFont, QFontDatabase

# Surfaces, from the back to the front.
BACKGROUND: Final = "#0e1217"
PANEL: Final = "#131920"
RAISED: Final = "#1b232d"
HOVER: Final = "#243040"
BORDER: Final = "#263140"
GRID: Final = "#19212b"
GRID_STRONG: Final = "#25303e"
"""Where a day or something else that is greater begins."""

# Text, by weight of what it says.
TEXT: Final = "#d6dde8"
TEXT_MUTED: Final = "#8b97a8"
TEXT_FAINT: Final = "#5a6675"
INK: Final = "#0b0f14"
"""Text on a bright tag."""
ACCENT: Final = "#5b9cf5"

# Bars and prices.
UP: Final = "#26a69a"
DOWN: Final = "#ef5350"
UP_VOLUME: Final = "#1b4d49"
DOWN_VOLUME: Final = "#5a2f32"
UP_TEXT: Final = "#3fbfb2"
DOWN_TEXT: Final = "#f4716e"
BID: Final = "#1d5c57"
ASK: Final = "#7a3536"
CROSSED: Final = "#4a5563"
INDICATORS: Final = ("#5b9cf5", "#e3b341", "#c678dd", "#d6dde8", "#8fbf5a", "#f08d49")
"""Colours of lines over the bars, in the order in which they are given out."""
CROSSHAIR: Final = "#556172"
CURSOR_TAG: Final = "#3a4757"

# Orders.
BUY: Final = "#2fb8aa"
SELL: Final = "#f2605d"
ALERT: Final = "#e3b341"
STAGED: Final = "#9fb0c6"
"""A line that is not yet sent."""
DARK_ORDER: Final = "#a78bda"
"""Mark of an order that is held here, not at the venue."""
STALE: Final = "#6b7685"
"""The venue has not been heard of; this may be out of date."""
ERROR: Final = "#ff6b5e"
WARNING: Final = "#e3b341"

# What kind of money or prices these are.
PAPER: Final = "#f0a92e"
REPLAY: Final = "#a98bff"
LIVE: Final = "#ff4d4f"

_BADGES: Final = {"PAPER": PAPER, "REPLAY": REPLAY, "LIVE": LIVE}

_TEXT_FAMILIES: Final = ("Inter", "SF Pro Text", "Segoe UI", "Noto Sans", "DejaVu Sans")


@cache
def color(name: str, alpha: float = 1.0) -> QColor:
    """Return a palette colour with an opacity from 0 to 1; do not change it, it is shared."""
    made = QColor(name)
    made.setAlphaF(alpha)
    return made


def is_color(name: str) -> bool:
    """Tell whether a text names a colour."""
    return QColor.isValidColorName(name)


def badge_color(badge: str) -> str:
    """Return the colour of a badge such as ``REPLAY``; an unknown one is a warning."""
    return _BADGES.get(badge.upper(), WARNING)


def mixed(name: str, share: float, ground: str = BACKGROUND) -> QColor:
    """Return the opaque colour that ``share`` of a colour gives on a ground."""
    front, back = QColor(name), QColor(ground)
    parts = (
        round(f * share + b * (1 - share))
        for f, b in (
            (front.red(), back.red()),
            (front.green(), back.green()),
            (front.blue(), back.blue()),
        )
    )
    return QColor(*parts)


def text_font(pixels: int = 12, *, bold: bool = False) -> QFont:
    """Return the font of texts; its digits are all of one width."""
    font = QFont()
    font.setFamilies(list(_TEXT_FAMILIES))
    return _sized(font, pixels, bold)


def number_font(pixels: int = 12, *, bold: bool = False) -> QFont:
    """Return the system's monospace font, for numbers that stand in columns."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    return _sized(font, pixels, bold)


def _sized(font: QFont, pixels: int, bold: bool) -> QFont:
    font.setPixelSize(pixels)
    font.setBold(bold)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def stylesheet() -> str:
    """Return the Qt style sheet of the whole program."""
    return _STYLESHEET


_STYLESHEET: Final = f"""
QWidget {{
    background: {PANEL}; color: {TEXT};
    selection-background-color: {HOVER}; selection-color: {TEXT};
    font-family: "Inter", "SF Pro Text", "Segoe UI", "Noto Sans", "DejaVu Sans"; font-size: 12px;
}}
QWidget:disabled {{ color: {TEXT_FAINT}; }}
QMainWindow, QMainWindow::separator {{ background: {BACKGROUND}; }}
QMainWindow::separator {{ width: 3px; height: 3px; }}
QMainWindow::separator:hover {{ background: {ACCENT}; }}
QSplitter::handle {{ background: {BACKGROUND}; }}
QDockWidget {{ color: {TEXT_MUTED}; font-size: 11px; }}
QDockWidget::title {{
    background: {PANEL}; padding: 5px 8px; border-bottom: 1px solid {BORDER};
}}
QToolTip {{
    background: {RAISED}; color: {TEXT}; border: 1px solid {BORDER}; padding: 4px 6px;
}}
QLabel {{ background: transparent; }}

QPushButton, QToolButton {{
    background: {RAISED}; border: 1px solid {BORDER}; border-radius: 3px;
    padding: 4px 12px; min-height: 16px;
}}
QToolButton {{ padding: 4px 8px; }}
QPushButton:hover, QToolButton:hover {{ background: {HOVER}; }}
QPushButton:pressed, QToolButton:pressed {{ background: {BACKGROUND}; }}
QPushButton:focus, QToolButton:focus {{ border-color: {ACCENT}; }}
QPushButton:checked, QToolButton:checked {{ border-color: {ACCENT}; color: {ACCENT}; }}
QPushButton:disabled, QToolButton:disabled {{ background: {PANEL}; color: {TEXT_FAINT}; }}
QPushButton[role="buy"] {{ background: {BUY}; border-color: {BUY}; color: {INK}; }}
QPushButton[role="sell"] {{ background: {SELL}; border-color: {SELL}; color: {INK}; }}
QPushButton[role="danger"] {{ border-color: {ERROR}; color: {ERROR}; }}

QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QPlainTextEdit {{
    background: {BACKGROUND}; border: 1px solid {BORDER}; border-radius: 3px;
    padding: 3px 6px; min-height: 18px;
}}
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus {{
    border-color: {ACCENT};
}}
QLineEdit[wrong="true"], QComboBox[wrong="true"] {{ border-color: {ERROR}; }}
QComboBox::drop-down {{ border: none; width: 18px; }}
QComboBox QAbstractItemView {{ background: {RAISED}; border: 1px solid {BORDER}; outline: none; }}
QCheckBox::indicator {{
    width: 13px; height: 13px; border: 1px solid {BORDER}; background: {BACKGROUND};
}}
QCheckBox::indicator:checked {{ background: {ACCENT}; border-color: {ACCENT}; }}

QTabWidget::pane {{ border: none; border-top: 1px solid {BORDER}; }}
QTabBar {{ background: {PANEL}; }}
QTabBar::tab {{
    background: transparent; color: {TEXT_MUTED}; padding: 6px 14px;
    border-bottom: 2px solid transparent;
}}
QTabBar::tab:hover {{ color: {TEXT}; }}
QTabBar::tab:selected {{ color: {TEXT}; border-bottom-color: {ACCENT}; }}

QTableView, QTreeView, QListView {{
    background: {PANEL}; alternate-background-color: {PANEL};
    gridline-color: {GRID_STRONG}; border: none; outline: none;
}}
QTableView::item, QTreeView::item {{ padding: 2px 8px; border: none; }}
QTableView::item:hover, QTreeView::item:hover {{ background: {RAISED}; }}
QTableView::item:selected, QTreeView::item:selected {{ background: {HOVER}; color: {TEXT}; }}
QHeaderView {{ background: {PANEL}; }}
QHeaderView::section {{
    background: {PANEL}; color: {TEXT_MUTED}; font-size: 11px; padding: 4px 8px;
    border: none; border-bottom: 1px solid {BORDER};
}}
QTableCornerButton::section {{ background: {PANEL}; border: none; }}

QMenuBar, QMenuBar::item {{ background: {PANEL}; }}
QMenuBar::item:selected {{ background: {HOVER}; }}
QMenu {{ background: {RAISED}; border: 1px solid {BORDER}; padding: 4px 0; }}
QMenu::item {{ padding: 5px 24px 5px 16px; background: transparent; }}
QMenu::item:selected {{ background: {HOVER}; }}
QMenu::item:disabled {{ color: {TEXT_FAINT}; }}
QMenu::separator {{ height: 1px; background: {BORDER}; margin: 4px 0; }}
QToolBar {{
    background: {PANEL}; border: none; border-bottom: 1px solid {BORDER}; spacing: 4px;
    padding: 3px 6px;
}}
QStatusBar {{ background: {PANEL}; color: {TEXT_MUTED}; border-top: 1px solid {BORDER}; }}
QStatusBar::item {{ border: none; }}

QScrollBar:vertical {{ background: transparent; width: 9px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 9px; margin: 0; }}
QScrollBar::handle {{
    background: {BORDER}; border-radius: 4px; min-height: 24px; min-width: 24px;
}}
QScrollBar::handle:hover {{ background: {TEXT_FAINT}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QSlider::groove:horizontal {{ height: 3px; background: {BORDER}; }}
QSlider::handle:horizontal {{
    background: {TEXT_MUTED}; width: 11px; height: 11px; margin: -4px 0; border-radius: 5px;
}}
"""
