"""Appeals, tips, intelligence reports and the library at the end of their periods: with their pictures, and with every byte."""

from __future__ import annotations

import io
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from PIL import Image

from accounts.models import Neighbourhood
from audit.models import Entry
from core import clock
from core.actors import System
from escalation import tasks as escalation
from escalation.models import (
    AppealCase,
    Case,
    CaseTip,
    IntelligenceReport,
    IntelligenceSource,
    IntelligenceStep,
    Referral,
    ReferralKind,
)
from media import actions as media
from media import storage
from media.models import File, Leaving, SealedFile
from moderation.models import Block, Clause, Inquiry, Tip, TipContact, TipFile
from publishing.models import (
    Appeal,
    AppealAccount,
    AppealPicture,
    Asset,
    Concern,
    ConcernChange,
    Post,
    PostPicture,
)
from retention import queries, registry, sql, tasks
from retention.actions import holds, reviews, schedule
from retention.actions.holds import Covers
from retention.models import Review, ScheduleRow, Tombstone
from retention.nrac import QUESTIONS
from staff.actions import members
from staff.models import Allowance, Departure, StaffMember
from tests import comments
from tests.retention import going

OLD = datetime(2015, 1, 15, 12, tzinfo=UTC)
NO = dict.fromkeys(QUESTIONS, False)


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    settings.MEDIA_STORE = tmp_path / "store"
    return settings.MEDIA_STORE


def lying(store: Path) -> set[str]:
    """What lies in the store, by its address; each as if it were stored long ago."""
    found = {path for path in Path(store).rglob("*") if path.is_file()}
    for path in found:
        os.utime(path, (time.time() - 2 * storage.YOUNG_S,) * 2)
    return {path.name for path in found}


def picture(actor, colour: str) -> File:
    out = io.BytesIO()
    Image.new("RGB", (12, 8), colour).save(out, "PNG")
    return media.store_image(
        actor=actor, upload=SimpleUploadedFile(f"{colour}.png", out.getvalue()), name=f"{colour}.png"
    )


@pytest.fixture
def appeal(wealdshire, leah_brandt, force_account):
    """One that was closed long ago, with a picture."""
    made = Appeal.objects.create(
        key="wanted-2015",
        kind="wanted",
        title="Wanted: Rhys Pritchard",
        force_reference="WP/15/1",
        basis="law_enforcement",
        basis_note="To find him",
        officer_consent="DC Rowe",
        risk_assessment="None",
        owner=leah_brandt,
        review_on=OLD.date(),
        state="closed",
        outcome="found",
        made_by=leah_brandt,
        closed_by=leah_brandt,
        made_at=OLD,
        live_at=OLD,
        closing_at=OLD,
        closed_at=OLD,
    )
    AppealAccount.objects.create(appeal=made, official_account=force_account)
    AppealPicture.objects.create(
        appeal=made,
        file=picture(leah_brandt, "red"),
        alt_text="His face",
        down_on=OLD.date(),
        added_by=leah_brandt,
        added_at=OLD,
    )
    return made


@pytest.fixture
def tip(appeal, leah_brandt):
    made = Tip.objects.create(
        appeal=appeal,
        way="form",
        reference="TIP-0015",
        words="He is at his aunt’s",
        source_key="0" * 64,
        received_at=OLD,
    )
    TipContact.objects.create(tip=made, name="Jo Harrow", telephone="07700 900123")
    TipFile.objects.create(tip=made, file=picture(leah_brandt, "blue"))
    return made


