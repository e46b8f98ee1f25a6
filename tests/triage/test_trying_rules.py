"""What a rule switched off or on, or a floor, would change: told before it goes live, and nothing is switched."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from django.core.management import call_command

from core import clock
from core.commands import CommandRefused
from moderation.actions import triage as actions
from moderation.models import Comment
from moderation.triage.rules import RULES
from tests.moderation.comments import a_comment

FAREWELL = "life.first_person_suicide"


@pytest.fixture
def comments(force_account):
    cry = a_comment(force_account, "I am going to kill myself tonight")
    quiet = a_comment(force_account, "lovely horses today")
    old = a_comment(
        force_account, "I am going to kill myself tonight", received_at=clock.now() - timedelta(days=8)
    )
    return cry, quiet, old


def tried(*given: str, days: int = 7) -> dict:
    out = io.StringIO()
    call_command("triage", "try-rules", *given, "--days", str(days), "--json", stdout=out)
    return json.loads(out.getvalue())


def test_a_rule_tried_off_says_which_comments_would_sink_and_changes_none(comments):
    cry, *_ = comments
    said = tried("--off", FAREWELL)
    assert (said["comments"], said["lower"], said["higher"]) == (2, 1, 0)
    assert (said["surfaced_before"], said["surfaced_after"]) == (1, 0)
    assert [row["comment"] for row in said["examples"]] == [cry.pk]
    assert said["reaching"]["suicide_self_harm"]["1"] == [1, 0]
    assert tried("--off", FAREWELL, days=30)["lower"] == 2
    assert cry.text not in json.dumps(said)
    assert set(Comment.objects.values_list("priority", flat=True)) == {cry.priority}
    assert any(rule.name == FAREWELL for rule in RULES)


def test_what_is_switched_off_is_tried_on_as_a_category_and_as_one_rule(comments, sergeant_okafor):
    actions.switch_off(actor=sergeant_okafor, categories=["suicide_self_harm"], why="Too many of a film")
    for name in (FAREWELL, "suicide_self_harm"):
        said = tried("--on", name)
        assert (said["higher"], said["surfaced_before"], said["surfaced_after"]) == (1, 0, 1)
    with pytest.raises(CommandRefused, match="says nothing already"):
        tried("--off", FAREWELL)


def test_a_floor_is_told_in_alerts_a_shift(comments):
    said = tried("--floor", "suicide_self_harm=1", "--floor", "missing_person=2")
    assert said["floors"]["suicide_self_harm"] == {"priority": 1, "alerts": 1, "per_shift": 0.1}
    assert said["floors"]["missing_person"]["alerts"] == 0
    assert said["higher"] == said["lower"] == 0
    out = io.StringIO()
    call_command(
        "triage", "try-rules", "--off", FAREWELL, "--floor", "suicide_self_harm=1", stdout=out, stderr=out
    )
    assert "Nothing was switched." in out.getvalue()
    assert "would alert the desk 0 times" in out.getvalue()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ([], "Say what to try"),
        (["--off", "life.no_such"], "no rule and no category “life.no_such”"),
        (["--off", "none"], "no rule and no category"),
        (["--on", FAREWELL], "is on already"),
        (["--floor", "suicide_self_harm=5"], "is no floor"),
        (["--floor", "traffic=1"], "is no floor"),
        (["--off", FAREWELL, "--days", "0"], "1 to 90 days"),
        (["--off", FAREWELL, "--days", "91"], "1 to 90 days"),
    ],
)
def test_what_cannot_be_tried_is_refused_in_a_sentence_with_status_2(wealdshire, given, sentence):
    with pytest.raises(CommandRefused, match=sentence) as refused:
        call_command("triage", "try-rules", *given)
    assert refused.value.returncode == 2
