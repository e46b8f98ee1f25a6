"""Triage: what surfaces, what does not, disguised words, other languages, broken rules."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from moderation.categories import Category
from moderation.triage import VERSION, judge
from moderation.triage.measure import marked_comments, measure
from moderation.triage.rule import Rule, expand
from moderation.triage.rules import RULES
from moderation.triage.text import Reading, plain
from smmp import bench
from smmp.bench import Measured

SCENARIOS = Path(settings.BASE_DIR) / "exercise" / "scenarios"


WRITTEN_WITH = ("market-street", "missing-ellie", "ordinary-saturday")
"""Scenarios that the rules were written with. The others were written by somebody who did not look at the rules."""


@pytest.fixture(scope="module")
def every():
    return marked_comments(SCENARIOS)


@pytest.fixture(scope="module")
def marked(every):
    return [comment for comment in every if comment.scenario in WRITTEN_WITH]


def test_every_marked_immediate_comment_is_surfaced(marked):
    immediate = [comment for comment in marked if comment.risk == "immediate"]
    assert len(immediate) >= 4
    for comment in immediate:
        assert judge(comment.text, private=comment.private).priority <= 2, comment.key


def test_rules_alone_find_what_they_were_not_written_for(every):
    """Far less than with the model (docs/triage.md), and nothing at the price of alarms."""
    others = [comment for comment in every if comment.scenario not in WRITTEN_WITH]
    figures = measure(others)
    assert len(others) > 400
    assert figures.recall >= 0.3, figures.missed
    assert figures.false_alarm_rate <= 0.12


def test_both_cries_for_help_in_market_street_are_immediate(marked):
    cries = [c for c in marked if c.scenario == "market-street" and c.risk == "immediate"]
    assert [judge(c.text, private=c.private).priority for c in cries] == [1, 1]


def test_most_grave_comments_are_surfaced_and_few_ordinary_ones(marked):
    figures = measure(marked)
    assert figures.recall >= 0.75, figures.missed
    assert figures.false_alarm_rate <= 0.15


@pytest.mark.parametrize(
    "text",
    [
        "I can't do this any more, goodbye everyone",
        "I'm standing on the wrong side of the railings",
        "I've taken all my tablets",
        "nobody would miss me if I was gone",
        "someone is breaking into my house, I'm upstairs with my kids",
        "theres a man with a knife outside tesco",
        "hes got her by the throat in the car park",
        "grandad has collapsed and is not breathing",
        "house on fire on mill lane kids inside",
        "he said he'll stab me if I tell anyone",
        "we are hiding in the bathroom, he's downstairs",
    ],
)
def test_life_at_risk_is_immediate(text):
    assert judge(text).priority == 1


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("my husband hits me and I am scared to go home", Category.DOMESTIC_ABUSE),
        ("my daughter hasn't come home from school", Category.MISSING_PERSON),
        ("my uncle touches me", Category.CHILD_SAFEGUARDING),
        ("he keeps following me home from work", Category.STALKING_HARASSMENT),
        ("my neighbour has dementia and has wandered off", Category.VULNERABLE_ADULT),
        ("everyone meet at the hotel 8pm tonight bring petrol", Category.INCITEMENT_DISORDER),
        ("unmarked cars sat behind the school waiting to raid number 12", Category.OPERATION_EXPOSED),
        ("lets go round his house and drag him out", Category.WRONGLY_NAMED_VIGILANTISM),
        ("bomb in a bag at the bus station", Category.TERRORISM),
        ("they pulled my mum's hijab off on the bus", Category.HATE_CRIME),
        (
            "LOST my daughter Poppy aged 5 yellow dress by the whelk stall please help",
            Category.MISSING_PERSON,
        ),
        ("my mum Joan was at the market, she is 71 and she doesn't answer", Category.MISSING_PERSON),
        ("Got a little one here eating cockles. She says her mum is lost", Category.MISSING_PERSON),
        ("it's Danny Ferrowby, everyone knows what he did", Category.WRONGLY_NAMED_VIGILANTISM),
    ],
)
def test_grave_matters_are_high_and_named(text, category):
    verdict = judge(text)
    assert verdict.priority <= 2
    assert category in {finding.category for finding in verdict.findings}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("police raid tonight, everyone come down mill lane and smash the vans lads", "disorder.incitement"),
        (
            "unmarked cops parked behind the hospital on Mill Lane, go round the back",
            "disorder.operation_exposed",
        ),
        ("immigration raid about to happen at number 12 mill lane", "disorder.operation_exposed"),
        ("heads up lads, cops hiding behind the railway crossing", "disorder.police_positions"),
        ("lost my daughter at the fair, aged 5, please ring 07700 900123", "people.lost_in_a_crowd"),
    ],
)
def test_a_harmless_word_nearby_does_not_silence_a_rule(text, rule):
    assert rule in {finding.rule for finding in judge(text).findings}


@pytest.mark.parametrize(
    "text",
    [
        "this traffic is killing me",
        "I could murder a curry",
        "I'd kill for a pint right now",
        "my feet are killing me after that shift",
        "City got battered 4-0 at home",
        "we absolutely murdered them 3-0 lol",
        "the new Suicide Squad film is on tonight",
        "dying of boredom in this queue",
        "Great shoot by the photography club",
        "Bath bombs half price on the market",
        "Can you tell me when the road opens?",
        "Thank you to the officers who helped my nan",
        "bins not collected again",
        "My kids loved meeting the police dog",
        "Our mosque is holding an open day on Saturday, everyone is welcome",
        "Proud gay dad here, thanks for marching with us",
        "My Polish neighbours brought us cake",
        "My dog cut her paw on the glass in the bandstand",
        "Lost my dad to cancer last year, please sponsor my run",
        "It's a Tuesday in June and Mary Jane at the harbour has fresh crab",
        "You'll be dead to me if you put pineapple on that",
        "He asked what happens when you're dead and nan said nobody knows",
    ],
)
def test_figures_of_speech_and_ordinary_talk_are_not_surfaced(text):
    assert judge(text).priority > 2


@pytest.mark.parametrize(
    "text",
    [
        "going to k1ll myself",
        "k.i.l.l m.y.s.e.l.f tonight",
        "I will k*ll myself",
        "im gonna kіll myself",  # a Cyrillic і
        "going to kill\u200b my\u00adself",
        "I AM GOING TO KIIIILL MYSEEELF",
        "g̷o̷i̷n̷g̷ to k̸i̸l̸l̸ myself",
        "ｇｏｉｎｇ　ｔｏ　ｋｉｌｌ　ｍｙｓｅｌｆ",
        "I’m going to kill myself",
        "going to\nkill\tmyself",
    ],
)
def test_disguised_words_are_read(text):
    assert judge(text).priority == 1


def test_one_sentence_at_the_end_of_a_long_message_counts():
    assert (
        judge("We had a lovely day at the fair. " * 400 + "I am going to end it all tonight.").priority == 1
    )


def test_a_joke_far_from_the_risk_does_not_cover_it():
    text = (
        "lol that was funny. "
        + "We went on to the shops and had tea. " * 12
        + "I am going to kill myself tonight."
    )
    assert judge(text).priority == 1


@pytest.mark.parametrize(
    "text",
    [
        "pomocy on mnie zabije",
        "mujhe bachao wo mujhe mar dega",
        "ساعدوني",
        "Помогите, он меня убьет",
        "আমাকে বাঁচাও",
    ],
)
def test_danger_in_another_language_is_high(text):
    verdict = judge(text)
    assert verdict.priority <= 2
    assert "nobody has read it yet" in verdict.findings[0].sentence


def test_another_language_without_danger_waits_for_a_reader_ahead_of_small_talk():
    verdict = judge("Dzień dobry, gdzie jest parking? Czy most jest już otwarty dla nas?")
    assert verdict.priority == 3
    assert "Not in English" in verdict.findings[0].sentence


def test_private_messages_are_read_sooner_within_the_routine_band():
    assert (
        judge("Lovely to see you today").priority
        == judge("Lovely to see you today", private=True).priority + 1
    )
    assert judge("When does the road open?").priority == 4
    assert judge("When does the road open?", private=True).priority == 3


def test_the_name_of_the_official_account_raises_nothing():
    text = "Well done Suicide Prevention and Murder Squad, good to see"
    assert judge("Is Stab Vest Team here today", account_name="Stab Vest Team").priority >= 4
    assert judge(text, account_name="Suicide Prevention and Murder Squad").priority >= 4


def test_a_rule_that_breaks_sends_the_comment_to_people_and_hides_no_finding():
    def broken(reading):
        raise RuntimeError("words of the public")

    faulty = Rule("test.broken", Category.SPAM, 5, "Breaks", test=broken)
    verdict = judge("Lovely day", rules=(faulty,))
    assert (verdict.broken, verdict.priority, verdict.category) == (True, 2, Category.NONE)
    verdict = judge("I am going to kill myself", rules=(faulty, *RULES))
    assert (verdict.broken, verdict.priority, verdict.category) == (True, 1, Category.SUICIDE_SELF_HARM)
    assert "test.broken" in {finding.rule for finding in verdict.findings}


def test_findings_stand_worst_first_with_a_sentence_each():
    verdict = judge("Why is nobody answering 101? There is a man with a knife outside tesco, please hurry")
    assert [f.priority for f in verdict.findings] == sorted(f.priority for f in verdict.findings)
    assert len(verdict.findings) >= 2
    assert all(f.sentence for f in verdict.findings)
    assert "knife" in verdict.findings[0].sentence


@pytest.mark.parametrize("text", ["", "   ", "🙏🙏", "\u200b", "h̷̨̢̛͔e̵͓͝", "\x00", "\ud800", "!!!", "." * 5000])
def test_odd_texts_get_a_verdict(text):
    verdict = judge(text)
    assert 1 <= verdict.priority <= 5
    assert not verdict.broken


def test_emoji_of_danger_are_looked_at():
    assert judge("🔪🩸").priority == 3


@pytest.mark.parametrize(
    "text",
    [
        "a " * 50_000,
        "a" * 100_000,
        "hes 82 " * 14_000,
        "k." * 50_000,
        '"' * 100_000,
        "a@" * 50_000,
        "www." * 25_000,
    ],
    ids=["words", "one word", "half matches", "apart", "quotes", "addresses", "links"],
)
def test_a_hundred_kilobytes_of_anything_are_judged_within_seconds(text):
    started = time.process_time()
    judge(text)
    assert time.process_time() - started < 5


def test_every_rule_has_a_name_of_its_own_a_sentence_and_words_that_compile():
    names = [rule.name for rule in RULES]
    assert len(names) == len(set(names))
    for rule in RULES:
        assert rule.sentence
        assert rule.category in Category.values
        assert 1 <= rule.priority <= 5
        assert not judge("some words", rules=(rule,)).broken
        for pattern in (*rule.words, *rule.also, *rule.unless, *rule.anywhere_unless):
            assert "<" not in expand(pattern).replace("(?<", "")


def test_the_version_names_the_rules():
    assert VERSION.startswith("rules-")
    assert judge("hello").version == VERSION
    assert len(VERSION) <= 20


def test_reading_never_changes_the_original():
    assert Reading("K1LL").original == "K1LL"
    assert plain("K1LL") == "kill"


def test_measure_and_explain_print_what_they_found():
    out = io.StringIO()
    call_command("triage", "measure", "--json", stdout=out)
    figures = json.loads(out.getvalue())
    assert figures["comments"] >= 450
    out = io.StringIO()
    call_command("triage", "explain", "I am going to kill myself", stdout=out)
    assert "life.first_person_suicide" in out.getvalue()
    out = io.StringIO()
    call_command("triage", "explain", "--json", "I am going to kill myself", stdout=out)
    explained = json.loads(out.getvalue())
    assert (explained["priority"], explained["findings"][0]["rule"]) == (1, "life.first_person_suicide")
    out = io.StringIO()
    call_command("triage", "measure", stdout=out)
    assert "Suicide or self-harm" in out.getvalue()


def test_the_bench_says_whether_its_target_is_met(monkeypatch):

    monkeypatch.setitem(
        bench.BENCHES, "triage", lambda: [Measured("comments judged", 900, "per second", 600)]
    )
    out = io.StringIO()
    call_command("bench", "triage", stdout=out)
    assert "met" in out.getvalue()
    monkeypatch.setitem(bench.BENCHES, "triage", lambda: [Measured("comments judged", 10, "per second", 600)])
    with pytest.raises(SystemExit) as end:
        call_command("bench", "triage", "--json", stdout=out)
    assert end.value.code == 1
