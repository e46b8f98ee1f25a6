"""The audit trail: closed to change, whole, and readable as a story by those who may."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.urls import reverse

from audit import leaf, queries, timelines
from audit.actions import record
from audit.catalogue import EVENTS
from audit.forms import Trail
from audit.models import Entry
from core import clock
from core.actors import System
from core.errors import NotPermitted
from escalation import tasks
from escalation.models import Case
from tests import comments


def sample(actor, event="comment.viewed", **given):
    return record(actor=actor, event=event, **given)


# Closed to change


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET actor_name = 'Nobody'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
        "DROP TABLE audit_entry",
        "UPDATE audit_entry_other SET actor_name = 'Nobody'",
    ],
)
def test_the_application_cannot_change_the_trail(db, statement):
    entry = sample(System("desk"))
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Entry.objects.get(pk=entry.pk).actor_name == "desk"


def test_an_event_outside_the_catalogue_cannot_be_recorded(db):
    with pytest.raises(KeyError):
        sample(System("desk"), "comment.liked")


def test_this_month_and_the_next_have_their_partitions(db):
    sample(System("desk"))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit_entry'::regclass"
        )
        names = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT tableoid::regclass::text FROM audit_entry")
        lies_in = cursor.fetchone()[0]
    now = clock.now()
    coming = (now.replace(day=1) + timedelta(days=32)).strftime("audit_entry_%Y_%m")
    assert {now.strftime("audit_entry_%Y_%m"), coming} <= names
    assert lies_in == now.strftime("audit_entry_%Y_%m")


def test_the_hash_of_an_entry_can_be_worked_out_again(joan_pritchard, force_account):
    entry = Entry.objects.get(
        pk=sample(
            joan_pritchard,
            "account.changed",
            subject=force_account,
            subject_name="Wealdshire “Police” \\ Łódź \u007f",
            official_account_id=force_account.pk,
            shown_ids=[3, 1, 2],
            reason='He said "no"\n\tand left \x01',
            details={"zz": None, "b": [1, {"long key": True, "é": "ü"}], "a": {"c": "d"}, "bb": ""},
        ).pk
    )
    assert leaf.is_whole(entry)
    with connection.cursor() as cursor:
        cursor.execute("SELECT details::text FROM audit_entry WHERE id = %s", [entry.pk])
        assert cursor.fetchone()[0] == leaf.canonical(entry.details)
    for name, value in (
        ("reason", "other"),
        ("actor_id", None),
        ("shown_ids", [1, 2]),
        ("details", {}),
        ("source_address", "192.0.2.9"),
        ("leaf_version", 1),
        ("leaf_version", 258),
    ):
        changed = Entry.objects.get(pk=entry.pk)
        setattr(changed, name, value)
        assert not leaf.is_whole(changed)


def test_an_entry_of_the_first_form_is_still_whole(joan_pritchard):
    """As rows stood before entries had a source address (audit/migrations/0002)."""
    entry = Entry.objects.get(pk=sample(joan_pritchard, "file.viewed").pk)
    entry.leaf_version = 1
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT sha256('\\x0001'::bytea || convert_to((to_jsonb(e) - 'leaf_hash' - 'leaf_version'
                   - 'transaction_id' - 'source_address' || jsonb_build_object('at',
                   to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')))::text, 'UTF8'))
               FROM audit_entry e WHERE id = %s""",
            [entry.pk],
        )
        entry.leaf_hash = cursor.fetchone()[0]
    assert leaf.is_whole(entry)
    entry.leaf_version = 2
    assert not leaf.is_whole(entry)


def test_an_entry_says_where_its_request_came_from(client, joan_pritchard):
    client.force_login(joan_pritchard)
    client.get(reverse("audit:trail"), REMOTE_ADDR="192.0.2.44")
    seen = Entry.objects.get(event="audit.viewed")
    assert seen.source_address == "192.0.2.44"
    assert leaf.is_whole(seen)
    assert sample(System("desk")).source_address == ""


# A story


