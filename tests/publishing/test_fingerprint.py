"""What was meant is known again, whatever a platform does to links, blanks and unseen characters."""

from __future__ import annotations

import pytest

from publishing import fingerprint


@pytest.mark.parametrize(
    ("shown", "same"),
    [
        ("Road closed at  Saltmere.\nMore: https://t.co/abc", True),
        ("Road closed at Saltmere.\u200b More: https://wealdshire.example/road", True),
        ("Road open at Saltmere. More: https://t.co/abc", False),
    ],
)
def test_likeness_is_whole_only_where_the_words_are_the_same(shown, same):
    meant = "Road closed at Saltmere. More: https://wealdshire.example/road"
    assert (fingerprint.likeness(meant, shown) == 100) == same


def test_a_fingerprint_tells_words_links_and_pictures_apart():
    one = fingerprint.of("Road closed https://wealdshire.example/a", ["aa"])
    assert one == fingerprint.of(" Road   closed  https://wealdshire.example/a.", ["aa"])
    others = {
        fingerprint.of("Road open https://wealdshire.example/a", ["aa"]),
        fingerprint.of("Road closed https://wealdshire.example/b", ["aa"]),
        fingerprint.of("Road closed https://wealdshire.example/a", ["bb"]),
    }
    assert len(others) == 3
    assert one not in others


def test_composed_and_decomposed_letters_are_one():
    assert fingerprint.of("Caf\u00e9") == fingerprint.of("Cafe\u0301")
