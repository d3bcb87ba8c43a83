"""How the program looks: the colours of the theme that is on, fonts and style sheet.

A colour is read here whenever something is drawn, as ``theme.UP``: `use` puts another theme on
while the program runs. What is kept of a colour is made anew at ``changes.changed``.
"""

from functools import cache
from typing import Final, Literal

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QBrush, QColor, QFont, QFontDatabase
from PyQt6.QtWidgets import QApplication

from ui.palettes import DARK, PALETTES

# The colours; `ui.palettes` says what they mean.
BACKGROUND = DARK.background
PANEL = DARK.panel
RAISED = DARK.raised
HOVER = DARK.hover
BORDER = DARK.border
GRID = DARK.grid
GRID_STRONG = DARK.grid_strong
SESSION = DARK.session
TEXT = DARK.text
TEXT_MUTED = DARK.text_muted
TEXT_FAINT = DARK.text_faint
INK = DARK.ink
ACCENT = DARK.accent
UP = DARK.up
DOWN = DARK.down
UP_VOLUME = DARK.up_volume
DOWN_VOLUME = DARK.down_volume
UP_TEXT = DARK.up_text
DOWN_TEXT = DARK.down_text
BID = DARK.bid
ASK = DARK.ask
CROSSED = DARK.crossed
INDICATORS = DARK.indicators
CROSSHAIR = DARK.crosshair
CURSOR_TAG = DARK.cursor_tag
BUY = DARK.buy
SELL = DARK.sell
ALERT = DARK.alert
STAGED = DARK.staged
DARK_ORDER = DARK.dark_order
STALE = DARK.stale
ERROR = DARK.error
REFUSED = DARK.refused
WARNING = DARK.warning
PAPER = DARK.paper
REPLAY = DARK.replay
LIVE = DARK.live

_palette = DARK
_generation = 0

_TEXT_FAMILIES: Final = ("Inter", "SF Pro Text", "Segoe UI", "Noto Sans", "DejaVu Sans")


class _Changes(QObject):
    """Tells that another theme is on.

    Signals
    -------
    changed()
        All colours are others.
    """

    changed = pyqtSignal()


changes: Final = _Changes()


def use(name: str) -> None:
    """Put a theme on, ``dark`` or ``light``; every window follows at once.

    Raises
    ------
    ValueError
        If there is no such theme.
    """
    global _palette, _generation
    if name not in PALETTES:
        raise ValueError(f"there is no theme {name!r}; there are {', '.join(PALETTES)}")
    if name == _palette.name:
        return
    _palette = PALETTES[name]
    _generation += 1
    values = {name.upper(): value for name, value in _palette._asdict().items()}
    del values["NAME"]
    globals().update(values)
    app = QApplication.instance()
    if isinstance(app, QApplication) and app.styleSheet():
        app.setStyleSheet(stylesheet())
    changes.changed.emit()


def current() -> Literal["dark", "light"]:
    """Return the name of the theme that is on."""
    return _palette.name


def counterpart(name: str) -> str:
    """Return the colour of this theme for an indicator that has one of another theme's."""
    for palette in PALETTES.values():
        if name in palette.indicators:
            return _palette.indicators[palette.indicators.index(name)]
    return name


@cache
def color(name: str, alpha: float = 1.0) -> QColor:
    """Return a palette colour with an opacity from 0 to 1; do not change it, it is shared."""
    made = QColor(name)
    made.setAlphaF(alpha)
    return made


@cache
def brush(name: str, alpha: float = 1.0) -> QBrush:
    """Return a brush of a palette colour, likewise shared.

    A painter takes a brush in a sixth of the time that it takes to make one of a colour.
    """
    return QBrush(color(name, alpha))


def generation() -> int:
    """Return a number that is another one once the colours are others."""
    return _generation


def is_color(name: str) -> bool:
    """Tell whether a text names a colour."""
    return QColor.isValidColorName(name)


def badge_color(badge: str) -> str:
    """Return the colour of a badge such as ``REPLAY``; an unknown one is a warning."""
    return {"PAPER": PAPER, "REPLAY": REPLAY, "LIVE": LIVE}.get(badge.upper(), WARNING)


def mixed(name: str, share: float) -> QColor:
    """Return the opaque colour that ``share`` of a colour gives on the background."""
    front, back = QColor(name), QColor(BACKGROUND)
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
    return f"""
QWidget {{
    background: {PANEL}; color: {TEXT};
    selection-background-color: {HOVER}; selection-color: {TEXT};
    font-family: "Inter", "SF Pro Text", "Segoe UI", "Noto Sans", "DejaVu Sans"; font-size: 12px;
}}
QWidget:disabled {{ color: {TEXT_FAINT}; }}
QMainWindow, QMainWindow::separator {{ background: {BACKGROUND}; }}
QMainWindow::separator {{ width: 3px; height: 3px; }}
QMainWindow::separator:hover {{ background: {ACCENT}; }}
QSplitter::handle {{ background: {BORDER}; }}
QSplitter::handle:hover {{ background: {ACCENT}; }}
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
