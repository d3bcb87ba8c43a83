"""A program that is opened again and again on one state folder, and the hands of its user."""

from contextlib import AsyncExitStack

from PyQt6.QtWidgets import QToolButton

from tests.gui.conftest import TIMEOUT_MS, Loop
from ui.app import DEMO_MARKET
from ui.config import Config
from ui.faults import Faults
from ui.program import Program, open_program
from ui.session import Session
from ui.state_folder import Paths


class Desk:
    """A program that is opened again and again on the same folder."""

    def __init__(self, loop: Loop, qtbot, paths: Paths) -> None:
        self.loop = loop
        self.qtbot = qtbot
        self.paths = paths
        self._stack = AsyncExitStack()
        self.faults = Faults()
        self.crashes: list[str] = []
        self.faults.fault.connect(lambda _, details: self.crashes.append(details))
        self.program: Program

    def run(self, work):
        task = self.loop.loop.create_task(work)
        self.qtbot.waitUntil(task.done, timeout=TIMEOUT_MS * 3)
        return task.result()

    def open(self, fqsn: str | None = None, **choices) -> Program:
        session = Session(
            config=choices.pop("config", Config()),
            paths=self.paths,
            fqsn=fqsn,
            usual_fqsn=DEMO_MARKET,
            **choices,
        )
        self.program = self.run(self._stack.enter_async_context(open_program(session, self.faults)))
        self.program.ems.hub.feed(DEMO_MARKET).paused = True
        return self.program

    def close(self) -> None:
        stack, self._stack = self._stack, AsyncExitStack()
        self.run(stack.aclose())

    def until(self, condition) -> None:
        self.qtbot.waitUntil(condition, timeout=TIMEOUT_MS)

    @property
    def window(self):
        return self.program.window

    @property
    def chart(self):
        return self.program.page.chart

    def tool(self, name: str) -> QToolButton:
        return self.window.findChild(QToolButton, name)

    def choose(self, tool: str, *path: str) -> None:
        """Open the menu of a button with the mouse and click an entry of it."""
        button = self.tool(tool)
        menu = button.menu()
        menu.aboutToShow.emit()
        for text in path:
            action = next(one for one in menu.actions() if one.text() == text)
            menu = action.menu() or menu
        action.trigger()

    def notices(self) -> list[str]:
        return [row.text for row in self.window.tables.messages.rows()]
