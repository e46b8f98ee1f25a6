"""Papers print what people wrote, in their own letters; what cannot be printed stands as its number."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pypdf
import pytest

from core import letters
from core.paper import Paper

AT = datetime(2026, 11, 30, tzinfo=UTC)


def read(*texts: str) -> str:
    """What a reader takes out of a paper that says these texts."""
    paper = Paper("Paper", head="Wealdshire Police", at=AT)
    for text in texts:
        paper.text_block(text, exact=True)
    return _said(paper)


def _said(paper: Paper) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(paper.whole())).pages)


@pytest.mark.parametrize(
    "said",
    [
        "Zażółć gęślą jaźń, Łukasz",
        "Sgŵâr y tŷ, ŵyl Llŷn",
        "Ștefan și Țuțea",
        "Я видел его у моста",
        "😀 💀 🕯",
    ],
)
def test_what_somebody_wrote_is_printed_as_they_wrote_it(said):
    assert said in read(said)


@pytest.mark.parametrize(
    "said",
    [
        "میں نے اسے پل کے قریب دیکھا",
        "ਮੈਂ ਉਸਨੂੰ ਪੁਲ ਦੇ ਕੋਲ ਦੇਖਿਆ",
        "আমি তাকে সেতুর কাছে দেখেছি",
        "મેં તેને પુલ પાસે જોયો",
        "שלום עולם",
    ],
)
def test_shaped_and_turned_scripts_have_every_letter(said):
    assert letters.printed(said)[0] == said
    printed = read(said)
    assert "[U+" not in printed
    assert set(said.split()[0]) & set(printed)


def test_plain_words_embed_no_type():
    assert letters.printed("“Plain” – with a £ and an é…") == ('"Plain" - with a £ and an é...', ())
    paper = Paper("Paper", head="Head", at=AT)
    paper.text_block("Plain")
    assert b"FontFile2" not in paper.whole()


@pytest.mark.parametrize(
    ("said", "stands"),
    [
        ("turned \u202eround", "turned [U+202E]round"),
        ("中", "[U+4E2D]"),
        ("a\x00b", "a[U+0000]b"),
        ("Łódź 中", "Łódź [U+4E2D]"),
    ],
)
def test_what_cannot_be_printed_or_would_deceive_stands_as_its_number(said, stands):
    assert letters.printed(said)[0] == stands
    assert stands in read(said)


def test_a_table_and_facts_take_the_letters_of_each_cell():
    paper = Paper("Świadek", head="Heddlu Ŵyl", at=AT)
    paper.facts([("Nazwisko", "Wójcik"), ("שם", "Łukasz")])
    paper.ruled(["Kto", "Cóż"], [["Łukasz", "1"], ["Jo", "2"]])
    paper.bars([("Gdańsk", 2.0), ("Hull", 1.0)])
    said = _said(paper)
    for part in ("Świadek", "Ŵyl", "Wójcik", "Łukasz", "Jo", "Gdańsk", "Hull"):
        assert part in said


def test_lines_that_begin_in_another_script_stay_readable_over_the_end_of_a_page():
    paper = Paper("Paper", head="Head", at=AT)
    paper.text_block("\n".join(f"שלום {number}" for number in range(120)))
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(paper.whole())).pages]
    assert len(pages) > 2
    said = "\n".join(pages)
    assert [number for number in range(120) if str(number) not in said] == []


def test_no_word_of_a_head_is_broken_and_the_table_fills_the_page():
    heads = ["Priority", "In time", "Received", "Answering", "Nine in ten at most of those in the period"]
    paper = Paper("Times", head="OFFICIAL", at=AT)
    paper.ruled(heads, [["Routine, can wait", "100 %", "52", "8 %", "2 hours"]] * 3, numbers=[1, 2, 3])
    said = _said(paper)
    assert all(head in said for head in heads)
    assert sum(paper._wanted([heads, ["1"] * 5])) == pytest.approx(paper.epw)


def test_a_long_row_of_days_is_drawn_whole_with_its_first_middle_and_last_named():
    paper = Paper("Days", head="OFFICIAL", at=AT)
    drawn = []
    paper.rect = lambda *where, **how: drawn.append(where)
    paper.columns([(f"day {number}", number * 100) for number in range(31)])
    assert len(drawn) == 31
    tall = [high for _, _, _, high in drawn]
    assert tall == sorted(tall)
    said = _said(paper)
    assert all(words in said for words in ("day 0", "day 15", "day 30", "3,000"))
