"""Calls, cover, late approvals, what expired, what is looked at afterwards, and questions to the author."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from accounts import actions as accounts
from audit.models import Entry
from core import clock
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TransitionNotAllowed
from notices.models import Notice
from platforms.http import ask_first
from publishing import checks, queries, queries_approval, sending, steps, tasks
from publishing.actions import afterwards, asking, corrections, covers, judging, lockdown, posts, telephone
from publishing.actions import steps as step_actions
from publishing.models import (
    AfterLook,
    Approval,
    Correction,
    Cover,
    Delivery,
    FollowUp,
    LockdownStop,
    Post,
    TelephoneApproval,
)
from smmp.seed.force import SEED
from staff.models import Membership, Team
from staff.roles import Role
from tests.publishing.platform import StubbornPlatform

WORDS = "The bridge at Quay Street is open again."
CALL = {
    "name": "Superintendent Rhian Powell",
    "function": "gold",
    "known_by": "called_back",
    "known_as": "01632 960555",
    "read_out": True,
}


@pytest.fixture(autouse=True)
def measured(monkeypatch):
    monkeypatch.setattr(checks, "ruler", lambda platform: StubbornPlatform())


@pytest.fixture
def second(clock_at, tom_beckett):
    """Tom Beckett, who approves posts as well."""
    return approver(tom_beckett)


def approver(person):
    accounts.give_grant(actor=SEED, person=person, role=Role.COMMS_APPROVER, why="Holiday cover")
    return person


def two_by_rule(ben_osei, needs="two", **more):
    draft = step_actions.begin_draft(actor=ben_osei)
    step_actions.add_rule(actor=ben_osei, version=draft, name="Rule", needs=needs, **more)
    return step_actions.put_in_force(actor=ben_osei, version=draft, why="Policy of March")


@pytest.fixture
def submitted(clock_at, leah_brandt, force_account):
    post = posts.draft_post(actor=leah_brandt, account_ids=[force_account.pk], words=WORDS, title="Bridge")
    return posts.submit_post(actor=leah_brandt, post=post, version_seen=1)


@pytest.fixture
def urgent(clock_at, leah_brandt, force_account):
    post = posts.draft_post(actor=leah_brandt, account_ids=[force_account.pk], words=WORDS, title="Gas")
    judging.declare(
        actor=leah_brandt,
        post=post,
        version_seen=1,
        kind="general",
        answers={},
        urgent_why="Gas in Quay Street",
    )
    return posts.submit_post(actor=leah_brandt, post=post, version_seen=2)


def yes(actor, post, **more):
    post.refresh_from_db()
    return posts.approve_post(actor=actor, post=post, version_seen=post.version, **more)


def call(actor, post, **more):
    post.refresh_from_db()
    return telephone.record_call(actor=actor, post=post, version_seen=post.version, **{**CALL, **more})


# By telephone


def test_a_call_counts_as_the_other_person_and_is_to_be_confirmed(
    submitted, platform, amira_hussain, helen_achebe
):
    made = call(amira_hussain, submitted)
    submitted.refresh_from_db()
    assert submitted.state == Post.State.APPROVED
    assert made.content_hash == steps.judging.content_hash_of(submitted)
    assert Delivery.objects.get().approver is None
    assert sending.send_due() == 1
    assert platform.acts == 1
    entry = Entry.objects.get(event="post.approved_by_telephone")
    assert (entry.actor_id, entry.details["content_hash"]) == (amira_hussain.pk, made.content_hash)
    assert "Rhian Powell (gold commander, by telephone)" in entry.details["by"]
    look = AfterLook.objects.get()
    assert (look.why, look.telephone) == ("telephone", made)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        TelephoneApproval.objects.update(name="Somebody else")
    with pytest.raises(NotValid, match="how you made sure"):
        afterwards.decide(actor=helen_achebe, look=look, verdict="fine")
    afterwards.decide(actor=helen_achebe, look=look, verdict="fine", said="I rang her at home at 09:10")
    look.refresh_from_db()
    assert (look.verdict, look.decided_by) == ("fine", helen_achebe)


def test_a_call_is_one_of_two_and_never_the_second_of_whoever_took_it(
    submitted, platform, ben_osei, helen_achebe, second, amira_hussain
):
    two_by_rule(ben_osei)
    call(second, submitted)
    submitted.refresh_from_db()
    assert submitted.state == Post.State.SUBMITTED
    assert yes(second, submitted).state == Post.State.SUBMITTED, "took the call, so it is one hand"
    call(amira_hussain, submitted, name="DCI Owen Lloyd", function="sio")
    submitted.refresh_from_db()
    assert submitted.state == Post.State.APPROVED, "Tom Beckett, and the call that Amira Hussain took"
    assert Delivery.objects.get().approver == second


def test_two_calls_are_one_unless_the_steps_say_otherwise(submitted, ben_osei, joan_pritchard, amira_hussain):
    two_by_rule(ben_osei)
    call(amira_hussain, submitted)
    with pytest.raises(TransitionNotAllowed, match="recorded already"):
        call(amira_hussain, submitted)
    call(amira_hussain, submitted, name="DCI Owen Lloyd", function="sio")
    submitted.refresh_from_db()
    assert submitted.state == Post.State.SUBMITTED
    draft = step_actions.begin_draft(actor=ben_osei)
    numbers = {name: getattr(draft, name) for name in step_actions.NUMBERS}
    step_actions.set_numbers(actor=ben_osei, version=draft, **{**numbers, "two_by_telephone": True})
    asked = step_actions.put_in_force(actor=ben_osei, version=draft, why="Chief officer, 1 March")
    step_actions.confirm(actor=joan_pritchard, version=asked)
    call(amira_hussain, submitted, name="Inspector Gareth Hale", function="fim")
    submitted.refresh_from_db()
    assert submitted.state == Post.State.APPROVED


def test_whoever_wrote_some_of_it_takes_no_call_and_is_nobodys_voice(submitted, leah_brandt, amira_hussain):
    with pytest.raises(NotPermitted, match="somebody else takes the call"):
        call(leah_brandt, submitted)
    with pytest.raises(NotValid, match="written some") as wrong:
        call(amira_hussain, submitted, name="leah brandt")
    assert wrong.value.field == "name"
    with pytest.raises(IntegrityError, match="written some"), transaction.atomic():
        TelephoneApproval.objects.create(
            post=submitted,
            version=1,
            content_hash="x",
            name="A",
            function="gold",
            known_by="number",
            known_as="1",
            said_at=clock.now(),
            recorded_by=leah_brandt,
            recorded_at=clock.now(),
        )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"function": "king"}, "function"),
        ({"known_by": ""}, "known_by"),
        ({"known_as": ""}, "known_as"),
        ({"read_out": False}, "read_out"),
        ({"said_at": "to come"}, "said"),
    ],
)
def test_a_call_without_what_it_needs_is_refused(submitted, amira_hussain, change, field):
    if "said_at" in change:
        change = {"said_at": clock.now() + timedelta(hours=1)}
    with pytest.raises(NotValid) as wrong:
        call(amira_hussain, submitted, **change)
    assert wrong.value.field == field
    assert not TelephoneApproval.objects.exists()


def test_a_call_is_for_the_words_that_were_read_out(
    submitted, leah_brandt, amira_hussain, platform, force_account
):
    with pytest.raises(ChangedSinceSeen):
        telephone.record_call(actor=amira_hussain, post=submitted, version_seen=9, **CALL)
    call(amira_hussain, submitted)
    posts.edit_post(
        actor=leah_brandt,
        post=submitted,
        version_seen=1,
        account_ids=[force_account.pk],
        words=WORDS + " Thanks.",
    )
    posts.submit_post(actor=leah_brandt, post=submitted, version_seen=2)
    submitted.refresh_from_db()
    assert submitted.state == Post.State.SUBMITTED
    sending.send_due()
    assert platform.acts == 0


def test_a_rule_can_name_gold_on_the_telephone(submitted, ben_osei, helen_achebe, amira_hussain):
    two_by_rule(ben_osei, needs="all", parties=["role:comms_approver", "telephone:gold"])
    assert yes(helen_achebe, submitted).state == Post.State.SUBMITTED
    call(amira_hussain, submitted, function="sio", name="DCI Owen Lloyd")
    submitted.refresh_from_db()
    assert submitted.state == Post.State.SUBMITTED
    call(amira_hussain, submitted)
    submitted.refresh_from_db()
    assert submitted.state == Post.State.APPROVED


# Cover


def cover_for(actor, other, *, hours=8, **more):
    given = {"since": clock.now(), "until": clock.now() + timedelta(hours=hours), "why": "Leave", **more}
    return covers.name_cover(actor=actor, cover=other, **given)


def test_a_cover_stands_in_for_role_and_team_and_hears_of_it(
    submitted, ben_osei, helen_achebe, second, leah_brandt, clock_at, force_account
):
    team = Team.objects.create(name="Duty press office")
    Membership.objects.create(team=team, member=helen_achebe, since=clock.now())
    two_by_rule(ben_osei, needs="any", parties=[f"team:{team.pk}"])
    assert yes(second, submitted).state == Post.State.SUBMITTED, "not of the team"
    made = cover_for(helen_achebe, second)
    assert Notice.objects.filter(to=second, key=f"cover:{made.pk}").exists()
    another = posts.draft_post(actor=leah_brandt, account_ids=[force_account.pk], words=WORDS + " Really.")
    posts.submit_post(actor=leah_brandt, post=another, version_seen=1)
    keys = Notice.objects.filter(key__startswith=f"post:{another.pk}:submitted")
    assert [one.to for one in keys] == [second], "whoever stands in hears of it in her place"
    assert yes(second, another).state == Post.State.APPROVED
    assert list(Entry.objects.filter(event__startswith="cover.").values_list("event", flat=True)) == [
        "cover.named"
    ]


def test_a_cover_lasts_as_long_as_it_was_named_for_and_ends_early(
    submitted, helen_achebe, second, clock_at, amira_hussain
):
    cover_for(helen_achebe, second, hours=1)
    assert steps.covered_by(helen_achebe).cover == second
    clock_at.shift(3600)
    assert steps.covered_by(helen_achebe) is None
    assert steps.covers_for(second) == []
    later = cover_for(helen_achebe, second)
    with pytest.raises(NotPermitted):
        covers.end_cover(actor=amira_hussain, cover=later)
    covers.end_cover(actor=second, cover=later)
    with pytest.raises(TransitionNotAllowed):
        covers.end_cover(actor=second, cover=later)
    assert steps.covered_by(helen_achebe) is None


def test_a_cover_must_hold_what_is_needed_and_stands_alone(
    clock_at, helen_achebe, second, amira_hussain, saltmere_account
):
    with pytest.raises(NotValid, match="may not approve posts on") as wrong:
        cover_for(helen_achebe, amira_hussain)
    assert wrong.value.field == "cover"
    with pytest.raises(NotPermitted, match="approve no posts"):
        cover_for(amira_hussain, helen_achebe)
    with pytest.raises(NotValid, match="somebody else"):
        cover_for(helen_achebe, helen_achebe)
    with pytest.raises(NotValid, match="before it begins"):
        cover_for(helen_achebe, second, until=clock.now() - timedelta(hours=1))
    with pytest.raises(NotValid, match="60 days"):
        cover_for(helen_achebe, second, hours=24 * 61)
    cover_for(helen_achebe, second)
    with pytest.raises(NotValid, match="already") as wrong:
        cover_for(helen_achebe, second, since=clock.now() + timedelta(hours=2))
    assert wrong.value.field == "since"
    assert Cover.objects.count() == 1


def test_nobody_approves_their_own_through_cover(
    clock_at, helen_achebe, second, ben_osei, force_account, platform
):
    """Helen writes; Tom stands in for her: his yes is his own, and never hers as one of the team."""
    team = Team.objects.create(name="Duty press office")
    Membership.objects.create(team=team, member=helen_achebe, since=clock.now())
    two_by_rule(ben_osei, needs="any", parties=[f"team:{team.pk}"])
    cover_for(helen_achebe, second)
    post = posts.draft_post(actor=helen_achebe, account_ids=[force_account.pk], words=WORDS)
    with pytest.raises(NotValid, match="Duty press office"):
        posts.submit_post(actor=helen_achebe, post=post, version_seen=1)
    # And whoever stands in does not approve what they wrote themselves.
    own = posts.draft_post(actor=second, account_ids=[force_account.pk], words=WORDS)
    posts.submit_post(actor=second, post=own, version_seen=1)
    with pytest.raises(NotPermitted, match="written some"):
        yes(second, own)


def test_a_cover_who_may_approve_no_longer_gets_no_notices(
    submitted, leah_brandt, helen_achebe, second, force_account
):
    made = cover_for(helen_achebe, second)
    grant = second.grants.get(role=Role.COMMS_APPROVER)
    accounts.end_grant(actor=SEED, grant=grant, why="Back at the desk")
    another = posts.draft_post(actor=leah_brandt, account_ids=[force_account.pk], words=WORDS)
    posts.submit_post(actor=leah_brandt, post=another, version_seen=1)
    assert [one.to for one in Notice.objects.filter(key__startswith=f"post:{another.pk}:submitted")] == [
        helen_achebe
    ]
    assert queries_approval.covers(helen_achebe).hollow == {made.pk}


# Late, and expired


@pytest.fixture
def late(clock_at, leah_brandt, force_account):
    """A post for 10:00 that nobody had approved by 10:01."""
    at = clock.now() + timedelta(hours=1)
    post = posts.draft_post(
        actor=leah_brandt, account_ids=[force_account.pk], words=WORDS, title="Late", publish_at=at
    )
    posts.submit_post(actor=leah_brandt, post=post, version_seen=1)
    clock_at.shift(3660)
    return post


def test_a_late_approval_asks_anew_and_never_sends_by_itself(late, platform, helen_achebe, leah_brandt):
    with pytest.raises(NotValid, match="has passed, so it does not go out by itself") as wrong:
        yes(helen_achebe, late)
    assert wrong.value.field == "new_time"
    assert not Delivery.objects.exists()
    assert not Approval.objects.exists()
    with pytest.raises(NotValid, match="passed as well"):
        yes(helen_achebe, late, new_time=clock.now() - timedelta(minutes=1))
    at = clock.now() + timedelta(minutes=30)
    after = yes(helen_achebe, late, new_time=at)
    assert (after.state, after.version, after.publish_at) == (Post.State.APPROVED, 2, at)
    sending.send_due()
    assert platform.acts == 0
    assert Delivery.objects.get().due_at == at
    assert Entry.objects.filter(event="post.rescheduled").count() == 1


def test_at_once_is_said_by_a_person(late, platform, helen_achebe):
    assert yes(helen_achebe, late, new_time=posts.AT_ONCE).publish_at is None
    sending.send_due()
    assert platform.acts == 1


def test_the_first_of_two_approves_the_new_time_as_well(
    clock_at, leah_brandt, helen_achebe, second, ben_osei, force_account
):
    two_by_rule(ben_osei)
    at = clock.now() + timedelta(hours=1)
    post = posts.draft_post(actor=leah_brandt, account_ids=[force_account.pk], words=WORDS, publish_at=at)
    posts.submit_post(actor=leah_brandt, post=post, version_seen=1)
    yes(helen_achebe, post)
    clock_at.shift(3601)
    assert yes(second, post, new_time=posts.AT_ONCE).state == Post.State.SUBMITTED
    assert yes(helen_achebe, post).state == Post.State.APPROVED


def test_a_time_that_has_not_passed_is_the_authors(submitted, helen_achebe):
    with pytest.raises(NotValid, match="stays as it is"):
        yes(helen_achebe, submitted, new_time=clock.now() + timedelta(hours=1))


def test_what_expired_stands_apart_and_its_people_hear_once(late, helen_achebe, leah_brandt, pc_nair):
    assert late not in queries.waiting_for_approval(helen_achebe)
    assert queries.expired(helen_achebe) == [late]
    assert queries.expired(leah_brandt) == [late]
    assert queries.expired(pc_nair) == []
    assert tasks.chase_looks() == 1
    assert tasks.chase_looks() == 0
    told = Notice.objects.filter(title="Not approved in time: Late")
    assert {one.to for one in told} >= {helen_achebe, leah_brandt}


# Afterwards


def test_an_urgent_post_goes_with_one_and_is_looked_at_by_another_in_time(
    urgent, platform, helen_achebe, second, leah_brandt, ben_osei
):
    two_by_rule(ben_osei)
    assert yes(helen_achebe, urgent).state == Post.State.APPROVED
    sending.send_due()
    assert platform.acts == 1
    look = AfterLook.objects.get()
    assert (look.why, look.due_at - look.asked_at) == ("urgent", timedelta(minutes=60))
    assert queries_approval.looks(helen_achebe) == [], "she approved it"
    assert queries_approval.looks(leah_brandt) == []
    assert queries_approval.looks(second) == [look]
    with pytest.raises(NotPermitted, match="colleague looks"):
        afterwards.decide(actor=helen_achebe, look=look, verdict="fine")
    afterwards.decide(actor=second, look=look, verdict="fine")
    assert {one.approver for one in Approval.objects.all()} == {helen_achebe, second}
    with pytest.raises(ChangedSinceSeen, match="meanwhile"):
        afterwards.decide(actor=second, look=look, verdict="fine")
    assert Entry.objects.filter(event="post.looked_at").count() == 1


def test_a_look_that_is_overdue_climbs_and_then_reaches_duty_command(
    urgent, platform, helen_achebe, second, wealdshire, clock_at
):
    yes(helen_achebe, urgent)
    sending.send_due()
    assert tasks.chase_looks() == 0
    clock_at.shift(3601)
    assert tasks.chase_looks() == 1
    assert tasks.chase_looks() == 0
    assert [one.to for one in Notice.objects.filter(key__contains=":climbed:1")] == [second]
    clock_at.shift(3600)
    assert tasks.chase_looks() == 1
    command = Notice.objects.filter(key__contains=":climbed:2")
    assert wealdshire.people["inspector_calder"] in {one.to for one in command}
    assert {one.urgency for one in command} == {"page"}
    assert Entry.objects.filter(event="post.look_overdue").count() == 2
    clock_at.shift(36_000)
    assert tasks.chase_looks() == 0


def test_a_refused_urgent_post_is_taken_down_by_the_ordinary_way(urgent, platform, helen_achebe, second):
    yes(helen_achebe, urgent)
    sending.send_due()
    look = AfterLook.objects.get()
    with pytest.raises(NotValid, match="Say why"):
        afterwards.decide(actor=second, look=look, verdict="take_down")
    with pytest.raises(NotValid) as wrong:
        afterwards.decide(actor=second, look=look, verdict="?")
    assert wrong.value.field == "verdict"
    afterwards.decide(actor=second, look=look, verdict="take_down", said="It was the wrong street")
    asked = Correction.objects.get()
    assert (asked.kind, asked.asked_by, asked.state) == ("delete", second, "asked")
    corrections.approve(actor=helen_achebe, correction=asked)
    sending.send_due()
    assert platform.deleted


def test_what_has_not_left_yet_is_a_draft_again(urgent, helen_achebe, second, leah_brandt, platform):
    yes(helen_achebe, urgent)
    afterwards.decide(actor=second, look=AfterLook.objects.get(), verdict="correct", said="Say which street")
    urgent.refresh_from_db()
    assert urgent.state == Post.State.DRAFT
    sending.send_due()
    assert platform.acts == 0
    assert Notice.objects.filter(to=leah_brandt, key__endswith=":decided").exists()


@pytest.fixture
def drawn(clock_at, leah_brandt, ben_osei, joan_pritchard, force_account, platform):
    """A post of a trusted author that went out without prior approval."""
    draft = step_actions.begin_draft(actor=ben_osei)
    step_actions.add_rule(actor=ben_osei, version=draft, name="Trusted", needs="none", kinds=["general"])
    numbers = {name: getattr(draft, name) for name in step_actions.NUMBERS}
    step_actions.set_numbers(actor=ben_osei, version=draft, **{**numbers, "sample_percent": 100})
    asked = step_actions.put_in_force(actor=ben_osei, version=draft, why="Trial of March")
    step_actions.confirm(actor=joan_pritchard, version=asked)
    step_actions.give_trust(actor=ben_osei, person=leah_brandt, why="Course")
    post = posts.draft_post(actor=leah_brandt, account_ids=[force_account.pk], words=WORDS, title="Drawn")
    posts.submit_post(actor=leah_brandt, post=post, version_seen=1)
    sending.send_due()
    return AfterLook.objects.get()


def test_a_sample_that_is_not_fine_is_left_to_its_author_and_trust_can_go(drawn, leah_brandt, helen_achebe):
    afterwards.decide(
        actor=helen_achebe,
        look=drawn,
        verdict="correct",
        said="It names a street that is shut",
        withdraw_trust=True,
    )
    assert FollowUp.objects.get().slug == afterwards.STANDS
    assert not steps.trusted(leah_brandt)
    figures = queries_approval.figures(helen_achebe)
    assert (figures.unapproved, figures.drawn, figures.looked_at) == (1, 1, 1)
    assert (figures.fine, figures.corrected, figures.trust_withdrawn, figures.overdue) == (0, 1, 1, 0)


def test_other_words_are_asked_for_where_the_platform_takes_them(drawn, helen_achebe, second, monkeypatch):
    from platforms.contract import Capability
    from platforms.exercise.connector import ExerciseConnector

    monkeypatch.setattr(ExerciseConnector, "capabilities", ExerciseConnector.capabilities | {Capability.EDIT})
    afterwards.decide(
        actor=helen_achebe,
        look=drawn,
        verdict="correct",
        said="A letter",
        words="The bridge is open once more.",
    )
    assert Correction.objects.get().text == "The bridge is open once more."
    assert not FollowUp.objects.exists()


@pytest.mark.parametrize(("percent", "number"), [(0, 0), (100, 1)])
def test_the_share_of_the_sample_is_what_was_set(
    drawn, ben_osei, joan_pritchard, leah_brandt, force_account, percent, number
):
    draft = step_actions.begin_draft(actor=ben_osei)
    numbers = {name: getattr(draft, name) for name in step_actions.NUMBERS}
    step_actions.set_numbers(actor=ben_osei, version=draft, **{**numbers, "sample_percent": percent})
    asked = step_actions.put_in_force(actor=ben_osei, version=draft, why="Other share")
    if asked.live_at is None:
        step_actions.confirm(actor=joan_pritchard, version=asked)
    post = posts.draft_post(actor=leah_brandt, account_ids=[force_account.pk], words=WORDS + " Again.")
    posts.submit_post(actor=leah_brandt, post=post, version_seen=1)
    assert AfterLook.objects.filter(post=post).count() == number


# Questions


def test_the_author_answers_and_the_words_stay(submitted, helen_achebe, leah_brandt, amira_hussain):
    with pytest.raises(NotPermitted):
        asking.ask(actor=amira_hussain, post=submitted, question="Which bridge?")
    with pytest.raises(NotValid) as wrong:
        asking.ask(actor=helen_achebe, post=submitted, question=" ")
    assert wrong.value.field == "question"
    made = asking.ask(actor=helen_achebe, post=submitted, question="Which bridge?")
    assert queries_approval.to_answer(leah_brandt) == [made]
    with pytest.raises(NotValid):
        asking.answer(actor=leah_brandt, question=made, words="")
    asking.answer(actor=leah_brandt, question=made, words="The one at the quay.")
    with pytest.raises(TransitionNotAllowed):
        asking.answer(actor=leah_brandt, question=made, words="Again")
    submitted.refresh_from_db()
    assert (submitted.state, submitted.version) == (Post.State.SUBMITTED, 1)
    assert Notice.objects.filter(to=helen_achebe, key=f"post-question:{made.pk}:answered").exists()
    assert yes(helen_achebe, submitted).state == Post.State.APPROVED
    with pytest.raises(TransitionNotAllowed):
        asking.ask(actor=helen_achebe, post=submitted, question="Too late?")


# A lockdown between two requests of one act


@pytest.mark.parametrize(("changing", "state"), [(False, "scheduled"), (True, "unknown")])
def test_a_lockdown_between_two_requests_stops_the_second(
    submitted, platform, helen_achebe, sergeant_okafor, changing, state
):
    """Pictures are uploaded first on many platforms: nobody sees them before the post that names them."""
    yes(helen_achebe, submitted)
    left = []

    def several() -> None:
        ask_first(changing=changing)
        left.append("upload")
        lockdown.start_lockdown(actor=sergeant_okafor, why="An intruder", kind="compromise")
        ask_first(changing=True)
        left.append("post")

    platform.before = several
    sending.send_due()
    assert left == ["upload"]
    assert platform.acts == 0
    row = Delivery.objects.get()
    assert row.state == state
    if state == "scheduled":
        assert "lockdown" in row.held_why
        assert LockdownStop.objects.get().how == "caught"
    else:
        assert "lockdown" in row.fault


def test_without_a_lockdown_every_request_of_an_act_leaves(submitted, platform, helen_achebe):
    yes(helen_achebe, submitted)
    platform.before = lambda: [ask_first(changing=True) for _ in range(3)] and None
    sending.send_due()
    assert Delivery.objects.get().state == "sent"
    ask_first(changing=True)  # nobody is asked outside of an act
