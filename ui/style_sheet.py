"""The Qt style sheet of the whole program, in the colours of a palette."""

from ui.palettes import Palette


def style_sheet(palette: Palette) -> str:
    """Return the style sheet in these colours."""
    kinds = (_windows, _buttons, _fields, _tabs, _tables, _menus_and_bars, _scroll_bars)
    return "\n".join(kind(palette) for kind in kinds)


def _windows(p: Palette) -> str:
    return f"""
QWidget {{
    background: {p.panel}; color: {p.text};
    selection-background-color: {p.hover}; selection-color: {p.text};
    font-family: "Inter", "SF Pro Text", "Segoe UI", "Noto Sans", "DejaVu Sans"; font-size: 12px;
}}
QWidget:disabled {{ color: {p.text_faint}; }}
QMainWindow, QMainWindow::separator {{ background: {p.background}; }}
QMainWindow::separator {{ width: 3px; height: 3px; }}
QMainWindow::separator:hover {{ background: {p.accent}; }}
QSplitter::handle {{ background: {p.border}; }}
QSplitter::handle:hover {{ background: {p.accent}; }}
QDockWidget {{ color: {p.text_muted}; font-size: 11px; }}
QDockWidget::title {{
    background: {p.panel}; padding: 5px 8px; border-bottom: 1px solid {p.border};
}}
QToolTip {{
    background: {p.raised}; color: {p.text}; border: 1px solid {p.border}; padding: 4px 6px;
}}
QLabel {{ background: transparent; }}
"""


def _buttons(p: Palette) -> str:
    return f"""
QPushButton, QToolButton {{
    background: {p.raised}; border: 1px solid {p.border}; border-radius: 3px;
    padding: 4px 12px; min-height: 16px;
}}
QToolButton {{ padding: 4px 8px; }}
QPushButton:hover, QToolButton:hover {{ background: {p.hover}; }}
QPushButton:pressed, QToolButton:pressed {{ background: {p.background}; }}
QPushButton:focus, QToolButton:focus {{ border-color: {p.accent}; }}
QPushButton:checked, QToolButton:checked {{ border-color: {p.accent}; color: {p.accent}; }}
QPushButton:disabled, QToolButton:disabled {{ background: {p.panel}; color: {p.text_faint}; }}
QPushButton[role="buy"] {{ background: {p.buy}; border-color: {p.buy}; color: {p.ink}; }}
QPushButton[role="sell"] {{ background: {p.sell}; border-color: {p.sell}; color: {p.ink}; }}
QPushButton[role="danger"] {{ border-color: {p.error}; color: {p.error}; }}
"""


def _fields(p: Palette) -> str:
    return f"""
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QPlainTextEdit {{
    background: {p.background}; border: 1px solid {p.border}; border-radius: 3px;
    padding: 3px 6px; min-height: 18px;
}}
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus {{
    border-color: {p.accent};
}}
QLineEdit[wrong="true"], QComboBox[wrong="true"] {{ border-color: {p.error}; }}
QComboBox::drop-down {{ border: none; width: 18px; }}
QComboBox QAbstractItemView {{
    background: {p.raised}; border: 1px solid {p.border}; outline: none;
}}
QCheckBox::indicator {{
    width: 13px; height: 13px; border: 1px solid {p.border}; background: {p.background};
}}
QCheckBox::indicator:checked {{ background: {p.accent}; border-color: {p.accent}; }}
"""


def _tabs(p: Palette) -> str:
    return f"""
QTabWidget::pane {{ border: none; border-top: 1px solid {p.border}; }}
QTabBar {{ background: {p.panel}; }}
QTabBar::tab {{
    background: transparent; color: {p.text_muted}; padding: 6px 14px;
    border-bottom: 2px solid transparent;
}}
QTabBar::tab:hover {{ color: {p.text}; }}
QTabBar::tab:selected {{ color: {p.text}; border-bottom-color: {p.accent}; }}
QToolButton#closes_tab {{
    background: transparent; border: none; color: {p.text_muted}; padding: 0 4px; min-height: 12px;
}}
QToolButton#closes_tab:hover {{ background: {p.hover}; color: {p.text}; }}
"""


def _tables(p: Palette) -> str:
    return f"""
QTableView, QTreeView, QListView {{
    background: {p.panel}; alternate-background-color: {p.panel};
    gridline-color: {p.grid_strong}; border: none; outline: none;
}}
QTableView::item, QTreeView::item {{ padding: 2px 8px; border: none; }}
QTableView::item:hover, QTreeView::item:hover {{ background: {p.raised}; }}
QTableView::item:selected, QTreeView::item:selected {{ background: {p.hover}; color: {p.text}; }}
QHeaderView {{ background: {p.panel}; }}
QHeaderView::section {{
    background: {p.panel}; color: {p.text_muted}; font-size: 11px; padding: 4px 8px;
    border: none; border-bottom: 1px solid {p.border};
}}
QTableCornerButton::section {{ background: {p.panel}; border: none; }}
"""


def _menus_and_bars(p: Palette) -> str:
    return f"""
QMenuBar, QMenuBar::item {{ background: {p.panel}; }}
QMenuBar::item:selected {{ background: {p.hover}; }}
QMenu {{ background: {p.raised}; border: 1px solid {p.border}; padding: 4px 0; }}
QMenu::item {{ padding: 5px 24px 5px 16px; background: transparent; }}
QMenu::item:selected {{ background: {p.hover}; }}
QMenu::item:disabled {{ color: {p.text_faint}; }}
QMenu::separator {{ height: 1px; background: {p.border}; margin: 4px 0; }}
QToolBar {{
    background: {p.panel}; border: none; border-bottom: 1px solid {p.border}; spacing: 4px;
    padding: 3px 6px;
}}
QStatusBar {{ background: {p.panel}; color: {p.text_muted}; border-top: 1px solid {p.border}; }}
QStatusBar::item {{ border: none; }}
"""


def _scroll_bars(p: Palette) -> str:
    return f"""
QScrollBar:vertical {{ background: transparent; width: 9px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 9px; margin: 0; }}
QScrollBar::handle {{
    background: {p.border}; border-radius: 4px; min-height: 24px; min-width: 24px;
}}
QScrollBar::handle:hover {{ background: {p.text_faint}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QSlider::groove:horizontal {{ height: 3px; background: {p.border}; }}
QSlider::handle:horizontal {{
    background: {p.text_muted}; width: 11px; height: 11px; margin: -4px 0; border-radius: 5px;
}}
"""
