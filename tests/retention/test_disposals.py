"""Disposal: what is due goes, what is held never does, and the certificate says exactly what went."""

from __future__ import annotations

import json
import threading
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.db.utils import DatabaseError

from audit.models import Entry
from core import clock
from core.actors import System
from core.errors import NotFound
from escalation import tasks as escalation
from moderation.models import Comment, Commenter, Conversation, RawPayload
from notices.actions import notify
from notices.models import Notice
from retention import certificate, periods, queries, tasks
from retention.actions import disposals
from retention.actions.holds import ask_to_lift, lift_hold, place_hold
from retention.models import Disposal, Hold, Proposal, ScheduleRow
from smmp.seed import force
from tests import comments
from tests.retention import going

OLD = datetime(2020, 1, 15, 12, tzinfo=UTC)


def routine():
    return ScheduleRow.objects.get(slug="routine_comment")


@pytest.fixture
def old_comment(force_account, amira_hussain):
    return comments.decide(comments.write(force_account, "old words", at=OLD), amira_hussain, at=OLD)


def hold_on(comment, actor):
    return place_hold(
        actor=actor,
        subject_type="moderation.comment",
        subject_id=comment.pk,
        reason="FOI 26/1042",
        review_on=clock.today() + timedelta(days=30),
    )


# Counting


@pytest.mark.parametrize(
    ("kept", "trigger", "due"),
    [
        ({"keep_for_years": 2}, date(2024, 2, 29), date(2026, 2, 28)),
        ({"keep_for_years": 4}, date(2024, 2, 29), date(2028, 2, 29)),
        ({"keep_for_years": 2}, date(2024, 11, 22), date(2026, 11, 22)),
        ({"keep_for_days": 93}, date(2026, 3, 1), date(2026, 6, 2)),
        ({"keep_for_days": 366}, date(2024, 2, 29), date(2025, 3, 1)),
    ],
)
def test_a_period_is_counted_in_calendar_days(kept, trigger, due):
    row = ScheduleRow(**kept)
    assert periods.due_on(row, trigger) == due
    assert periods.first_kept_day(row, due) <= trigger
    assert periods.first_kept_day(row, due + timedelta(days=1)) > trigger


def test_the_last_day_is_kept_whole_on_every_day_of_eight_years():
    for years in (1, 2, 4, 7):
        row = ScheduleRow(keep_for_years=years)
        for number in range(8 * 366):
            day = date(2024, 1, 1) + timedelta(days=number)
            first = periods.first_kept_day(row, day)
            assert periods.due_on(row, first) >= day
            assert periods.due_on(row, first - timedelta(days=1)) < day


def test_a_day_begins_at_london_midnight_also_in_summer():
    row = ScheduleRow(keep_for_days=10)
    assert periods.kept_from(row, date(2026, 7, 11)) == datetime(2026, 6, 30, 23, tzinfo=UTC)
    assert periods.kept_from(row, date(2026, 1, 11)) == datetime(2026, 1, 1, tzinfo=UTC)
    # The night in which the clocks go forward, 29 March 2026, and back, 25 October 2026.
    assert periods.kept_from(row, date(2026, 4, 9)) == datetime(2026, 3, 30, 23, tzinfo=UTC) - timedelta(
        days=1
    )
    assert periods.kept_from(row, date(2026, 11, 5)) == datetime(2026, 10, 26, tzinfo=UTC)


def test_the_database_counts_as_the_platform_does(force_account, amira_hussain):
    """A comment decided at 00:30 on 1 July in London is a comment of 1 July, whatever UTC says."""
    late = datetime(2021, 6, 30, 23, 30, tzinfo=UTC)
    comment = comments.decide(comments.write(force_account, at=late), amira_hussain, at=late)
    row = routine()
    for on, gone in ((date(2023, 7, 1), 0), (date(2023, 7, 2), 1)):
        assert queries.due(row, on=on).count() == gone
        done = going.dispose(row, on)
        assert done.disposed_ids == [comment.pk] * gone


