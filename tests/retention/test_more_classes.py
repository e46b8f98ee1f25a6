"""Posts, deliveries and staff records at the end of their periods; months of payloads under a hold; the archive."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.urls import reverse

from accounts import tasks as account_tasks
from accounts.models import OfficialAccount
from audit.models import Entry
from core import clock
from core.actors import System
from core.errors import NotValid, TransitionNotAllowed
from moderation import tasks as comment_tasks
from moderation.models import Comment, RawPayload
from publishing import checks
from publishing import tasks as post_tasks
from publishing.actions import posts
from publishing.models import Approval, Delivery, Post
from retention import queries, tasks
from retention.actions import archive, holds, reviews
from retention.actions.holds import Covers
from retention.models import Review, ScheduleRow, Tombstone
from retention.nrac import QUESTIONS
from staff.actions import members
from staff.models import LastSeen, StaffMember
from tests import comments
from tests.publishing.platform import StubbornPlatform
from tests.retention import going

OLD = datetime(2015, 1, 15, 12, tzinfo=UTC)
NO = dict.fromkeys(QUESTIONS, False)


@pytest.fixture
def old_post(monkeypatch, leah_brandt, helen_achebe, force_account):
    """A post that was approved and went out long ago."""
    monkeypatch.setattr(checks, "ruler", lambda platform: StubbornPlatform())
    post = posts.draft_post(
        actor=leah_brandt,
        account_ids=[force_account.pk],
        words="The flood of 2015: our thanks.",
        title="Flood",
    )
    posts.submit_post(actor=leah_brandt, post=post, version_seen=post.version)
    posts.approve_post(actor=helen_achebe, post=post, version_seen=post.version)
    Post.objects.filter(pk=post.pk).update(state="published", published_at=OLD, created_at=OLD)
    Delivery.objects.filter(variant__post=post).update(state="sent", sent_at=OLD, due_at=OLD)
    post.refresh_from_db()
    return post


def reviewed(slug, actor, decision, **more):
    """The review of the one record of a class, decided."""
    row = ScheduleRow.objects.get(slug=slug)
    assert reviews.open_reviews(actor=tasks.RETENTION, row=row) == 1
    review = Review.objects.get(row=row, state="open")
    return reviews.decide(actor=actor, review=review, decision=decision, answers=NO, why="Looked at", **more)


def hold(actor, covers):
    return holds.place_hold(
        actor=actor,
        covers=covers,
        reason="A request under FOIA",
        review_on=clock.today() + timedelta(days=30),
    )


def lift(hold, one, another):
    holds.lift_hold(actor=another, hold=holds.ask_to_lift(actor=one, hold=hold, reason="Answered"))


def test_a_post_goes_with_its_approvals_and_deliveries_and_a_hold_on_its_account_keeps_it(
    old_post, force_account, graham_ellis, ines_moreau
):
    row = ScheduleRow.objects.get(slug="published_post")
    on_account = hold(graham_ellis, Covers(kind="account", subject_id=force_account.pk))
    assert not queries.to_review(row, on=clock.today()).exists()
    lift(on_account, graham_ellis, ines_moreau)
    reviewed("published_post", graham_ellis, "dispose")
    by_words = hold(graham_ellis, Covers(kind="query", words="flood thanks"))
    assert going.due(row) == 0
    lift(by_words, graham_ellis, ines_moreau)
    done = going.dispose(row, clock.today())
    assert done.disposed_ids == [old_post.pk]
    assert not Post.objects.filter(pk=old_post.pk).exists()
    assert not Approval.objects.filter(post_id=old_post.pk).exists()
    assert not Delivery.objects.filter(variant__post_id=old_post.pk).exists()
    assert Tombstone.objects.get(subject_type="publishing.post").disposal == done
    connection.check_constraints()


def test_a_delivery_without_a_post_stays_as_long_as_the_comment_that_it_answered(
    force_account, amira_hussain, graham_ellis
):
    comment = comments.decide(comments.write(force_account, "thanks", at=OLD), amira_hussain, at=OLD)
    sent = Delivery.objects.create(
        official_account=force_account,
        kind="reply",
        state="sent",
        author=amira_hussain,
        text="You are welcome",
        due_at=OLD,
        sent_at=OLD,
        created_at=OLD,
    )
    comment.decisions.update(delivery=sent)
    row = ScheduleRow.objects.get(slug="delivery")
    assert not queries.to_review(row, on=clock.today()).exists()
    going.dispose(ScheduleRow.objects.get(slug="routine_comment"), clock.today())
    reviewed("delivery", graham_ellis, "dispose")
    assert going.dispose(row, clock.today()).disposed_ids == [sent.pk]


def test_a_leaver_is_a_number_after_the_period_and_a_hold_keeps_the_name(
    wealdshire, ben_osei, graham_ellis, ines_moreau
):
    row = ScheduleRow.objects.get(slug="staff_record")
    members.record_leaver(actor=System("test"), member=ben_osei, why="Retired")
    StaffMember.objects.filter(pk=ben_osei.pk).update(left_at=OLD)
    kept = hold(graham_ellis, Covers(subject_type="staff.staffmember", subject_id=ben_osei.pk))
    assert not queries.to_review(row, on=clock.today()).exists()
    lift(kept, graham_ellis, ines_moreau)
    reviewed("staff_record", graham_ellis, "dispose")
    assert going.dispose(row, clock.today()).disposed_ids == [ben_osei.pk]
    gone = StaffMember.objects.get(pk=ben_osei.pk)
    assert (gone.name, gone.rank, gone.phone) == (f"Former staff member {gone.pk}", "", "")
    assert "osei" not in gone.email
    assert not LastSeen.objects.filter(member=gone).exists()
    # Once: what is left of it is in no class any more.
    assert going.due(row) == 0
    assert not queries.to_review(row, on=clock.today()).exists()


def test_a_month_of_payloads_goes_without_what_came_with_a_held_comment(
    force_account, graham_ellis, ines_moreau, amira_hussain
):
    at = datetime(2020, 1, 15, tzinfo=UTC)
    held = comments.write(force_account, "wanted", at=at, external_id="held")
    with connection.cursor() as cursor:
        cursor.execute("SELECT smmp_ensure_months('moderation_rawpayload', '2020-01-01', 1)")
    for external_id in ("held", "free"):
        RawPayload.objects.create(
            received_at=at,
            official_account_id=force_account.pk,
            source="poll",
            external_id=external_id,
            digest=external_id,
            payload={"text": external_id},
        )
    standing = hold(graham_ellis, Covers(kind="commenter", subject_id=held.commenter_id))
    for _ in range(2):
        tasks.drop_months()
        assert list(RawPayload.objects.values_list("external_id", flat=True)) == ["held"]
    assert [entry.details["count"] for entry in Entry.objects.filter(event="records.disposed")] == [1]
    lift(standing, graham_ellis, ines_moreau)
    tasks.drop_months()
    assert not RawPayload.objects.exists()


def test_a_post_of_historical_value_is_offered_handed_over_and_reviewed_again(client, old_post, graham_ellis):
    review = reviewed("published_post", graham_ellis, "archive")
    row = ScheduleRow.objects.get(slug="published_post")
    assert not queries.to_review(row, on=clock.today()).exists()
    client.force_login(graham_ellis)
    page = client.get(reverse("retention:archive")).content.decode()
    assert "Flood" in page
    answer = client.post(
        reverse("retention:make_offer"),
        {"archive": "County record office", "why": "The flood of the century"},
    )
    assert answer.status_code == 422
    assert "Choose at least one record" in answer.content.decode()
    answer = client.post(
        reverse("retention:make_offer"),
        {"reviews": [review.pk], "archive": "County record office", "why": "The flood of the century"},
    )
    (offer,) = queries.archive_offers(graham_ellis)
    assert answer["Location"] == reverse("retention:archive_offer", args=[offer.pk])
    with pytest.raises(NotValid, match="offered already"):
        archive.offer(
            actor=graham_ellis, reviews=[review.pk], archive="Another", why="Again, because it is fine"
        )
    packed = client.post(reverse("retention:archive_zip", args=[offer.pk])).content
    with zipfile.ZipFile(io.BytesIO(packed)) as file:
        manifest = json.loads(file.read("manifest.json"))
        (one,) = manifest["records"]
        assert hashlib.sha256(file.read(one["file"])).hexdigest() == one["sha256"]
        said = json.loads(file.read(one["file"]))
    assert said["published_on"][0]["words"] == "The flood of 2015: our thanks."
    assert Entry.objects.get(event="archive.handed_over").details["to"] == "County record office"
    # It stays while the archive has not answered, and is reviewed again when it has.
    Review.objects.filter(pk=review.pk).update(decision="dispose")
    assert going.due(row) == 0
    Review.objects.filter(pk=review.pk).update(decision="archive")
    assert client.get(reverse("retention:archive_offer", args=[offer.pk])).status_code == 200
    client.post(
        reverse("retention:archive_answer", args=[offer.pk]), {"said": "taken", "reference": "WRO 2026/14"}
    )
    with pytest.raises(TransitionNotAllowed):
        archive.answer(actor=graham_ellis, offer=offer, taken=False)
    assert queries.to_review(row, on=clock.today()).get() == old_post


def test_papers_follow_the_schedule_and_the_configuration(client, graham_ellis, settings):
    settings.OIDC_ISSUER = ""
    client.force_login(graham_ellis)
    page = client.get(reverse("papers")).content.decode()
    ScheduleRow.objects.filter(slug="routine_comment").update(
        keep_for_years=9, version=2, confirmed_at=None, confirmed_by=None
    )
    for slug in (
        "records-of-processing",
        "privacy-notice-data",
        "dpia",
        "policy-document",
        "security-answers",
    ):
        assert slug in page
        assert client.get(reverse("paper", args=[slug])).status_code == 200
        assert client.get(reverse("paper_file", args=[slug, "pdf"])).content.startswith(b"%PDF")
        assert "<h1>" in client.get(reverse("paper_file", args=[slug, "html"])).content.decode()
    said = client.get(reverse("paper_file", args=["records-of-processing", "md"])).content.decode()
    assert "| Routine public comment or message | 9 years from: decided" in said
    assert "passwords of 12 characters" in said
    assert client.get(reverse("paper", args=["nothing"])).status_code == 404
    assert client.get(reverse("paper_file", args=["dpia", "docx"])).status_code == 404
    assert "9 years" in client.get(reverse("public_retention")).content.decode()


def test_a_hold_outlasts_a_leaver_and_the_closing_of_an_official_account(
    force_account, amira_hussain, graham_ellis, ines_moreau
):
    kept = comments.decide(comments.write(force_account, "kept", at=OLD), amira_hussain, at=OLD)
    placed = hold(graham_ellis, Covers(kind="account", subject_id=force_account.pk))
    OfficialAccount.objects.filter(pk=force_account.pk).update(status=OfficialAccount.Status.CLOSED)
    for person in (amira_hussain, graham_ellis):
        members.record_leaver(actor=System("test"), member=person, why="Retired")
    for task in (account_tasks, post_tasks, comment_tasks):
        task.rehome()
    staff = ScheduleRow.objects.get(slug="staff_record")
    StaffMember.objects.filter(pk=graham_ellis.pk).update(left_at=OLD)
    going.run()
    assert Comment.objects.filter(pk=kept.pk).exists()
    # Whoever placed a hold in force stays known by name while it stands.
    assert not queries.to_review(staff, on=clock.today()).exists()
    assert placed.lifted_at is None
