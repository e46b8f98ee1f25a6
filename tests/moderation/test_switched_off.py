"""Triage off at once, whole or of some categories: by rules and model, at ingest and in the queue."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit.models import Entry
from core import clock
from core.actors import System
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from moderation import queries, queries_triage, switched_off
from moderation.actions import desk, ingest
from moderation.actions import triage as actions
from moderation.models import Comment, TriageStop
from tests.moderation.comments import a_comment
from tests.moderation.feed import Feed, message

CRY = "I am going to kill myself tonight"


def _take_in(account, *messages):
    ingest.take_in(
        actor=System("ingest"), official_account=account, messages=messages, source="poll", connector=Feed()
    )


def test_what_is_off_is_not_said_and_what_is_not_off_still_is(force_account, sergeant_okafor):
    actions.switch_off(
        actor=sergeant_okafor, categories=["suicide_self_harm"], why="Song lyrics of a festival"
    )
    _take_in(force_account, message("c1", CRY), message("c2", "I will stab you, I have a knife"))
    assert Comment.objects.get(external_id="c1").category != "suicide_self_harm"
    assert Comment.objects.get(external_id="c2").category == "threat_to_life"
    assert "suicide" in queries_triage.says().lower()


def test_whole_off_everything_is_by_time_in_the_queue_and_for_who_pulls_next(
    client, force_account, sergeant_okafor, amira_hussain, able_platform
):
    now = clock.now()
    late = a_comment(force_account, CRY, priority=1, received_at=now - timedelta(minutes=1))
    early = a_comment(force_account, "Lovely horses", priority=5, received_at=now - timedelta(minutes=9))
    actions.switch_off(actor=sergeant_okafor, why="A wrong version marks everything as urgent")
    _take_in(force_account, message("c1", CRY))
    new = Comment.objects.get(external_id="c1")
    assert (new.priority, new.category, new.findings, new.answer_by) == (5, "none", [], None)
    shown = [row.comment.pk for row in queries.page(amira_hussain, queries.queue(amira_hussain, "open")).rows]
    ours = [pk for pk in shown if pk in (early.pk, late.pk, new.pk)]
    assert ours == [early.pk, late.pk, new.pk]
    behind = queries.later_than((1, now, early.received_at, early.pk))
    assert set(Comment.objects.filter(behind, pk__in=ours)) == {late, new}
    between = a_comment(force_account, "Lovely hats", priority=5, received_at=now - timedelta(minutes=5))
    above = queries.waiting_above(
        amira_hussain,
        queries.queue(amira_hussain, "open"),
        [early.pk, late.pk],
        queries._mark(late),
        queries._mark(early),
    )
    assert (above.count, between.priority) == (1, 5), "by time it stands between the two, by risk below both"
    first = desk.pull_next(actor=amira_hussain)
    assert first.received_at <= early.received_at
    client.force_login(amira_hussain)
    assert (
        "A wrong version marks everything as urgent"
        in client.get(reverse("moderation:desk")).content.decode()
    )


def test_on_again_the_model_reads_what_came_meanwhile(force_account, sergeant_okafor):
    before = a_comment(force_account, received_at=clock.now() - timedelta(days=1))
    Comment.objects.filter(pk=before.pk).update(model_due_at=None)
    actions.switch_off(actor=sergeant_okafor, why="A drill")
    _take_in(force_account, message("c1", CRY))
    Comment.objects.filter(external_id="c1").update(model_due_at=None)
    actions.switch_on(actor=sergeant_okafor)
    assert Comment.objects.get(external_id="c1").model_due_at is not None
    assert Comment.objects.get(pk=before.pk).model_due_at is None
    assert switched_off.off() == frozenset()
    with pytest.raises(TransitionNotAllowed, match="on already"):
        actions.switch_on(actor=sergeant_okafor)
    assert [e.event for e in Entry.objects.filter(event__startswith="triage.switched_o").order_by("id")] == [
        "triage.switched_off",
        "triage.switched_on",
    ]


def test_one_stop_stands_at_a_time_and_only_a_supervisor_with_a_reason_makes_one(
    sergeant_okafor, amira_hussain
):
    with pytest.raises(NotPermitted):
        actions.switch_off(actor=amira_hussain, why="I want to")
    for given, field in (({"why": " "}, "why"), ({"why": "x", "categories": ["no_such"]}, "categories")):
        with pytest.raises(NotValid) as refused:
            actions.switch_off(actor=sergeant_okafor, **given)
        assert refused.value.field == field
    actions.switch_off(actor=sergeant_okafor, categories=["praise"], why="One")
    actions.switch_off(actor=sergeant_okafor, why="All of it")
    assert [one.why for one in TriageStop.objects.filter(ended_at=None)] == ["All of it"]
    with pytest.raises(IntegrityError, match="triage_stop_one_at_a_time"), transaction.atomic():
        TriageStop.objects.create(why="Twice", by=sergeant_okafor, at=clock.now())


def test_it_is_switched_off_and_on_from_the_page_of_versions(client, sergeant_okafor, amira_hussain):
    address, page = reverse("moderation:switch_triage"), reverse("moderation:triage_versions")
    client.force_login(amira_hussain)
    assert "Switch it off at once" not in client.get(page).content.decode()
    assert client.post(address, {"why": "x"}).status_code == 403
    client.force_login(sergeant_okafor)
    refused = client.post(address, {"why": "", "categories": ["praise"]})
    assert refused.status_code == 422
    assert "Say in a sentence why" in refused.content.decode()
    done = client.post(address, {"why": "It marks everything", "categories": ["praise"]}, follow=True)
    assert "Switched off by Sgt Daniel Okafor" in done.content.decode()
    assert "Triage is on again" in client.post(address, {"do": "on"}, follow=True).content.decode()