def report(case: Case, **given) -> IntelligenceReport:
    kind = ReferralKind.objects.get(slug="intelligence")
    referral = Referral.objects.create(
        case=case,
        kind=kind,
        official_account=case.official_account,
        token=uuid4(),
        at=OLD,
        by=StaffMember.objects.earliest("pk"),
        by_name="Amira Hussain",
        due_at=OLD,
        state="answered",
        answered_at=OLD,
        answered_by_name="Unit",
    )
    made = IntelligenceReport.objects.create(
        referral=referral,
        words="The bikes are in the boat house",
        provenance="Seen twice",
        **{"state": "set_aside", **given},
    )
    IntelligenceSource.objects.create(
        report=made, platform="x", external_id="991", handle="tide.watcher", comment_number=1
    )
    IntelligenceStep.objects.create(report=made, at=OLD, event="set_aside", text="None", by_name="Unit")
    return made


def changed(row: ScheduleRow, outcome: str, one: StaffMember, another: StaffMember) -> ScheduleRow:
    """The row with another outcome, which one person drafts and another approves."""
    drafted = schedule.edit_row(
        actor=one, row=row, number=6, unit="years", version=row.version, changes={"outcome": outcome}
    )
    draft = schedule.put_forward(
        actor=one, draft=drafted.draft, effective_on=clock.today(), why="A decision of the board"
    )
    draft = schedule.approve(actor=another, draft=draft)
    schedule.bring_into_force(actor=tasks.RETENTION, draft=draft)
    return ScheduleRow.objects.get(pk=row.pk)


def dispose(slug: str, *people) -> list[int]:
    """A class whose records are all reviewed as to go; answers what went."""
    row = ScheduleRow.objects.get(slug=slug)
    reviews.open_reviews(actor=tasks.RETENTION, row=row)
    for review in Review.objects.filter(row=row, state="open"):
        decided = reviews.decide(
            actor=people[0], review=review, decision="dispose", answers=NO, why="Looked at"
        )
        if decided.two_people:
            reviews.agree(actor=people[1], review=decided)
    return going.dispose(row, clock.today()).disposed_ids


def held_by(actor, covers):
    return holds.place_hold(
        actor=actor,
        covers=covers,
        reason="An inquiry",
        review_on=clock.today() + timedelta(days=30),
    )


def lift(hold, one, another):
    holds.lift_hold(actor=another, hold=holds.ask_to_lift(actor=one, hold=hold, reason="Over"))


def test_a_tip_goes_with_its_contact_and_picture_and_then_its_appeal_and_no_byte_is_left(
    store, appeal, tip, graham_ellis
):
    assert len(lying(store)) == 4
    # The appeal waits for what was told on it.
    assert not queries.to_review(ScheduleRow.objects.get(slug="public_appeal"), on=clock.today()).exists()
    assert dispose("appeal_tip", graham_ellis) == [tip.pk]
    assert not TipContact.objects.exists()
    assert not TipFile.objects.exists()
    assert File.objects.count() == 2
    assert media.remove_left(actor=tasks.RETENTION) == 2
    assert len(lying(store)) == 2
    assert dispose("public_appeal", graham_ellis) == [appeal.pk]
    assert not File.objects.exists()
    # The daily run takes what is left, whichever way it went.
    tasks.run_daily()
    assert lying(store) == set()
    assert not Leaving.objects.exists()
    assert set(Tombstone.objects.values_list("subject_type", flat=True)) == {
        "moderation.tip",
        "publishing.appeal",
    }
    connection.check_constraints()


