"""A public appeal: what it needs before it goes out, on every channel as one, and gone from each when it is over."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import IntegrityError, transaction

from audit.models import Entry
from core import clock
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TransitionNotAllowed
from notices.models import Notice
from platforms.contract import Capability, IncomingPost, PermanentFault, TemporaryFault
from platforms.exercise.connector import ExerciseConnector
from publishing import queries, queries_appeals, sending, taking_down
from publishing.actions import appeal_course, appeals, corrections, machinery, shown, take_downs
from publishing.models import Appeal, Correction, Delivery, Post, TakeDown
from publishing.workflow import APPEAL, TAKE_DOWN
from tests.publishing.appeals import WORDS, facts, live_appeal, opened, out, pictured
from tests.publishing.test_outbox_races import at_once

State = Appeal.State


@pytest.fixture
def accounts(force_account, saltmere_account):
    return [force_account, saltmere_account]


@pytest.fixture
def live(clock_at, platform, accounts, leah_brandt, helen_achebe):
    """A missing-person appeal on two official accounts."""
    return live_appeal(leah_brandt, helen_achebe, accounts, platform)


def events_of(row):
    entries = Entry.objects.filter(subject_type=row._meta.label_lower, subject_id=str(row.pk))
    return list(entries.order_by("id").values_list("event", flat=True))


def work(platform, clock_at, *, rounds=4, seconds=5):
    for _ in range(rounds):
        taking_down.carry_on()
        sending.send_due()
        platform.shown = [post for post in platform.shown if post.external_id not in platform.deleted]
        taking_down.verify_due()
        clock_at.shift(seconds)


def test_nothing_is_asked_without_consent_or_a_risk_to_life(clock_at, accounts, leah_brandt):
    for missing, given in (
        ("officer_consent", facts(officer_consent="")),
        ("family_consent", facts(family_consent="")),
    ):
        appeal = opened(leah_brandt, accounts, given=given)
        with pytest.raises(NotValid) as refused:
            appeals.write_post(actor=leah_brandt, appeal=appeal, words=WORDS)
        assert refused.value.field == missing
    appeal = opened(
        leah_brandt,
        accounts,
        given=facts(officer_consent="", family_consent="", risk_to_life="Needs insulin within hours"),
    )
    post = appeals.write_post(actor=leah_brandt, appeal=appeal, words=WORDS)
    assert post.declaration.urgent_why == "Needs insulin within hours"
    assert {variant.official_account_id for variant in queries.live_variants(post)} == {
        account.pk for account in accounts
    }


@pytest.mark.parametrize("field", ["title", "force_reference", "basis_note", "risk_assessment"])
def test_what_is_left_out_is_asked_for_by_name(clock_at, accounts, leah_brandt, field):
    with pytest.raises(NotValid) as refused:
        opened(leah_brandt, accounts, given=facts(**{field: "  "}))
    assert refused.value.field == field


def test_a_wanted_person_is_looked_at_again_within_a_month(clock_at, accounts, leah_brandt):
    with pytest.raises(NotValid, match="within 31 days"):
        opened(
            leah_brandt,
            accounts,
            kind="wanted",
            given=facts(review_on=clock.today() + timedelta(days=32)),
        )


def test_the_database_lets_no_appeal_live_without_consent(live):
    with pytest.raises(IntegrityError, match="appeal_family_agreed"), transaction.atomic():
        Appeal.objects.filter(pk=live.pk).update(family_consent="")


def test_who_may_not_post_everywhere_opens_and_closes_nothing(live, accounts, pc_nair, amira_hussain):
    for person in (pc_nair, amira_hussain):
        with pytest.raises(NotPermitted):
            opened(person, accounts)
        with pytest.raises(NotPermitted):
            appeals.close_appeal(actor=person, appeal=live, outcome="found", note="Found safe")


def test_it_goes_out_on_every_account_as_one_and_is_live(live, platform):
    assert live.state == State.LIVE
    assert len(platform.standing) == 2
    assert {post.text for post in platform.standing} == {WORDS}
    assert events_of(live)[-1] == "appeal.live"


def test_an_old_page_changes_nothing(live, leah_brandt, accounts):
    ids = [account.pk for account in accounts]
    change = {"actor": leah_brandt, "appeal": live, "facts": facts(title="Jon"), "account_ids": ids}
    appeals.change_appeal(**change, version_seen=1, owner=leah_brandt)
    with pytest.raises(ChangedSinceSeen):
        appeals.change_appeal(**change, version_seen=1, owner=leah_brandt)


def test_an_account_on_which_it_stands_is_not_left_out(live, leah_brandt, force_account):
    with pytest.raises(TransitionNotAllowed, match="stands on an official account"):
        appeals.change_appeal(
            actor=leah_brandt,
            appeal=live,
            version_seen=live.version,
            facts=facts(),
            account_ids=[force_account.pk],
            owner=leah_brandt,
        )


def test_one_person_closes_it_and_it_is_seen_to_be_gone_on_each(
    live, platform, clock_at, leah_brandt, helen_achebe
):
    appeals.close_appeal(actor=leah_brandt, appeal=live, outcome="found", note="Found safe, PS Okafor rang")
    with pytest.raises(TransitionNotAllowed):
        appeals.close_appeal(actor=leah_brandt, appeal=live, outcome="found", note="Again")
    work(platform, clock_at)
    live.refresh_from_db()
    assert live.state == State.VERIFIED
    downs = TakeDown.objects.filter(appeal=live)
    assert {(one.state, one.done_how, one.result) for one in downs} == {("done", "read", "Verified gone")}
    assert platform.deleted == {delivery.external_id for delivery in queries_appeals.standing(live)}
    covered = Correction.objects.filter(post__appeal_post__appeal=live)
    assert {(one.asked_by, one.decided_by, one.state) for one in covered} == {
        (leah_brandt, helen_achebe, "done")
    }
    appeals.end_appeal(actor=leah_brandt, appeal=live)
    assert events_of(live)[-3:] == ["appeal.closing", "appeal.verified", "appeal.ended"]
    assert Post.objects.filter(appeal_post__appeal=live).get().words == WORDS


def test_the_approver_closes_it_and_still_two_people_stand_behind_the_take_down(
    live, platform, clock_at, leah_brandt, helen_achebe
):
    appeals.close_appeal(actor=helen_achebe, appeal=live, outcome="withdrawn", note="The family asked")
    work(platform, clock_at)
    covered = Correction.objects.filter(post__appeal_post__appeal=live)
    assert {(one.asked_by, one.decided_by) for one in covered} == {(leah_brandt, helen_achebe)}


def test_what_still_stands_is_read_ever_more_rarely_and_then_climbs(live, platform, clock_at, leah_brandt):
    appeals.close_appeal(actor=leah_brandt, appeal=live, outcome="found", note="Found safe")
    stuck = platform.shown[0]
    taking_down.carry_on()
    taking_down.verify_due()
    sending.send_due()
    platform.shown = [stuck]
    waits = []
    for _ in range(9):
        due = TakeDown.objects.get(standing__external_id=stuck.external_id).next_check_at
        clock_at.move_to(due)
        waits.append(due)
        taking_down.verify_due()
    gaps = [later - earlier for earlier, later in pairwise(waits[1:])]
    assert gaps == sorted(gaps)
    row = TakeDown.objects.get(standing__external_id=stuck.external_id)
    assert row.checks >= 8
    clock_at.move_to(row.verify_by + timedelta(hours=1))
    taking_down.verify_due()
    row.refresh_from_db()
    assert (row.needs_case, row.state) == ("not_gone", "by_hand")
    assert Notice.objects.filter(to=leah_brandt, title__startswith="Not seen to be gone").count() == 1
    live.refresh_from_db()
    assert live.state == State.CLOSING
    platform.shown = []
    clock_at.shift(3700)
    taking_down.verify_due()
    taking_down.carry_on()
    live.refresh_from_db()
    assert live.state == State.VERIFIED


def test_a_platform_that_lets_us_delete_nothing_leaves_a_task_and_is_read_all_the_same(
    live, platform, clock_at, leah_brandt, monkeypatch
):
    monkeypatch.setattr(
        ExerciseConnector,
        "capabilities",
        ExerciseConnector.capabilities - {Capability.DELETE_OWN},
    )
    appeals.close_appeal(actor=leah_brandt, appeal=live, outcome="found", note="Found safe")
    work(platform, clock_at, rounds=1)
    row = TakeDown.objects.filter(appeal=live).first()
    assert row.state == "by_hand"
    with pytest.raises(NotValid, match="tick"):
        take_downs.look(actor=leah_brandt, take_down=row, seen=False)
    take_downs.look(actor=leah_brandt, take_down=row, seen=True)
    clock_at.shift(1)
    taking_down.verify_due()
    row.refresh_from_db()
    # It was said to be gone, and is not.
    assert (row.state, row.looked_by, row.says) == ("by_hand", None, taking_down.STANDS)
    platform.shown = []
    take_downs.look(actor=leah_brandt, take_down=row, seen=True)
    taking_down.verify_due()
    row.refresh_from_db()
    assert (row.state, row.done_how) == ("done", "read")


def test_where_the_platform_cannot_be_read_the_word_of_whoever_looked_stands(
    live, platform, clock_at, leah_brandt
):
    def silent():
        raise TemporaryFault("The network does not answer.")

    appeals.close_appeal(actor=leah_brandt, appeal=live, outcome="found", note="Found safe")
    platform.before = lambda: (_ for _ in ()).throw(PermanentFault("Not ours to delete."))
    platform.on_read = silent
    work(platform, clock_at, rounds=3)
    row = TakeDown.objects.filter(appeal=live).first()
    assert row.state == "by_hand"
    assert "could not be read back" in row.says
    take_downs.look(actor=leah_brandt, take_down=row, seen=True, link="https://network.example/gone")
    taking_down.verify_due()
    row.refresh_from_db()
    assert (row.state, row.done_how, row.looked_by) == ("done", "person", leah_brandt)


def test_words_without_a_picture_can_say_that_it_is_over(
    clock_at, platform, accounts, leah_brandt, helen_achebe, monkeypatch
):
    monkeypatch.setattr(ExerciseConnector, "capabilities", ExerciseConnector.capabilities | {Capability.EDIT})
    live = live_appeal(leah_brandt, helen_achebe, accounts[:1], platform, kind="witness")
    after = "This appeal has ended. Thank you to everybody who called."
    appeals.close_appeal(actor=leah_brandt, appeal=live, outcome="charged", note="Charged", words_after=after)
    taking_down.carry_on()
    taking_down.verify_due()
    row = TakeDown.objects.get(appeal=live)
    assert (row.kind, row.state) == ("edit", "asked")
    corrections.approve(actor=helen_achebe, correction=row.correction)
    sending.send_due()
    standing = row.standing
    platform.shown = [
        IncomingPost(external_id=queries.standing_id(standing), text=after, posted_at=clock.now())
    ]
    clock_at.shift(60)
    taking_down.verify_due()
    row.refresh_from_db()
    assert (row.state, row.result) == ("done", "Verified changed")


def test_what_had_not_gone_out_never_does(clock_at, platform, accounts, leah_brandt, helen_achebe):
    live = live_appeal(leah_brandt, helen_achebe, accounts, platform)
    later = appeals.write_post(actor=leah_brandt, appeal=live, words="Still missing. Call 101.")
    appeals.close_appeal(actor=leah_brandt, appeal=live, outcome="found", note="Found safe")
    later.refresh_from_db()
    assert later.state == Post.State.WITHDRAWN
    with pytest.raises(TransitionNotAllowed):
        appeals.write_post(actor=leah_brandt, appeal=live, words=WORDS)


def test_what_was_on_its_way_when_it_was_closed_is_taken_down_as_well(
    clock_at, platform, accounts, leah_brandt, helen_achebe
):
    live = live_appeal(leah_brandt, helen_achebe, accounts, platform)
    out(
        appeals.write_post(actor=leah_brandt, appeal=live, words=WORDS + " Again."), leah_brandt, helen_achebe
    )
    clock_at.shift(60)
    in_hand = machinery.claim_next()
    appeals.close_appeal(actor=leah_brandt, appeal=live, outcome="found", note="Found safe")
    assert Delivery.objects.get(pk=in_hand.pk).state == "sending"
    sending.deliver(in_hand)
    platform.shown = [*platform.shown]
    work(platform, clock_at, rounds=6)
    live.refresh_from_db()
    assert live.state == State.VERIFIED
    assert TakeDown.objects.filter(standing=in_hand).get().state == "done"


def test_one_that_never_went_out_is_closed_at_once(clock_at, accounts, leah_brandt):
    appeal = opened(leah_brandt, accounts)
    appeals.close_appeal(actor=leah_brandt, appeal=appeal, outcome="found", note="Found before")
    appeal.refresh_from_db()
    assert appeal.state == State.CLOSED
    assert events_of(appeal)[-1] == "appeal.abandoned"


def test_an_overdue_review_is_told_and_climbs_once(live, clock_at, leah_brandt):
    clock_at.move_to(f"{live.review_on.isoformat()}T08:00:00Z")
    taking_down.carry_on()
    live.refresh_from_db()
    assert (live.state, live.needs_case) == (State.REVIEW, "")
    clock_at.shift(86_400)
    taking_down.carry_on()
    live.refresh_from_db()
    assert live.needs_case == "review"
    appeal_course.case_opened(actor=appeal_course.APPEALS, appeal=live)
    taking_down.carry_on()
    live.refresh_from_db()
    assert live.needs_case == ""
    assert Notice.objects.filter(to=leah_brandt, title__startswith=f"Appeal {live.reference}").count() == 2
    appeals.review(
        actor=leah_brandt, appeal=live, review_on=clock.today() + timedelta(days=7), why="Still missing"
    )
    live.refresh_from_db()
    assert live.state == State.LIVE


def test_a_review_says_why_and_until_when(live, leah_brandt):
    with pytest.raises(NotValid, match="Say why"):
        appeals.review(actor=leah_brandt, appeal=live, review_on=clock.today() + timedelta(days=7), why=" ")
    with pytest.raises(NotValid, match="after today"):
        appeals.review(actor=leah_brandt, appeal=live, review_on=clock.today(), why="Still missing")


def test_what_pictures_somebody_comes_down_on_its_day_and_its_author_is_told_before(
    live, platform, clock_at, leah_brandt, helen_achebe
):
    post = Post.objects.get(appeal_post__appeal=live)
    day = queries_appeals.until(post)
    clock_at.move_to(f"{(day - timedelta(days=3)).isoformat()}T08:00:00Z")
    assert shown.tell_before() == 1
    assert Notice.objects.filter(to=leah_brandt, title__startswith="Comes down on").exists()
    with pytest.raises(NotPermitted):
        shown.show_longer(actor=leah_brandt, post=post, until=day + timedelta(days=5), why="Still missing")
    with pytest.raises(NotValid, match="later"):
        shown.show_longer(actor=helen_achebe, post=post, until=day, why="Still missing")
    shown.show_longer(actor=helen_achebe, post=post, until=day + timedelta(days=5), why="Still missing")
    clock_at.move_to(f"{day.isoformat()}T08:00:00Z")
    taking_down.carry_on()
    assert not TakeDown.objects.exists()
    clock_at.move_to(f"{(day + timedelta(days=5)).isoformat()}T00:00:00Z")
    work(platform, clock_at)
    assert {one.state for one in TakeDown.objects.all()} == {"done"}
    with pytest.raises(TransitionNotAllowed):
        shown.show_longer(actor=helen_achebe, post=post, until=day + timedelta(days=9), why="Still missing")


def test_workers_that_die_and_workers_beside_each_other_take_it_down_once(
    live, platform, clock_at, leah_brandt
):
    appeals.close_appeal(actor=leah_brandt, appeal=live, outcome="found", note="Found safe")
    taking_down.carry_on()
    taking_down.carry_on()
    first = take_downs.claim_next()
    second = take_downs.claim_next()
    assert first is not None
    assert second is not None
    assert first.pk != second.pk
    assert take_downs.claim_next() is None
    # Both died with it in hand: it is due again when the lease has run out.
    clock_at.shift(take_downs.LEASE.total_seconds() + 1)
    work(platform, clock_at)
    assert {one.state for one in TakeDown.objects.all()} == {"done"}
    assert Delivery.objects.filter(kind="delete").count() == 2


def test_a_deletion_that_somebody_asked_for_before_is_not_asked_for_twice(
    live, platform, clock_at, leah_brandt, helen_achebe
):
    standing = queries_appeals.standing(live).first()
    asked = corrections.ask(
        actor=leah_brandt, delivery=standing, kind="delete", standing_seen=WORDS, why="Wrong picture"
    )
    appeals.close_appeal(actor=leah_brandt, appeal=live, outcome="found", note="Found safe")
    work(platform, clock_at, rounds=2)
    row = TakeDown.objects.get(standing=standing)
    assert (row.state, row.correction_id) == ("asked", asked.pk)
    corrections.approve(actor=helen_achebe, correction=asked)
    clock_at.shift(120)
    work(platform, clock_at, rounds=3)
    row.refresh_from_db()
    assert row.state == "done"


@pytest.mark.parametrize("workflow", [APPEAL, TAKE_DOWN], ids=["appeal", "take-down"])
def test_every_state_is_one_that_the_database_knows(workflow):
    known = Appeal.State.values if workflow is APPEAL else TakeDown.State.values
    assert workflow.states == set(known)


def test_four_workers_take_it_down_once_and_two_closings_are_one(
    committed_db, platform, force_account, saltmere_account, leah_brandt, helen_achebe, settings
):
    settings.OUTBOX_UNDO_S = 0
    live = live_appeal(leah_brandt, helen_achebe, [force_account, saltmere_account], platform)

    def close():
        appeals.close_appeal(actor=leah_brandt, appeal=live, outcome="found", note="Found safe")

    faults = at_once(close, close)
    assert [type(fault) for fault in faults] == [TransitionNotAllowed]

    def work_on():
        for _ in range(3):
            taking_down.carry_on()
            taking_down.verify_due()
            sending.send_due()

    assert at_once(*[work_on] * 4) == []
    assert TakeDown.objects.count() == 2
    deleted = Delivery.objects.filter(kind="delete")
    assert (deleted.count(), deleted.filter(state="sent").count(), platform.acts) == (2, 2, 4)
    platform.shown = []
    TakeDown.objects.update(next_check_at=clock.now())
    assert at_once(*[work_on] * 4) == []
    live.refresh_from_db()
    assert live.state == State.VERIFIED
    assert events_of(live).count("appeal.verified") == 1


def test_consent_is_not_taken_away_once_the_public_is_to_be_asked(clock_at, accounts, leah_brandt):
    appeal = opened(leah_brandt, accounts)
    appeals.write_post(actor=leah_brandt, appeal=appeal, words=WORDS)
    with pytest.raises(NotValid) as refused:
        appeals.change_appeal(
            actor=leah_brandt,
            appeal=appeal,
            version_seen=1,
            facts=facts(officer_consent=""),
            account_ids=[account.pk for account in accounts],
            owner=leah_brandt,
        )
    assert refused.value.field == "officer_consent"


def test_one_that_was_given_up_while_it_left_is_taken_down_all_the_same(
    clock_at, platform, accounts, leah_brandt, helen_achebe
):
    appeal = opened(leah_brandt, accounts[:1])
    pictured(leah_brandt, appeal)
    out(appeals.write_post(actor=leah_brandt, appeal=appeal, words=WORDS), leah_brandt, helen_achebe)
    in_hand = machinery.claim_next()
    appeals.close_appeal(actor=leah_brandt, appeal=appeal, outcome="withdrawn", note="The family asked")
    sending.deliver(in_hand)
    work(platform, clock_at, rounds=5)
    appeal.refresh_from_db()
    assert appeal.state == State.VERIFIED
    assert len(platform.deleted) == 1