def test_every_sentence_of_the_catalogue_reads(wealdshire):
    entry = Entry(actor_name="Insp Ruth Calder", subject_name="W-2041", details={})
    for event in EVENTS:
        entry.event = event
        words = queries.sentence(entry)
        assert "{" not in words
        assert words[0].isupper() or words.startswith(("W-2041", "…"))
    entry.event = "case.climbed"
    entry.details = {"level": "Duty command"}
    assert queries.sentence(entry) == "Nobody acknowledged case W-2041 in time: Duty command was called"
    entry.event = "gone.since"
    assert "gone.since" in queries.sentence(entry)


def test_filters_find_and_leave_out(joan_pritchard, amira_hussain, force_account, saltmere_account):
    comment = comments.escalate(comments.write(force_account), amira_hussain)
    tasks.open_cases()
    case = Case.objects.get()
    sample(amira_hussain, subject=comment, official_account_id=saltmere_account.pk)

    def find(**given):
        lines, _ = queries.page(joan_pritchard, queries.Filters(**given))
        return [line.entry.event for line in lines]

    assert find(event="case.opened") == ["case.opened"]
    assert "case.opened" in find(person=str(amira_hussain.pk))
    assert "case.opened" not in find(person=queries.PLATFORM_ITSELF)
    assert "case.opened" in find(person=queries.STAFF)
    assert not set(find(person=queries.STAFF)) & set(find(person=queries.PLATFORM_ITSELF))
    assert find(subject="case", number=case.reference) == ["case.opened"]
    assert find(subject="case", number=str(case.number)) == ["case.opened"]
    assert find(subject="comment", number=str(comment.pk)) == ["comment.viewed"]
    assert find(official_account=saltmere_account.pk, event="comment.viewed") == ["comment.viewed"]
    assert find(since=clock.now() + timedelta(hours=1)) == []
    assert find(until=clock.now() - timedelta(hours=1)) == []


def test_pages_neither_repeat_nor_lose_an_entry_of_one_instant(joan_pritchard, monkeypatch):
    monkeypatch.setattr(queries, "PAGE_LENGTH", 3)
    with time_machine.travel(clock.now(), tick=False):
        made = [sample(joan_pritchard, "file.viewed").pk for _ in range(8)]
    seen, before = [], None
    while True:
        lines, before = queries.page(joan_pritchard, queries.Filters(event="file.viewed"), before=before)
        seen += [line.entry.pk for line in lines]
        if before is None:
            break
    assert seen == sorted(made, reverse=True)


def test_who_saw_a_comment(joan_pritchard, amira_hussain, tom_beckett, leah_brandt, force_account):
    comment = comments.write(force_account)
    other = comments.write(force_account, "another", by="kim")
    sample(amira_hussain, "comments.listed", shown_ids=[comment.pk, other.pk])
    sample(amira_hussain, "comment.viewed", shown_ids=[comment.pk])
    sample(amira_hussain, "comment.viewed", shown_ids=[comment.pk])
    sample(amira_hussain, "comment.claimed", subject=comment)
    sample(tom_beckett, "comments.listed", shown_ids=[comment.pk])
    sample(leah_brandt, "comments.listed", shown_ids=[other.pk])
    sample(leah_brandt, "cases.listed", shown_ids=[comment.pk])
    looks = timelines.who_saw(joan_pritchard, comment.pk)
    assert [(looker.name, looker.saw) for looker in looks.people] == [
        ("Amira Hussain", "opened it 2 times, had it in a list once"),
        ("Tom Beckett", "had it in a list once"),
    ]
    assert (looks.opened, looks.listed_only) == (1, 1)
    assert dict(looks.people[0].did) == {"claimed a comment": 1}
    assert not timelines.who_saw(joan_pritchard, 987654).people


def test_only_auditors_read_the_trail(amira_hussain, inspector_kerr):
    for ask in (lambda person: queries.page(person, queries.Filters()), lambda p: timelines.who_saw(p, 1)):
        with pytest.raises(NotPermitted):
            ask(amira_hussain)
    assert queries.page(inspector_kerr, queries.Filters()) == ([], None)


# In the browser