@pytest.mark.parametrize(
    "covers",
    [
        lambda appeal, tip: Covers(subject_type="moderation.tip", subject_id=tip.pk),
        lambda appeal, tip: Covers(kind="query", words="Jo Harrow"),
        lambda appeal, tip: Covers(kind="query", words="aunt"),
        lambda appeal, tip: Covers(kind="account", subject_id=appeal.on.get().official_account_id),
        lambda appeal, tip: Covers(kind="dates", first_day=OLD.date(), last_day=OLD.date()),
    ],
    ids=["the tip", "who told it", "its words", "the account", "its day"],
)
def test_a_hold_keeps_a_tip_and_so_its_appeal(appeal, tip, graham_ellis, covers):
    held_by(graham_ellis, covers(appeal, tip))
    assert not queries.to_review(ScheduleRow.objects.get(slug="appeal_tip"), on=clock.today()).exists()
    assert not queries.to_review(ScheduleRow.objects.get(slug="public_appeal"), on=clock.today()).exists()
    # Nor once it was decided that it goes.
    row = ScheduleRow.objects.get(slug="appeal_tip")
    Review.objects.create(
        row=row,
        subject_type="moderation.tip",
        subject_id=tip.pk,
        due_on=clock.today(),
        state="settled",
        decision="dispose",
        why="Looked at",
        answers=NO,
        decided_by=graham_ellis,
        decided_at=clock.now(),
        made_at=clock.now(),
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT retention_dispose('appeal_tip', %s, %s, %s)",
            [[tip.pk], clock.today(), going.open_certificate(row).pk],
        )
        assert cursor.fetchone()[0] == []
    assert TipContact.objects.exists()


def test_a_case_keeps_what_is_in_it(appeal, tip, force_account, amira_hussain, graham_ellis):
    comments.escalate(comments.write(force_account, "He is back"), amira_hussain, "intelligence", "Known")
    escalation.open_cases()
    case = Case.objects.get()
    CaseTip.objects.create(case=case, tip=tip, snapshot={}, added_at=OLD, added_by_name="Desk")
    AppealCase.objects.create(case=case, appeal=appeal, review_on=OLD.date())
    for slug in ("appeal_tip", "public_appeal"):
        row = ScheduleRow.objects.get(slug=slug)
        assert not queries.to_review(row, on=clock.today()).exists()
        assert "in a case" in [one["why"] for one in queries.exceptions(row, on=clock.today())]


def test_whoever_reviews_a_record_reads_it_and_that_stands_in_the_trail(client, tip, graham_ellis):
    reviews.open_reviews(actor=tasks.RETENTION, row=ScheduleRow.objects.get(slug="appeal_tip"))
    review = Review.objects.get()
    client.force_login(graham_ellis)
    page = client.get(reverse("retention:review", args=[review.pk])).content.decode()
    assert "Read it" in page
    assert "aunt" not in page
    shown = client.post(reverse("retention:open_review", args=[review.pk])).content.decode()
    assert "He is at his aunt" in shown
    # How to reach whoever told it stands apart.
    assert "07700" not in shown
    entry = Entry.objects.get(event="review.record_opened")
    assert entry.details["record"] == f"moderation.tip {tip.pk}"


def test_an_appeal_that_is_not_closed_lets_no_tip_go(appeal, tip, graham_ellis):
    Appeal.objects.update(state="live", outcome="", closed_at=None, closed_by=None, closing_at=None)
    assert not queries.to_review(ScheduleRow.objects.get(slug="appeal_tip"), on=clock.today()).exists()


def test_a_picture_that_another_record_uses_stays_until_that_goes_too(
    store, appeal, leah_brandt, graham_ellis, ines_moreau
):
    shared = appeal.pictures.get().file
    asset = Asset.objects.create(
        title="Face",
        file=shared,
        alt_text="His face",
        rights="ours",
        consent="not_needed",
        added_by=leah_brandt,
        added_at=OLD,
        retired_at=OLD,
        retired_by=leah_brandt,
        retired_why="Over",
    )
    post = Post.objects.create(
        title="Old", author=leah_brandt, state="draft", words="", created_at=OLD, changed_at=OLD
    )
    PostPicture.objects.create(post=post, file=shared, alt_text="His face", asset=asset)
    lying(store)
    dispose("public_appeal", graham_ellis)
    assert File.objects.filter(pk=shared.pk).exists()
    hold = held_by(graham_ellis, Covers(subject_type="publishing.asset", subject_id=asset.pk))
    assert not queries.to_review(ScheduleRow.objects.get(slug="library_file"), on=clock.today()).exists()
    lift(hold, graham_ellis, ines_moreau)
    assert dispose("library_file", graham_ellis) == [asset.pk]
    assert PostPicture.objects.get().asset is None
    assert File.objects.filter(pk=shared.pk).exists()
    assert media.remove_left(actor=tasks.RETENTION) == 0
    assert len(lying(store)) == 2


