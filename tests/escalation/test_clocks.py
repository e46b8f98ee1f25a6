"""Clocks that begin with the first message: those of the law, and who is called as a deadline nears."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit.models import Entry
from core import clock
from core.errors import NotValid
from escalation import tasks
from escalation.actions import cases, deadlines, pathways, referrals, together
from escalation.models import Case, Pathway, PathwayVersion, ReferralKind
from notices.models import Notice
from retention import statutory
from retention.statutory import Law
from tests import comments


@pytest.fixture(autouse=True)
def hours(settings):
    settings.WORKING_HOURS = (480, 1080)


def open_for(force_account, person, category, at):
    comments.escalate(comments.write(force_account, "What do you hold?", at=at), person, category, "Asks")
    tasks.open_cases()
    return Case.objects.latest("pk")


def refer(person, case, slug, **more):
    kind = ReferralKind.objects.get(slug=slug)
    given = {field["slug"]: "What was said" for field in kind.asks}
    return referrals.refer(actor=person, case=case, kind=kind, given=given, token=uuid4(), **more)


@pytest.mark.parametrize(
    ("law", "received", "nation", "ends"),
    [
        # FOIA s.10(6): St Andrew's Day is a bank holiday in Scotland alone and counts for nobody; nor do 25 to 28 December.
        (Law.FOI, date(2026, 11, 27), "england_wales", date(2026, 12, 30)),
        # FOISA s.73: bank holidays in Scotland alone, so St Patrick's Day counts there and nowhere else.
        (Law.FOI, date(2026, 3, 16), "england_wales", date(2026, 4, 16)),
        (Law.FOI, date(2026, 3, 16), "scotland", date(2026, 4, 14)),
        # Received on a Saturday: it runs from that day, so Monday is the first of the twenty.
        (Law.FOI, date(2026, 9, 5), "england_wales", date(2026, 10, 2)),
        (Law.SUBJECT_ACCESS, date(2026, 9, 3), "england_wales", date(2026, 10, 5)),
        (Law.SUBJECT_ACCESS, date(2027, 1, 31), "england_wales", date(2027, 3, 1)),
        (Law.SUBJECT_ACCESS, date(2026, 11, 25), "england_wales", date(2026, 12, 29)),
        (Law.EITHER, date(2026, 9, 7), "england_wales", date(2026, 10, 5)),
        (Law.EITHER, date(2026, 12, 22), "england_wales", date(2027, 1, 22)),
    ],
)
def test_the_last_day_is_the_one_that_the_law_counts(law, received, nation, ends, settings):
    settings.NATION = nation
    assert statutory.last_day(law, received) == ends


def test_a_request_runs_from_its_first_message_and_the_case_shows_it_with_its_source(
    client, force_account, amira_hussain, wealdshire
):
    # Wednesday, 23:30 in London: the day of receipt, although nobody was in the office.
    told = datetime(2027, 9, 1, 22, 30, tzinfo=UTC)
    with time_machine.travel(datetime(2027, 9, 6, 9, tzinfo=UTC), tick=False):
        case = open_for(force_account, amira_hussain, "information_request", told)
        either = clock.in_london(case.due_at)
        assert (either.date(), either.hour) == (date(2027, 9, 29), 18)
        access = refer(amira_hussain, case, "subject_access")
        case.refresh_from_db()
        assert case.due_at == access.due_at
        assert clock.in_london(access.due_at).date() == date(2027, 10, 1)
        foi = refer(amira_hussain, case, "foi")
        case.refresh_from_db()
        assert (case.due_at, foi.nag_at) == (foi.due_at, foi.due_at)
        client.force_login(amira_hussain)
        page = client.get(reverse("escalation:case", args=[case.pk])).content.decode()
        assert "Freedom of Information Act 2000 s.10" in page
        assert "UK GDPR art. 12(3), DPA 2018 s.54" in page
        assert page.count("left from the first message at 1 Sep") == 3
        form = client.get(reverse("escalation:refer", args=[case.pk, "foi"])).content.decode()
        assert "Its clock is set by law" in form
        # Answered, it is off the clock, and the other request is what the case waits for.
        officer = wealdshire.people["nadia_rahman"]
        answers = {"outcome": "Sent", "reference": "FOI-118"}
        referrals.answer(actor=officer, referral=foi, given=answers)
        page = client.get(reverse("escalation:case", args=[case.pk])).content.decode()
        assert page.count("Freedom of information: the twentieth") == 0
        case.refresh_from_db()
        assert case.due_at == access.due_at
    shown = client.get(reverse("escalation:referral", args=[access.pk])).content.decode()
    assert "Subject access: one month from the first message" in shown


def test_a_message_that_came_before_moves_every_clock_to_it(force_account, amira_hussain, tom_beckett):
    told = datetime(2027, 9, 6, 9, tzinfo=UTC)
    with time_machine.travel(told + timedelta(hours=5), tick=False):
        case = open_for(force_account, amira_hussain, "information_request", told)
        request = refer(amira_hussain, case, "foi")
        call = refer(amira_hussain, case, "control_room", crime=True)
        answered = refer(amira_hussain, case, "subject_access")
        stands = answered.due_at
        answered.state, answered.answered_at, answered.answered_by_name = "answered", clock.now(), "Nadia"
        answered.nag_at = None
        answered.save()
        before = comments.write(force_account, "I asked last week", at=told - timedelta(days=6))
        cases.add_comment(actor=tom_beckett, case=case, comment=before)
        later = comments.write(force_account, "And again", by="sam", at=told + timedelta(hours=1))
        cases.add_comment(actor=tom_beckett, case=case, comment=later)
    for one in (case, request, call, answered):
        one.refresh_from_db()
    assert case.first_told_at == request.first_told_at == told - timedelta(days=6)
    assert clock.in_london(request.due_at).date() == date(2027, 9, 28)
    assert case.due_at == request.due_at
    assert call.crime_by == told - timedelta(days=5)
    assert (answered.due_at, answered.nag_at) == (stands, None)
    assert case.log.filter(event="clock", text__contains="first message is of").count() == 1


def test_a_clock_that_somebody_stopped_ends_where_they_left_it(force_account, amira_hussain, tom_beckett):
    case = open_for(force_account, amira_hussain, "crime_report", clock.now() - timedelta(hours=1))
    cases.pause_clock(actor=amira_hussain, case=case, why="Waits for an answer")
    case.refresh_from_db()
    assert case.nag_at is None
    cases.resume_clock(actor=amira_hussain, case=case, why="It came")
    case.refresh_from_db()
    assert case.nag_at == case.due_at - timedelta(hours=4)
    before = comments.write(force_account, "Said so before", at=clock.now() - timedelta(hours=9))
    cases.add_comment(actor=tom_beckett, case=case, comment=before)
    stood = case.due_at
    case.refresh_from_db()
    assert (case.due_at, case.first_told_at) == (stood, before.posted_at)


def test_somebody_is_called_as_the_crime_deadline_nears_and_the_ladder_goes_on_after_it(
    client, force_account, amira_hussain, inspector_calder, sergeant_okafor
):
    told = clock.now() - timedelta(hours=1)
    case = open_for(force_account, amira_hussain, "crime_report", told)
    assert case.nag_at == told + timedelta(hours=20)
    cases.acknowledge(actor=inspector_calder, case=case)
    cases.add_log_entry(actor=inspector_calder, case=case, text="Rang crime recording")
    client.force_login(inspector_calder)
    page = client.get(reverse("escalation:case", args=[case.pk])).content.decode()
    assert "Whoever has it is called to it at" in page
    with time_machine.travel(told + timedelta(hours=19, minutes=59), tick=False):
        assert tasks.chase() == 0
    for hour in (20, 21, 22, 23):
        with time_machine.travel(told + timedelta(hours=hour), tick=False):
            assert (tasks.chase(), tasks.chase()) == (1, 0)
    case.refresh_from_db()
    assert (case.state, case.nag_at) == ("acknowledged", case.due_at)
    called = Notice.objects.filter(title__contains=f"{case.reference}: The crime is recorded: is due")
    assert called.filter(to=inspector_calder).count() == 4
    assert called.filter(to=sergeant_okafor).count() == 4
    with time_machine.travel(case.due_at, tick=False):
        assert tasks.chase() == 1
        case.refresh_from_db()
        assert (case.state, case.round, case.level) == ("waiting", 2, 1)
        assert "let the deadline" in Entry.objects.filter(event="case.resumed").get().details["why"]
        # While the ladder calls, the deadline does not call beside it.
        case.nag_at = clock.now()
        case.save()
        assert tasks.chase() == 0
        cases.acknowledge(actor=sergeant_okafor, case=case)
    with time_machine.travel(case.due_at + timedelta(hours=1), tick=False):
        assert tasks.chase() == 1
        case.refresh_from_db()
        assert (case.state, case.round) == ("waiting", 3)
        client.force_login(inspector_calder)
        page = client.get(reverse("escalation:case", args=[case.pk])).content.decode()
        assert "and the calls go on." in page
    assert Entry.objects.filter(event="case.chased").count() == 6


@pytest.mark.parametrize("how", ["typed", "came back", "asked after by its call"])
def test_nobody_is_called_once_the_crime_is_recorded_or_its_call_asks(
    how, force_account, amira_hussain, inspector_calder
):
    told = clock.now() - timedelta(hours=1)
    case = open_for(force_account, amira_hussain, "crime_report", told)
    cases.acknowledge(actor=inspector_calder, case=case)
    if how == "typed":
        (item,) = case.version.must_record
        cases.record_item(actor=amira_hussain, case=case, item=item, text="42/118/26")
    else:
        call = refer(amira_hussain, case, "control_room", crime=True)
        referrals.record_numbers(actor=amira_hussain, referral=call, incident_number="0412")
        if how == "came back":
            referrals.record_numbers(actor=amira_hussain, referral=call, crime_number="42/118/26")
    with time_machine.travel(told + timedelta(hours=20, minutes=1), tick=False):
        asked = tasks.chase()
        assert asked == (1 if how == "asked after by its call" else 0)
        assert not Entry.objects.filter(event="case.chased").exists()
        assert Entry.objects.filter(event="referral.chased").count() == asked


def test_two_workers_call_to_a_deadline_once_and_a_closed_or_merged_case_never(
    force_account, amira_hussain, inspector_calder
):
    told = clock.now() - timedelta(hours=23)
    case = open_for(force_account, amira_hussain, "crime_report", told)
    cases.acknowledge(actor=inspector_calder, case=case)
    assert deadlines.chase(actor=tasks.ESCALATION, case=case)
    assert not deadlines.chase(actor=tasks.ESCALATION, case=case)
    (item,) = case.version.must_record
    cases.close(actor=inspector_calder, case=case, outcome="Recorded", recorded={item: "42/118/26"})
    case.refresh_from_db()
    assert case.nag_at is None
    cases.reopen(actor=amira_hussain, case=case, why="Another crime")
    other = cases.open_case(
        actor=amira_hussain,
        official_account=force_account,
        pathway=case.pathway,
        title="The same crime",
        why="Rang in",
    )
    cases.acknowledge(actor=inspector_calder, case=other)
    kept = together.merge(actor=inspector_calder, case=case, into=other, why="The same crime")
    case.refresh_from_db()
    assert (case.nag_at, kept.first_told_at, kept.due_at) == (None, told, told + timedelta(hours=24))
    assert kept.nag_at == told + timedelta(hours=20)


def test_a_pathways_clock_is_minutes_or_the_law_and_never_both(sergeant_okafor):
    pathway = Pathway.objects.get(slug="information_request")
    live = pathway.versions.get(state="live")
    rung = pathways.Rung(600, role="duty_command")

    def draft(**given):
        wanted = pathways.Wanted(levels=[rung], **{"deadline_says": "It is answered", **given})
        return pathways.save_draft(actor=sergeant_okafor, pathway=pathway, wanted=wanted)

    with pytest.raises(NotValid, match="not both"):
        draft(deadline_law="foi", deadline_minutes=60)
    with pytest.raises(NotValid, match="from the list"):
        draft(deadline_law="someday")
    with pytest.raises(NotValid, match="Say what is due"):
        draft(deadline_law="foi", deadline_says="")
    with pytest.raises(NotValid, match="no deadline to call anybody to"):
        draft(deadline_warn_minutes=10)
    with pytest.raises(NotValid, match="after the clock has begun"):
        draft(deadline_minutes=60, deadline_warn_minutes=61)
    made = draft(deadline_law="foi", deadline_warn_minutes=60)
    assert made.law_source == "Freedom of Information Act 2000 s.10"
    with pytest.raises(IntegrityError, match="pathway_law_or_minutes"), transaction.atomic():
        PathwayVersion.objects.filter(pk=live.pk).update(deadline_minutes=60)


def test_the_pages_of_a_pathway_say_and_take_its_clock(client, sergeant_okafor):
    pathway = Pathway.objects.get(slug="information_request")
    client.force_login(sergeant_okafor)
    shown = client.get(reverse("escalation:pathway", args=[pathway.pk])).content.decode()
    assert "whichever of the two ends first" in shown
    assert "is called to it from 5 d before" in shown
    form = client.get(reverse("escalation:pathway_draft", args=[pathway.pk])).content.decode()
    assert '<option value="either" selected>' in form
