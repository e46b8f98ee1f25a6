"""Payloads as jsonb takes them: what is fine comes back as it came, what is not is written out and nothing is lost."""

import json

import pytest

from moderation import storable


@pytest.mark.parametrize(
    "given",
    [{}, [], "words", None, True, 1.5, {"text": "“ü” 🚓", "n": [1, {"a": None}]}, {"a": "\x1f\u2028"}],
)
def test_what_is_fine_comes_back_as_it_came(given):
    assert storable.payload(given) == given


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"a": "x\x00y"}, {"a": "x\\u0000y"}),
        ({"a\x00": 1}, {"a\\u0000": 1}),
        ({"a": ["\ud800", "🚓"]}, {"a": ["\\ud800", "🚓"]}),
        ({"a": float("nan"), "b": float("inf")}, {"a": "nan", "b": "inf"}),
        ({"a": {1, }}, {"a": "{1}"}),
        ({"a": "\\u0000"}, {"a": "\\u0000"}),
        ({("a", 1): 2}, {"('a', 1)": 2}),
    ],
)  # fmt: skip
def test_what_jsonb_does_not_take_is_written_out(given, kept):
    assert storable.payload(given) == kept
    json.dumps(storable.payload(given), allow_nan=False).encode()


def test_one_nested_without_end_is_named_as_such():
    deep = []
    deep.append(deep)
    with pytest.raises(RecursionError):
        storable.payload(deep)
