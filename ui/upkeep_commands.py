"""The commands that look after the program itself: doctor, completion, install-desktop."""

import argparse
from pathlib import Path
from typing import Any, Final

import msgspec

from ui import help_text

SHELLS: Final = ("bash", "zsh", "fish")


class DoctorCommand(msgspec.Struct, frozen=True, kw_only=True):
    """Look what is wrong here."""

    config: Path | None = None
    """None = the default file."""
    state_dir: Path | None = None
    connect: bool = False
    """Ask the brokers of the config too, over the network."""
    as_json: bool = False


class CompletionCommand(msgspec.Struct, frozen=True, kw_only=True):
    """Print a shell's completion script."""

    shell: str


class DesktopCommand(msgspec.Struct, frozen=True, kw_only=True):
    """Put the program into the desktop's menu, or take it out."""

    remove: bool = False


def add_upkeep(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add these commands to the command line."""
    _add_doctor(commands)
    says = "print what makes a shell complete this command line"
    completion = commands.add_parser(
        "completion", help=says, description=says, epilog=help_text.COMPLETION
    )
    completion.add_argument("shell", choices=SHELLS, metavar="SHELL", help=", ".join(SHELLS))
    completion.set_defaults(kind=CompletionCommand)
    says = "put the program and its icon into the desktop's menu"
    desktop = commands.add_parser(
        "install-desktop", help=says, description=says, epilog=help_text.DESKTOP
    )
    desktop.add_argument("--remove", action="store_true", help="take them out again")
    desktop.set_defaults(kind=DesktopCommand)


def _add_doctor(commands: "argparse._SubParsersAction[Any]") -> None:
    says = "look what is wrong here, and how to mend it"
    doctor = commands.add_parser("doctor", help=says, description=says, epilog=help_text.DOCTOR)
    doctor.add_argument("--config", type=Path, metavar="FILE", help="another config file")
    doctor.add_argument("--state-dir", type=Path, metavar="DIR", help="another state folder")
    doctor.add_argument(
        "--connect", action="store_true", help="ask the brokers of the config too; read only"
    )
    doctor.add_argument("--json", dest="as_json", action="store_true", help="for programs")
    doctor.set_defaults(kind=DoctorCommand)