# The run


def test_what_is_due_goes_with_its_history_and_leaves_a_certificate(old_comment, force_account):
    fresh = comments.write(force_account, "new words", by="kim")
    pk = old_comment.pk
    assert going.run() == 1
    assert list(Comment.objects.values_list("pk", flat=True)) == [fresh.pk]
    assert not Commenter.objects.filter(external_id="jordan.p").exists()
    assert Conversation.objects.count() == 1
    done = Disposal.objects.get(row=routine())
    assert (done.disposed_ids, done.disposed_count, done.held_count) == ([pk], 1, 0)
    entry = Entry.objects.get(event="records.disposed")
    assert (entry.shown_ids, entry.operation, entry.details["count"]) == ([pk], "erasure", 1)
    assert "old words" not in str(entry.details)


def test_a_second_run_changes_nothing(old_comment):
    assert going.run() == 1
    assert tasks.run_daily() == 0
    assert Disposal.objects.filter(row=routine()).count() == 1


def test_nothing_goes_before_its_quiet_time_is_over(old_comment):
    assert tasks.run_daily() == 0
    assert Comment.objects.filter(pk=old_comment.pk).exists()
    waiting = Proposal.objects.get()
    assert (waiting.due_count, waiting.samples) == (1, [old_comment.pk])
    with time_machine.travel(waiting.goes_at + timedelta(minutes=1), tick=False):
        assert tasks.run_daily() == 1
    assert not Comment.objects.exists()


def test_a_held_comment_survives_its_disposal_date(old_comment, graham_ellis, ines_moreau):
    hold = hold_on(old_comment, graham_ellis)
    going.run()
    assert Comment.objects.filter(pk=old_comment.pk).exists()
    done = going.dispose(routine(), clock.today())
    assert (done.disposed_count, done.held_count) == (0, 1)
    lift_hold(actor=ines_moreau, hold=ask_to_lift(actor=graham_ellis, hold=hold, reason="Answered"))
    assert going.dispose(routine(), clock.today()).disposed_ids == [old_comment.pk]


def test_open_comments_evidence_and_what_waits_for_a_case_stay(force_account, amira_hussain):
    comments.write(force_account, "still open", at=OLD)
    evidence = comments.escalate(comments.write(force_account, "evidence", by="kim", at=OLD), amira_hussain)
    escalation.open_cases()
    Comment.objects.filter(pk=evidence.pk).update(decided_at=OLD)
    waiting = comments.escalate(comments.write(force_account, "waiting", by="lee", at=OLD), amira_hussain)
    Comment.objects.filter(pk=waiting.pk).update(decided_at=OLD)
    going.run()
    assert Comment.objects.count() == 3


def test_our_own_words_go_after_the_same_period(force_account):
    comments.write(force_account, "We are on our way", by="us", at=OLD, state="ours")
    going.run()
    assert not Comment.objects.exists()


def test_old_notices_go_but_not_those_that_called_somebody(force_account, amira_hussain, tom_beckett):
    notify(actor=System("desk"), to=[tom_beckett], urgency="soon", title="A reply failed")
    comments.escalate(comments.write(force_account), amira_hussain)
    escalation.open_cases()
    called = Notice.objects.filter(urgency="page").count()
    Notice.objects.update(created_at=OLD)
    going.run()
    assert Notice.objects.count() == called == 2


def test_a_disposal_that_fails_stops_no_other_and_is_tried_again(old_comment, tom_beckett, monkeypatch):
    notify(actor=System("desk"), to=[tom_beckett], urgency="soon", title="A reply failed")
    Notice.objects.update(created_at=OLD)
    real = disposals.dispose_batch

    def broken(*, actor, disposal, after_id):
        if disposal.row.slug == "notice":
            raise DatabaseError
        return real(actor=actor, disposal=disposal, after_id=after_id)

    with monkeypatch.context() as patched:
        patched.setattr(disposals, "dispose_batch", broken)
        assert going.run() == 1
    assert (Comment.objects.count(), Notice.objects.count()) == (0, 1)
    assert tasks.run_daily() == 1
    assert not Notice.objects.exists()


