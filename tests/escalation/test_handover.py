"""A shift goes from one person to the next: what stands is read, kept, and signed by both."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.actions import coverage as hours
from audit.models import Entry
from core import clock
from core.actors import System
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from escalation import handover as queries
from escalation.actions import cases
from escalation.actions import handover as actions
from escalation.models import Handover, HandoverSignature, Pathway
from moderation import restrictions
from moderation.actions import desk, restricting
from moderation.actions import surges as surging
from moderation.models import Clause, IngestGap
from notices.models import Notice
from publishing.actions.lockdown import start_lockdown
from tests import comments

PAGE = reverse("escalation:handovers")


@pytest.fixture
def a_night(force_account, amira_hussain, sergeant_okafor, wealdshire):
    """A cry that nobody has, one claimed question, a case with nobody, a surge, a deaf channel, a lockdown."""
    cry = comments.write(
        force_account, "I can't do this any more", priority=1, category="suicide_self_harm", by="jo"
    )
    asked = comments.write(force_account, "Is the road open?", by="sam")
    desk.claim(actor=amira_hussain, comment=asked)
    case = cases.open_case(
        actor=amira_hussain,
        official_account=force_account,
        pathway=Pathway.objects.order_by("pk")[0],
        title="Somebody on the bridge",
        why="Seen by two people",
    )
    surging.start(actor=amira_hussain, account=force_account, why="Disorder")
    IngestGap.objects.create(
        official_account=force_account, begins_at=clock.now() - timedelta(minutes=20), why="No answer"
    )
    start_lockdown(actor=sergeant_okafor, why="Incident at the station")
    hours.add_hours(
        actor=System("seed"),
        account=force_account,
        team=wealdshire.teams["Digital desk"],
        days=[(clock.in_london(clock.now()).weekday() + 3) % 7],
        from_hour=0,
        until_hour=1,
    )
    return cry, asked, case


def by_slug(sections):
    return {section.slug: section for section in sections}


def test_the_page_is_made_from_what_stands_now_and_holds_none_of_the_publics_words(
    client, a_night, amira_hussain, pc_nair
):
    cry, asked, case = a_night
    page = by_slug(queries.live(amira_hussain))
    assert {
        slug: page[slug].count for slug in ("lockdown", "unacknowledged", "surges", "deaf", "claimed")
    } == {
        "lockdown": 1,
        "unacknowledged": 1,
        "surges": 1,
        "deaf": 1,
        "claimed": 1,
    }
    assert [line.priority for line in page["risks"].lines] == [1]
    assert "nobody has it" in page["risks"].lines[0].text
    assert "Amira Hussain has it" in page["claimed"].lines[0].text
    assert case.reference in page["unacknowledged"].lines[0].text
    assert "risk of that is not recorded" in page["unwatched"].lines[0].text
    client.force_login(amira_hussain)
    shown = client.get(PAGE).content.decode()
    assert "Somebody on the bridge" in shown
    assert "can't do this" not in shown
    entry = Entry.objects.get(event="handover.viewed")
    assert sorted(entry.shown_ids) == sorted([cry.pk, asked.pk])
    client.force_login(pc_nair)
    assert client.get(PAGE).status_code == 403


def test_who_was_silenced_by_hand_on_the_platform_stands_there_too(a_night, amira_hussain, monkeypatch):
    _, asked, _ = a_night
    monkeypatch.setattr(restrictions, "why_not_from_here", lambda comment, one: "No program may do this.")
    monkeypatch.setattr(restrictions, "by_hand", lambda comment, one: "Do it there.")
    restricting.restrict(
        actor=amira_hussain,
        comment=asked,
        revision_number=1,
        kind="mute",
        clause=Clause.objects.get(slug="abuse"),
        why="Floods the thread",
        by_hand=True,
    )
    line = by_slug(queries.live(amira_hussain))["silenced"].lines[0]
    assert line.text.startswith("Commenter muted on Wealdshire Police by Amira Hussain")
    assert line.address == reverse("moderation:conversation", args=[asked.pk])


def test_both_sign_and_what_stood_is_kept_as_it_was(
    client, a_night, amira_hussain, tom_beckett, sergeant_okafor
):
    client.force_login(amira_hussain)
    assert client.post(PAGE, {"incoming": ""}).status_code == 422
    answer = client.post(PAGE, {"incoming": tom_beckett.pk, "note": "Ring the bridge team"}, follow=True)
    assert "Waits for the signature of Tom Beckett" in answer.content.decode()
    handover = Handover.objects.get()
    address = reverse("escalation:handover", args=[handover.pk])
    assert client.post(PAGE, {"incoming": sergeant_okafor.pk}).status_code == 409
    assert client.post(address, {"do": "sign"}).status_code == 403
    assert Notice.objects.filter(to=tom_beckett, key=f"handover-{handover.pk}").count() == 1
    _, asked, _ = a_night
    desk.no_action(actor=amira_hussain, comment=asked, revision_number=1)
    client.force_login(tom_beckett)
    assert "hands the shift over to you" in client.get(reverse("home")).content.decode()
    assert "Ring the bridge team" in client.get(address).content.decode()
    assert "Signed by both" in client.post(address, {"do": "sign"}, follow=True).content.decode()
    with pytest.raises(TransitionNotAllowed, match="signed by both"):
        actions.take_over(actor=tom_beckett, handover=handover)
    out, taken = HandoverSignature.objects.order_by("id")
    assert (out.side, out.person, taken.side, taken.person) == (
        "outgoing",
        amira_hussain,
        "incoming",
        tom_beckett,
    )
    assert by_slug(queries.from_data(out.page))["claimed"].count == 1
    assert by_slug(queries.from_data(taken.page))["claimed"].count == 0
    signed = Entry.objects.filter(event__in=["handover.begun", "handover.signed"]).order_by("pk")
    assert [e.event for e in signed] == ["handover.begun", "handover.signed"]


def test_what_nobody_takes_over_stands_before_the_supervisor_until_it_is_withdrawn(
    client, a_night, amira_hussain, tom_beckett, sergeant_okafor, joan_pritchard
):
    with pytest.raises(NotValid):
        actions.hand_over(actor=amira_hussain, incoming=amira_hussain)
    with pytest.raises(NotValid):
        actions.hand_over(actor=amira_hussain, incoming=joan_pritchard)
    handover = actions.hand_over(actor=amira_hussain, incoming=tom_beckett)
    assert queries.unsigned(sergeant_okafor) == []
    with time_machine.travel(clock.now() + timedelta(minutes=16), tick=False):
        assert queries.unsigned(sergeant_okafor) == [handover]
        client.force_login(sergeant_okafor)
        assert "Tom Beckett has not signed" in client.get(reverse("home")).content.decode()
    with pytest.raises(NotPermitted):
        actions.withdraw(actor=tom_beckett, handover=handover)
    actions.withdraw(actor=sergeant_okafor, handover=handover)
    with pytest.raises(TransitionNotAllowed, match="withdrawn"):
        actions.take_over(actor=tom_beckett, handover=handover)
    assert actions.hand_over(actor=amira_hussain, incoming=tom_beckett).is_open


def test_the_database_keeps_it_to_two_people_and_two_signatures(a_night, amira_hussain, tom_beckett):
    handover = actions.hand_over(actor=amira_hussain, incoming=tom_beckett)
    for given in (
        {"side": "outgoing", "person": tom_beckett},
        {"side": "incoming", "person": amira_hussain},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            HandoverSignature.objects.create(
                handover=handover, person_name="x", at=clock.now(), page=[], **given
            )
    with pytest.raises(IntegrityError), transaction.atomic():
        Handover.objects.filter(pk=handover.pk).update(incoming=amira_hussain)
