"""What other programs build on changes only when somebody means it to."""

import importlib
import re
from pathlib import Path

from scripts import public_surface

_ROOT = Path(__file__).resolve().parents[1]


def test_the_public_surface_is_the_one_that_is_pinned() -> None:
    now = public_surface.surface().splitlines()
    pinned = public_surface.FILE.read_text(encoding="utf-8").splitlines()
    gone = [line for line in pinned if line not in now]
    new = [line for line in now if line not in pinned]
    assert (gone, new) == ([], []), (
        "the public surface has changed; if that is meant: make surface, and say so in CHANGELOG.md"
    )


def test_what_the_stability_note_names_is_pinned() -> None:
    note = (_ROOT / "docs" / "stability.md").read_text(encoding="utf-8")
    public = note.split("## Public")[1].split("## What files")[0]
    for name in re.findall(r"`((?:ems|order_mode|ordermode)\.[a-z_]+)", public):
        if name != "ordermode.brokers":  # a group of entry points
            assert name in public_surface.MODULES, name


def test_what_ui_offers_can_be_imported() -> None:
    ui = importlib.import_module("ui")
    assert sorted(ui.__all__) == [
        "Chart",
        "EmsTables",
        "OrderModePane",
        "attach_order_mode",
        "show",
    ]
    assert all(callable(getattr(ui, name)) for name in ui.__all__)