def test_batches_go_one_by_one_until_nothing_is_left(force_account, amira_hussain, monkeypatch):
    monkeypatch.setattr(disposals, "BATCH", 2)
    for number in range(5):
        comments.decide(comments.write(force_account, str(number), at=OLD), amira_hussain, at=OLD)
    going.run()
    assert Disposal.objects.get(row=routine()).disposed_count == 5
    assert Entry.objects.filter(event="records.disposed").count() == 3


def test_a_run_that_died_is_taken_up_again(old_comment):
    disposals.begin(actor=tasks.RETENTION, proposal=going.proposal(routine(), clock.today()))
    assert Comment.objects.filter(pk=old_comment.pk).exists()
    tasks.run_daily()
    assert Disposal.objects.get(row=routine()).disposed_ids == [old_comment.pk]


# The database does not believe its caller


def dispose_in_database(slug, ids, on):
    row = ScheduleRow.objects.filter(slug=slug).first() or routine()
    certificate_ = going.open_certificate(row)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT retention_dispose(%s, %s, %s, %s)", [slug, ids, on, certificate_.pk])
        return cursor.fetchone()[0]


def test_the_database_disposes_of_nothing_that_is_not_due(force_account, amira_hussain):
    fresh = comments.decide(comments.write(force_account), amira_hussain)
    assert dispose_in_database("routine_comment", [fresh.pk], clock.today()) == []
    with pytest.raises(DatabaseError, match="has not come"):
        dispose_in_database("routine_comment", [fresh.pk], clock.today() + timedelta(days=3000))
    for slug in ("guideline", "audit_entry", "anything"):
        with pytest.raises(DatabaseError, match="can be disposed of"):
            dispose_in_database(slug, [1], clock.today())
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Comment.objects.filter(pk=fresh.pk)._raw_delete("default")


def test_the_database_disposes_of_nothing_without_an_open_certificate(old_comment):
    finished = going.dispose(routine(), clock.today() - timedelta(days=9000))
    for certificate_ in (finished.pk, 10**9):
        with pytest.raises(DatabaseError, match="without an open certificate"), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT retention_dispose('routine_comment', %s, %s, %s)",
                    [[old_comment.pk], clock.today(), certificate_],
                )
    assert Comment.objects.filter(pk=old_comment.pk).exists()


def test_every_table_that_points_at_a_comment_is_dealt_with():
    pointing = {relation.related_model._meta.label_lower for relation in Comment._meta.related_objects}
    assert pointing == {
        "moderation.revision",
        "moderation.decision",
        "moderation.firstsight",
        "moderation.note",
        "moderation.replydraft",
        "escalation.casecomment",
        "moderation.attachment",  # by the trigger moderation_comment_attachments_go
        # The database's own constraints take these along (ON DELETE CASCADE, moderation 0011 and 0013), and
        # moderation.automaticanswer, to which nothing leads back.
        "moderation.commentwords",
        "moderation.skip",
        "moderation.presence",
        "moderation.thrive",
        "moderation.replyrequest",
        "escalation.alert",  # holds no words and no constraint; swept hourly once its comment is gone
    }, "retention_dispose must know of every table that points at a comment"


