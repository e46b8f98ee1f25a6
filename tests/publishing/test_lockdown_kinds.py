"""Pause and lockdown by kind and scope, who may pass, who ends it, and what becomes of what it kept back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.actions import give_grant
from audit.models import Entry
from core import clock
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TransitionNotAllowed
from notices.models import Notice
from publishing import queries_lockdown, sending, stopping, tasks
from publishing.actions import lockdown, outbox, posts
from publishing.models import (
    Delivery,
    Lockdown,
    LockdownException,
    LockdownRelease,
    LockdownStop,
    Post,
    PostTag,
    Tag,
)
from smmp.seed.force import SEED
from staff.roles import Role
from tests.publishing.test_lockdown import end_by_two, queue_reply

State, Kind = Delivery.State, Lockdown.Kind


def approved(author, approver, *accounts, words="The bridge at Saltmere is open again.", at=None):
    """A post on its way, by its author and approver."""
    post = posts.draft_post(
        actor=author, account_ids=[account.pk for account in accounts], words=words, publish_at=at
    )
    posts.submit_post(actor=author, post=post, version_seen=post.version)
    return posts.approve_post(actor=approver, post=post, version_seen=post.version)


def delivery_of(post):
    return Delivery.objects.get(variant__post=post)


def hide(author, account):
    return outbox.queue(
        actor=author,
        official_account=account,
        kind=Delivery.Kind.HIDE,
        author=author,
        target_external_id="comment-9",
    )


# Kinds


def test_a_pause_holds_posts_and_lets_answers_and_hiding_go_on(
    clock_at, platform, leah_brandt, helen_achebe, sergeant_okafor, amira_hussain, force_account
):
    post = approved(leah_brandt, helen_achebe, force_account)
    queue_reply(amira_hussain, force_account)
    hide(amira_hussain, force_account)
    lockdown.start_lockdown(actor=sergeant_okafor, kind=Kind.PAUSE, why="A colleague has died")
    clock_at.shift(60)
    sending.send_due()
    assert [sent.text for sent in platform.standing] == ["Hello"]
    assert platform.hidden == {"comment-9"}
    assert delivery_of(post).state == State.SCHEDULED


def test_a_kind_that_nobody_knows_stops_everything(
    clock_at, platform, sergeant_okafor, amira_hussain, force_account
):
    queue_reply(amira_hussain, force_account)
    Lockdown.objects.create(
        kind="future", why="From a later release", started_by=sergeant_okafor, started_at=clock.now()
    )
    clock_at.shift(60)
    assert sending.send_due() == 0
    assert platform.acts == 0


def test_a_drill_holds_nothing_and_says_so_everywhere(
    client, clock_at, platform, sergeant_okafor, amira_hussain, force_account
):
    queue_reply(amira_hussain, force_account)
    drill = lockdown.start_lockdown(actor=sergeant_okafor, why="Quarterly exercise", drill=True)
    lockdown.note_under_way(lockdown=drill)
    clock_at.shift(4)
    tasks.tell_lockdowns()
    notice = Notice.objects.filter(to=amira_hussain).latest("id")
    assert notice.title.startswith("Exercise: ")
    assert "nothing is held" in notice.body
    clock_at.shift(60)
    assert sending.send_due() == 1
    client.force_login(amira_hussain)
    page = client.get(reverse("publishing:one_lockdown", args=[drill.pk])).text
    assert "Exercise: Compromise lockdown" in page
    assert "work as always" in page
    lockdown.end_drill(actor=sergeant_okafor, lockdown=drill, why="Everybody knew what to do")
    tasks.tell_lockdowns()
    assert Notice.objects.filter(to=amira_hussain, title__startswith="Exercise over").exists()
    told = [moment.what for moment in queries_lockdown.times(Lockdown.objects.get())]
    assert "Ended" in told
    assert any("people told" in what for what in told)
    assert Lockdown.objects.get().would_stop == 1
    assert not LockdownStop.objects.exists()


def test_only_an_exercise_is_ended_as_one(clock_at, sergeant_okafor):
    lock = lockdown.start_lockdown(actor=sergeant_okafor, why="Hijack")
    with pytest.raises(TransitionNotAllowed, match="no exercise"):
        lockdown.end_drill(actor=sergeant_okafor, lockdown=lock, why="Oh")


# Scope


def test_by_official_account(
    clock_at, platform, sergeant_okafor, leah_brandt, helen_achebe, force_account, saltmere_account
):
    here = approved(leah_brandt, helen_achebe, force_account)
    there = approved(leah_brandt, helen_achebe, saltmere_account, words="The market is on.")
    lock = lockdown.start_lockdown(
        actor=sergeant_okafor,
        why="One account may be in other hands",
        scope=stopping.scope_of(official_accounts=[force_account.pk]),
    )
    clock_at.shift(60)
    sending.send_due()
    assert delivery_of(here).state == State.SCHEDULED
    assert delivery_of(there).state == State.SENT
    assert force_account.name in lock.reach


def test_by_neighbourhood_and_kind_of_content_both_at_once(
    clock_at, platform, sergeant_okafor, amira_hussain, leah_brandt, helen_achebe, saltmere_account
):
    post = approved(leah_brandt, helen_achebe, saltmere_account)
    reply = queue_reply(amira_hussain, saltmere_account)
    lockdown.start_lockdown(
        actor=sergeant_okafor,
        why="Somebody answers as us",
        scope=stopping.scope_of(neighbourhoods=[saltmere_account.neighbourhood_id], what=["replies"]),
    )
    clock_at.shift(60)
    sending.send_due()
    assert delivery_of(post).state == State.SENT
    reply.refresh_from_db()
    assert reply.state == State.SCHEDULED


def test_by_campaign(clock_at, platform, sergeant_okafor, leah_brandt, helen_achebe, force_account):
    campaign = Tag.objects.create(
        kind=Tag.Kind.CAMPAIGN, name="Summer", added_by=leah_brandt, added_at=clock.now()
    )
    of_it = approved(leah_brandt, helen_achebe, force_account)
    PostTag.objects.create(post=of_it, tag=campaign, added_at=clock.now())
    other = approved(leah_brandt, helen_achebe, force_account, words="A lost dog is home again.")
    lockdown.start_lockdown(
        actor=sergeant_okafor,
        kind=Kind.PAUSE,
        why="The campaign’s partner is under investigation",
        scope=stopping.scope_of(campaigns=[campaign.pk]),
    )
    clock_at.shift(60)
    sending.send_due()
    assert delivery_of(of_it).state == State.SCHEDULED
    assert delivery_of(other).state == State.SENT


def test_two_of_different_scope_stand_beside_each_other_and_the_same_does_not(
    clock_at, sergeant_okafor, inspector_calder, force_account, saltmere_account
):
    for account in (force_account, saltmere_account):
        lockdown.start_lockdown(
            actor=sergeant_okafor,
            kind=Kind.PAUSE,
            why="Two incidents",
            scope=stopping.scope_of(official_accounts=[account.pk]),
        )
    with pytest.raises(TransitionNotAllowed, match="Sgt Daniel Okafor started it"):
        lockdown.start_lockdown(
            actor=inspector_calder,
            kind=Kind.PAUSE,
            why="Again",
            scope=stopping.scope_of(official_accounts=[force_account.pk]),
        )
    assert len(queries_lockdown.live()) == 2


def test_a_scope_of_nothing_that_exists_is_refused():
    with pytest.raises(NotValid):
        stopping.scope_of(what=["fax"])


@pytest.mark.django_db
def test_a_scope_of_an_account_that_is_not_there_is_refused():
    with pytest.raises(NotValid):
        stopping.scope_of(official_accounts=[10**9])


# Passing by name


def test_a_life_saving_post_passes_by_name_and_the_others_wait(
    clock_at, platform, sergeant_okafor, leah_brandt, helen_achebe, force_account
):
    missing = approved(leah_brandt, helen_achebe, force_account, words="Missing: have you seen her?")
    other = approved(leah_brandt, helen_achebe, force_account, words="The market is on.")
    lock = lockdown.start_lockdown(actor=sergeant_okafor, why="Hijack")
    clock_at.shift(3600)
    with pytest.raises(NotValid):
        lockdown.let_pass(actor=sergeant_okafor, lockdown=lock, delivery=delivery_of(missing), why=" ")
    lockdown.let_pass(
        actor=sergeant_okafor, lockdown=lock, delivery=delivery_of(missing), why="A child of nine is missing"
    )
    sending.send_due()
    assert [sent.text for sent in platform.standing] == ["Missing: have you seen her?"]
    assert delivery_of(other).state == State.SCHEDULED
    entry = Entry.objects.get(event="lockdown.exception_allowed")
    assert entry.reason == "A child of nine is missing"
    assert [one.allowed_by for one in queries_lockdown.exceptions(lock)] == [sergeant_okafor]


def test_its_writer_does_not_let_it_pass_and_an_edit_ends_the_exception(
    clock_at, platform, sergeant_okafor, helen_achebe, leah_brandt, force_account
):
    give_grant(actor=SEED, person=leah_brandt, role=Role.COMMS_APPROVER, why="Deputy")
    post = approved(helen_achebe, leah_brandt, force_account)
    lock = lockdown.start_lockdown(actor=sergeant_okafor, why="Hijack")
    with pytest.raises(NotPermitted, match="written some of this"):
        lockdown.let_pass(actor=helen_achebe, lockdown=lock, delivery=delivery_of(post), why="A life")
    lockdown.let_pass(actor=sergeant_okafor, lockdown=lock, delivery=delivery_of(post), why="A life")
    posts.edit_post(
        actor=helen_achebe,
        post=post,
        version_seen=Post.objects.get(pk=post.pk).version,
        account_ids=[force_account.pk],
        words="Something else.",
    )
    sending.send_due()
    assert platform.acts == 0
    assert LockdownException.objects.get().delivery.state == State.WITHDRAWN


# Ending


def test_nobody_ends_a_lockdown_alone(clock_at, sergeant_okafor, inspector_calder):
    lock = lockdown.start_lockdown(actor=sergeant_okafor, why="Hijack")
    with pytest.raises(TransitionNotAllowed, match="Two people end"):
        lockdown.release_pause(
            actor=inspector_calder, lockdown=lock, why="Over", manager_name="Insp Robin Example"
        )
    asked = lockdown.ask_release(actor=inspector_calder, lockdown=lock, why="Passwords changed")
    with pytest.raises(NotPermitted, match="second person"):
        lockdown.confirm_release(actor=inspector_calder, release=asked)
    with pytest.raises(TransitionNotAllowed, match="has asked for it already"):
        lockdown.ask_release(actor=sergeant_okafor, lockdown=lock, why="Me too")
    for wrong in (
        {"lifted_at": clock.now(), "lifted_by": inspector_calder},
        {"lifted_at": clock.now(), "lifted_by": inspector_calder, "manager_name": "Insp Robin Example"},
    ):
        with pytest.raises(IntegrityError, match="lockdown"), transaction.atomic():
            Lockdown.objects.filter(pk=lock.pk).update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        LockdownRelease.objects.filter(pk=asked.pk).update(
            confirmed=True, decided_by=inspector_calder, decided_at=clock.now()
        )
    lockdown.confirm_release(actor=sergeant_okafor, release=asked)
    with pytest.raises(TransitionNotAllowed, match="is over"):
        lockdown.confirm_release(actor=sergeant_okafor, release=asked)
    with pytest.raises(IntegrityError, match="stays"), transaction.atomic():
        Lockdown.objects.filter(pk=lock.pk).update(lifted_at=None)


def test_a_second_person_says_no_and_whoever_asked_takes_it_back(clock_at, sergeant_okafor, inspector_calder):
    lock = lockdown.start_lockdown(actor=sergeant_okafor, why="Hijack")
    asked = lockdown.ask_release(actor=sergeant_okafor, lockdown=lock, why="Over")
    assert Notice.objects.filter(to=inspector_calder, title__contains="asks to end").exists()
    with pytest.raises(NotValid):
        lockdown.decline_release(actor=inspector_calder, release=asked)
    lockdown.decline_release(actor=inspector_calder, release=asked, why="One session is still open")
    assert Notice.objects.filter(to=sergeant_okafor, title__contains="said no").exists()
    with pytest.raises(ChangedSinceSeen):
        lockdown.confirm_release(actor=inspector_calder, release=asked)
    again = lockdown.ask_release(actor=sergeant_okafor, lockdown=lock, why="Closed now")
    lockdown.decline_release(actor=sergeant_okafor, release=again)
    assert Lockdown.objects.get().lifted_at is None
    assert Entry.objects.filter(event="lockdown.release_declined").count() == 2


def test_one_on_call_ends_a_pause_with_the_managers_name(clock_at, sergeant_okafor):
    lock = lockdown.start_lockdown(actor=sergeant_okafor, kind=Kind.PAUSE, why="Collision on the A12")
    with pytest.raises(NotValid, match="Name the force incident manager"):
        lockdown.release_pause(actor=sergeant_okafor, lockdown=lock, why="Road open", manager_name=" ")
    with pytest.raises(NotValid, match="your own name"):
        lockdown.release_pause(
            actor=sergeant_okafor, lockdown=lock, why="Road open", manager_name="daniel okafor"
        )
    lockdown.release_pause(
        actor=sergeant_okafor, lockdown=lock, why="Road open", manager_name="Insp Robin Example"
    )
    assert Lockdown.objects.get().manager_name == "Insp Robin Example"
    entry = Entry.objects.get(event="lockdown.lifted")
    assert entry.details["force_incident_manager"] == "Insp Robin Example"


# One by one


@pytest.fixture
def kept(clock_at, platform, leah_brandt, helen_achebe, sergeant_okafor, inspector_calder, force_account):
    """A post that a lockdown has kept back, which is over."""
    post = approved(leah_brandt, helen_achebe, force_account)
    lock = lockdown.start_lockdown(actor=sergeant_okafor, why="Hijack")
    clock_at.shift(600)
    end_by_two(lock, sergeant_okafor, inspector_calder)
    return LockdownStop.objects.get(delivery__variant__post=post)


def test_nothing_resumes_by_itself(kept, clock_at, platform):
    clock_at.shift(7200)
    sending.send_due()
    assert platform.acts == 0
    assert kept.delivery.held_why.startswith("Held by the lockdown")


def test_at_a_new_time(kept, clock_at, platform, helen_achebe, leah_brandt):
    with pytest.raises(NotPermitted, match="a colleague looks"):
        lockdown.decide_stop(actor=leah_brandt, stop=kept, decision="send")
    later = clock.now() + timedelta(hours=2)
    with pytest.raises(NotValid, match="has passed"):
        lockdown.decide_stop(
            actor=helen_achebe, stop=kept, decision="send", due_at=clock.now() - timedelta(minutes=1)
        )
    lockdown.decide_stop(actor=helen_achebe, stop=kept, decision="send", due_at=later, why="Still right")
    assert Post.objects.get().publish_at == later
    assert sending.send_due() == 0
    clock_at.shift(7201)
    sending.send_due()
    assert len(platform.standing) == 1
    assert Post.objects.get().state == Post.State.PUBLISHED
    kept.refresh_from_db()
    assert (kept.decision, kept.decided_by, kept.due_at) == ("send", helen_achebe, later)
    with pytest.raises(ChangedSinceSeen, match="Helen Achebe decided"):
        lockdown.decide_stop(actor=helen_achebe, stop=kept, decision="drop", why="No")


def test_back_to_a_draft_asks_for_approval_anew(kept, leah_brandt, helen_achebe, platform):
    lockdown.decide_stop(actor=leah_brandt, stop=kept, decision="draft", why="The bridge is shut again")
    post = Post.objects.get()
    assert (post.state, post.version) == (Post.State.DRAFT, 2)
    assert delivery_of(post).state == State.WITHDRAWN
    kept.refresh_from_db()
    assert kept.decision == "draft"
    posts.submit_post(actor=leah_brandt, post=post, version_seen=2)
    posts.approve_post(actor=helen_achebe, post=post, version_seen=2)
    sending.send_due()
    assert len(platform.standing) == 1


def test_dropped_with_a_reason(kept, leah_brandt, helen_achebe):
    with pytest.raises(NotValid):
        lockdown.decide_stop(actor=helen_achebe, stop=kept, decision="drop", why="")
    lockdown.decide_stop(actor=helen_achebe, stop=kept, decision="drop", why="Old by now")
    assert Delivery.objects.get().state == State.WITHDRAWN
    kept.refresh_from_db()
    assert (kept.decision, kept.why) == ("drop", "Old by now")


def test_while_another_covers_it_it_is_not_sent(kept, sergeant_okafor, helen_achebe):
    lockdown.start_lockdown(actor=sergeant_okafor, kind=Kind.PAUSE, why="A death")
    with pytest.raises(TransitionNotAllowed, match="started a pause"):
        lockdown.decide_stop(actor=helen_achebe, stop=kept, decision="send")


def test_the_list_and_its_three_buttons_in_the_browser(
    client, kept, helen_achebe, leah_brandt, joan_pritchard
):
    client.force_login(joan_pritchard)
    assert client.get(reverse("publishing:stops")).status_code == 403
    client.force_login(helen_achebe)
    page = reverse("publishing:stops")
    assert "The bridge at Saltmere is open again." in client.get(page).text
    step = reverse("publishing:decide_stop", args=[kept.pk])
    assert client.post(step, {"do": "send_at", "due_at": ""}).status_code == 422
    wrong = client.post(step, {"do": "drop", "why": "", "due_at": "2026-03-02T18:00"})
    assert wrong.status_code == 422
    assert 'value="2026-03-02T18:00"' in wrong.text
    assert "Say why it is withdrawn" in wrong.text
    outbox_page = client.get(reverse("publishing:outbox")).text
    assert "Look at it, and decide" in outbox_page
    bulk = client.post(reverse("publishing:release_held"), {"chosen": [kept.delivery_id]}, follow=True)
    assert "looked at by itself" in bulk.text
    assert client.post(step, {"do": "send_at", "due_at": "2026-03-02T18:00"}).status_code == 302
    assert "Nothing waits to be looked at." in client.get(page).text
    assert client.post(step, {"do": "drop", "why": "No"}).status_code == 409


# Who is told, and what stood in between


def test_people_are_told_once_and_told_that_it_is_over(
    clock_at, sergeant_okafor, inspector_calder, amira_hussain, joan_pritchard
):
    lock = lockdown.start_lockdown(actor=sergeant_okafor, why="Hijack")
    for _ in range(2):
        tasks.tell_lockdowns()
    told = Notice.objects.get(to=amira_hussain)
    assert told.title.startswith("Nothing goes out")
    assert "Hijack" in told.body
    assert not Notice.objects.filter(to=joan_pritchard).exists()
    assert Lockdown.objects.get().people_told == queries_lockdown.told(lock).count() > 3
    end_by_two(lock, sergeant_okafor, inspector_calder)
    tasks.tell_lockdowns()
    assert Notice.objects.filter(to=amira_hussain, title__startswith="Over").count() == 1


def test_what_was_being_sent_is_listed_to_whoever_locked_down_and_on_the_page(
    client, clock_at, platform, sergeant_okafor, amira_hussain, force_account
):
    delivery = queue_reply(amira_hussain, force_account)
    made = []

    def lock_down():
        lock = lockdown.start_lockdown(actor=sergeant_okafor, why="Hijack")
        lockdown.note_under_way(lockdown=lock)
        made.append(lock)

    platform.before = lock_down
    sending.send_due()
    delivery.refresh_from_db()
    assert delivery.state == State.SENT
    (stop,) = queries_lockdown.stops_between(made[0])
    assert queries_lockdown.outcome_between(stop) == "Had left, and stands there"
    clock_at.shift(4)
    tasks.tell_lockdowns()
    notice = Notice.objects.get(to=sergeant_okafor, key=f"lockdown:{made[0].pk}:between")
    assert "reply on Wealdshire Police: had left, and stands there" in notice.body
    client.force_login(sergeant_okafor)
    page = client.get(reverse("publishing:one_lockdown", args=[made[0].pk])).text
    assert "Had left, and stands there" in page


def test_the_banner_says_what_it_means_for_this_person(
    client, clock_at, sergeant_okafor, amira_hussain, leah_brandt, force_account, saltmere_account
):
    lockdown.start_lockdown(
        actor=sergeant_okafor,
        kind=Kind.PAUSE,
        why="A colleague has died",
        scope=stopping.scope_of(official_accounts=[saltmere_account.pk]),
    )
    for person, words in (
        (leah_brandt, f"Your posts on {saltmere_account.name} wait"),
        (amira_hussain, "replies and hiding go on"),
    ):
        client.force_login(person)
        page = client.get("/").text
        assert "Pause: posts wait" in page
        assert words in page
    lockdown.start_lockdown(actor=sergeant_okafor, why="Hijack")
    page = client.get("/").text
    assert "Lockdown: nothing goes out." in page


# In the browser


def test_starting_by_scope_keeps_what_was_typed_and_its_history_has_times(
    client, clock_at, sergeant_okafor, inspector_calder, force_account
):
    client.force_login(sergeant_okafor)
    page = reverse("publishing:lockdown")
    wrong = client.post(page, {"kind": "pause", "why": "", "official_accounts": [force_account.pk]})
    assert wrong.status_code == 422
    assert f'value="{force_account.pk}" checked' in wrong.text
    assert "Say why" in wrong.text
    gone = client.post(page, {"kind": "pause", "why": "Death", "official_accounts": [10**9]})
    assert gone.status_code == 422
    assert not Lockdown.objects.exists()
    assert client.post(page, {"kind": "sideways", "why": "Death"}).status_code == 422
    only_replies = client.post(page, {"kind": "pause", "why": "Death", "what": ["replies"]})
    assert only_replies.status_code == 422
    assert "A pause holds posts" in only_replies.text
    client.post(page, {"kind": "pause", "why": "Death", "official_accounts": [force_account.pk]})
    lock = Lockdown.objects.get()
    tasks.tell_lockdowns()
    clock_at.shift(300)
    lift = reverse("publishing:lift_lockdown")
    named = {"lockdown": lock.pk, "do": "alone", "why": "Over", "manager_name": ""}
    refused = client.post(lift, named)
    assert refused.status_code == 422
    assert "Name the force incident manager" in refused.text
    assert client.post(lift, {**named, "manager_name": "Insp Robin Example"}).status_code == 302
    history = client.get(reverse("publishing:lockdowns")).text
    assert f"Operational pause, {force_account.name}" in history
    assert "5 min" in history
    assert "Insp Robin Example" in history
    assert client.get(reverse("publishing:one_lockdown", args=[10**9])).status_code == 404
