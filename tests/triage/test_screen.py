"""The screen lets nothing slip: rules tried on its word find what they find when each is tried on every text."""

from __future__ import annotations

import random
import re
from pathlib import Path
from re import _constants as sre
from re import _parser

import pytest
from django.conf import settings

from moderation.triage import judge
from moderation.triage.measure import marked_comments
from moderation.triage.rule import Rule, expand
from moderation.triage.rules import RULES
from moderation.triage.screen import Screen, conditions
from moderation.triage.text import Reading


def found_without_the_screen(text, rules=RULES):
    reading = Reading(text)
    return {rule.name: words for rule in rules if (words := rule.matches(reading)) is not None}


def found_with_it(screen, text):
    reading = Reading(text)
    return {
        rule.name: words
        for number, rule in screen.to_try(reading)
        if (words := screen.matches(number, reading)) is not None
    }


@pytest.fixture(scope="module")
def screen():
    return Screen(RULES)


def matched_by(nodes, rng):
    """A text that the parsed expression matches, but for what its look-arounds forbid."""
    parts = []
    for op, value in nodes:
        if op is sre.LITERAL:
            parts.append(chr(value))
        elif op is sre.IN:
            parts.append(_one_of(value, rng))
        elif op is sre.BRANCH:
            parts.append(matched_by(rng.choice(value[1]), rng))
        elif op is sre.SUBPATTERN:
            parts.append(matched_by(value[3], rng))
        elif op in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            least, most, inner = value
            parts += [matched_by(inner, rng) for _ in range(rng.randint(least, min(int(most), least + 2)))]
        elif op in (sre.ANY, sre.NOT_LITERAL):
            parts.append("b")
    return "".join(parts)


def _one_of(members, rng):
    if members[0][0] is sre.NEGATE:
        return "b"
    kind, value = rng.choice(members)
    if kind is sre.LITERAL:
        return chr(value)
    if kind is sre.RANGE:
        return chr(rng.randint(*value))
    return rng.choice("012") if value is sre.CATEGORY_DIGIT else rng.choice("abé1")


def test_what_an_expression_matches_is_tried_and_found_the_same(screen):
    rng = random.Random(20261128)
    everything = [_parser.parse(expand(words)) for rule in RULES for words in (*rule.words, *rule.unless)]
    found = 0
    for rule in RULES:
        for words in rule.words:
            text = matched_by(_parser.parse(expand(words)), rng)
            other = matched_by(rng.choice(everything), rng)
            for one in (f"{text}.", f"#{text}, {other}"):
                expected = found_without_the_screen(one)
                assert found_with_it(screen, one) == expected, one
                found += len(expected)
    assert found > len(RULES) * 3


def test_marked_comments_are_judged_the_same(screen):
    for comment in marked_comments(Path(settings.BASE_DIR) / "exercise" / "scenarios"):
        assert found_with_it(screen, comment.text) == found_without_the_screen(comment.text), comment.key


def test_the_earliest_of_several_ways_is_the_reason_given():
    rule = Rule("test.two", "spam", 5, "Two", words=("late word", "early|early word", "word here"))
    text = "an early word here, then a late word"
    assert (
        found_with_it(Screen([rule]), text) == found_without_the_screen(text, [rule]) == {"test.two": "early"}
    )


def test_an_excluded_match_leaves_the_next_one_to_be_found():
    rule = Rule("test.unless", "spam", 5, "U", words=("kettle", "kettles? on"), unless=("joking",))
    text = "kettle, joking. " + "Something else was said for a long while. " * 5 + "Now the kettles on"
    assert found_with_it(Screen([rule]), text) == found_without_the_screen(text, [rule])
    assert found_with_it(Screen([rule]), text) == {"test.unless": "kettles on"}


@pytest.mark.parametrize("words", ["(?i:stab)", r"\w+ing", "(?:ab)?", "[^a]b", "(?:x|)", "a{0,2}b*"])
def test_an_open_expression_asks_for_nothing_that_its_matches_lack(words):
    rule = Rule("test.open", "spam", 5, "Open", words=(words,))
    for text in ("STAB", "stab", "Going", "zb", "b", "aab", "x", "", "nothing"):
        assert found_with_it(Screen([rule]), text) == found_without_the_screen(text, [rule])


def test_conditions_name_whole_words_where_nothing_else_can_stand_beside_them():
    (first, second) = conditions(r"(?:kick|hit)s? (?:\w+ )?him")
    assert {piece for _, piece in first} == {"kick", "kicks", "hit", "hits"}
    assert {piece for _, piece in second} == {"him"}
    assert conditions(r"\w+ ?") == []


def test_an_expression_that_does_not_compile_marks_the_comment_as_before():
    verdict = judge("words", rules=(Rule("test.bad", "spam", 5, "Bad", words=("(",)),))
    assert verdict.broken
    assert verdict.priority == 2
    assert re.search("rule failed", verdict.findings[0].sentence)
