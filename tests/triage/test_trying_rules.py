"""What a rule switched off or on, or a floor, would change: told before it goes live, and nothing is switched."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse

from audit.models import Entry
from core import clock
from core.commands import CommandRefused
from moderation import teaching
from moderation.actions import triage as actions
from moderation.models import Comment, TriageJob
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


def test_the_desk_tries_a_rule_in_the_browser_and_nothing_is_switched(
    client, comments, amira_hussain, joan_pritchard, sergeant_okafor, monkeypatch
):
    monkeypatch.setattr(teaching, "ensure_shipped", lambda: None)
    cry, *_ = comments
    place = reverse("moderation:try_rules")
    client.force_login(amira_hussain)
    assert FAREWELL in client.get(place).content.decode()
    for wrong, says in (
        ({"days": 7}, "Say what to try"),
        ({"days": 0, "off": FAREWELL}, "1"),
        ({"days": 7, "off": "no.such.rule"}, "no.such.rule"),
    ):
        refused = client.post(place, wrong)
        assert (refused.status_code, says in refused.content.decode()) == (422, True), wrong
    page = client.post(place, {"days": 7, "off": FAREWELL})["Location"]
    assert "Waiting, 0 %" in client.get(page).content.decode()
    # Asked for twice it is one; another change waits its turn; a version that is asked for meanwhile is one of its own.
    asked = TriageJob.objects.get()
    assert client.post(place, {"days": 7, "off": FAREWELL})["Location"] == page
    assert "Another change is being tried" in client.post(place, {"days": 7, "off": "spam"}).content.decode()
    version = actions.ask_version(actor=amira_hussain, kind="exemplars", days=30)
    assert version != asked
    assert actions.ask_version(actor=amira_hussain, kind="exemplars", days=30) == version
    actions.fail_job(actor=teaching.TRIAGE, job=version, fault="Enough")

    assert teaching.work_job() == 1
    shown = client.get(page).content.decode()
    for words in (
        "<b>1</b> lower",
        "1 before, 0 after",
        "1 → 0",
        f"comment {cry.pk}",
        "Nothing was switched",
    ):
        assert words in shown, words
    assert cry.text not in shown
    assert set(Comment.objects.values_list("priority", flat=True)) == {cry.priority}
    assert reverse("moderation:triage_job", args=[asked.pk]) in client.get(place).content.decode()
    assert client.get(reverse("moderation:triage_versions")).status_code == 200

    # What somebody switched off in between is said, and nothing is worked out.
    again = client.post(place, {"days": 7, "off": FAREWELL})["Location"]
    actions.switch_off(actor=sergeant_okafor, categories=["suicide_self_harm"], why="Too many of a film")
    assert teaching.work_job() == 1
    assert "says nothing already" in client.get(again).content.decode()
    assert FAREWELL not in client.get(place).content.decode()
    events = list(Entry.objects.filter(event__startswith="triage.").values_list("event", flat=True))
    assert (events.count("triage.trial_asked"), events.count("triage.rules_tried")) == (2, 1)
    client.force_login(joan_pritchard)
    assert client.get(place).status_code in (403, 404)
