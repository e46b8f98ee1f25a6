"""What is suggested to be redacted, and that what is burned is gone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.redaction import MARK, NAME, Span, burn, find, pieces, suggest


@pytest.mark.parametrize(
    ("text", "found", "what"),
    [
        ("Ring me on 07700 900123 please", "07700 900123", "telephone number"),
        ("or (01632) 960 001.", "(01632) 960 001", "telephone number"),
        ("+44 7700 900 456", "+44 7700 900 456", "telephone number"),
        ("I live at WD1 9ZZ now", "WD1 9ZZ", "postcode"),
        ("sw1a1aa", "sw1a1aa", "postcode"),
        ("my number is QQ 12 34 56 C", "", ""),  # Q is never used
        ("my number is AB 12 34 56 C", "AB 12 34 56 C", "National Insurance number"),
        ("a blue AB12 CDE went by", "AB12 CDE", "vehicle registration"),
        ("it was a P123 ABC", "P123 ABC", "vehicle registration"),
        ("write to kim.lee@example.org", "kim.lee@example.org", "e-mail address"),
        ("ask @kim_lee too", "@kim_lee", "handle"),
        ("then Kim Lee came", "Kim Lee", NAME),
        ("and Sgt 1234 Okafor", "Sgt 1234 Okafor", NAME),
        ("999 or 101 at 20:30 on 12/03/2026, log 0412", "", ""),
    ],
)
def test_what_people_of_this_country_write_is_suggested(text, found, what):
    spans = suggest(text)
    if not found:
        assert not [span for span in spans if span.sure]
        return
    assert (found, what) in [(text[span.start : span.end], span.what) for span in spans]


def test_their_own_names_are_not_suggested_and_those_of_others_are():
    text = "Jo Harrow (@jo_harrow) says that kim lee hit @pat"
    assert [
        text[s.start : s.end] for s in suggest(text, theirs=["jo harrow", "@jo_harrow"], others=["Kim Lee"])
    ] == [
        "kim lee",
        "@pat",
    ]


@given(
    text=st.text(max_size=60),
    at=st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=6),
)
def test_what_is_burned_is_gone_and_the_rest_stays(text, at):
    spans = [Span(start, min(start + length, len(text))) for start, length in at if start < len(text)]
    cut = {n for span in spans for n in range(span.start, span.end)}
    kept = "".join(letter for n, letter in enumerate(text) if n not in cut)
    assert burn(text, spans).replace(MARK, "") == kept.replace(MARK, "") or MARK in text
    assert "".join(piece.text for piece in pieces(text, spans)) == text


def test_a_mark_does_not_say_how_long_it_was_and_words_are_found_wherever_they_stand():
    text = "Kim told KIM, and kim left"
    assert burn(text, find(text, "kim")) == f"{MARK} told {MARK}, and {MARK} left"
    assert burn("ab", [Span(0, 1)]) == burn("aaaaab", [Span(0, 5)])
