"""Scenario files: the three that are shipped, and every way in which one can be broken."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.errors import NotFound
from exercise import scenarios
from exercise.scenarios import CATEGORIES, ScenarioBroken, parse
from moderation.categories import Category
from moderation.models import Clause

WHOLE = """\
name: small-fair
title: The fair
summary: A fair, and a question about it.
minutes: 10
accounts:
  - wealdshire-police
posts:
  - key: p1
    at: "00:00"
    account: wealdshire-police
    text: The fair opens at ten.
comments:
  - key: c1
    at: "01:00"
    under: p1
    by: {handle: jo_h, name: Jo}
    text: Until when?
    category: question
    risk: routine
  - key: c2
    at: "02:00"
    private: true
    account: wealdshire-police
    by: {handle: sam, name: Sam}
    text: Please ring me.
    category: none
    risk: none
    edit: {at: "03:00", text: Please do not ring me.}
    delete_at: "04:00"
"""


def test_a_whole_file_is_read_with_its_truth():
    scenario = parse(WHOLE, source="fair.yaml")
    assert (scenario.name, scenario.minutes, len(scenario.posts)) == ("small-fair", 10, 1)
    question, private = scenario.comments
    assert (question.under, question.at_s, question.category) == ("p1", 60, "question")
    assert (private.private_to, private.edit.at_s, private.delete_at_s) == ("wealdshire-police", 180, 240)


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("name: small-fair", "name: [", None, "not YAML"),
        ("title: The fair\n", "", 1, "needs “title”"),
        ("title: The fair", "title: The fair\ncolour: red", 3, "has no “colour”"),
        ("title: The fair", "title: The fair\ntitle: Again", 3, "twice"),
        ("name: small-fair", "name: Small Fair", 1, "small letters"),
        ("minutes: 10", "minutes: ten", 4, "whole number"),
        ("minutes: 10", "minutes: 1", 21, "after the end"),
        ("  - wealdshire-police\nposts", "  - other-police\nposts", 10, "not among the accounts"),
        ('at: "00:00"', "at: noon", 9, "such as 07:30"),
        ('at: "00:00"', 'at: "00:61"', 9, "such as 07:30"),
        ('at: "01:00"', 'at: "00:00"', 13, "before that is written"),
        ("under: p1", "under: p9", 13, "not in this file"),
        ("under: p1", "under: c2", 13, "which is private"),
        ("    under: p1\n", "", 13, "either “under”"),
        ("key: c2", "key: c1", 20, "used twice"),
        ("key: c2", 'key: "C 2"', 20, "a key is"),
        ("handle: jo_h", "handle: Jo H", 16, "cannot be a handle"),
        ("handle: jo_h", "handle: '@jo_h'", 16, "without @"),
        ("handle: jo_h", "handle: wealdshire-police", 16, "official profile"),
        ("name: Jo}", "name: ''}", 16, "no words"),
        ("text: Until when?", "text: " + "x" * 2001, 17, "at most 2,000"),
        ("text: The fair opens at ten.", "text: " + "x" * 501, 11, "at most 500"),
        ("text: Until when?", "text: [1, 2]", 17, "must be text"),
        ("category: question", "category: quiz", 18, "not a category"),
        ("risk: routine", "risk: huge", 19, "not a risk"),
        ("private: true", "private: maybe", 22, "true or false"),
        ('edit: {at: "03:00"', 'edit: {at: "01:30"', 28, "edited before"),
        ('delete_at: "04:00"', 'delete_at: "02:30"', 29, "deleted before"),
        ("risk: routine", "risk: routine\n    hide_expected: 'No!'", 20, "clause"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(old, new, line, said):
    text = WHOLE.replace(old, new, 1)
    assert text != WHOLE
    with pytest.raises(ScenarioBroken) as refusal:
        parse(text, source="fair.yaml")
    sentence = refusal.value.sentence
    assert sentence.startswith("fair.yaml")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    if line:
        assert f"line {line}:" in sentence
    if said:
        assert said in sentence


@pytest.mark.parametrize(
    "text", ["", "just words", "- a\n- list", "a: &a [*a]", "\x00", "[" * 900_000, "k: \ud800"]
)
def test_what_is_no_scenario_at_all_is_refused(text):
    with pytest.raises(ScenarioBroken):
        parse(text, source="fair.yaml")


def test_files_that_cannot_be_read_are_refused(tmp_path):
    big, latin = tmp_path / "big.yaml", tmp_path / "latin.yaml"
    big.write_bytes(b"#" * (1024 * 1024 + 1))
    latin.write_bytes("name: caf\xe9".encode("latin-1"))
    for path, said in (
        (big, "1 MB"),
        (latin, "UTF-8"),
        (tmp_path, "cannot be read"),
        (Path("no.yaml"), "cannot"),
    ):
        with pytest.raises(ScenarioBroken, match=said):
            scenarios.load(path)


def test_an_unknown_name_is_told_which_there_are():
    with pytest.raises(NotFound, match="market-street"):
        scenarios.named("../secrets")


# What is shipped


def test_six_scenarios_are_shipped_with_more_than_1000_comments():
    shipped = {s.name: s for s in scenarios.shipped()}
    later = {"quayside-attack", "royal-visit", "silent-saturday"}
    assert shipped.keys() == {"market-street", "missing-ellie", "ordinary-saturday"} | later
    assert all(len(shipped[name].comments) >= 150 for name in later)
    assert all(
        one.note for name in later for one in shipped[name].comments if one.risk in ("immediate", "high")
    )
    assert {one.weather for one in shipped["silent-saturday"].weather} >= {"gateway", "fair"}
    shipped = scenarios.shipped()
    assert sum(len(s.comments) for s in shipped) >= 1000
    assert all(s.name == s.name.strip() and s.summary.endswith(".") for s in shipped)


def test_no_two_comments_say_the_same():
    texts = [comment.text.casefold() for s in scenarios.shipped() for comment in s.comments]
    assert len(texts) == len(set(texts))


def test_the_only_telephone_numbers_are_those_kept_for_drama():
    """Source: Ofcom, telephone numbers for use in TV and radio drama programmes."""
    drama = re.compile(r"07700900\d{3}|01632960\d{3}")
    for scenario in scenarios.shipped():
        for said in [*scenario.posts, *scenario.comments]:
            for run in re.findall(r"\+?\d[\d \-()]{7,}\d", said.text):
                assert drama.fullmatch(re.sub(r"\D", "", run)), (scenario.name, said.key)


def test_market_street_hides_exactly_two_cries_for_help():
    immediate = [c for c in scenarios.named("market-street").comments if c.risk == "immediate"]
    assert len(immediate) == 2


def test_the_truth_uses_the_words_of_the_desk(db):
    assert set(Category.values) == CATEGORIES
    clauses = set(Clause.objects.values_list("slug", flat=True))
    expected = {c.hide_expected for s in scenarios.shipped() for c in s.comments} - {""}
    assert expected <= clauses
