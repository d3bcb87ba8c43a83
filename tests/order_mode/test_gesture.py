import hypothesis.strategies as st
import pytest
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from order_mode.gesture import CANCEL_TWICE_NS, Command, Gesture, Intent
from order_mode.keymap import Keymap, parse_keymap


@pytest.fixture
def hands():
    return Gesture(Keymap())


def press(hands, *keys, **facts):
    return [hands.press(key, time_ns=0, **facts) for key in keys][-1]


@pytest.mark.parametrize(("key", "action"), [("f", "buy"), ("d", "sell"), ("a", "alert")])
def test_a_held_order_key_stages_a_dark_order(hands, key, action):
    assert press(hands, key) is Command.HOLD
    assert hands.intent == Intent(action, "dark")
    assert hands.release(key)
    assert hands.intent is None


@pytest.mark.parametrize("live", ["s", "ctrl"])
@pytest.mark.parametrize("order", [0, 1])
def test_a_live_key_makes_it_live_whichever_comes_first(hands, live, order):
    keys = ["f", live][:: 1 if order else -1]
    press(hands, *keys)
    assert hands.intent == Intent("buy", "live")
    hands.release(live)
    assert hands.intent == Intent("buy", "dark")


def test_a_live_key_alone_stages_nothing(hands):
    press(hands, "s", "ctrl")
    assert hands.intent is None


def test_a_modifier_that_was_down_before_the_focus_came_counts(hands):
    press(hands, "f", modifiers=frozenset({"ctrl"}))
    assert hands.intent == Intent("buy", "live")


def test_a_modifier_that_went_up_unseen_does_not_count(hands):
    press(hands, "ctrl", "f", modifiers=frozenset({"ctrl"}))
    hands.release("f")
    press(hands, "f", modifiers=frozenset())
    assert hands.intent == Intent("buy", "dark")


def test_two_order_keys_stage_nothing_and_say_so(hands):
    press(hands, "f", "d")
    assert hands.intent is None
    assert "buy and sell" in hands.conflict
    hands.release("d")
    assert hands.intent == Intent("buy", "dark")
    assert hands.conflict == ""


def test_auto_repeat_is_ours_and_changes_nothing(hands):
    assert press(hands, "f", auto_repeat=True) is Command.KEEP
    assert hands.intent is None
    press(hands, "f")
    assert not hands.release("f", auto_repeat=True)
    assert hands.intent is not None


def test_escape_unstages_until_the_key_is_pressed_anew(hands):
    press(hands, "f")
    assert press(hands, "escape") is Command.UNSTAGE
    assert hands.intent is None
    press(hands, "f", auto_repeat=True)
    assert hands.intent is None
    assert not hands.release("f")
    press(hands, "f")
    assert hands.intent == Intent("buy", "dark")


def test_escape_leaves_the_live_key_held(hands):
    press(hands, "s", "f", "escape", "f")
    assert hands.intent == Intent("buy", "live")


def test_escape_works_with_the_live_modifier_down(hands):
    press(hands, "ctrl", "f", "escape", modifiers=frozenset({"ctrl"}))
    assert hands.intent is None


def test_lost_focus_disarms_everything(hands):
    press(hands, "f", "s", "4")
    hands.disarm()
    assert hands.intent is None
    press(hands, "f", auto_repeat=True)
    assert hands.intent is None
    press(hands, "d")
    assert hands.intent == Intent("sell", "dark")


def test_digits_set_the_slots_while_the_key_is_held(hands):
    press(hands, "f")
    assert press(hands, "1") is Command.SLOTS
    assert press(hands, "2") is Command.SLOTS
    assert hands.intent.slots == 12
    press(hands, "5")
    assert hands.intent.slots == 5
    hands.release("f")
    press(hands, "f")
    assert hands.intent.slots is None


def test_no_slots_is_no_number_of_slots(hands):
    press(hands, "f")
    assert press(hands, "0") is Command.KEEP
    assert hands.intent.slots is None


def test_digits_with_nothing_staged_are_not_ours(hands):
    assert press(hands, "4") is None
    press(hands, "f", "d")
    assert press(hands, "4") is None


