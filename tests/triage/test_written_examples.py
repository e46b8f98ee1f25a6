"""The examples that ship: enough of them, each written once, in the languages people use."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from moderation.categories import HIGH_RISK, Category

TRIAGE = Path(__file__).parents[2] / "moderation" / "triage"
EXEMPLARS, COUNTER_EXAMPLES, LANGUAGES = 25, 10, 10
"""The fewest of each that a category ships with; languages beside English for high-risk ones."""
ALIKE = 0.75
"""Share of words two texts may have in common before one of them says nothing new."""
LANGUAGE = re.compile(r"[a-z]{2}")
SCRIPTS = {
    "ar": "\u0600-\u06ff",
    "bn": "\u0980-\u09ff",
    "gu": "\u0a80-\u0aff",
    "ru": "\u0400-\u04ff",
    "ta": "\u0b80-\u0bff",
    "uk": "\u0400-\u04ff",
    "zh": "\u4e00-\u9fff",
}
REAL_NUMBER = re.compile(r"(?<![\d-])0(?!7700 ?900)[1-9](?:[ -]?\d){8,9}(?!\d)")


def words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold().replace("'", "").replace("’", "")))


def nearly_the_same(first: str, second: str) -> bool:
    one, other = words(first), words(second)
    if min(len(one), len(other)) < 4:
        return bool(one) and one == other
    return len(one & other) / len(one | other) >= ALIKE


def pairs_alike(texts: list[str], others: list[str] | None = None) -> list[tuple[str, str]]:
    """Pairs that say the same, within one list or between two; found through their rarest words."""
    among = texts if others is None else others
    holders: dict[str, list[int]] = {}
    for number, text in enumerate(among):
        for word in words(text):
            holders.setdefault(word, []).append(number)
    found = []
    for number, text in enumerate(texts):
        rare = sorted(words(text), key=lambda word: len(holders.get(word, ())))
        # Two texts this alike share one of any (1 - ALIKE) share of a text's words plus one.
        candidates = {
            index
            for word in rare[: len(rare) - int(ALIKE * len(rare)) + 1]
            for index in holders.get(word, ())
            if others is not None or index > number
        }
        found += [(text, among[index]) for index in candidates if nearly_the_same(text, among[index])]
    return found


def written() -> dict[str, dict]:
    return {
        path.stem: yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        for path in sorted((TRIAGE / "exemplars").glob("*.yaml"))
    }


@pytest.fixture(scope="module")
def exemplars() -> dict[str, dict]:
    return written()


def test_every_category_has_examples_enough_and_no_file_is_left_over(exemplars):
    assert set(exemplars) == set(Category.values)
    for slug, content in exemplars.items():
        assert content["category"] == slug
        assert set(content) == {"category", "exemplars", "counter_examples"}
        assert len(content["exemplars"]) >= EXEMPLARS, slug
        assert len(content["counter_examples"]) >= COUNTER_EXAMPLES, slug


def test_each_example_is_a_text_with_its_language_where_it_is_not_english(exemplars):
    for slug, content in exemplars.items():
        for item in content["exemplars"] + content["counter_examples"]:
            assert set(item) in ({"text"}, {"text", "language"}), (slug, item)
            text, language = item["text"], item.get("language")
            assert isinstance(text, str), (slug, item)
            assert text == text.strip() != "", (slug, item)
            assert not REAL_NUMBER.search(text), (slug, "a telephone number that somebody may have", text)
            if language is not None:
                assert LANGUAGE.fullmatch(language), (slug, item)
                assert language != "en", (slug, item)
            if language in SCRIPTS:
                assert re.search(f"[{SCRIPTS[language]}]", text), (slug, item)


def test_high_risk_categories_speak_the_languages_of_the_country(exemplars):
    for slug in HIGH_RISK:
        items = exemplars[slug]["exemplars"]
        languages = {item["language"] for item in items if "language" in item}
        assert len(languages) >= LANGUAGES, (slug, languages)
        assert languages >= {"pl", "ro", "ur", "ar"}, slug
        assert sum("language" not in item for item in items) >= EXEMPLARS, slug


def test_no_example_is_written_twice(exemplars):
    texts = [
        item["text"]
        for content in exemplars.values()
        for kind in ("exemplars", "counter_examples")
        for item in content[kind]
    ]
    assert pairs_alike(texts) == []