def test_a_held_file_outlasts_the_record_that_used_it(store, appeal, graham_ellis, ines_moreau):
    file = appeal.pictures.get().file
    hold = held_by(graham_ellis, Covers(subject_type="media.file", subject_id=file.pk))
    dispose("public_appeal", graham_ellis)
    assert File.objects.filter(pk=file.pk).exists()
    lift(hold, graham_ellis, ines_moreau)
    File.objects.update(stored_at=OLD)
    going.run()
    assert not File.objects.filter(pk=file.pk).exists()
    going.run()
    assert not File.objects.exists()
    lying(store)
    tasks.run_daily()
    assert lying(store) == set()


def test_what_no_record_uses_goes_by_its_own_period(store, wealdshire, leah_brandt):
    picture(leah_brandt, "green")
    going.run()
    assert File.objects.count() == 2
    File.objects.update(stored_at=OLD)
    going.run()
    going.run()
    assert not File.objects.exists()


def test_bytes_that_somebody_stores_again_stay(store, wealdshire, leah_brandt):
    address = storage.put(b"the same bytes")
    lying(store)
    Leaving.objects.create(address=address, at=clock.now())
    assert storage.put(b"the same bytes") == address
    assert media.remove_left(actor=tasks.RETENTION) == 0
    assert storage.get(address) == b"the same bytes"
    assert Leaving.objects.exists()
    SealedFile.objects.create(
        sha256="1" * 64,
        stored_sha256=address,
        wrapped_key=b"k",
        content_type="image/png",
        size_bytes=1,
        received_at=clock.now(),
    )
    lying(store)
    assert media.remove_left(actor=tasks.RETENTION) == 0
    assert not Leaving.objects.exists()
    assert storage.get(address)


def test_an_intelligence_report_goes_with_its_source_and_its_case_follows(
    force_account, amira_hussain, graham_ellis, ines_moreau
):
    comments.escalate(
        comments.write(force_account, "The bikes are in the boat house"), amira_hussain, "intelligence", "Who"
    )
    escalation.open_cases()
    case = Case.objects.get()
    one = report(case, mopi_group=2)
    row = ScheduleRow.objects.get(slug="intelligence")
    for covers in (
        Covers(kind="case", subject_type="escalation.case", subject_id=case.pk),
        Covers(kind="query", words="tide.watcher"),
        Covers(kind="account", subject_id=force_account.pk),
        Covers(kind="dates", first_day=OLD.date(), last_day=OLD.date()),
    ):
        hold = held_by(graham_ellis, covers)
        assert not queries.to_review(row, on=clock.today()).exists(), covers
        lift(hold, graham_ellis, ines_moreau)
    # Nothing of groups 1 and 2 goes because a whole class goes by itself.
    row = changed(row, "dispose", graham_ellis, ines_moreau)
    assert going.due(row) == 0
    IntelligenceReport.objects.update(mopi_group=4)
    assert going.due(row) == 1
    IntelligenceReport.objects.update(mopi_group=2)
    row = changed(row, "review", graham_ellis, ines_moreau)
    reviews.open_reviews(actor=tasks.RETENTION, row=row)
    assert Review.objects.get().two_people
    assert dispose("intelligence", graham_ellis, ines_moreau) == [one.pk]
    assert not IntelligenceSource.objects.exists()
    assert not IntelligenceStep.objects.exists()
    connection.check_constraints()


def test_a_report_that_the_unit_still_works_on_does_not_fall_due(force_account, amira_hussain):
    comments.escalate(comments.write(force_account, "Boat house"), amira_hussain, "intelligence", "Who")
    escalation.open_cases()
    report(Case.objects.get(), state="to_assess")
    row = ScheduleRow.objects.get(slug="intelligence")
    assert not queries.to_review(row, on=clock.today()).exists()


