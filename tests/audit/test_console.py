"""The console of information security: searching, timelines, saved searches, exports, assignments, reasons."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, ProgrammingError, transaction
from django.urls import reverse

from audit import queries, reasons, timelines
from audit.actions import console, record
from audit.models import Assignment, Entry, ReasonRule, SavedSearch
from core import clock, context
from core.errors import NotFound, NotPermitted, NotValid
from tests import comments

NIGHT = datetime(2026, 11, 22, 3, 10, tzinfo=clock.LONDON)


def saw(person, comment, *, at=NIGHT, event="comment.viewed", source="", **given):
    with time_machine.travel(at, tick=False), context.request(source=source):
        return record(
            actor=person,
            event=event,
            subject=comment if event == "comment.viewed" else None,
            official_account_id=comment.official_account_id,
            shown_ids=[comment.pk],
            **given,
        )


def found(viewer, **given):
    return [line.entry.pk for line in queries.page(viewer, queries.Filters(**given))[0]]


# Searching


def test_the_trail_is_searched_by_operation_address_and_commenter(
    joan_pritchard, amira_hussain, tom_beckett, force_account
):
    theirs = comments.write(force_account, by="jordan.p")
    another = comments.write(force_account, "hello", by="kim")
    one = saw(amira_hussain, theirs, source="192.0.2.7").pk
    two = saw(tom_beckett, another, source="192.0.2.70").pk
    assert found(joan_pritchard, address="192.0.2.7") == [one]
    assert set(found(joan_pritchard, address="192.0.2.")) == {one, two}
    assert found(joan_pritchard, address="198.51.100.1") == []
    assert set(found(joan_pritchard, operation="consultation")) == {one, two}
    assert found(joan_pritchard, commenter=theirs.commenter_id) == [one]
    assert found(joan_pritchard, commenter=987654) == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [("192.0.2.7", "192.0.2.7"), (" 2001:DB8::0:1 ", "2001:db8::1"), ("192.0.2.", "192.0.2."), ("", "")],
)
def test_an_address_is_read_in_any_way_of_writing(client, joan_pritchard, given, kept):
    client.force_login(joan_pritchard)
    assert client.get(reverse("audit:trail"), {"address": given}).status_code == 200
    filters = Entry.objects.get(event="audit.viewed").details["filters"]
    assert filters.get("address", "") == kept


@pytest.mark.parametrize(
    "given", [{"address": "nowhere"}, {"address": "192.0.2.%"}, {"commenter": "Jo"}, {"operation": "x"}]
)
def test_what_cannot_be_looked_for_is_answered_kindly(client, joan_pritchard, given):
    client.force_login(joan_pritchard)
    assert client.get(reverse("audit:trail"), given).status_code == 422


# Who saw it, and what else


def test_from_a_comment_to_what_else_somebody_saw_that_night_is_one_step(
    client, joan_pritchard, amira_hussain, force_account
):
    comment = comments.write(force_account)
    other = comments.write(force_account, "something else", by="kim")
    saw(amira_hussain, comment)
    saw(amira_hussain, other, at=NIGHT + timedelta(hours=2), source="192.0.2.7")
    saw(amira_hussain, other, at=NIGHT + timedelta(days=2))
    client.force_login(joan_pritchard)
    page = client.get(reverse("audit:who_saw"), {"comment": comment.pk}).content.decode()
    there = reverse("audit:person_span", args=[amira_hussain.pk, "night-2026-11-21"])
    assert there in page
    assert reverse("audit:record", args=["commenter", comment.commenter_id]) in page
    night = client.get(there).content.decode()
    assert "Amira Hussain opened 2 records" in night
    assert reverse("audit:record", args=["comment", other.pk]) in night
    assert "192.0.2.7" in night
    assert comment.text not in page + night
    looked = [entry.details for entry in Entry.objects.filter(event="audit.viewed").order_by("pk")]
    assert looked == [
        {"who_saw_comment": comment.pk},
        {"person": amira_hussain.pk, "span": "night-2026-11-21"},
    ]


def test_a_night_ends_at_noon_and_a_day_at_midnight(joan_pritchard, amira_hussain, force_account):
    comment = comments.write(force_account)
    for hour in (11, 12, 23, 35, 36):
        saw(amira_hussain, comment, at=datetime(2026, 11, 21, tzinfo=clock.LONDON) + timedelta(hours=hour))

    def count(slug):
        return timelines.what_they_did(joan_pritchard, amira_hussain.pk, timelines.Span.read(slug)).entries

    assert [count(f"night-2026-11-{day}") for day in (20, 21, 22)] == [1, 3, 1]
    assert [count(f"day-2026-11-{day}") for day in (20, 21, 22)] == [0, 3, 2]


@pytest.mark.parametrize(
    ("hour", "slug"), [(3, "night-2026-11-21"), (8, "day-2026-11-22"), (18, "night-2026-11-22")]
)
def test_an_instant_belongs_to_a_night_or_a_day(hour, slug):
    assert queries.span_around(datetime(2026, 11, 22, hour, tzinfo=clock.LONDON)) == slug
    assert timelines.Span.read(slug).slug == slug


def test_who_looked_at_one_commenter_gathers_everything_they_wrote(
    joan_pritchard, amira_hussain, tom_beckett, force_account
):
    first, second = (comments.write(force_account, text, by="jordan.p") for text in ("one", "two"))
    saw(amira_hussain, first)
    saw(tom_beckett, second, event="comments.listed")
    saw(tom_beckett, comments.write(force_account, "three", by="kim"))
    looks = timelines.who_saw(joan_pritchard, first.commenter_id, "commenter")
    assert [(one.name, one.saw) for one in looks.people] == [
        ("Amira Hussain", "opened it once"),
        ("Tom Beckett", "had it in a list once"),
    ]
    assert looks.comments == 2
    assert [mark.opened for mark in looks.people[0].marks] == [True]


def test_records_of_other_kinds_have_their_page_and_numbers_do_not_mix(
    client, joan_pritchard, leah_brandt, force_account
):
    with time_machine.travel(NIGHT, tick=False):
        record(actor=leah_brandt, event="cases.listed", shown_ids=[7])
        record(actor=leah_brandt, event="comments.listed", shown_ids=[8])
    assert [one.saw for one in timelines.who_saw(joan_pritchard, 7, "case").people] == [
        "had it in a list once"
    ]
    assert timelines.who_saw(joan_pritchard, 7, "comment").people == []
    assert timelines.who_saw(joan_pritchard, 8, "case").people == []
    client.force_login(joan_pritchard)
    for kind in queries.SUBJECTS:
        address = reverse("audit:record", args=[kind.replace(" ", "-"), 7])
        assert client.get(address).status_code == 200
    for address in (
        "/audit/records/hat/7/",
        f"/audit/records/comment/{'9' * 30}/",
        f"/audit/people/{leah_brandt.pk}/night-2026-13-45/",
        f"/audit/people/{leah_brandt.pk}/dusk-2026-11-22/",
        "/audit/people/987654/",
    ):
        assert client.get(address).status_code == 404


# Saved searches


def test_a_search_is_saved_for_its_owner_alone_and_deleted(client, joan_pritchard, inspector_kerr):
    client.force_login(joan_pritchard)
    given = {"event": "audit.exported", "name": "Exports"}
    assert client.post(reverse("audit:save_search"), given).status_code == 302
    saved = SavedSearch.objects.get()
    assert saved.filters == {"event": "audit.exported"}
    page = client.get(reverse("audit:trail")).content.decode()
    assert "?event=audit.exported" in page
    client.post(reverse("audit:save_search"), {**given, "event": "file.viewed"})
    assert SavedSearch.objects.get().filters == {"event": "file.viewed"}
    with pytest.raises(NotFound):
        console.delete_search(actor=inspector_kerr, pk=saved.pk)
    client.post(reverse("audit:delete_search", args=[saved.pk]))
    assert not SavedSearch.objects.exists()
    assert client.post(reverse("audit:delete_search", args=[saved.pk])).status_code == 404
    assert Entry.objects.filter(event="audit.search_saved").count() == 2
    assert Entry.objects.filter(event="audit.search_deleted").count() == 1


@pytest.mark.parametrize(
    "filters",
    [{"commenter": 31}, {"subject": "commenter", "number": "31"}, {"subject": "comment", "number": "5"}],
)
def test_no_saved_search_can_watch_a_member_of_the_public(joan_pritchard, filters):
    with pytest.raises(NotValid, match="no watch lists"):
        console.save_search(actor=joan_pritchard, name="Jordan", filters=filters)
    assert not SavedSearch.objects.exists()


def test_a_saved_search_needs_a_name_something_to_find_and_room(joan_pritchard, amira_hussain, monkeypatch):
    for name, filters in (("", {"person": "1"}), ("x" * 61, {"person": "1"}), ("All", {"person": ""})):
        with pytest.raises(NotValid):
            console.save_search(actor=joan_pritchard, name=name, filters=filters)
    with pytest.raises(NotPermitted):
        console.save_search(actor=amira_hussain, name="Mine", filters={"person": "1"})
    monkeypatch.setattr(console, "MOST_SAVED", 1)
    console.save_search(actor=joan_pritchard, name="One", filters={"person": "1"})
    console.save_search(actor=joan_pritchard, name="One", filters={"person": "2"})
    with pytest.raises(NotValid):
        console.save_search(actor=joan_pritchard, name="Two", filters={"person": "1"})


# Export


def test_an_export_says_to_whom_and_why_before_anything_leaves(client, joan_pritchard, amira_hussain):
    client.force_login(joan_pritchard)
    record(actor=amira_hussain, event="file.viewed", subject_name="one.png")
    address = reverse("audit:export") + "?event=file.viewed"
    assert "1 entry" in client.get(address).content.decode()
    for given in (
        {"format": "csv"},
        {"format": "csv", "to": "DI S. Kerr"},
        {"format": "exe", "to": "a", "reason": "PSD"},
    ):
        assert client.post(address, given).status_code == 422
    assert not Entry.objects.filter(event="audit.exported").exists()
    answer = client.post(address, {"format": "jsonl", "to": "DI S. Kerr, PSD", "reason": "PSD-0418"})
    rows = [json.loads(line) for line in answer.getvalue().decode().splitlines()]
    assert [(row["event"], row["actor"]["name"]) for row in rows] == [("file.viewed", "Amira Hussain")]
    exported = Entry.objects.get(event="audit.exported")
    assert exported.reason == "PSD-0418"
    assert exported.operation == "disclosure"
    assert exported.details == {
        "count": 1,
        "capped": False,
        "filters": {"event": "file.viewed"},
        "format": "jsonl",
        "to": "DI S. Kerr, PSD",
    }
    assert queries.sentence(exported) == "Joan Pritchard exported 1 audit entries for DI S. Kerr, PSD"


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_an_export_leaves_bit_by_bit_after_its_disclosure_is_recorded(
    client, joan_pritchard, amira_hussain, monkeypatch, form
):
    for number in range(7):
        record(actor=amira_hussain, event="file.viewed", subject_name=f"{number}.png")
    monkeypatch.setattr(queries, "EXPORTED_AT_ONCE", 2)
    read = []
    loaded = Entry.from_db.__func__
    monkeypatch.setattr(
        Entry, "from_db", classmethod(lambda cls, *given: read.append(1) or loaded(cls, *given))
    )
    client.force_login(joan_pritchard)
    given = {"format": form, "to": "DI S. Kerr, PSD", "reason": "PSD-0418"}
    answer = client.post(reverse("audit:export") + "?event=file.viewed", given)
    assert answer.streaming
    assert Entry.objects.filter(event="audit.exported", details__count=7).count() == 1
    read.clear()
    pieces = iter(answer.streaming_content)
    text = next(pieces) + next(pieces)
    assert len(read) <= 4
    text += b"".join(pieces)
    names = [f"{number}.png" for number in reversed(range(7))]
    assert [name for line in text.decode().splitlines() for name in names if name in line] == names


def test_an_export_holds_nothing_that_came_after_its_disclosure_and_says_where_it_stops(
    client, joan_pritchard, amira_hussain, monkeypatch
):
    record(actor=amira_hussain, event="staff.member_added", subject_name="Tara")
    client.force_login(joan_pritchard)
    given = {"format": "jsonl", "to": "DI S. Kerr, PSD", "reason": "PSD-0418"}
    answer = client.post(reverse("audit:export"), given)
    disclosure = Entry.objects.get(event="audit.exported")
    record(actor=amira_hussain, event="file.viewed", subject_name="late.png")
    rows = [json.loads(line) for line in answer.getvalue().decode().splitlines()]
    assert rows
    assert all(row["entry"] < disclosure.pk for row in rows)
    assert len(rows) == disclosure.details["count"]
    monkeypatch.setattr(queries, "MOST_EXPORTED", 1)
    rows = [
        json.loads(line)
        for line in client.post(reverse("audit:export"), given).getvalue().decode().splitlines()
    ]
    assert len(rows) == 2
    assert rows[1]["stopped"].startswith("Stopped after 1 entries")
    assert Entry.objects.filter(event="audit.exported", details__capped=True).count() == 1


def test_nothing_of_an_export_leaves_where_its_disclosure_cannot_be_recorded(
    client, joan_pritchard, amira_hussain, monkeypatch
):
    record(actor=amira_hussain, event="file.viewed", subject_name="one.png")
    client.force_login(joan_pritchard)
    client.raise_request_exception = False

    def refuse(self, *args, **kwargs):
        raise ProgrammingError("permission denied for table audit_entry")

    monkeypatch.setattr("audit.actions.write_one", refuse)
    given = {"format": "csv", "to": "DI S. Kerr, PSD", "reason": "PSD-0418"}
    answer = client.post(reverse("audit:export"), given)
    assert answer.status_code == 503
    assert "one.png" not in answer.getvalue().decode()


def test_an_entry_that_lacks_what_it_must_say_cannot_be_recorded(joan_pritchard):
    with pytest.raises(KeyError, match="to"):
        record(actor=joan_pritchard, event="audit.exported", details={"count": 1})


# Assignments


def assign(joan, kerr, people, **given):
    at = clock.now()
    return console.assign(
        actor=joan,
        officer_id=given.pop("officer_id", kerr.pk),
        people_ids=[person.pk for person in people],
        reference="PSD-0418",
        why="Complaint of 20 November",
        since=given.pop("since", at - timedelta(days=2)),
        until=given.pop("until", at + timedelta(days=2)),
        ends_at=given.pop("ends_at", at + timedelta(days=14)),
    )


def test_professional_standards_sees_only_what_is_assigned(
    client, joan_pritchard, inspector_kerr, amira_hussain, tom_beckett, force_account
):
    comment = comments.write(force_account)
    at = clock.now()
    theirs = saw(amira_hussain, comment, at=at - timedelta(hours=1)).pk
    saw(amira_hussain, comment, at=at - timedelta(days=3))
    saw(tom_beckett, comment, at=at - timedelta(hours=1))
    assert found(inspector_kerr) == []
    made = assign(joan_pritchard, inspector_kerr, [amira_hussain])
    assert found(inspector_kerr) == [theirs]
    assert found(inspector_kerr, person=str(tom_beckett.pk)) == []
    assert [one.name for one in timelines.who_saw(inspector_kerr, comment.pk).people] == ["Amira Hussain"]
    for missing in (tom_beckett, inspector_kerr):
        with pytest.raises(NotFound):
            timelines.what_they_did(inspector_kerr, missing.pk, timelines.Span.read(queries.span_around(at)))
    client.force_login(inspector_kerr)
    page = client.get(reverse("audit:trail")).content.decode()
    assert "Amira Hussain opened a conversation" in page
    assert Entry.objects.filter(event="audit.viewed").latest("pk").details["assignments"] == ["PSD-0418"]
    answer = client.post(reverse("audit:export"), {"format": "jsonl", "to": "File", "reason": "PSD-0418"})
    assert [json.loads(line)["entry"] for line in answer.getvalue().decode().splitlines()] == [theirs]
    console.end_assignment(actor=joan_pritchard, pk=made.pk)
    assert found(inspector_kerr) == []
    assert "Nothing is assigned to you" in client.get(reverse("audit:trail")).content.decode()
    console.end_assignment(actor=joan_pritchard, pk=made.pk)
    assert Entry.objects.filter(event="audit.assignment_ended").count() == 1
    said = Entry.objects.get(event="audit.assigned")
    assert (said.operation, said.reason, said.details["people"]) == (
        "disclosure",
        "Complaint of 20 November",
        [amira_hussain.pk],
    )


def test_an_assignment_is_over_at_its_second(joan_pritchard, inspector_kerr, amira_hussain, force_account):
    saw(amira_hussain, comments.write(force_account), at=clock.now() - timedelta(hours=1))
    made = assign(joan_pritchard, inspector_kerr, [amira_hussain])
    with time_machine.travel(made.ends_at - timedelta(seconds=1), tick=False):
        assert len(found(inspector_kerr)) == 1
    with time_machine.travel(made.ends_at, tick=False):
        assert found(inspector_kerr) == []


def test_what_cannot_be_assigned(joan_pritchard, inspector_kerr, amira_hussain, tom_beckett):
    at = clock.now()
    for wrong in (
        {"officer_id": tom_beckett.pk},
        {"people": []},
        {"people": [inspector_kerr]},
        {"since": at, "until": at},
        {"ends_at": at},
        {"ends_at": at + timedelta(days=400)},
    ):
        people = wrong.pop("people", [amira_hussain])
        with pytest.raises(NotValid):
            assign(joan_pritchard, inspector_kerr, people, **wrong)
    with pytest.raises(NotPermitted):
        assign(inspector_kerr, inspector_kerr, [amira_hussain])
    assert not Assignment.objects.exists()


def test_the_database_refuses_an_assignment_to_whoever_makes_it(
    joan_pritchard, inspector_kerr, amira_hussain
):
    made = assign(joan_pritchard, inspector_kerr, [amira_hussain])
    for change in (
        {"made_by_id": inspector_kerr.pk},
        {"people_ids": [inspector_kerr.pk]},
        {"people_ids": []},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Assignment.objects.filter(pk=made.pk).update(**change)


def test_assigning_in_the_browser(client, joan_pritchard, inspector_kerr, amira_hussain):
    client.force_login(joan_pritchard)
    address = reverse("audit:assign")
    assert "DI Siobhan Kerr" in client.get(address).content.decode()
    assert client.post(address, {}).status_code == 422
    ends = clock.in_london(clock.now() + timedelta(days=3))
    given = {
        "reference": "PSD-0418",
        "officer": inspector_kerr.pk,
        "people": [amira_hussain.pk],
        "since": "2026-11-20T00:00",
        "until": "2026-11-24T00:00",
        "ends": f"{ends:%Y-%m-%dT%H:%M}",
        "why": "Complaint",
    }
    backwards = client.post(address, {**given, "until": "2026-11-19T00:00"})
    assert backwards.status_code == 422
    assert "ends before it begins" in backwards.content.decode()
    assert client.post(address, given).status_code == 302
    assert "PSD-0418" in client.get(reverse("audit:assignments")).content.decode()
    client.force_login(inspector_kerr)
    assert "PSD-0418" in client.get(reverse("audit:assignments")).content.decode()
    assert client.get(address).status_code == 403
    assert client.post(reverse("audit:end_assignment", args=[1])).status_code == 403
    client.force_login(joan_pritchard)
    client.post(reverse("audit:end_assignment", args=[Assignment.objects.get().pk]))
    assert not Assignment.objects.get().live


# Reasons


def test_a_required_reason_is_asked_before_anything_of_the_trail_is_shown(client, joan_pritchard, ben_osei):
    console.set_reason(actor=ben_osei, of="audit.view", mode="required")
    client.force_login(joan_pritchard)
    asked = client.get(reverse("audit:trail"), {"event": "grant.given"}).content.decode()
    assert "What are you looking into?" in asked
    assert "gave" not in asked
    assert not Entry.objects.filter(event="audit.viewed").exists()
    back = reverse("audit:trail") + "?event=grant.given"
    assert client.post(reverse("audit:give_reason"), {"reason": "x", "back": back}).status_code == 422
    answer = client.post(reverse("audit:give_reason"), {"reason": "PSD-0418", "back": back})
    assert answer["Location"] == back
    assert "gave" in client.get(back).content.decode()
    assert Entry.objects.get(event="audit.viewed").reason == "PSD-0418"
    with time_machine.travel(clock.now() + timedelta(minutes=29)):
        assert "gave" in client.get(back).content.decode()
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"):
        answer = client.post(reverse("audit:give_reason"), {"reason": "PSD-0418", "back": elsewhere})
        assert answer["Location"] == reverse("audit:trail")


def test_reasons_are_policy_that_few_may_set(client, ben_osei, joan_pritchard, amira_hussain, inspector_kerr):
    assert reasons.mode("export") == "required"
    with pytest.raises(NotValid, match="complaint"):
        reasons.check("export", " ")
    with pytest.raises(NotValid):
        reasons.check("export", "x" * 301)
    client.force_login(ben_osei)
    assert "As delivered" in client.get(reverse("audit:safeguards")).content.decode()
    assert client.post(reverse("audit:safeguards"), {"of": "export", "mode": "off"}).status_code == 302
    client.post(reverse("audit:safeguards"), {"of": "export", "mode": "off"})
    assert reasons.check("export", "said all the same") == ""
    entry = Entry.objects.get(event="safeguard.reason_set")
    assert entry.details == {"was": "required", "becomes": "off"}
    for wrong in ({"of": "export", "mode": "maybe"}, {"of": "hats", "mode": "off"}, {}):
        assert client.post(reverse("audit:safeguards"), wrong).status_code == 422
    for person in (amira_hussain, inspector_kerr):
        with pytest.raises(NotPermitted):
            console.set_reason(actor=person, of="export", mode="optional")
        client.force_login(person)
        assert client.get(reverse("audit:safeguards")).status_code == 403
    assert ReasonRule.objects.count() == 1


def test_the_catalogue_can_be_read(client, ben_osei, joan_pritchard, amira_hussain):
    for person in (ben_osei, joan_pritchard):
        client.force_login(person)
        page = client.get(reverse("audit:events")).content.decode()
        assert "Somebody exported … audit entries for …" in page
        assert "to, count" in page
    client.force_login(amira_hussain)
    assert client.get(reverse("audit:events")).status_code == 403


def test_what_programs_did_is_found_by_their_service_identity(
    client, joan_pritchard, ben_osei, victoria_lang
):
    from accounts import keys
    from accounts.actions import services

    telephony, mapping = (
        services.add_service(
            actor=ben_osei, name=name, purpose="Tests", owner=victoria_lang, networks=["127.0.0.0/8"]
        )
        for name in ("Telephony", "Mapping")
    )
    theirs = {}
    for service in (telephony, mapping):
        key = services.make_key(actor=ben_osei, service=service, until=clock.now() + timedelta(days=1))[0]
        theirs[service] = record(
            actor=keys.actor(key), event="service.looked", details={"what": "comments"}
        ).pk
    assert found(joan_pritchard, person=f"service-{telephony.member_id}") == [theirs[telephony]]
    assert found(joan_pritchard, person="service") == [theirs[mapping], theirs[telephony]]
    client.force_login(joan_pritchard)
    page = client.get(reverse("audit:trail"), {"person": f"service-{telephony.member_id}"})
    assert "Telephony (service identity)" in page.text
    assert "Telephony read comments through the API" in page.text
    asked = client.get(reverse("audit:export"), {"person": f"service-{telephony.member_id}"})
    assert "Telephony (service identity)" in asked.text
    assert client.get(reverse("audit:trail"), {"person": "service-0"}).status_code == 422
    assert "Telephony" not in client.get(reverse("audit:assign")).text


def test_who_saw_names_programs_beside_people_and_counts_them_apart(
    client, joan_pritchard, amira_hussain, ben_osei, victoria_lang, force_account
):
    from accounts import keys
    from accounts.actions import services

    service = services.add_service(
        actor=ben_osei, name="Telephony", purpose="Tests", owner=victoria_lang, networks=["127.0.0.0/8"]
    )
    key = services.make_key(actor=ben_osei, service=service, until=clock.now() + timedelta(days=1))[0]
    comment = comments.write(force_account)
    saw(keys.actor(key), comment)
    looks = timelines.who_saw(joan_pritchard, comment.pk)
    assert [(looker.name, looker.program, looker.opened) for looker in looks.people] == [
        ("Telephony", True, 1)
    ]
    assert (looks.staff, looks.opened, looks.programs) == (0, 0, 1)
    client.force_login(joan_pritchard)
    address = reverse("audit:record", args=["comment", comment.pk])
    page = client.get(address).text
    assert "No staff member has seen it." in page
    assert "1 program met it through the API." in page
    assert f"?person=service-{service.member_id}" in page
    saw(amira_hussain, comment)
    page = client.get(address).text
    assert "1 staff member opened it" in page
    assert "1 program met it through the API." in page
    services.note_looked(actor=keys.actor(key), what="grants", shown_ids=[41])
    assert timelines.who_saw(joan_pritchard, 41, "grant").people[0].listed == 1