def test_a_hold_placed_during_a_disposal_never_loses_its_record(committed_db):
    made = force.make()
    account, amira, graham = (
        made.accounts["wealdshire-police"],
        made.people["amira_hussain"],
        made.people["graham_ellis"],
    )
    held_and_gone = 0
    for round_ in range(12):
        ids = [
            comments.decide(comments.write(account, f"{round_} {number}", at=OLD), amira, at=OLD).pk
            for number in range(3)
        ]
        start = threading.Barrier(2)

        def hold(ids=ids, start=start):
            start.wait()
            try:
                for pk in reversed(ids):
                    place_hold(
                        actor=graham,
                        subject_type="moderation.comment",
                        subject_id=pk,
                        reason="FOI",
                        review_on=clock.today() + timedelta(days=9),
                    )
            except NotFound:
                pass
            finally:
                connections.close_all()

        def run(start=start):
            start.wait()
            try:
                going.dispose(routine(), clock.today())
            finally:
                connections.close_all()

        threads = [threading.Thread(target=act) for act in (hold, run)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        held = set(Hold.objects.values_list("subject_id", flat=True))
        present = set(Comment.objects.values_list("pk", flat=True))
        held_and_gone += len(held - present)
        gone = {pk for done in Disposal.objects.all() for pk in done.disposed_ids}
        assert not gone & present
    assert held_and_gone == 0


# Certificates, command, months


def test_the_certificate_opens_and_holds_metadata_alone(old_comment, monkeypatch):
    going.run()
    done = Disposal.objects.get(row=routine())
    done.row.source = "“National” schedule — Łódź"
    paper = certificate.pdf(done)
    assert paper.startswith(b"%PDF")
    assert b"/Type /Page" in paper
    monkeypatch.setattr(certificate, "hashes", lambda disposal: [f"{n:064}" for n in range(20_000)])
    assert certificate.pdf(done).count(b"/Type /Page\n") > 1


def test_the_command_shows_what_is_due_and_runs_it(old_comment, capsys):
    call_command("retention", "due", "--json")
    due = {line["class"]: line for line in json.loads(capsys.readouterr().out)["classes"]}
    assert (due["routine_comment"]["due"], due["routine_comment"]["held"]) == (1, 0)
    call_command("retention", "run")
    assert "proposal" in capsys.readouterr().out
    Proposal.objects.update(goes_at=clock.now())
    call_command("retention", "run")
    assert "1 gone" in capsys.readouterr().out
    assert not Comment.objects.exists()
    call_command("retention", "run", "--json")
    assert json.loads(capsys.readouterr().out)["classes"]
    with pytest.raises(CommandError):
        call_command("retention", "burn")


def payload(at):
    return RawPayload.objects.create(
        received_at=at, official_account_id=1, source="poll", external_id="x", digest="d", payload={}
    )


def months():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'moderation_rawpayload'::regclass"
        )
        return {name for (name,) in cursor.fetchall()}


def test_a_month_of_raw_payloads_is_dropped_when_all_of_it_is_over(db):
    today = clock.today()
    with connection.cursor() as cursor:
        cursor.execute("SELECT smmp_ensure_months('moderation_rawpayload', '2021-01-01', 2)")
    payload(datetime(2021, 1, 31, 23, 59, tzinfo=UTC))
    payload(datetime(2021, 2, 1, tzinfo=UTC))
    payload(datetime(2019, 5, 1, tzinfo=UTC))
    kept = payload(clock.now())
    assert tasks.drop_months() == 3
    assert list(RawPayload.objects.all()) == [kept]
    assert "moderation_rawpayload_2021_01" not in months()
    entry = Entry.objects.get(event="records.disposed")
    assert entry.details["count"] == 3
    assert entry.details["months"] == [
        "moderation_rawpayload_2021_01",
        "moderation_rawpayload_2021_02",
        "moderation_rawpayload_other",
    ]
    assert Disposal.objects.get(run_on=today).disposed_count == 3
    assert tasks.drop_months() == 0


def test_the_coming_months_stand_ready(db):
    with time_machine.travel(clock.now() + timedelta(days=70), tick=False):
        assert tasks.ensure_months() > 0
        assert tasks.ensure_months() == 0
        assert f"moderation_rawpayload_{clock.now():%Y_%m}" in months()
    assert Entry.objects.filter(event="partitions.made").count() == 1