def test_why_somebody_left_goes_with_their_record(wealdshire, ben_osei, graham_ellis):
    Allowance.objects.create(
        kind="address",
        email=ben_osei.email.upper(),
        reason="On call",
        until=clock.now() + timedelta(days=1),
        given_by=graham_ellis,
        given_at=clock.now(),
    )
    members.record_leaver(actor=System("test"), member=ben_osei, why="Ill since the flood", kind="retired")
    StaffMember.objects.filter(pk=ben_osei.pk).update(left_at=OLD)
    assert dispose("staff_record", graham_ellis) == [ben_osei.pk]
    left = Departure.objects.get(person=ben_osei)
    assert (left.why, left.kind) == ("", "other")
    assert "osei" not in Allowance.objects.get().email.lower()


def test_every_use_of_a_file_is_known(db):
    """A new table that points at files fails here until its room lists it under FILES: else files stay behind."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint c JOIN pg_attribute a "
            "ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] "
            "WHERE c.contype = 'f' AND c.confrelid = 'media_file'::regclass"
        )
        pointing = set(cursor.fetchall()) - {("media_file", "original_id")}
    assert pointing == set(registry.known().files)
    assert "originals" in sql.dispose()


def test_questions_worries_second_looks_and_blocks_go_with_what_hangs_on_them(
    wealdshire, force_account, leah_brandt, amira_hussain, graham_ellis, ines_moreau
):
    comment = comments.write(force_account, "Why is it hidden?", by="jo_h", at=OLD)
    asked = Inquiry.objects.create(
        code="ABCD-EFGH",
        secret_hash="0" * 64,
        link="https://example.org/1",
        source_key="0" * 64,
        comment_id=comment.pk,
        official_account=force_account,
        asked_at=OLD,
        until=OLD,
    )
    concern = Concern.objects.create(
        neighbourhood=Neighbourhood.objects.earliest("pk"),
        source="hand",
        said="The lights are out in Quay Street",
        state="dropped",
        dropped_why="The council’s",
        raised_by=leah_brandt,
        raised_at=OLD,
    )
    ConcernChange.objects.create(concern=concern, event="dropped", at=OLD, by=leah_brandt)
    hold = held_by(graham_ellis, Covers(kind="commenter", subject_id=comment.commenter_id))
    words = held_by(graham_ellis, Covers(kind="query", words="Quay Street"))
    for slug in ("inquiry", "concern"):
        assert going.due(ScheduleRow.objects.get(slug=slug)) == 0, slug
    lift(hold, graham_ellis, ines_moreau)
    lift(words, graham_ellis, ines_moreau)
    assert going.dispose(ScheduleRow.objects.get(slug="inquiry"), clock.today()).disposed_ids == [asked.pk]
    assert going.dispose(ScheduleRow.objects.get(slug="concern"), clock.today()).disposed_ids == [concern.pk]
    block = Block.objects.create(
        comment_id=comment.pk,
        official_account=force_account,
        commenter_id=comment.commenter_id,
        commenter_external_id="jo_h",
        clause=Clause.objects.earliest("pk"),
        by=amira_hussain,
        at=OLD,
        until=OLD + timedelta(days=30),
    )
    # One that stands never goes, whatever its day.
    assert dispose("measure", graham_ellis) == []
    Block.objects.filter(pk=block.pk).update(
        lifted_at=OLD + timedelta(days=30), lifted_by=amira_hussain, lifted_why="Over"
    )
    assert dispose("measure", graham_ellis) == [block.pk]
    connection.check_constraints()


def test_every_automatic_class_has_a_way_to_go(db):
    """A class that the schedule disposes of is disposed of: by the function, by the month, or by a sweep that says so."""
    for row in ScheduleRow.objects.filter(outcome="dispose"):
        one = registry.known().classes[row.slug]
        assert one.subject or one.months or "until a person" not in one.goes, row.slug
