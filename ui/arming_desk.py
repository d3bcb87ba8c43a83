"""What the window does about arming: the user's act, and what ends it outside the EMS."""

from ems.embedded import Ems
from ui.hands_watch import HandsWatch
from ui.screen_lock import ScreenLock
from ui.window import MainWindow


class ArmingDesk:
    """Between one window and its EMS.

    Parameters
    ----------
    account
        The account that the window shows at first.
    """

    def __init__(self, ems: Ems, window: MainWindow, account: str) -> None:
        self._ems = ems
        self._account = account
        self.lock = ScreenLock()
        self._hands = HandsWatch(window, ems.arming.hands_moved)
        self.lock.locked.connect(lambda: ems.arming.end("lock", "the screen was locked"))
        window.arm.arm_asked.connect(lambda name: ems.arm(name, "window"))
        window.arm.disarm_asked.connect(lambda name: ems.disarm(name, "window"))
        window.account_shown.connect(self._on_account)

    def close(self) -> None:
        """Watch no more."""
        self._hands.stop()

    def _on_account(self, account: str) -> None:
        before, self._account = self._account, account
        if before != account:
            why = f"the window turned to {account}"
            self._ems.arming.end("account_change", why, [before])
