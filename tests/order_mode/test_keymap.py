import pytest

from ems.errors import EmsError
from order_mode.keymap import DEFAULT_BINDINGS, BadKeymap, Keymap, parse_keymap


def test_the_default_keys_are_those_of_the_design():
    keymap = Keymap()
    names = {key: keymap.name_of(key) for key in ("f", "d", "a", "c", "s", "ctrl", "escape", "?")}
    assert names == {
        "f": "buy",
        "d": "sell",
        "a": "alert",
        "c": "cancel",
        "s": "live",
        "ctrl": "live",
        "escape": "unstage",
        "?": "help",
    }


def test_the_defaults_are_a_keymap_that_a_config_could_have_written():
    config = {binding.name: list(binding.keys) for binding in DEFAULT_BINDINGS}
    assert parse_keymap(config) == Keymap() == parse_keymap({})


def test_a_config_changes_the_bindings_it_names_and_no_other():
    keymap = parse_keymap({"buy": "B", "live": ["shift", "l"]})
    assert keymap.keys_of("buy") == ("b",)
    assert keymap.keys_of("live") == ("shift", "l")
    assert keymap.keys_of("sell") == ("d",)
    assert keymap.name_of("f") is None


def test_two_bindings_may_swap_their_keys():
    keymap = parse_keymap({"buy": "d", "sell": "f"})
    assert (keymap.name_of("d"), keymap.name_of("f")) == ("buy", "sell")


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"buy": "d"}, ('"buy"', '"sell"', '"d"')),
        ({"cancel": ["x", "escape"]}, ('"cancel"', '"unstage"', '"escape"')),
        ({"bye": "b"}, ('"bye"', '"buy"')),
        ({"zzz": "b"}, ('"zzz"', "buy, sell, alert")),
        ({"buy": "5"}, ('"buy"', "digits", "slots")),
        ({"buy": "ctrl"}, ('"buy"', '"ctrl"', '"live"')),
        ({"buy": "control"}, ('"buy"', "'control'", "no key")),
        ({"buy": ""}, ('"buy"', "no key")),
        ({"buy": []}, ('"buy"', "list of keys")),
        ({"buy": 7}, ('"buy"', "7")),
        ({"buy": ["b", 7]}, ('"buy"', "7")),
    ],
)
def test_a_bad_config_is_refused_with_the_names_in_the_sentence(config, words):
    with pytest.raises(BadKeymap) as refused:
        parse_keymap(config)
    assert isinstance(refused.value, EmsError)
    for word in words:
        assert word in str(refused.value)


def test_the_table_for_the_overlay_names_every_key():
    shown = " ".join(keys for keys, _ in Keymap().table())
    for binding in DEFAULT_BINDINGS:
        for key in binding.keys:
            assert key in shown
    assert all(words for _, words in Keymap().table())


def test_no_binding_is_unknown_to_its_own_keymap():
    with pytest.raises(KeyError):
        Keymap().keys_of("market")


def test_a_key_that_is_not_wanted_is_taken_away_but_not_that_of_an_order():
    keymap = parse_keymap({"flatten": [], "reverse": "z"})
    assert (keymap.keys_of("flatten"), keymap.keys_of("reverse")) == ((), ("z",))
    assert (
        "(no key)",
        "close the position at market; asks first, the key once more is a yes",
    ) in keymap.table()


def test_no_default_key_sends_a_market_order_unasked():
    words = {binding.description for binding in DEFAULT_BINDINGS if binding.keys}
    assert not [one for one in words if "market" in one and "asks first" not in one]
