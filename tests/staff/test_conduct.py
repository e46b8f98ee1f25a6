"""Professional standards: at once, at a set time without warning, or watched; and nobody else learns why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, ProgrammingError, transaction
from django.urls import reverse

from accounts.queries import authority_of
from audit import queries as audit
from audit.actions import record
from audit.catalogue import EVENTS
from audit.models import Entry
from core.errors import NotFound, NotPermitted, NotValid, TransitionNotAllowed
from notices.models import Notice
from smmp import access
from smmp.home import for_person
from staff import queries, tasks
from staff.actions import conduct, departures, members
from staff.models import ConductMatter, ConductRequest, ConductSpan, Departure, StaffMember
from staff.step_up import OF_CONDUCT, route_of
from tests.embedded import made_at

FRIDAY = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECRET = "Looked up a neighbour’s messages"


@pytest.fixture
@made_at(FRIDAY)
def friday():
    with time_machine.travel(FRIDAY, tick=False) as traveller:
        yield traveller


def decide(actor, member, kind, **more):
    return conduct.decide(actor=actor, member=member, kind=kind, why=SECRET, **more)


def everything_that(client, person) -> str:
    """All that somebody can read of staff, trail, exports, first page and notices."""
    client.force_login(person)
    pages = ["/", "/notices/"]
    if person.has_perm("accounts.see_audit"):
        pages += [reverse("audit:trail"), reverse("audit:export")]
    if person.has_perm("accounts.manage_staff"):
        target = StaffMember.objects.get(name="Amira Hussain")
        pages += [reverse("accounts:staff"), reverse("accounts:departures")]
        pages += [reverse("accounts:member", args=[target.pk])]
        pages += [reverse("accounts:record_leaver", args=[target.pk])]
    return "\n".join(client.get(page).text for page in pages)


def test_at_once_everybody_reads_the_kind_and_nobody_the_reason(
    friday, inspector_kerr, amira_hussain, joan_pritchard, ben_osei, client
):
    matter = decide(inspector_kerr, amira_hussain, "at_once")
    assert matter.carried_out_at == FRIDAY
    assert not StaffMember.objects.get(pk=amira_hussain.pk).active
    departure = Departure.objects.get()
    assert (departure.kind, departure.why, departure.recorded_by) == ("conduct", "", None)
    entry = Entry.objects.get(event="staff.member_left")
    assert (entry.actor_name, entry.reason) == ("professional standards", "Professional standards departure")
    for person in (joan_pritchard, ben_osei):
        said = everything_that(client, person)
        assert SECRET not in said
        assert "Kerr decided" not in said
    assert "Professional standards departure" in everything_that(client, joan_pritchard)
    client.force_login(ben_osei)
    page = client.get(reverse("accounts:departure", args=[departure.pk])).text
    assert "Professional standards departure" in page
    assert SECRET not in page
    client.force_login(inspector_kerr)
    assert SECRET in client.get(reverse("accounts:matter", args=[matter.pk])).text


def test_until_a_set_time_nothing_gives_it_away_and_at_that_second_they_are_out(
    friday, inspector_kerr, amira_hussain, joan_pritchard, ben_osei, sergeant_okafor, client
):
    people = (amira_hussain, sergeant_okafor, ben_osei, joan_pritchard)
    entries_open = audit.open_entries().count()
    matter = decide(inspector_kerr, amira_hussain, "at_time", act_at=FRIDAY + HOUR)
    assert audit.open_entries().count() == entries_open
    for person in people:
        said = everything_that(client, person)
        assert SECRET not in said
        assert "conduct" not in said.lower().replace("misconduct", ""), person
    assert not Notice.objects.exists()
    assert not Departure.objects.exists()
    friday.move_to(FRIDAY + HOUR - timedelta(seconds=1))
    assert tasks.carry_out_departures() == 0
    client.force_login(amira_hussain)
    assert client.get("/").status_code == 200
    friday.move_to(FRIDAY + HOUR)
    assert client.get("/").status_code == 302, "out at that second, before anything ran"
    friday.move_to(FRIDAY + 3 * HOUR)
    assert tasks.carry_out_departures() == 1
    assert tasks.carry_out_departures() == 0
    matter.refresh_from_db()
    assert matter.carried_out_at == FRIDAY + 3 * HOUR
    departure = Departure.objects.get()
    assert (departure.kind, departure.leaves_at) == ("conduct", FRIDAY + HOUR)


def test_a_set_time_stands_whatever_an_administrator_announces(
    friday, inspector_kerr, amira_hussain, ben_osei
):
    decide(inspector_kerr, amira_hussain, "at_time", act_at=FRIDAY + HOUR)
    announced = departures.announce_leaver(
        actor=ben_osei, member=amira_hussain, leaves_at=FRIDAY + 5 * HOUR, why="Resigned"
    )
    amira_hussain.refresh_from_db()
    assert amira_hussain.access_until == FRIDAY + HOUR
    departures.call_off(actor=ben_osei, departure=announced, why="Stays")
    amira_hussain.refresh_from_db()
    assert amira_hussain.access_until == FRIDAY + HOUR
    friday.move_to(FRIDAY + HOUR)
    assert tasks.carry_out_departures() == 1


def test_a_set_time_is_taken_back(friday, inspector_kerr, amira_hussain):
    matter = decide(inspector_kerr, amira_hussain, "at_time", act_at=FRIDAY + HOUR)
    conduct.end_matter(actor=inspector_kerr, matter=matter, why="Cleared")
    friday.move_to(FRIDAY + 2 * HOUR)
    assert tasks.carry_out_departures() == 0
    assert StaffMember.objects.get(pk=amira_hussain.pk).is_active
    with pytest.raises(TransitionNotAllowed, match="over already"):
        conduct.end_matter(actor=inspector_kerr, matter=matter, why="Again")


def test_under_covert_audit_every_request_is_recorded_for_professional_standards_alone(
    friday, inspector_kerr, amira_hussain, joan_pritchard, client
):
    matter = decide(inspector_kerr, amira_hussain, "covert")
    client.force_login(amira_hussain)
    assert client.get("/").status_code == 200
    client.get(reverse("moderation:desk"))
    seen = ConductRequest.objects.order_by("id")
    assert [request.page for request in seen] == ["home", "moderation:desk"]
    said = everything_that(client, joan_pritchard)
    assert "request_seen" not in said
    assert "asked for /desk/" not in said
    client.force_login(inspector_kerr)
    page = client.get(reverse("accounts:matter", args=[matter.pk])).text
    assert "Amira Hussain asked for /desk/ (GET)" in page
    table = client.get(reverse("accounts:export_matter", args=[matter.pk])).text
    assert "asked for /desk/" in table
    ended = client.post(reverse("accounts:end_matter", args=[matter.pk]), {"why": "Cleared"})
    assert ended.status_code == 302
    client.force_login(amira_hussain)
    client.get("/")
    assert ConductRequest.objects.count() == 2


def test_no_gap_in_the_numbers_of_the_trail_gives_a_covert_audit_away(
    friday, inspector_kerr, joan_pritchard, client
):
    """She reads the whole trail and would find an entry missing beside each thing that she did herself."""
    decide(inspector_kerr, joan_pritchard, "covert")
    client.force_login(joan_pritchard)
    before = Entry.objects.latest("id").pk
    for _ in range(3):
        assert client.get(reverse("audit:trail")).status_code == 200
    after = Entry.objects.filter(pk__gt=before)
    assert [entry.event for entry in after] == ["audit.viewed"] * 3
    numbers = sorted(after.values_list("pk", flat=True))
    assert numbers == list(range(numbers[0], numbers[0] + 3))
    assert ConductRequest.objects.filter(person=joan_pritchard, page="audit:trail").count() == 3


def test_each_hour_has_one_hash_whether_or_not_anybody_is_watched(
    friday, inspector_kerr, amira_hussain, client
):
    tasks.seal_conduct_requests()
    decide(inspector_kerr, amira_hussain, "covert")
    client.force_login(amira_hussain)
    client.get("/")
    friday.shift(HOUR)
    tasks.seal_conduct_requests()
    empty, full = Entry.objects.filter(event="conduct.requests_sealed").order_by("id")
    assert set(empty.details) == set(full.details) == {"until", "hash"}
    assert len(empty.details["hash"]) == len(full.details["hash"]) == 64
    assert (empty.subject_id, empty.actor_id) == (full.subject_id, full.actor_id) == ("", None)
    assert full.details["hash"] == conduct.hash_of_requests(FRIDAY + HOUR)
    with pytest.raises(ProgrammingError), transaction.atomic():
        ConductRequest.objects.update(page="nothing")


def test_what_was_asked_for_is_read_by_professional_standards_alone(
    friday, inspector_kerr, amira_hussain, ben_osei
):
    matter = decide(inspector_kerr, amira_hussain, "covert")
    for person in (ben_osei, amira_hussain):
        with pytest.raises(NotPermitted):
            queries.requests_in(person, matter)


def test_nobody_without_the_power_opens_a_page_or_learns_that_there_is_a_matter(
    friday, inspector_kerr, amira_hussain, joan_pritchard, ben_osei, client
):
    matter = decide(inspector_kerr, amira_hussain, "covert")
    for person in (joan_pritchard, ben_osei, amira_hussain):
        client.force_login(person)
        for name, args in (
            ("conduct", []),
            ("matter", [matter.pk]),
            ("matter", [10**9]),
            ("decide_matter", []),
        ):
            assert client.get(reverse(f"accounts:{name}", args=args)).status_code == 403
        with pytest.raises(NotPermitted):
            queries.matters(person)
        with pytest.raises(NotPermitted):
            decide(person, inspector_kerr, "at_once")
        with pytest.raises(NotPermitted):
            conduct.end_matter(actor=person, matter=matter, why="x")


def test_an_officer_of_professional_standards_sees_nothing_about_themselves(
    friday, inspector_kerr, superintendent_price, client, wealdshire
):
    from accounts.actions import give_grant
    from smmp.seed.force import SEED

    give_grant(
        actor=SEED, person=superintendent_price, role="professional_standards", why="Head of department"
    )
    matter = decide(superintendent_price, inspector_kerr, "covert")
    with pytest.raises(NotFound):
        queries.matter(inspector_kerr, matter.pk)
    client.force_login(inspector_kerr)
    client.get("/")
    assert SECRET not in client.get(reverse("audit:trail")).text
    assert "asked for /" not in client.get(reverse("audit:trail")).text
    assert SECRET not in client.get(reverse("accounts:conduct")).text
    with pytest.raises(NotPermitted, match="your own"):
        decide(superintendent_price, superintendent_price, "at_once")


def test_what_cannot_be_decided_is_refused_with_a_sentence(friday, inspector_kerr, amira_hussain):
    with pytest.raises(NotValid, match="still to come"):
        decide(inspector_kerr, amira_hussain, "at_time", act_at=FRIDAY)
    with pytest.raises(NotValid, match="Say why"):
        conduct.decide(actor=inspector_kerr, member=amira_hussain, kind="covert", why=" ")
    with pytest.raises(NotValid, match="what is to happen"):
        decide(inspector_kerr, amira_hussain, "sideways")
    decide(inspector_kerr, amira_hussain, "covert")
    with pytest.raises(TransitionNotAllowed, match="open matter of this kind"):
        decide(inspector_kerr, amira_hussain, "covert")
    with pytest.raises(IntegrityError), transaction.atomic():
        ConductMatter.objects.create(
            person=inspector_kerr, kind="covert", why="x", decided_by=inspector_kerr, decided_at=FRIDAY
        )


def test_somebody_watched_who_leaves_is_watched_no_more(friday, inspector_kerr, amira_hussain, ben_osei):
    matter = decide(inspector_kerr, amira_hussain, "covert")
    members.record_leaver(actor=ben_osei, member=amira_hussain, why="Resigned")
    matter.refresh_from_db()
    assert not matter.open
    assert not StaffMember.objects.get(pk=amira_hussain.pk).enhanced_audit


def test_a_decision_is_made_from_the_first_page_of_professional_standards(
    friday, inspector_kerr, amira_hussain, client
):
    client.force_login(inspector_kerr)
    assert reverse("accounts:conduct") in client.get("/").text
    where = reverse("accounts:decide_matter")
    wrong = client.post(where, {"member": amira_hussain.pk, "kind": "at_time", "why": SECRET})
    assert wrong.status_code == 422
    assert "still to come" in wrong.text
    answer = client.post(
        where,
        {"member": amira_hussain.pk, "kind": "at_time", "why": SECRET, "act_at": "2026-11-27T13:00"},
    )
    assert answer.status_code == 302
    matter = ConductMatter.objects.get()
    assert matter.act_at == FRIDAY + HOUR
    waiting = for_person(inspector_kerr, authority_of(inspector_kerr)).waiting
    assert f"Matter {matter.pk} is open" in [wait.title for wait in waiting]
    assert not any("Amira" in wait.title + wait.says for wait in waiting)


def take(actor, matter, *, days=30, until=FRIDAY, why=SECRET):
    return conduct.take_trail(
        actor=actor, matter=matter, since=until - timedelta(days=days), until=until, why=why
    )


def test_professional_standards_take_a_part_of_the_trail_and_nobody_else_learns_of_it(
    friday, inspector_kerr, amira_hussain, tom_beckett, joan_pritchard, ben_osei, client
):
    friday.move_to(FRIDAY - timedelta(days=20))
    for person, what in ((amira_hussain, "a look of hers"), (tom_beckett, "a look of his")):
        record(actor=person, event="comments.listed", reason=what)
    friday.move_to(FRIDAY - timedelta(days=60))
    record(actor=amira_hussain, event="comments.listed", reason="long before")
    friday.move_to(FRIDAY)
    matter = decide(inspector_kerr, amira_hussain, "covert")
    client.force_login(inspector_kerr)
    assert "a look of hers" not in client.get(reverse("accounts:matter", args=[matter.pk])).text
    open_before = audit.open_entries().count()
    answer = client.post(
        reverse("accounts:take_trail", args=[matter.pk]),
        {"since": "2026-10-28T12:00", "until": "2026-11-27T12:00", "why": SECRET},
    )
    page = client.get(answer.url).text
    assert "a look of hers" in page
    assert "a look of his" not in page
    assert "long before" not in page
    table = reverse("accounts:export_matter", args=[matter.pk])
    part = ConductSpan.objects.get().pk
    assert "a look of hers" in client.get(f"{table}?part={part}").text
    assert "a look of hers" not in client.get(table).text
    assert client.get(f"{reverse('accounts:matter', args=[matter.pk])}?part={part + 1}").status_code == 404
    entry = Entry.objects.get(event="conduct.trail_taken")
    assert (entry.reason, entry.subject_id) == (SECRET, str(amira_hussain.pk))
    assert audit.open_entries().count() == open_before
    assert not Notice.objects.exists()
    for person in (joan_pritchard, ben_osei):
        said = everything_that(client, person)
        assert SECRET not in said
        assert "took part of the trail" not in said
    client.force_login(joan_pritchard)
    assert client.get(reverse("audit:assignments")).text.count("Amira Hussain") == 0


def test_what_is_taken_is_bounded_and_the_refusals_say_how(
    friday, inspector_kerr, superintendent_price, amira_hussain, joan_pritchard, client, wealdshire
):
    from accounts.actions import give_grant
    from smmp.seed.force import SEED

    matter = decide(inspector_kerr, amira_hussain, "covert")
    for person in (joan_pritchard, amira_hussain, superintendent_price):
        with pytest.raises(NotPermitted):
            take(person, matter)
    with pytest.raises(NotValid, match="184 days"):
        take(inspector_kerr, matter, days=185)
    with pytest.raises(NotValid, match="is over"):
        take(inspector_kerr, matter, until=FRIDAY + HOUR)
    with pytest.raises(NotValid, match="before it begins"):
        take(inspector_kerr, matter, days=0)
    with pytest.raises(NotValid, match="Say why"):
        take(inspector_kerr, matter, why=" ")
    give_grant(
        actor=SEED, person=superintendent_price, role="professional_standards", why="Head of department"
    )
    own = decide(superintendent_price, inspector_kerr, "covert")
    with pytest.raises(NotPermitted, match="your own"):
        take(inspector_kerr, own)
    client.force_login(inspector_kerr)
    where = reverse("accounts:take_trail", args=[matter.pk])
    wrong = client.post(where, {"since": "yesterday", "until": "", "why": ""})
    assert (wrong.status_code, "Give a date and a time" in wrong.text) == (422, True)
    assert client.post(reverse("accounts:take_trail", args=[own.pk]), {}).status_code == 404
    conduct.end_matter(actor=inspector_kerr, matter=matter, why="Cleared")
    with pytest.raises(TransitionNotAllowed, match="over"):
        take(inspector_kerr, matter)
    given = {"matter": matter, "taken_by": inspector_kerr, "taken_at": FRIDAY, "why": "x"}
    for change in (
        {"since": FRIDAY, "until": FRIDAY},
        {"since": FRIDAY - timedelta(days=190), "until": FRIDAY},
        {"since": FRIDAY, "until": FRIDAY + HOUR},
        {"since": FRIDAY - HOUR, "until": FRIDAY, "why": ""},
    ):
        with pytest.raises(IntegrityError, match="conduct_span"), transaction.atomic():
            ConductSpan.objects.create(**given | change)


def test_every_event_of_conduct_is_restricted():
    assert all(event.restricted for name, event in EVENTS.items() if name.startswith("conduct."))
    # Besides it what is referred in confidence and who was told of it (escalation.referrals, notices).
    assert [
        name for name, event in EVENTS.items() if event.restricted and not name.startswith("conduct.")
    ] == [
        "referral.made_in_confidence",
        "referral.viewed_in_confidence",
        "referral.settled_in_confidence",
        "referral.chased_in_confidence",
        "notice.given_in_confidence",
        "notice.sent_in_confidence",
        "notice.arrived_in_confidence",
        "notice.failed_in_confidence",
        "notice.sent_again_in_confidence",
    ]


def test_a_second_factor_proved_before_a_decision_does_not_say_for_which_page(
    friday, inspector_kerr, amira_hussain
):
    matter = decide(inspector_kerr, amira_hussain, "covert")
    pages = ["conduct", "decide_matter"], ["matter", "end_matter", "export_matter"]
    for name in pages[0]:
        assert route_of(reverse(f"accounts:{name}")) == ""
    for name in pages[1]:
        assert route_of(reverse(f"accounts:{name}", args=[matter.pk])) == ""
    assert route_of(reverse("accounts:staff")) == "accounts:staff"
    known = {name for name, _, _ in access.routes() if set(access.TABLE[name][0].needs) == {"handle_conduct"}}
    assert known == OF_CONDUCT, "a page of conduct that the trail would name"
