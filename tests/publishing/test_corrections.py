"""Changing and deleting what stands on a platform: two people, once, with its history."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit.models import Entry
from core import clock
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from platforms.contract import Capability, IncomingPost
from platforms.exercise.connector import ExerciseConnector
from publishing import queries, sending
from publishing.actions import corrections, lockdown, outbox, posts
from publishing.models import Correction, Delivery, PostChange
from tests.publishing.platform import LOST_ANSWER, raising

State = Delivery.State


@pytest.fixture
def can_edit(monkeypatch):
    """The exercise network lets nobody change a post; a platform that does."""
    monkeypatch.setattr(ExerciseConnector, "capabilities", ExerciseConnector.capabilities | {Capability.EDIT})


@pytest.fixture
def standing(clock_at, platform, leah_brandt, helen_achebe, force_account):
    """A post by Leah that Helen approved, and that went out."""
    post = posts.draft_post(actor=leah_brandt, account_ids=[force_account.pk], words="The bridge is shot.")
    posts.submit_post(actor=leah_brandt, post=post, version_seen=1)
    posts.approve_post(actor=helen_achebe, post=post, version_seen=1)
    assert sending.send_due() == 1
    return Delivery.objects.get()


def ask(actor, standing, *, kind="edit", text="The bridge is shut.", why="A letter was wrong", seen=None):
    seen = queries.standing_words(standing) if seen is None else seen
    return corrections.ask(actor=actor, delivery=standing, kind=kind, standing_seen=seen, text=text, why=why)


def events_of(post):
    entries = Entry.objects.filter(subject_type="publishing.post", subject_id=str(post.pk))
    return list(entries.order_by("id").values_list("event", flat=True))


def test_words_are_changed_once_somebody_else_has_said_yes(
    can_edit, standing, platform, leah_brandt, helen_achebe
):
    asked = ask(leah_brandt, standing)
    assert sending.send_due() == 0
    with pytest.raises(NotPermitted):
        corrections.approve(actor=leah_brandt, correction=asked)
    corrections.approve(actor=helen_achebe, correction=asked)
    with pytest.raises(TransitionNotAllowed):
        corrections.approve(actor=helen_achebe, correction=asked)
    assert sending.send_due() == 1
    asked.refresh_from_db()
    assert asked.state == Correction.State.DONE
    assert platform.edited == [(standing.external_id, "The bridge is shut.")]
    assert queries.standing_words(standing) == "The bridge is shut."
    standing.refresh_from_db()
    assert (standing.text, standing.variant.text) == ("The bridge is shot.", "The bridge is shut.")
    assert events_of(asked.post)[-3:] == [
        "post.correction_asked",
        "post.correction_approved",
        "post.corrected",
    ]
    told = PostChange.objects.filter(post=asked.post, event="corrected").get()
    assert told.texts == {str(standing.official_account_id): "The bridge is shut."}
    again = ask(leah_brandt, standing, text="The bridge is open.")
    corrections.approve(actor=helen_achebe, correction=again)
    sending.send_due()
    # What stands is known by the id that the platform gave to the changed words.
    assert platform.edited[-1] == (f"{standing.external_id}-1", "The bridge is open.")


def test_an_answer_lost_to_a_change_is_settled_by_the_words_that_stand(
    can_edit, standing, platform, clock_at, leah_brandt, helen_achebe
):
    asked = corrections.approve(actor=helen_achebe, correction=ask(leah_brandt, standing))
    platform.after = raising(LOST_ANSWER)
    sending.send_due()
    asked.refresh_from_db()
    assert (asked.state, asked.delivery.state) == ("approved", State.UNKNOWN)
    platform.shown = [
        IncomingPost(external_id=standing.external_id, text="The bridge is shut.", posted_at=clock.now())
    ]
    clock_at.shift(5)
    sending.settle_due()
    asked.refresh_from_db()
    assert asked.state == Correction.State.DONE
    assert len(platform.edited) == 1


def test_a_post_is_deleted_there_once_and_its_words_are_kept(
    standing, platform, leah_brandt, helen_achebe, client
):
    asked = corrections.approve(
        actor=helen_achebe, correction=ask(leah_brandt, standing, kind="delete", text="")
    )
    sending.send_due()
    asked.refresh_from_db()
    assert (asked.state, platform.deleted) == (Correction.State.DONE, {standing.external_id})
    assert events_of(asked.post)[-1] == "post.deleted"
    with pytest.raises(TransitionNotAllowed, match="deleted"):
        ask(leah_brandt, standing, kind="delete")
    client.force_login(leah_brandt)
    page = client.get(reverse("publishing:post", args=[asked.post_id])).content.decode()
    assert "Deleted there" in page
    assert "The bridge is shot." in page


def test_what_the_platform_cannot_is_said_with_what_to_do_instead(standing, leah_brandt, client):
    with pytest.raises(NotValid, match="delete it and post it anew"):
        ask(leah_brandt, standing)
    client.force_login(leah_brandt)
    page = client.get(reverse("publishing:post", args=[standing.variant.post_id])).content.decode()
    assert "Its words cannot be changed from here." in page
    assert "Ask for approval to delete it" in page
    assert "Ask for approval of these words" not in page


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"why": "  "}, "Say why"),
        ({"text": " "}, "Write the words"),
        ({"text": "The bridge is shot."}, "stand there already"),
        ({"text": "x" * 501}, "too long"),
        ({"kind": "burn"}, "Choose whether"),
    ],
)
def test_what_is_asked_for_badly_is_refused_and_nothing_is_kept(
    can_edit, standing, leah_brandt, change, sentence
):
    with pytest.raises(NotValid, match=sentence):
        ask(leah_brandt, standing, **change)
    assert not Correction.objects.exists()


def test_one_correction_at_a_time_of_the_words_that_were_seen(
    can_edit, standing, leah_brandt, helen_achebe, pc_nair
):
    with pytest.raises(NotPermitted):
        ask(pc_nair, standing)
    with pytest.raises(TransitionNotAllowed, match="changed after you opened"):
        ask(leah_brandt, standing, seen="Something else")
    asked = ask(leah_brandt, standing)
    with pytest.raises(TransitionNotAllowed, match="under way"):
        ask(leah_brandt, standing, kind="delete")
    corrections.withdraw(actor=leah_brandt, correction=asked)
    asked = ask(leah_brandt, standing)
    with pytest.raises(NotValid):
        corrections.send_back(actor=helen_achebe, correction=asked, why=" ")
    corrections.send_back(actor=helen_achebe, correction=asked, why="It was right")
    assert Correction.objects.filter(state="returned").get().decided_why == "It was right"
    assert sending.send_due() == 0


def test_the_database_holds_the_two_people(can_edit, standing, leah_brandt, helen_achebe):
    asked = Correction.objects.filter(pk=ask(leah_brandt, standing).pk)
    with pytest.raises(IntegrityError, match="have written some"), transaction.atomic():
        asked.update(decided_by=leah_brandt)
    with pytest.raises(IntegrityError, match="correction_two_people"), transaction.atomic():
        asked.update(asked_by=helen_achebe, decided_by=helen_achebe)


def test_a_lockdown_keeps_a_correction_back_and_giving_it_up_frees_the_next(
    can_edit, standing, platform, leah_brandt, helen_achebe, sergeant_okafor
):
    asked = corrections.approve(actor=helen_achebe, correction=ask(leah_brandt, standing))
    lockdown.start_lockdown(actor=sergeant_okafor, why="Hijack")
    assert sending.send_due() == 0
    asked.refresh_from_db()
    outbox.withdraw(actor=leah_brandt, delivery=asked.delivery, why="Not needed")
    asked.refresh_from_db()
    assert asked.state == Correction.State.WITHDRAWN
    assert platform.edited == []
    ask(leah_brandt, standing)


def test_it_is_asked_for_and_approved_in_the_browser(can_edit, standing, leah_brandt, helen_achebe, client):
    post_page = reverse("publishing:post", args=[standing.variant.post_id])
    given = {"kind": "edit", "standing": "The bridge is shot.", "text": "The bridge is shut.", "why": ""}
    client.force_login(leah_brandt)
    wrong = client.post(reverse("publishing:correct", args=[standing.pk]), given)
    assert wrong.status_code == 422
    assert "Say why" in wrong.content.decode()
    assert ">The bridge is shut.</textarea>" in wrong.content.decode()
    asked = client.post(
        reverse("publishing:correct", args=[standing.pk]), {**given, "why": "A letter"}, follow=True
    )
    assert "stays as it is until somebody else" in asked.content.decode()
    step = reverse("publishing:correction_step", args=[Correction.objects.get().pk])
    assert client.post(step, {"do": "approve"}).status_code == 403
    client.force_login(helen_achebe)
    assert "waits for approval" in client.get("/").content.decode()
    waiting = client.get(reverse("publishing:approvals")).content.decode()
    assert "Approve, these words go out at once" in waiting
    assert client.post(step, {"do": "return", "why": ""}).status_code == 422
    assert client.post(step, {"do": "approve"}).status_code == 302
    sending.send_due()
    page = client.get(post_page).content.decode()
    assert "Done" in page
    assert client.get(reverse("publishing:approvals")).content.decode().count("Approve, these") == 0


def test_a_correction_adds_nothing_that_stops_a_post(can_edit, standing, leah_brandt):
    with pytest.raises(NotValid, match="07700 900123 is the number of a mobile") as refusal:
        ask(leah_brandt, standing, text="The bridge is shut. Ring Sam on 07700 900123.")
    assert refusal.value.field == "text"
    assert ask(leah_brandt, standing).state == Correction.State.ASKED
