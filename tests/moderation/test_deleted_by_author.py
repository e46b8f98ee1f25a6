"""What its author deleted is out of sight at once and gone within a day, unless it is evidence; what went never comes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from audit.models import Entry
from core import clock
from escalation import tasks as escalation
from moderation.actions import ingest
from moderation.models import Comment, Commenter, RawPayload
from retention import tasks
from retention.actions.holds import Covers, place_hold
from retention.models import Disposal, Restriction, ScheduleRow
from tests import comments
from tests.moderation.feed import Feed, message
from tests.retention import going

OLD = datetime(2020, 1, 15, 12, tzinfo=UTC)


@pytest.fixture
def take_in(force_account):
    feed = Feed.able()

    def take(*messages):
        return ingest.take_in(
            actor=tasks.RETENTION,
            official_account=force_account,
            messages=messages,
            source="poll",
            connector=feed(),
        )

    return take


def the(external_id):
    return Comment.objects.get(external_id=external_id)


def deleted(external_id):
    return message(external_id, deleted=True, removed_by="author")


def test_it_is_restricted_at_once_and_gone_within_a_day_with_its_raw_payloads(take_in, client, amira_hussain):
    take_in(message("c1", "Nothing in particular"), message("c2", "Is the road open?", author="u2"))
    take_in(deleted("c1"))
    comment = the("c1")
    assert (comment.state, comment.kept_why) == (Comment.State.RESTRICTED, "")
    assert Restriction.objects.get().ground == "author"
    client.force_login(amira_hussain)
    assert "Nothing in particular" not in client.get(reverse("moderation:desk") + "?queue=open").text
    assert client.get(reverse("moderation:conversation", args=[comment.pk])).status_code == 404
    tasks.run_daily()
    assert Comment.objects.filter(pk=comment.pk).exists(), "it is not a day yet"
    a_day_passes()
    assert tasks.run_daily() == 1
    done = Disposal.objects.get()
    assert (done.row.slug, done.disposed_count) == ("author_deleted", 1)
    assert not RawPayload.objects.filter(external_id="c1").exists()
    assert not Commenter.objects.filter(external_id="u1").exists()
    assert the("c2")


def a_day_passes():
    """What was removed was removed a day ago. The database lets nothing be changed while it is restricted."""
    restriction = Restriction.objects.get()
    Restriction.objects.update(lifted_at=clock.now(), lifted_why="test")
    Comment.objects.filter(pk=restriction.subject_id).update(removed_at=clock.now() - timedelta(hours=24))
    Restriction.objects.update(lifted_at=None, lifted_why="")


@pytest.mark.parametrize("how", ["risk", "case", "hold"])
def test_what_is_evidence_is_kept_and_says_on_what_basis(take_in, how, amira_hussain, graham_ellis):
    take_in(message("c1", "Nothing in particular"))
    comment = the("c1")
    if how == "risk":
        Comment.objects.update(priority=1)
    elif how == "hold":
        place_hold(
            actor=graham_ellis,
            covers=Covers(kind="commenter", subject_id=comment.commenter_id),
            for_what="sar",
            reason="An open request",
            review_on=clock.today() + timedelta(days=9),
        )
    else:
        comments.escalate(comment, amira_hussain)
        escalation.open_cases()
        Comment.objects.update(priority=5, category="none", needs_case="")
    take_in(deleted("c1"))
    comment = the("c1")
    assert comment.state != Comment.State.RESTRICTED
    assert comment.kept_why in {"it tells of a risk to somebody", "a hold covers it", "it is in a case"}
    assert comment.removal == f"Removed by its author; kept because {comment.kept_why}"
    assert Entry.objects.get(event="comment.removed_upstream").details["kept"] == comment.kept_why
    assert not Restriction.objects.exists()


def test_a_deletion_that_overtook_its_comment_restricts_it_as_it_comes(take_in):
    take_in(deleted("c1"))
    take_in(message("c1", "Nothing in particular"))
    assert the("c1").state == Comment.State.RESTRICTED


def test_nothing_changes_a_restricted_comment_not_even_its_platform(take_in):
    take_in(message("c1", "Nothing in particular"))
    take_in(deleted("c1"))
    take_in(message("c1", "edited after all"))
    assert the("c1").text == "Nothing in particular"
    assert the("c1").revisions.count() == 1


def test_what_was_disposed_of_is_not_taken_in_again(take_in, force_account, amira_hussain):
    take_in(message("c1", "Nothing in particular"))
    comments.decide(the("c1"), amira_hussain, at=OLD)
    going.dispose(ScheduleRow.objects.get(slug="routine_comment"), clock.today())
    assert not Comment.objects.exists()
    taken = take_in(message("c1", "Nothing in particular"), message("c2", "Another", author="u2"))
    assert [the("c2").pk] == taken.new
    assert not RawPayload.objects.filter(external_id="c1").exists()
    assert Entry.objects.get(event="comment.suppressed").details["count"] == 1
