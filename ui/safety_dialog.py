"""The settings page of limits and arming, by account and by market of it."""

from collections.abc import Callable, Sequence
from typing import Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ems.loosening import loosened
from ems.market import is_paper
from ui import theme
from ui.config_faults import ConfigError
from ui.field_arrows import field_arrows
from ui.safety_draft import Rules, SafetyDraft, Scope, Setting
from ui.safety_words import MEANINGS, TITLES
from ui.setting_row import CHOICES, PAPER_MODES, SettingRow
from ui.worn_style import wear

WHOLE_ACCOUNT: Final = "the whole account"
EVERY_ACCOUNT: Final = "every account"
_ANY_LIVE: Final = "every live account"
"""Stands for accounts that are not there today, where a change loosens them all."""


class SafetyDialog(QDialog):
    """A row for each setting; nothing counts before Apply.

    Parameters
    ----------
    draft : SafetyDraft
        The config file and what is changed.
    accounts, markets
        What can be chosen.
    account : str
        Is shown first.
    running : callable
        Returns what holds in the EMS now.

    Signals
    -------
    applied(object)
        The file is written, and these `Rules` are to hold.
    """

    applied = pyqtSignal(object)

    def __init__(
        self,
        draft: SafetyDraft,
        accounts: Sequence[str],
        markets: Sequence[str],
        account: str,
        running: Callable[[], Rules],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Safety")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(900, 820)
        self._draft, self._running = draft, running
        self._known_accounts, self._known_markets = tuple(accounts), tuple(markets)
        self.account, self.market = QComboBox(), QComboBox()
        self._badge, self.note = QLabel(), QLabel()
        self.apply = QPushButton("Apply")
        self.reload = QPushButton("Reload")
        self.away = QPushButton("Close")
        self.rows: dict[str, SettingRow] = {}
        self._wrong: dict[str, str] = {}
        self._page = QScrollArea()
        self._arrange()
        wear(self, _style)
        self.account.addItems([*self._known_accounts, EVERY_ACCOUNT])
        self.account.setCurrentText(account)
        self._show_account()
        self.account.currentTextChanged.connect(self._show_account)
        self.market.activated.connect(self._show_rows)
        self.apply.clicked.connect(self._on_apply)
        self.reload.clicked.connect(self._on_reload)
        self.away.clicked.connect(self.close)
        if running() != draft.rules:
            self._say(
                "The config file says something else than what holds in the program now: Apply "
                "makes what stands here hold.",
                "warning",
            )

    @property
    def scope(self) -> Scope:
        """Whose settings are shown."""
        if self.account.currentText() == EVERY_ACCOUNT:
            return Scope(None)
        fqsn = None if self.market.currentIndex() <= 0 else self.market.currentText()
        return Scope(self.account.currentText(), fqsn)

    # ---- building

    def _arrange(self) -> None:
        head = QHBoxLayout()
        for text, widget in (("Account", self.account), ("in", self.market)):
            head.addWidget(QLabel(text))
            head.addWidget(widget)
        head.addStretch(1)
        head.addWidget(self._badge)
        self.note.setObjectName("safetyNote")
        self.note.setWordWrap(True)
        self.note.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._page.setWidgetResizable(True)
        self._page.setFrameShape(QFrame.Shape.NoFrame)
        foot = QHBoxLayout()
        foot.addWidget(self.reload)
        foot.addStretch(1)
        for button in (self.away, self.apply):
            foot.addWidget(button)
        for button in (self.reload, self.away, self.apply):
            button.setAutoDefault(False)  # Return in a field is no Apply
        layout = QVBoxLayout(self)
        layout.addLayout(head)
        layout.addWidget(self._page, 1)
        layout.addWidget(self.note)
        layout.addLayout(foot)

    def _show_account(self) -> None:
        account = self.scope.account
        self.market.clear()
        if account is None:
            self._badge.clear()
            self.market.addItem("all markets")
            self._show_rows()
            return
        self._badge.setText("PAPER" if is_paper(account) else "LIVE")
        self._badge.setStyleSheet(
            f"font-weight: bold; color: {theme.badge_color(self._badge.text())}"
        )
        given = self._draft.rules[0].markets_of(account)
        self.market.addItem(WHOLE_ACCOUNT)
        self.market.addItems(sorted(given.union(self._known_markets)))
        self._show_rows()

    def _show_rows(self) -> None:
        page = QWidget()
        grid = QGridLayout(page)
        grid.setColumnStretch(4, 1)
        self.rows = {}
        kind = None
        for setting in self._draft.settings(self.scope):
            if setting.kind != kind:
                kind = setting.kind
                title = QLabel(TITLES[kind])
                title.setObjectName("settingTitle")
                grid.addWidget(title, grid.rowCount(), 0, 1, 5)
            row = self.rows[setting.name] = self._row(setting)
            row.add_to(grid, grid.rowCount())
        grid.setRowStretch(grid.rowCount(), 1)
        self._page.setWidget(page)
        self._show_values()

    def _row(self, setting: Setting) -> SettingRow:
        choices = CHOICES.get(setting.name, ())
        account = self.scope.account
        if setting.name == "mode" and account is not None and is_paper(account):
            choices = PAPER_MODES
        row = SettingRow(setting, MEANINGS[setting.name], choices)
        row.changed.connect(lambda text: self._change(setting, text))
        return row

    def _show_values(self) -> None:
        for row in self.rows.values():
            value = self._draft.value(self.scope, row.setting)
            source = self._draft.source(self.scope, row.setting)
            own = self._draft.is_own(self.scope, row.setting)
            if row.setting.name not in self._wrong:
                row.show_value(value, source, own=own)
        self._show_buttons()

    def _show_buttons(self) -> None:
        for widget in (self.account, self.market, self.apply, self.reload):
            widget.setEnabled(not self._wrong)
        if self.scope.account is None:
            self.market.setEnabled(False)
        self.away.setText("Close without applying" if self._draft.changed else "Close")

    # ---- changing

    def _change(self, setting: Setting, text: str) -> None:
        row = self.rows[setting.name]
        self._wrong.pop(setting.name, None)
        try:
            self._draft.change(self.scope, setting, text)
        except ConfigError as error:
            self._wrong[setting.name] = str(error)
        row.set_wrong(setting.name in self._wrong)
        self._show_values()
        self._say(next(iter(self._wrong.values()), ""), "error")

    def _on_reload(self) -> None:
        try:
            self._draft.reload()
        except ConfigError as error:
            self._say(str(error), "error")
            return
        kept = " What you had changed here stands over it." if self._draft.changed else ""
        self._say(f"This is what {self._draft.file.path} says now.{kept}", "info")
        self._show_rows()

    def _on_apply(self) -> None:
        live = [account for account in self._known_accounts if not is_paper(account)]
        wider = loosened(self._running(), self._draft.rules, live or [_ANY_LIVE])
        if not wider:
            self._write()
            return
        box = QMessageBox(self)
        box.setObjectName("loosen")
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle("Loosen a LIVE account?")
        box.setText("This loosens what protects a LIVE account:\n\n" + "\n".join(wider))
        yes = box.addButton("Loosen it", QMessageBox.ButtonRole.AcceptRole)
        no = box.addButton("Leave it as it is", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(no)
        box.buttonClicked.connect(lambda button: self._write() if button is yes else None)
        box.finished.connect(box.deleteLater)
        box.open()

    def _write(self) -> None:
        if self._running() == self._draft.rules and not self._draft.changed:
            self._say("There is nothing to apply: it is so already.", "info")
            return
        try:
            self._draft.write()
        except ConfigError as error:
            self._say(f"Nothing is applied: {error}.", "error")
            return
        self.applied.emit(self._draft.rules)
        self._say(f"Applied, and written into {self._draft.file.path}.", "info")
        self._show_values()

    def _say(self, text: str, level: str) -> None:
        colors = {"error": theme.ERROR, "warning": theme.WARNING, "info": theme.TEXT}
        self.note.setText(text)
        self.note.setStyleSheet(f"color: {colors[level]}")


def _style() -> str:
    return f"""
#settingTitle {{ font-weight: bold; padding-top: 8px; }}
#settingSource {{ color: {theme.TEXT_MUTED}; min-width: 60px; }}
    """ + field_arrows()
