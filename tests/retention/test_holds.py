"""Holds cover a record, a case, a person, an official account, days or words, also what comes later; two people lift them."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta

import psycopg2
import pytest
from django.db import connection

from accounts.models import OfficialAccount
from audit.models import Entry
from core import clock
from core.errors import NotFound, NotPermitted, NotValid, TransitionNotAllowed
from escalation import tasks as escalation
from escalation.models import Case
from moderation.models import Comment, Revision
from retention import queries
from retention.actions import holds
from retention.actions.holds import AlreadyHeld, Covers
from retention.models import Hold, ScheduleRow
from smmp.seed import force
from staff.models import StaffMember
from tests import comments
from tests.retention import going

OLD = datetime(2020, 1, 15, 12, tzinfo=UTC)


def place(actor, days=30, **covers):
    for_what, reference = covers.pop("for_what", "foi"), covers.pop("reference", "FOI 26/1042")
    return holds.place_hold(
        actor=actor,
        covers=Covers(**covers),
        for_what=for_what,
        reference=reference,
        reason="An open request",
        review_on=clock.today() + timedelta(days=days),
    )


def on(comment, actor, **given):
    return place(actor, subject_type="moderation.comment", subject_id=comment.pk, **given)


def lift(hold, first, second):
    return holds.lift_hold(actor=second, hold=holds.ask_to_lift(actor=first, hold=hold, reason="Answered"))


def routine():
    return ScheduleRow.objects.get(slug="routine_comment")


@pytest.fixture
def old(force_account, amira_hussain):
    def make(text="old words", by="jordan.p", at=OLD):
        return comments.decide(comments.write(force_account, text, by=by, at=at), amira_hussain, at=at)

    return make


def gone(comment):
    going.dispose(routine(), clock.today())
    return not Comment.objects.filter(pk=comment.pk).exists()


# What a hold covers


def test_a_hold_on_a_commenter_keeps_what_they_wrote_and_will_write(old, graham_ellis):
    first, other = old(), old("by another", by="kim")
    hold = place(graham_ellis, kind="commenter", subject_id=first.commenter_id)
    later = old("written later")
    assert queries.covered(graham_ellis, hold) == [("Comment", 2)]
    assert gone(other)
    assert Comment.objects.filter(pk__in=[first.pk, later.pk]).count() == 2
    assert "jordan" not in hold.subject_name.lower()


def test_a_hold_by_query_keeps_future_matches_and_what_was_said_before_an_edit(old, graham_ellis):
    place(graham_ellis, kind="query", words="lantern bridge")
    match, other = old("They met by the lanterns on the bridge"), old("nothing", by="kim")
    edited = old("harmless now", by="lee")
    Revision.objects.create(comment=edited, number=2, text="the bridge, a lantern", seen_at=OLD)
    assert gone(other)
    assert Comment.objects.filter(pk__in=[match.pk, edited.pk]).count() == 2


def test_a_query_narrowed_to_days_and_an_official_account_covers_no_more(
    old, graham_ellis, force_account, wealdshire
):
    inside = old("a lantern")
    day = OLD.date()
    hold = place(
        graham_ellis,
        kind="query",
        words="lantern",
        official_account=force_account,
        first_day=day,
        last_day=day,
    )
    assert queries.covered(graham_ellis, hold) == [("Comment", 1)]
    assert queries.holds_on("moderation.comment", inside.pk) == [hold]
    outside = old("a lantern", at=OLD + timedelta(days=1))
    assert queries.holds_on("moderation.comment", outside.pk) == []
    assert gone(outside)


@pytest.mark.parametrize(
    "moment", [datetime(2020, 6, 30, 23, 0, tzinfo=UTC), datetime(2020, 7, 1, 22, 59, tzinfo=UTC)]
)
def test_days_are_london_days(old, graham_ellis, moment):
    day = date(2020, 7, 1)
    hold = place(graham_ellis, kind="dates", first_day=day, last_day=day)
    inside, outside = old("in", at=moment), old("out", at=datetime(2020, 7, 1, 23, 0, tzinfo=UTC))
    assert queries.is_held("moderation.comment", inside.pk)
    assert not queries.is_held("moderation.comment", outside.pk)
    assert hold.subject_name == "Everything from 1 July 2020 to 1 July 2020"


def test_a_hold_on_an_official_account_keeps_all_of_it(old, graham_ellis, force_account):
    comment = old()
    place(graham_ellis, kind="account", subject_id=force_account.pk)
    assert not gone(comment)


def test_a_hold_on_a_case_keeps_the_case_and_its_comments(force_account, amira_hussain, graham_ellis):
    comment = comments.escalate(comments.write(force_account), amira_hussain)
    escalation.open_cases()
    case = Case.objects.get()
    hold = place(graham_ellis, kind="case", subject_id=case.pk)
    assert dict(queries.covered(graham_ellis, hold))["Case"] == 1
    assert queries.is_held("moderation.comment", comment.pk)
    assert queries.is_held("escalation.case", case.pk)


# Overlapping, twice, and lifting


def test_overlapping_holds_each_keep_it_until_the_last_is_lifted(old, graham_ellis, ines_moreau):
    comment = old()
    one = on(comment, graham_ellis)
    two = on(comment, graham_ellis, for_what="litigation", reference="Claim 7")
    three = place(graham_ellis, kind="commenter", subject_id=comment.commenter_id)
    assert queries.holds_on("moderation.comment", comment.pk) == [one, two, three]
    for hold in (one, two, three):
        assert not gone(comment)
        lift(hold, graham_ellis, ines_moreau)
    assert gone(comment)


def test_the_very_same_hold_twice_is_one_too_many(old, graham_ellis, nadia_rahman):
    comment = old()
    hold = on(comment, graham_ellis)
    with pytest.raises(AlreadyHeld, match="held already, by Graham Ellis") as refusal:
        on(comment, nadia_rahman)
    assert refusal.value.hold == hold
    assert Entry.objects.filter(event="hold.placed").count() == 1


def test_two_people_lift_a_hold(old, graham_ellis, ines_moreau, nadia_rahman, inspector_kerr):
    hold = on(old(), nadia_rahman)
    with pytest.raises(NotPermitted, match="whoever placed it"):
        holds.ask_to_lift(actor=inspector_kerr, hold=hold, reason="Done")
    with pytest.raises(TransitionNotAllowed, match="Ask first"):
        holds.lift_hold(actor=graham_ellis, hold=hold)
    with pytest.raises(NotValid):
        holds.ask_to_lift(actor=graham_ellis, hold=hold, reason=" ")
    holds.ask_to_lift(actor=graham_ellis, hold=hold, reason="Answered")
    with pytest.raises(NotPermitted, match="somebody else has to lift it"):
        holds.lift_hold(actor=graham_ellis, hold=hold)
    with pytest.raises(TransitionNotAllowed, match="asked already"):
        holds.ask_to_lift(actor=nadia_rahman, hold=hold, reason="Me too")
    lifted = holds.lift_hold(actor=ines_moreau, hold=hold)
    assert (lifted.lift_asked_by, lifted.lifted_by, lifted.lifted_why) == (
        graham_ellis,
        ines_moreau,
        "Answered",
    )
    with pytest.raises(TransitionNotAllowed, match="lifted already"):
        holds.lift_hold(actor=ines_moreau, hold=hold)
    assert Entry.objects.filter(event="hold.lifted").count() == 1


def test_keeping_it_answers_whoever_asked_to_lift_it(old, graham_ellis, ines_moreau):
    hold = holds.ask_to_lift(actor=graham_ellis, hold=on(old(), graham_ellis), reason="Answered")
    holds.review_hold(
        actor=ines_moreau, hold=hold, reason="An appeal came", review_on=clock.today() + timedelta(days=60)
    )
    with pytest.raises(TransitionNotAllowed, match="Ask first"):
        holds.lift_hold(actor=ines_moreau, hold=hold)


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"kind": "query", "words": " "}, NotValid),
        ({"kind": "query", "words": "the and"}, NotValid),
        ({"kind": "query", "words": "x" * 201}, NotValid),
        ({"kind": "dates"}, NotValid),
        (
            {
                "kind": "dates",
                "first_day": date(2020, 2, 2),
                "last_day": date(2020, 2, 1),
            },
            NotValid,
        ),
        ({"kind": "commenter", "subject_id": 10**9}, NotValid),
        ({"kind": "case"}, NotValid),
        ({"kind": "everything"}, NotValid),
        ({"subject_type": "staff.session", "subject_id": 1}, NotValid),
        ({"subject_type": "moderation.comment"}, NotValid),
        ({"subject_type": "moderation.comment", "subject_id": 10**9}, NotFound),
        ({"for_what": "fun", "kind": "query", "words": "lantern"}, NotValid),
    ],
)
def test_a_hold_that_covers_nothing_clear_is_refused(graham_ellis, wrong, refusal):
    with pytest.raises(refusal):
        place(graham_ellis, **wrong)
    assert not Hold.objects.exists()


# By any route


@pytest.fixture
def owner_cursor(committed_db):
    """Runs statements in one transaction as the owner of the tables, whom no right stops."""

    def run(*statements):
        name = connection.settings_dict["NAME"]
        address = os.environ["SMMP_TEST_ADMIN"].replace("/postgres?", f"/{name}?")
        with psycopg2.connect(address) as owner, owner.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    return run


def test_no_route_deletes_what_is_held(owner_cursor):
    made = force.make()
    account, amira, graham = (
        made.accounts["wealdshire-police"],
        made.people["amira_hussain"],
        made.people["graham_ellis"],
    )
    held = comments.decide(comments.write(account, "held", at=OLD), amira, at=OLD)
    free = comments.decide(comments.write(account, "free", by="kim", at=OLD), amira, at=OLD)
    place(graham, kind="query", words="held")
    for statement in (
        f"DELETE FROM moderation_decision WHERE comment_id = {held.pk}",
        f"DELETE FROM moderation_revision WHERE comment_id IN ({held.pk}, {free.pk})",
        f"SET CONSTRAINTS ALL DEFERRED; DELETE FROM moderation_comment WHERE id = {held.pk}",
        "TRUNCATE moderation_comment CASCADE",
    ):
        with pytest.raises(psycopg2.errors.CheckViolation):
            owner_cursor(statement)
    owner_cursor(
        f"DELETE FROM moderation_decision WHERE comment_id = {free.pk}",
        f"DELETE FROM moderation_revision WHERE comment_id = {free.pk}",
        f"DELETE FROM moderation_comment WHERE id = {free.pk}",
    )
    assert list(Comment.objects.values_list("pk", flat=True)) == [held.pk]


def test_leavers_and_closed_accounts_take_nothing_that_is_held_along(
    old, graham_ellis, amira_hussain, force_account
):
    comment = old()
    on(comment, graham_ellis)
    StaffMember.objects.filter(pk=amira_hussain.pk).update(active=False, left_at=clock.now())
    OfficialAccount.objects.filter(pk=force_account.pk).update(status=OfficialAccount.Status.SUSPENDED)
    assert not gone(comment)
    assert comment.decisions.exists()
    assert comment.revisions.exists()
