"""One reader for every table that people bring: what it takes, and what it says of what it does not take."""

from __future__ import annotations

import pytest

from core import sheets
from core.errors import NotValid

SHAPE = sheets.Shape(
    "people",
    3,
    1024 * 1024,
    known=("email", "posted_at", "asset owner"),
    needed=("email",),
    also={"e-mail": "email"},
)


def test_columns_are_found_whatever_their_case_and_signs_and_the_others_are_empty():
    rows = sheets.read("\ufeffE-Mail,POSTED_AT\r\n a@b.example ,\r\n\r\n,x\r\n".encode(), SHAPE)
    assert rows == [
        {"email": "a@b.example", "posted_at": "", "asset owner": "", "line": "2"},
        {"email": "", "posted_at": "x", "asset owner": "", "line": "4"},
    ]
    assert sheets.read(b"email,asset_owner\na,b\n", SHAPE)[0]["asset owner"] == "b"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "empty"),
        ("posted_at\nx\n", "lacks “email”"),
        ("email,colour\na,b\n", "no column “colour”"),
        ("email,email\na,b\n", "twice"),
        ("email,\na,b\n", "without a name"),
        ("email,line\na,b\n", "without a name"),
        ("email\n", "no row of people"),
        ("email\na\nb\nc\nd\n", "about 5 lines; at most 3"),
        ("email\n" + "a" * 2_000_000, "larger than 1 MB"),
        ('email\n"a', "double quote"),
        ("email;posted_at\na;b\n", "semicolons"),
        ("email\na\x00\n", "no text has"),
    ],
)
def test_what_it_does_not_take_it_says_with_what_to_mend(content, words):
    with pytest.raises(NotValid, match=words) as refused:
        sheets.read(content.encode(), SHAPE)
    assert refused.value.field == "file"


def test_where_others_may_stand_beside_they_are_left_out():
    shape = sheets.Shape("lines", 3, 300_000, known=("words", "key"), needed=("words",), others=True)
    assert sheets.read(b"Colour,Words\nred,Sheep\n", shape) == [{"words": "Sheep", "key": "", "line": "2"}]
    with pytest.raises(NotValid, match="larger than 300 kB"):
        sheets.read(b"words\n" + b"x" * 300_000, shape)


def test_what_it_writes_it_reads():
    text = sheets.written(("email", "posted_at"), [{"email": 'a "b", c'}, ("d", "e\nf")])
    assert [row["email"] for row in sheets.read(text.encode(), SHAPE)] == ['a "b", c', "d"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_cell_that_goes_out_is_never_a_formula(start):
    assert sheets.cell(f"{start}SUM(A1)") == f"'{start}SUM(A1)"


@pytest.mark.parametrize(("given", "kept"), [(None, ""), ("", ""), (7, "7"), ("a=b", "a=b"), (" =b", " =b")])
def test_any_other_cell_goes_out_as_it_is(given, kept):
    assert sheets.cell(given) == kept
