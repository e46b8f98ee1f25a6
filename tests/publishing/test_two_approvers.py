"""What checks found is kept with the version; where one asks for two approvers, two give their yes; overrides."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from accounts import actions as accounts
from audit.models import Entry
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TransitionNotAllowed
from notices.models import Notice
from publishing import checks, queries, sending
from publishing.actions import check_settings, judging, outbox, pairing, posts
from publishing.checks import judging as judges
from publishing.models import (
    Approval,
    CheckSetting,
    Declaration,
    Delivery,
    FollowUp,
    Judgement,
    KnownValue,
    Override,
    Post,
    SensitivePeriod,
)
from smmp.seed.force import SEED
from staff.roles import Role
from tests.publishing.platform import StubbornPlatform

ACTIVE = {
    "proceedings": "yes",
    "case": "24/1234, arrest on 1 March at 06:10",
    "offence": "none",
    "child": "no",
    "names": "no",
}
WORDS = "A 34-year-old man from Saltmere was arrested on suspicion of burglary. He is in custody."


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


def no_more(person):
    grant = person.grants.get(role=Role.COMMS_APPROVER)
    accounts.end_grant(actor=SEED, grant=grant, why="Back at the desk")


@pytest.fixture
def arrest(clock_at, leah_brandt, force_account, saltmere_account):
    """An arrest whose case is active, for two official accounts."""
    post = posts.draft_post(
        actor=leah_brandt, account_ids=[force_account.pk, saltmere_account.pk], words=WORDS, title="Arrest"
    )
    return judging.declare(actor=leah_brandt, post=post, version_seen=1, kind="arrest", answers=ACTIVE)


@pytest.fixture
def submitted(arrest, leah_brandt, second):
    return posts.submit_post(actor=leah_brandt, post=arrest, version_seen=2)


def yes(actor, post):
    post.refresh_from_db()
    return posts.approve_post(actor=actor, post=post, version_seen=post.version)


# What is declared, and what is kept


def test_what_is_declared_is_part_of_the_version(arrest, leah_brandt, pc_nair):
    assert (arrest.version, arrest.state) == (2, Post.State.DRAFT)
    same = judging.declare(actor=leah_brandt, post=arrest, version_seen=2, kind="arrest", answers={})
    assert same.version == 2
    story = arrest.changes.get(version=2).content
    assert story["What kind of post"] == "Arrest"
    assert story["Which case, and active since when"] == ACTIVE["case"]
    with pytest.raises(NotPermitted):
        judging.declare(actor=pc_nair, post=arrest, version_seen=2, kind="general", answers={})
    with pytest.raises(NotValid):
        judging.declare(actor=leah_brandt, post=arrest, version_seen=2, kind="murder", answers={})
    with pytest.raises(NotValid) as wrong:
        judging.declare(actor=leah_brandt, post=arrest, version_seen=2, kind="arrest", answers={"child": "?"})
    assert wrong.value.field == "q_child"
    after = judging.declare(actor=leah_brandt, post=arrest, version_seen=2, kind="general", answers={})
    assert (after.version, Declaration.objects.get().answers) == (3, {})


def test_what_the_checks_found_is_kept_once_for_each_content(submitted, helen_achebe, leah_brandt):
    kept = Judgement.objects.get()
    assert (kept.version, kept.content_hash) == (2, judges.content_hash_of(submitted))
    assert [one["slug"] for one in kept.findings if one["level"] == "second"] == ["active-proceedings"]
    assert all(one["source"] for one in kept.findings)
    yes(helen_achebe, submitted)
    assert Judgement.objects.count() == 1, "the same content, judged by the same"
    assert Approval.objects.get().content_hash == kept.content_hash
    posts.return_post(actor=helen_achebe, post=submitted, version_seen=2, why="Say when")
    judging.declare(
        actor=leah_brandt,
        post=submitted,
        version_seen=2,
        kind="arrest",
        answers={"case": "24/1234, arrest on 1 March at 06:15"},
    )
    posts.submit_post(actor=leah_brandt, post=submitted, version_seen=3)
    assert Judgement.objects.count() == 2
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Judgement.objects.update(findings=[])


def test_a_post_that_a_check_stops_is_not_sent(arrest, leah_brandt, second):
    judging.declare(actor=leah_brandt, post=arrest, version_seen=2, kind="arrest", answers={"case": ""})
    with pytest.raises(NotValid, match="since when it is active"):
        posts.submit_post(actor=leah_brandt, post=arrest, version_seen=3)
    assert not Judgement.objects.exists()


# Two approvers


def test_two_people_approve_it_and_only_then_it_goes(
    submitted, platform, leah_brandt, helen_achebe, second, force_account
):
    assert yes(helen_achebe, submitted).state == Post.State.SUBMITTED
    assert not Delivery.objects.exists()
    assert submitted not in queries.waiting_for_approval(helen_achebe)
    assert submitted in queries.waiting_for_approval(second)
    assert Notice.objects.filter(to=second, title="Waits for a second approval: Arrest").exists()
    with pytest.raises(TransitionNotAllowed, match="approved it already"):
        yes(helen_achebe, submitted)
    assert yes(second, submitted).state == Post.State.APPROVED
    row = Delivery.objects.first()
    assert (row.author, row.first_approver, row.approver) == (leah_brandt, helen_achebe, second)
    assert sending.send_due() == 2
    assert platform.acts == 2
    told = Entry.objects.filter(event__startswith="post.approved").order_by("id")
    assert list(told.values_list("event", "actor_id")) == [
        ("post.approved_by_one", helen_achebe.pk),
        ("post.approved", second.pk),
    ]


def test_nobody_who_wrote_some_of_it_is_one_of_the_two(submitted, leah_brandt, second, helen_achebe):
    approver(leah_brandt)
    yes(helen_achebe, submitted)
    with pytest.raises(NotPermitted, match="written some of this"):
        yes(leah_brandt, submitted)


def test_where_only_one_may_approve_it_is_not_sent(arrest, leah_brandt):
    with pytest.raises(
        NotValid, match=r"Two people have to approve this \(Active proceedings\), and only Helen"
    ):
        posts.submit_post(actor=leah_brandt, post=arrest, version_seen=2)


def test_a_first_approver_who_may_approve_no_longer_counts_for_nothing(
    submitted, helen_achebe, second, amira_hussain
):
    yes(second, submitted)
    no_more(second)
    assert yes(helen_achebe, submitted).state == Post.State.SUBMITTED, "she is the first now"
    yes(approver(amira_hussain), submitted)
    row = Delivery.objects.first()
    assert (row.first_approver, row.approver) == (helen_achebe, amira_hussain)


def test_a_first_approver_whose_grant_ends_before_it_goes_holds_it(
    submitted, platform, helen_achebe, second, amira_hussain
):
    yes(second, submitted)
    yes(helen_achebe, submitted)
    no_more(second)
    sending.send_due()
    assert platform.acts == 0
    row = Delivery.objects.first()
    assert "Tom Beckett, who approved it first of two, may no longer approve posts" in row.held_why
    with pytest.raises(NotPermitted, match="approved it already"):
        outbox.release(actor=helen_achebe, delivery=row)
    outbox.release(actor=approver(amira_hussain), delivery=row)
    row.refresh_from_db()
    assert (row.first_approver, row.approver) == (amira_hussain, helen_achebe)
    assert sending.send_due() == 1
    assert platform.acts == 1


def test_other_content_than_two_approved_never_goes(submitted, platform, helen_achebe, second):
    yes(second, submitted)
    yes(helen_achebe, submitted)
    Declaration.objects.update(kind="general")
    sending.send_due()
    assert platform.acts == 0
    assert "not what was approved" in Delivery.objects.first().held_why


def test_an_edit_after_the_first_yes_begins_anew(submitted, leah_brandt, helen_achebe, second):
    yes(helen_achebe, submitted)
    texts, _ = queries.words_by_account(submitted)
    posts.edit_post(
        actor=leah_brandt, post=submitted, version_seen=2, account_ids=texts, words=WORDS + " Thank you."
    )
    posts.submit_post(actor=leah_brandt, post=submitted, version_seen=3)
    with pytest.raises(ChangedSinceSeen):
        posts.approve_post(actor=second, post=submitted, version_seen=2)
    assert yes(second, submitted).state == Post.State.SUBMITTED
    assert yes(helen_achebe, submitted).state == Post.State.APPROVED


def test_returned_by_the_second_both_look_anew_at_the_same_words(
    submitted, leah_brandt, helen_achebe, second
):
    yes(helen_achebe, submitted)
    posts.return_post(actor=second, post=submitted, version_seen=2, why="Ask the SIO first")
    again = posts.submit_post(actor=leah_brandt, post=submitted, version_seen=2)
    assert again.version == 3
    assert yes(second, again).state == Post.State.SUBMITTED
    assert yes(helen_achebe, again).state == Post.State.APPROVED


def test_the_database_knows_three_people(submitted, helen_achebe, second):
    yes(helen_achebe, submitted)
    yes(second, submitted)
    for wrong in ("approver_id", "author_id"):
        with pytest.raises(IntegrityError, match="delivery_three_people"), transaction.atomic():
            Delivery.objects.update(first_approver_id=getattr(Delivery.objects.first(), wrong))


def test_a_pair_takes_two_where_either_does(clock_at, leah_brandt, helen_achebe, second, force_account):
    english = posts.draft_post(actor=leah_brandt, account_ids=[force_account.pk], words=WORDS, title="Arrest")
    welsh = pairing.write_pair(actor=leah_brandt, post=english, version_seen=1, language="en")
    posts.edit_post(
        actor=leah_brandt,
        post=welsh,
        version_seen=welsh.version,
        account_ids=[force_account.pk],
        words="Cafodd dyn 34 oed ei arestio.",
    )
    english.refresh_from_db()
    judging.declare(
        actor=leah_brandt, post=english, version_seen=english.version, kind="arrest", answers=ACTIVE
    )
    english.refresh_from_db()
    posts.submit_post(actor=leah_brandt, post=english, version_seen=english.version)

    def both(actor, one, other):
        one.refresh_from_db()
        other.refresh_from_db()
        posts.approve_post(actor=actor, post=one, version_seen=one.version, pair_version_seen=other.version)

    both(helen_achebe, welsh, english)
    assert set(Post.objects.values_list("state", flat=True)) == {Post.State.SUBMITTED}
    both(second, english, welsh)
    assert set(Post.objects.values_list("state", flat=True)) == {Post.State.APPROVED}
    assert {row.first_approver for row in Delivery.objects.all()} == {helen_achebe}


# Overrides


@pytest.fixture
def with_number(clock_at, leah_brandt, force_account):
    return posts.draft_post(
        actor=leah_brandt, account_ids=[force_account.pk], words="Ring Sam on 07700 900123.", title="Ring"
    )


def test_a_stop_is_overridden_by_whom_the_policy_says_and_two_approve_it(
    with_number, leah_brandt, helen_achebe, second, sergeant_okafor
):
    given = {"post": with_number, "version_seen": 1, "slug": "phone"}
    with pytest.raises(NotValid, match="Telephone numbers"):
        posts.submit_post(actor=leah_brandt, post=with_number, version_seen=1)
    with pytest.raises(NotPermitted):
        judging.override(actor=sergeant_okafor, why="It is ours", **given)
    with pytest.raises(NotValid, match="Say why"):
        judging.override(actor=helen_achebe, why=" ", **given)
    judging.override(actor=helen_achebe, why="It is the number of the drop-in", **given)
    entry = Entry.objects.get(event="post.check_overridden")
    assert (entry.actor_id, entry.reason) == (helen_achebe.pk, "It is the number of the drop-in")
    with pytest.raises(TransitionNotAllowed, match="does not stop"):
        judging.override(actor=helen_achebe, why="Twice", **given)
    posts.submit_post(actor=leah_brandt, post=with_number, version_seen=1)
    assert yes(helen_achebe, with_number).state == Post.State.SUBMITTED
    assert yes(second, with_number).state == Post.State.APPROVED
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Override.objects.update(why="Another reason")


def test_an_override_is_for_these_words_alone(with_number, leah_brandt, helen_achebe, force_account, second):
    judging.override(actor=helen_achebe, post=with_number, version_seen=1, slug="phone", why="The drop-in")
    posts.edit_post(
        actor=leah_brandt,
        post=with_number,
        version_seen=1,
        account_ids=[force_account.pk],
        words="Ring Pat on 07700 900456.",
    )
    with pytest.raises(NotValid, match="07700 900456"):
        posts.submit_post(actor=leah_brandt, post=with_number, version_seen=2)


def test_who_wrote_some_of_it_overrides_nothing_and_some_checks_nobody_does(
    with_number, arrest, leah_brandt, helen_achebe
):
    approver(leah_brandt)
    with pytest.raises(NotPermitted, match="written some of this"):
        judging.override(actor=leah_brandt, post=with_number, version_seen=1, slug="phone", why="Mine")
    judging.declare(actor=leah_brandt, post=arrest, version_seen=2, kind="arrest", answers={"case": ""})
    with pytest.raises(TransitionNotAllowed, match="Nobody may override “Active proceedings”"):
        judging.override(
            actor=helen_achebe, post=arrest, version_seen=3, slug="active-proceedings", why="I say so"
        )


def test_what_waits_for_an_answer_is_answered_and_not_overridden(
    clock_at, leah_brandt, force_account, wealdshire
):
    post = posts.draft_post(actor=leah_brandt, account_ids=[force_account.pk], words="Did you see anything?")
    post = judging.declare(actor=leah_brandt, post=post, version_seen=1, kind="witness", answers={})
    command = wealdshire.people["superintendent_price"]
    given = {"actor": command, "post": post, "slug": "child", "why": "The court allowed it"}
    with pytest.raises(TransitionNotAllowed, match="Nobody may override"):
        judging.override(version_seen=2, **given)
    texts, _ = queries.words_by_account(post)
    posts.edit_post(
        actor=leah_brandt, post=post, version_seen=2, account_ids=texts, words="Have you seen Adam Sutton?"
    )
    judging.declare(actor=leah_brandt, post=post, version_seen=3, kind="witness", answers={"child": "yes"})
    assert judging.override(version_seen=4, **given).by == command


def test_a_setting_takes_the_override_away(with_number, helen_achebe, ben_osei, leah_brandt):
    with pytest.raises(NotPermitted):
        check_settings.set_check(actor=helen_achebe, slug="phone", override_by="approver", why="Mine")
    made = check_settings.set_check(actor=ben_osei, slug="phone", why="Head of communications, 1 March")
    assert (made.level, made.override_by) == ("", "")
    assert CheckSetting.objects.filter(slug="phone", replaced_at=None).get() == made
    assert Entry.objects.filter(event="check.set").count() == 1
    with pytest.raises(TransitionNotAllowed, match="Nobody may override"):
        judging.override(actor=helen_achebe, post=with_number, version_seen=1, slug="phone", why="Ours")
    with pytest.raises(NotValid, match="set so already"):
        check_settings.set_check(actor=ben_osei, slug="phone", why="Again")


def test_known_numbers_and_sites_are_the_forces_own(with_number, leah_brandt, ben_osei, helen_achebe):
    with pytest.raises(NotPermitted):
        check_settings.add_known(actor=helen_achebe, kind="number", value="07700 900123", about="Drop-in")
    made = check_settings.add_known(actor=ben_osei, kind="number", value="07700 900123", about="Drop-in")
    assert made.value == "+447700900123"
    assert not judges.judge_now(with_number).stopping
    check_settings.remove_known(actor=ben_osei, known=made)
    assert [one.slug for one in judges.judge_now(with_number).stopping] == ["phone"]
    site = check_settings.add_known(
        actor=ben_osei, kind="domain", value="https://www.Wealdshire.example/x", about="Ours"
    )
    assert site.value == "wealdshire.example"
    for kind, value in (
        ("domain", "not a site"),
        ("number", "12"),
        ("domain", "wealdshire.example"),
        ("x", "y"),
    ):
        with pytest.raises(NotValid):
            check_settings.add_known(actor=ben_osei, kind=kind, value=value, about="Whose")
    assert KnownValue.objects.filter(removed_at=None).count() == 1


def test_before_an_election_every_post_takes_two(
    clock_at, leah_brandt, ben_osei, helen_achebe, second, force_account
):
    period = check_settings.add_period(
        actor=ben_osei, name="County council", first_on=date(2026, 3, 1), last_on=date(2026, 3, 20)
    )
    post = posts.draft_post(actor=leah_brandt, account_ids=[force_account.pk], words="The bridge is open.")
    posts.submit_post(actor=leah_brandt, post=post, version_seen=1)
    assert yes(helen_achebe, post).state == Post.State.SUBMITTED
    check_settings.end_period(actor=ben_osei, period=period, why="Called off")
    assert SensitivePeriod.objects.get().ended_by == ben_osei
    assert yes(second, post).state == Post.State.APPROVED
    assert Delivery.objects.get().first_approver is None, "one was enough when it was approved"


# The urgent lane


def test_an_urgent_post_goes_and_what_it_was_let_go_with_is_put_right(
    clock_at, leah_brandt, helen_achebe, force_account, pc_nair
):
    post = posts.draft_post(
        actor=leah_brandt,
        account_ids=[force_account.pk],
        words="𝗦𝘁𝗮𝘆 indoors in Quay Street.",
        title="Stay in",
    )
    with pytest.raises(NotValid, match="look like letters"):
        posts.submit_post(actor=leah_brandt, post=post, version_seen=1)
    judging.declare(
        actor=leah_brandt,
        post=post,
        version_seen=1,
        kind="general",
        answers={},
        urgent_why="Gas in Quay Street",
    )
    posts.submit_post(actor=leah_brandt, post=post, version_seen=2)
    yes(helen_achebe, post)
    left = FollowUp.objects.get()
    assert (left.slug, left.done_at) == ("fancy-letters", None)
    assert (Delivery.objects.get().urgent, Delivery.objects.get().undo_until) == (True, None)
    assert Notice.objects.filter(to=leah_brandt, body__contains="put right").exists()
    with pytest.raises(NotPermitted):
        judging.put_right(actor=pc_nair, follow_up=left, how="Done")
    with pytest.raises(NotValid):
        judging.put_right(actor=leah_brandt, follow_up=left, how="")
    judging.put_right(actor=leah_brandt, follow_up=left, how="Written anew in plain letters")
    left.refresh_from_db()
    assert left.done_by == leah_brandt
    assert Entry.objects.filter(event="post.put_right").count() == 1
    with pytest.raises(TransitionNotAllowed):
        judging.put_right(actor=leah_brandt, follow_up=left, how="Again")
