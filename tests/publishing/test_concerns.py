"""You said, we did: a worry is taken up, done, and published by somebody else."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from audit.models import Entry
from core import clock, crowd
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TransitionNotAllowed
from moderation.actions import meetings as desk_actions
from publishing.actions import concerns, lockdown
from publishing.models import Concern, Lockdown, Post
from publishing.workflow_campaigns import CONCERN
from tests import comments

SAID = "Cars race along Mill Lane in the evening."
DID = "We checked speeds on six evenings."


@pytest.fixture(autouse=True)
def nothing_kept():
    crowd.forget()
    yield
    crowd.forget()


@pytest.fixture
def area(wealdshire):
    return wealdshire.neighbourhoods["Harrowfield"]


@pytest.fixture
def worry(area, pc_nair):
    return concerns.raise_concern(actor=pc_nair, neighbourhood=area, said=SAID)


def planned(worry, by, *, due_on=None):
    return concerns.plan(
        actor=by, concern=worry, said=SAID, what="Speed checks", owner=by, due_on=due_on or clock.today()
    )


def done(worry, by):
    return concerns.report(actor=by, concern=planned(worry, by), said=SAID, result=DID)


def public(area):
    crowd.forget()
    return Client().get(reverse("publishing_public:you_said", args=[area.slug])).content.decode()


def test_a_result_is_published_by_somebody_who_did_not_write_it(worry, area, pc_nair, helen_achebe):
    with pytest.raises(TransitionNotAllowed):
        concerns.publish(actor=helen_achebe, concern=worry, result_seen="")
    row = done(worry, pc_nair)
    with pytest.raises(NotPermitted):
        concerns.publish(actor=pc_nair, concern=row, result_seen=DID)
    assert DID not in public(area)
    with pytest.raises(NotValid, match="changed after you opened it"):
        concerns.publish(actor=helen_achebe, concern=row, result_seen="Something else")
    concerns.publish(actor=helen_achebe, concern=row, result_seen=DID)
    assert DID in public(area)
    with pytest.raises(NotValid, match="Say why"):
        concerns.take_down(actor=pc_nair, concern=row, why="")
    concerns.take_down(actor=pc_nair, concern=row, why="It was five evenings")
    assert DID not in public(area)
    assert Entry.objects.get(event="concern.published").details["to"] == "the public"


def test_whoever_may_approve_does_not_publish_what_they_wrote_and_the_database_agrees(worry, helen_achebe):
    row = done(worry, helen_achebe)
    with pytest.raises(NotPermitted, match="You wrote this result"):
        concerns.publish(actor=helen_achebe, concern=row, result_seen=DID)
    with pytest.raises(IntegrityError, match="concern_published_by_another"), transaction.atomic():
        Concern.objects.filter(pk=row.pk).update(
            state="published", published_by=helen_achebe, published_at=clock.now()
        )


def test_a_result_that_tells_who_is_kept_only_with_a_reason(worry, pc_nair):
    row = planned(worry, pc_nair)
    told = "We spoke to Colin Marsh at 14 Mill Lane."
    with pytest.raises(NotValid, match="Colin Marsh"):
        concerns.report(actor=pc_nair, concern=row, said=SAID, result=told)
    concerns.report(actor=pc_nair, concern=row, said=SAID, result=told, why_stays="He asked us to say so")


@pytest.mark.parametrize("days", [-1, 367])
def test_a_day_that_has_passed_or_lies_too_far_is_refused(worry, pc_nair, days):
    with pytest.raises(NotValid, match="Choose a day"):
        planned(worry, pc_nair, due_on=clock.today() + timedelta(days=days))
    assert planned(worry, pc_nair, due_on=clock.today() + timedelta(days=366)).owner == pc_nair


def test_another_neighbourhood_is_not_an_officers_own(wealdshire, pc_nair, helen_achebe):
    saltmere = wealdshire.neighbourhoods["Saltmere"]
    with pytest.raises(NotPermitted, match="Saltmere"):
        concerns.raise_concern(actor=pc_nair, neighbourhood=saltmere, said=SAID)
    row = concerns.raise_concern(actor=helen_achebe, neighbourhood=saltmere, said=SAID)
    for act in (
        lambda: planned(row, pc_nair),
        lambda: concerns.drop(actor=pc_nair, concern=row, why="No"),
        lambda: concerns.draft_from(actor=pc_nair, concern=row),
    ):
        with pytest.raises(NotPermitted):
            act()


@pytest.mark.parametrize("kind", [Lockdown.Kind.PAUSE, Lockdown.Kind.COMPROMISE])
def test_nothing_new_is_published_during_a_pause_or_a_lockdown(
    worry, pc_nair, helen_achebe, sergeant_okafor, kind
):
    row = done(worry, pc_nair)
    lockdown.start_lockdown(actor=sergeant_okafor, kind=kind, why="An incident")
    with pytest.raises(TransitionNotAllowed, match="An incident"):
        concerns.publish(actor=helen_achebe, concern=row, result_seen=DID)


def test_a_comment_becomes_a_worry_once_without_who_wrote_or_lives_where(
    client, harrowfield_account, amira_hussain, area
):
    comment = comments.write(harrowfield_account, "Colin Marsh of 14 Mill Lane races his car every night")
    with pytest.raises(ChangedSinceSeen):
        desk_actions.raise_concern(
            actor=amira_hussain, comment=comment, revision_number=2, neighbourhood=area
        )
    client.force_login(amira_hussain)
    assert "You said…" in client.get(reverse("moderation:conversation", args=[comment.pk])).content.decode()
    to = reverse("moderation:raise_concern", args=[comment.pk])
    first = client.post(to, {"revision": 1})
    again = client.post(to, {"revision": 1})
    assert first["Location"] == again["Location"]
    row = Concern.objects.get()
    assert row.said == "Somebody of a street races his car every night"
    assert (row.neighbourhood, row.exercise) == (area, True)
    page = client.get(reverse("moderation:conversation", args=[comment.pk])).content.decode()
    assert "You said, we did: nobody has it yet" in page


def test_what_came_of_an_exercise_is_never_on_a_public_page(area, pc_nair, helen_achebe):
    row = concerns.raise_concern(actor=pc_nair, neighbourhood=area, said=SAID, exercise=True)
    concerns.publish(actor=helen_achebe, concern=done(row, pc_nair), result_seen=DID)
    assert DID not in public(area)


def test_every_move_is_in_the_table():
    for state in CONCERN.states:
        for event in CONCERN.events:
            if not CONCERN.allows(state, event):
                with pytest.raises(TransitionNotAllowed):
                    CONCERN.next(state, event)


def test_a_worry_from_hearing_it_to_a_draft(client, pc_nair, helen_achebe, area, harrowfield_account):
    client.force_login(pc_nair)
    page = client.get(reverse("publishing:concerns")).content.decode()
    assert "Nothing here." in page
    new = reverse("publishing:concern_new")
    assert client.post(new, {"neighbourhood": area.pk, "said": ""}).status_code == 422
    client.post(new, {"neighbourhood": area.pk, "said": SAID})
    row = Concern.objects.get()
    one, step = (reverse(f"publishing:{name}", args=[row.pk]) for name in ("concern", "concern_step"))
    late = {"do": "plan", "said": SAID, "what": "Checks", "owner": pc_nair.pk, "due_on": date(2001, 1, 1)}
    answer = client.post(step, late)
    assert answer.status_code == 422
    assert "Checks" in answer.content.decode()
    client.post(step, {**late, "due_on": clock.today()})
    assert "Harrowfield: Checks" in client.get("/").content.decode()
    client.post(step, {"do": "report", "said": SAID, "result": DID})
    assert "Somebody else who may approve" in client.get(one).content.decode()
    Concern.objects.update(exercise=True)
    answer = client.post(step, {"do": "draft"})
    post = Post.objects.get()
    assert answer["Location"] == reverse("publishing:compose_post", args=[post.pk])
    assert post.words == f"You said: {SAID}\n\nWe did: {DID}"
    client.force_login(helen_achebe)
    assert "A result for Harrowfield waits to be published" in client.get("/").content.decode()
    assert client.post(step, {"do": "publish", "result": "Other"}).status_code == 422
    client.post(step, {"do": "publish", "result": DID})
    assert client.post(step, {"do": "take_down", "why": ""}).status_code == 422
    assert Concern.objects.get().state == "published"
    assert client.get(reverse("publishing:concerns") + f"?area={area.pk}&state=published").status_code == 200
