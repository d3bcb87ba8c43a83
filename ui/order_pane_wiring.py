"""Joins an order pane to order mode: what is set in one is set, or shown, in the other."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from PyQt6.QtCore import QObject

from order_mode.bracket import Preset
from order_mode.order_mode import OrderMode
from order_mode.order_terms import OrderTerms
from order_mode.position_hand import Deed
from order_mode.sizing import RiskUnit, Sizing
from ui.bracket_editor import bracket_editor
from ui.order_pane import OrderPane
from ui.sizing_fields import Unit


class OrderPaneWiring(QObject):
    """Goes with its pane.

    Parameters
    ----------
    pane
        Shows at once what follows.
    order_mode
        Returns the order mode; None while there is none, and then nothing is set there.
    accounts, account
        To choose from, and the one that is chosen.
    sizing_of
        Returns the rule for the sizes of an account.
    terms, presets
        What the user starts with, and the brackets to choose from.
    """

    def __init__(
        self,
        pane: OrderPane,
        order_mode: Callable[[], OrderMode | None],
        *,
        accounts: Sequence[str],
        account: str,
        sizing_of: Callable[[str], Sizing],
        terms: OrderTerms,
        presets: Sequence[Preset],
    ) -> None:
        super().__init__(pane)
        self._pane = pane
        self._order_mode = order_mode
        self._sizing_of = sizing_of
        pane.set_accounts(accounts, account)
        self._show_sizing(sizing_of(account))
        pane.terms.set_terms(terms)
        pane.bracket.set_presets(presets)
        pane.risk_changed.connect(self._on_risk_changed)
        pane.preset_chosen.connect(self._on_preset_chosen)
        pane.bracket.other_asked.connect(self._on_bracket_asked)
        pane.deed_asked.connect(self._on_deed_asked)
        pane.terms_changed.connect(self._on_terms_changed)
        pane.account_chosen.connect(self._on_account_chosen)
        pane.sizing_changed.connect(self._on_sizing_changed)

    def show_mode(self) -> None:
        """Show what has changed in order mode: one of its `OrderMode.listeners`."""
        mode = self._order_mode()
        if mode is None:
            return
        self._pane.set_position(mode.position)
        if mode.sizing != self._sizing:  # by a key
            self._show_sizing(mode.sizing)
        self._pane.bracket.set_presets(mode.presets)
        self._pane.bracket.set_preset(mode.preset)
        staged = mode.staged
        if staged is not None and staged.order.action != "alert":
            self._pane.set_next_size(staged.order.size, staged.refused or staged.why)
        else:
            self._pane.set_next_size(None)

    # ---- what the user sets

    def _on_account_chosen(self, account: str) -> None:
        mode = self._order_mode()
        if mode is not None and account:
            sizing = self._sizing_of(account)
            self._show_sizing(sizing)
            mode.set_account(account)
            mode.set_sizing(sizing)

    def _on_sizing_changed(self, limit: Decimal, unit: Unit, slots: int) -> None:
        self._set_sizing(replace(self._sizing, limit=limit, unit=unit, slots=slots))

    def _on_risk_changed(self, risk: Decimal | None, unit: RiskUnit) -> None:
        self._set_sizing(replace(self._sizing, risk=risk, risk_unit=unit))

    def _set_sizing(self, sizing: Sizing) -> None:
        self._sizing = sizing
        if (mode := self._order_mode()) is not None:
            mode.set_sizing(sizing)

    def _on_preset_chosen(self, preset: Preset | None) -> None:
        if (mode := self._order_mode()) is not None:
            mode.set_preset(preset)

    def _on_bracket_asked(self) -> None:
        if (mode := self._order_mode()) is not None:
            editor = bracket_editor(mode.add_preset, "Use it", self._pane)
            editor.open_at(self._pane.mapToGlobal(self._pane.bracket.pos()))

    def _on_deed_asked(self, deed: Deed) -> None:
        if (mode := self._order_mode()) is not None:
            mode.hand.ask(deed)

    def _on_terms_changed(self, terms: OrderTerms) -> None:
        if (mode := self._order_mode()) is not None:
            mode.set_terms(terms)

    def _show_sizing(self, sizing: Sizing) -> None:
        self._sizing = sizing
        self._pane.set_sizing(sizing.limit, sizing.unit, sizing.slots)
        self._pane.risk.set_risk(sizing.risk, sizing.risk_unit)