def test_a_look_at_the_trail_is_recorded_once(client, joan_pritchard, amira_hussain):
    client.force_login(joan_pritchard)
    page = client.get(reverse("audit:trail"), {"event": "grant.given"})
    assert "gave" in page.content.decode()
    assert "as it was written" in page.content.decode()
    entry = Entry.objects.get(event="audit.viewed")
    assert entry.details == {"filters": {"event": "grant.given"}}
    client.force_login(amira_hussain)
    assert client.get(reverse("audit:trail")).status_code == 403


@pytest.mark.parametrize(
    "given",
    [
        {"person": "x"},
        {"event": "nonsense"},
        {"number": "12"},
        {"subject": "comment", "number": "1; DROP"},
        {"since": "yesterday"},
        {"until": "99999-01-01"},
        {"until": "1200-01-01T00:00"},
        {"official_account": "0"},
    ],
)
def test_filters_that_cannot_be_used_are_answered_kindly(client, joan_pritchard, given):
    client.force_login(joan_pritchard)
    for name in ("trail", "export"):
        assert client.get(reverse(f"audit:{name}"), given).status_code == 422


def test_nonsense_in_the_address_is_no_fault(client, joan_pritchard):
    client.force_login(joan_pritchard)
    for before in (
        "x",
        "_",
        "2026-01-01_5",
        "2026-01-01T00:00:00+00:00_" + "9" * 30,
        "2026-01-01T00:00:00+00:00_5",
        "2026-01-01T00:00:00+23:59_5",
        "0001-01-01T00:00:00+23:59_5",
        "9999-12-31T23:59:59-23:59_5",
    ):
        assert client.get(reverse("audit:trail"), {"before": before}).status_code == 200
    for name in ("trail", "export"):
        far = {"since": "2026-01-01T00:00+23:59", "until": "2200-12-31T23:59-23:59"}
        assert client.get(reverse(f"audit:{name}"), far).status_code == 200
    for number in ("", "x", "-1", "9" * 30):
        assert client.get(reverse("audit:who_saw"), {"comment": number}).status_code == 422


def test_times_are_london_times_also_in_the_hour_that_comes_twice(client, joan_pritchard):
    form = Trail({"since": "2026-10-25T01:30", "until": "2026-10-25T01:30"})
    assert form.is_valid()
    filters = form.filters()
    assert filters.since.astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert filters.until.astimezone(UTC) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    client.force_login(joan_pritchard)
    assert client.get(reverse("audit:trail"), {"since": "2026-03-29T01:30"}).status_code == 200


def test_who_saw_in_the_browser(client, joan_pritchard, amira_hussain, force_account):
    comment = comments.write(force_account)
    sample(amira_hussain, shown_ids=[comment.pk])
    client.force_login(joan_pritchard)
    page = client.get(reverse("audit:who_saw"), {"comment": comment.pk}).content.decode()
    assert "1 staff member opened it" in page
    assert comment.text not in page
    assert Entry.objects.get(event="audit.viewed").details == {"who_saw_comment": comment.pk}
    assert (
        "Nobody has opened it"
        in client.get(reverse("audit:who_saw"), {"comment": comment.pk + 1}).content.decode()
    )


def test_the_export_is_harmless_in_a_spreadsheet_and_says_where_it_stops(
    client, joan_pritchard, force_account, monkeypatch
):
    client.force_login(joan_pritchard)
    sample(joan_pritchard, "file.viewed", subject_name="=HYPERLINK(1)", reason="@SUM(1)")
    given = {"format": "csv", "to": "DI S. Kerr", "reason": "PSD-0418"}
    answer = client.post(reverse("audit:export") + "?event=file.viewed", given)
    rows = list(csv.reader(io.StringIO(answer.getvalue().decode())))
    assert rows[1][8] == "'=HYPERLINK(1)"
    assert rows[1][12] == "'@SUM(1)"
    assert Entry.objects.get(event="audit.exported").details["count"] == 1
    monkeypatch.setattr(queries, "MOST_EXPORTED", 2)
    rows = list(csv.reader(io.StringIO(client.post(reverse("audit:export"), given).getvalue().decode())))
    assert len(rows) == 4
    assert rows[3][0].startswith("Stopped after 2")
