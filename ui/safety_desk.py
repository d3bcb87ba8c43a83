"""The way to the settings page of limits and arming, and from it to the EMS and the file."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PyQt6.QtGui import QKeySequence, QShortcut

from ems.embedded import Ems
from ems.loosening import changed
from ui.config_faults import ConfigError
from ui.safety_button import SafetyButton
from ui.window import MainWindow

if TYPE_CHECKING:  # with them comes tomlkit, which a start can do without
    from ui.safety_dialog import SafetyDialog
    from ui.safety_draft import Rules

log = logging.getLogger(__name__)

CHORD: Final = "Ctrl+,"


class SafetyDesk:
    """Between one window, its EMS and the config file.

    Parameters
    ----------
    ems
        Goes by what is applied, at once.
    window
        Gets the button.
    file
        The config; it may be missing.
    """

    def __init__(self, ems: Ems, window: MainWindow, file: Path) -> None:
        self._ems = ems
        self._window = window
        self._file = file
        self._dialog: SafetyDialog | None = None
        button = SafetyButton(window, CHORD)
        button.clicked.connect(lambda: self.open())
        window.add_tool(button)
        shortcut = QShortcut(QKeySequence(CHORD), window)
        shortcut.activated.connect(lambda: self.open())

    def open(self) -> None:
        """Show the page, for the account of the window."""
        if self._dialog is None:
            self._dialog = self._new_dialog()
        if self._dialog is not None:
            self._dialog.show()
            self._dialog.raise_()
            self._dialog.activateWindow()

    def _new_dialog(self) -> "SafetyDialog | None":
        from ui.config_file import ConfigFile
        from ui.safety_dialog import SafetyDialog
        from ui.safety_draft import SafetyDraft

        try:
            draft = SafetyDraft(ConfigFile(self._file))
        except ConfigError as error:
            self._window.note(str(error), "error")
            return None
        account = self._window.page.pane.account_choice.currentText()
        markets = sorted(self._ems.hub.markets)
        dialog = SafetyDialog(
            draft, self._ems.accounts, markets, account, self._running, self._window
        )
        dialog.applied.connect(self._on_applied)
        dialog.finished.connect(lambda _: self._on_closed())
        return dialog

    def _running(self) -> "Rules":
        return self._ems.limits, self._ems.arming.rules

    def _on_applied(self, rules: "Rules") -> None:
        limits, arming = self._running()
        said = changed((limits.copy(), arming), rules, self._ems.accounts)
        self._ems.change_safety(*rules)
        for text in said:
            log.info("changed on the safety page: %s", text)
            self._window.note(f"Changed on the safety page: {text}", "info")

    def _on_closed(self) -> None:
        self._dialog = None
