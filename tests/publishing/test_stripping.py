"""What is taken out of a line of the control room's log: each kind with a line that has it and one that has not."""

from __future__ import annotations

import pytest

from publishing import stripping

PLACES = frozenset({"Harrowfield", "Saltmere", "Cutler’s Cross"})


def kinds(words: str) -> set[str]:
    return {one.kind for one in stripping.look(words, PLACES)}


@pytest.mark.parametrize(
    ("kind", "tells", "does_not"),
    [
        ("somebody’s name", "Colin Marsh is drunk again", "A man is drunk in Harrowfield"),
        ("an address", "Smoke at 14 Mill Lane", "Smoke in Mill Lane"),
        ("part of an address", "Shouting from flat 12", "Shouting from a flat"),
        ("a postcode", "Cows at SA1 2AB", "Cows on the A41"),
        ("the registration of a vehicle", "A van, WX19 ABC, is in a ditch", "A van is in a ditch"),
        ("a telephone number", "He rang from 07700 900123", "He rang at 10:15"),
        ("an e-mail address", "She wrote from jo@example.org", "She wrote an e-mail"),
        ("somebody’s handle", "It was @jo_harrow again", "It was at nine again"),
        ("a date of birth", "Date of birth 12.3.1980", "A card of 12.3.1980"),
        ("an exact place", "Walker lost at 51.50123, -0.12345", "Walker lost at 300 m"),
        ("an exact place", "Walker at ///index.home.raft", "Walker at index, home, raft"),
        ("a reference of ours", "See log 1234/26", "See the log"),
        ("an exact age", "A woman aged 82 has fallen", "A woman has fallen 82 steps"),
    ],
)
def test_it_finds_what_tells_and_leaves_what_does_not(kind, tells, does_not):
    assert kind in kinds(tells)
    assert kind not in kinds(does_not)


def test_a_name_goes_wherever_it_stands_with_title_age_and_possession():
    suggested = stripping.suggest(
        "Mr Colin Marsh, 41, of 14 Mill Lane, Saltmere rang about Marsh’s van WX19 ABC. Colin says call 07700 900123.",
        PLACES,
    )
    assert "Marsh" not in suggested.words
    assert "Colin" not in suggested.words
    assert "41" not in suggested.words
    assert "Saltmere" in suggested.words
    assert suggested.words.startswith("Somebody, of a street, Saltmere rang about somebody’s van a vehicle.")
    assert suggested.words.endswith("call.")


def test_what_it_suggests_has_nothing_left_in_it():
    words = "Joan Perry (82), Flat 3, 22 Quay Street SA1 2AB, born 1.2.1944, log 1234/26, jo@example.org, 07700 900123"
    assert stripping.look(stripping.suggest(words, PLACES).words, PLACES) == []


@pytest.mark.parametrize(
    "words", ["", " ", "...", "a" * 5000, "\u202eevil\u202c", "<b>Colin Marsh</b>", "@" * 900]
)
def test_odd_words_are_read_all_the_same(words):
    assert isinstance(stripping.suggest(words, PLACES).words, str)