def test_two_cancel_keys_in_time_cancel_all(hands):
    assert hands.press("c", time_ns=0) is Command.CANCEL
    assert hands.press("c", time_ns=CANCEL_TWICE_NS) is Command.CANCEL_ALL
    assert hands.press("c", time_ns=CANCEL_TWICE_NS + 1) is Command.CANCEL  # a third starts anew


@pytest.mark.parametrize("between", ["late", "repeat", "other key", "focus lost"])
def test_two_cancel_keys_are_not_always_a_pair(hands, between):
    hands.press("c", time_ns=0)
    match between:
        case "late":
            second = hands.press("c", time_ns=CANCEL_TWICE_NS + 1)
        case "repeat":
            second = hands.press("c", time_ns=1, auto_repeat=True)
        case "other key":
            hands.press("f", time_ns=1)
            second = hands.press("c", time_ns=2)
        case _:
            hands.disarm()
            second = hands.press("c", time_ns=2)
    assert second is not Command.CANCEL_ALL


@pytest.mark.parametrize(
    ("key", "modifiers"),
    [("f", {"alt"}), ("f", {"meta"}), ("f", {"ctrl", "alt"}), ("c", {"ctrl"}), ("c", {"alt"})],
)
def test_shortcuts_of_the_program_around_it_are_not_ours(hands, key, modifiers):
    assert press(hands, key, modifiers=frozenset(modifiers)) is None
    assert hands.intent is None


def test_unknown_keys_are_not_ours(hands):
    assert press(hands, "q") is None
    assert not hands.release("q")


def test_the_keys_are_those_of_the_keymap():
    hands = Gesture(parse_keymap({"buy": "b", "cancel": "x"}))
    assert press(hands, "f") is None
    press(hands, "b")
    assert hands.intent == Intent("buy", "dark")
    assert press(hands, "x") is Command.CANCEL


def test_a_share_of_the_position_is_chosen_while_held_and_only_then(hands):
    assert not hands.wants("h")
    press(hands, "d", "h")
    assert hands.intent == Intent("sell", "dark", share="half")
    press(hands, "e")
    assert hands.intent == Intent("sell", "dark", share="all")
    press(hands, "e")
    assert hands.intent == Intent("sell", "dark")
    press(hands, "h")
    hands.release("d")
    press(hands, "d")
    assert hands.intent == Intent("sell", "dark")  # the next hold begins anew


KEYS = st.sampled_from(
    ["f", "d", "a", "s", "ctrl", "c", "h", "e", "escape", "?", "1", "0", "9", "q", "alt"]
)
MODIFIERS = st.none() | st.frozensets(st.sampled_from(["ctrl", "alt", "shift"]))


class HandsOnKeys(RuleBasedStateMachine):
    """Whatever keys come in whatever order, what is staged is what is really held."""

    @initialize()
    def start(self):
        self.hands = Gesture(Keymap())
        self.down = set()
        self.now = 0

    @rule(key=KEYS, modifiers=MODIFIERS, wait=st.integers(0, 10**9))
    def press(self, key, modifiers, wait):
        self.now += wait
        self.hands.press(key, time_ns=self.now, modifiers=modifiers)
        self.down.add(key)

    @rule(key=KEYS)
    def repeat(self, key):
        before = self.hands.intent
        self.hands.press(key, time_ns=self.now, auto_repeat=True)
        assert self.hands.intent == before

    @rule(key=KEYS)
    def release(self, key):
        self.hands.release(key)
        self.down.discard(key)

    @rule()
    def lose_focus(self):
        self.hands.disarm()
        assert self.hands.intent is None
        assert self.hands.conflict == ""
        self.down.clear()  # what is still down was not pressed here

    @rule()
    def escape(self):
        self.hands.press("escape", time_ns=self.now)
        assert self.hands.intent is None

    @invariant()
    def staged_only_while_its_key_is_held(self):
        intent = self.hands.intent
        if intent is not None:
            key = {"buy": "f", "sell": "d", "alert": "a"}[intent.action]
            assert key in self.down
            assert intent.slots is None or 1 <= intent.slots <= 99


TestHandsOnKeys = HandsOnKeys.TestCase
