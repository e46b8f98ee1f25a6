"""Intelligence reports: written without their source, graded by the unit, handed on, and never naming anybody."""

from __future__ import annotations

import json
import re
import zlib
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit.models import Entry
from core import clock
from core.errors import NotFound, NotPermitted, NotValid, TransitionNotAllowed
from escalation import queries_intelligence, tasks
from escalation.actions import intelligence, referrals
from escalation.models import Case, IntelligenceReport, IntelligenceSource, Referral, ReferralKind
from escalation.workflow import INTELLIGENCE
from moderation.models import Decision
from notices.models import Notice
from publishing.models import Delivery
from smmp.seed import intelligence as seed
from tests import comments

TEXTS = {
    "words": "Stolen bicycles are kept at the boat house in Saltmere.",
    "provenance": "Seen by the source on two evenings; came as a public comment.",
}
CODES = {"source_code": "2", "assessment_code": "A", "handling": "P"}


@pytest.fixture
def case(force_account, amira_hussain):
    comments.escalate(
        comments.write(force_account, "The bikes are in the boat house", by="tide.watcher"),
        amira_hussain,
        "intelligence",
        "Knows where the bikes are",
    )
    tasks.open_cases()
    return Case.objects.get()


@pytest.fixture
def report(case, amira_hussain):
    return intelligence.write_report(
        actor=amira_hussain, case=case, token=uuid4(), evidence=case.evidence.get(), **TEXTS
    )


def page_text(pdf: bytes) -> str:
    """Everything that a PDF draws, its streams opened."""
    drawn = b"".join(
        zlib.decompress(stream)
        for stream in re.findall(rb"FlateDecode.*?stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    )
    return (drawn + pdf).decode("latin-1")


def test_a_report_is_written_from_the_case_and_its_source_is_held_apart(
    client, case, amira_hussain, wealdshire
):
    client.force_login(amira_hussain)
    shown = client.get(reverse("escalation:case", args=[case.pk])).content.decode()
    address = reverse("escalation:write_intelligence", args=[case.pk])
    assert address in shown
    form = client.get(address)
    assert "0800 555 111" in form.content.decode()
    given = {
        **TEXTS,
        "evidence": str(case.evidence.get().pk),
        "priority": "medium",
        "token": str(form.context["form"].initial["token"]),
    }
    named = client.post(address, {**given, "context": "Known here:\nTide Watcher has written before"})
    assert named.status_code == 422
    assert "“Context” names the source: the handle stands in line 2" in named.content.decode()
    near = client.post(address, {**given, "context": "The neighbour has written before"})
    assert "tick that you have looked" in near.content.decode()
    assert not IntelligenceReport.objects.exists()
    looked = {**given, "context": "The neighbour has written before", "looked": "on"}
    first, second = client.post(address, looked), client.post(address, looked)
    made = IntelligenceReport.objects.get()
    assert first["Location"] == second["Location"] == reverse("escalation:intelligence", args=[made.pk])
    assert (made.source.handle, made.source.external_id) == ("tide.watcher", "tide.watcher")
    page = client.get(first["Location"])
    assert "tide" not in page.content.decode().lower()
    assert "Source evaluation" not in page.content.decode()
    assert made.referral.given == {}
    assert made.referral.evidence == []
    assert Notice.objects.filter(to=wealdshire.people["sergeant_mayhew"]).exists()
    assert (
        client.get(reverse("escalation:referral", args=[made.referral_id]))["Location"] == first["Location"]
    )
    assert Entry.objects.filter(event="intelligence.written").count() == 1
    assert "tide" not in str(list(Entry.objects.values_list("subject_name", "details"))).lower()
    with pytest.raises(NotValid, match="a form of its own"):
        referrals.refer(
            actor=amira_hussain,
            case=case,
            kind=ReferralKind.objects.get(slug="intelligence"),
            given={},
            token=uuid4(),
        )


def test_the_unit_grades_links_and_hands_it_on_and_the_desk_does_not(
    client, report, amira_hussain, sergeant_mayhew
):
    there = reverse("escalation:intelligence", args=[report.pk])
    client.force_login(amira_hussain)
    grade = reverse("escalation:grade_intelligence", args=[report.pk])
    assert client.post(grade, CODES).status_code == 403
    assert (
        client.post(
            reverse("escalation:intelligence_source", args=[report.pk]), {"why": "To know"}
        ).status_code
        == 403
    )
    client.force_login(sergeant_mayhew)
    assert "1 referral waits for your team" in client.get("/").content.decode()
    assert "Stolen bicycles" in client.get(reverse("escalation:intelligence_reports")).content.decode()
    page = client.get(there).content.decode()
    assert "tide" not in page.lower()
    assert client.get(reverse("escalation:case", args=[report.referral.case_id])).status_code == 403
    give = reverse("escalation:disclose_intelligence", args=[report.pk])
    early = client.post(give, {"to": "Neighbourhood team", "how": "pdf"})
    assert "Set its codes first" in early.content.decode()
    assert (
        "Handling C needs its conditions" in client.post(grade, {**CODES, "handling": "C"}).content.decode()
    )
    assert "belong to handling C" in client.post(grade, {**CODES, "action_code": "A3"}).content.decode()
    named = client.post(grade, {**CODES, "sanitised": "tide.watcher says that bikes are kept there"})
    assert "“Text that may be shared” names the source" in named.content.decode()
    coded = {
        **CODES,
        "handling": "C",
        "conditions": "Not beyond Wealdshire",
        "action_code": "A3",
        "mopi_group": "3",
    }
    assert client.post(grade, coded).status_code == 302
    report.refresh_from_db()
    assert (report.codes, report.state) == ("2 A C", "to_link")
    told = client.post(give, {"to": "Neighbourhood team, Saltmere", "how": "json"})
    document = json.loads(told.content)
    assert (document["handling"]["code"], document["conditions"]) == ("C", "Not beyond Wealdshire")
    assert document["source_evaluation"] == {"code": "2", "means": "Untested"}
    # The second of a public comment leads to it, and to whoever wrote it: the day is enough.
    first_told = clock.in_london(report.referral.first_told_at)
    assert document["first_told_on"] == first_told.date().isoformat()
    assert report.referral.first_told_at.isoformat() not in told.content.decode()
    sheet = client.post(give, {"to": "Neighbourhood team, Saltmere", "how": "pdf"})
    drawn = page_text(sheet.content)
    assert "Stolen bicycles" in drawn
    assert "OFFICIAL-SENSITIVE" in drawn
    for left in (told.content.decode(), drawn):
        assert "tide" not in left.lower()
    entry = Entry.objects.filter(event="intelligence.disclosed").first()
    assert entry.details["to"] == "Neighbourhood team, Saltmere"
    link = reverse("escalation:link_intelligence", args=[report.pk])
    assert client.post(link, {"reference": "tide.watcher 1"}).status_code == 422
    assert client.post(link, {"reference": "INT/4711/26"}).status_code == 302
    assert client.post(link, {"reference": "INT/4712/26"}).status_code == 409
    report.refresh_from_db()
    assert report.referral.state == Referral.State.ANSWERED
    assert "INT/4711/26" in report.referral.case.log.last().text
    assert Notice.objects.filter(to=amira_hussain, title__contains="is dealt with").exists()
    client.force_login(amira_hussain)
    seen = client.get(there).content.decode()
    assert "INT/4711/26" in seen
    assert "Not beyond Wealdshire" not in seen


def test_the_source_is_opened_by_the_unit_alone_each_time_with_a_reason(client, report, sergeant_mayhew):
    client.force_login(sergeant_mayhew)
    address = reverse("escalation:intelligence_source", args=[report.pk])
    assert client.post(address, {"why": "no"}).status_code == 422
    assert client.post(address, {"why": "Is tide.watcher known?"}).status_code == 422
    shown = client.post(address, {"why": "Corroboration of an earlier report"})
    assert "tide.watcher" in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert (
        Entry.objects.get(event="intelligence.source_opened").details["why"]
        == "Corroboration of an earlier report"
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        IntelligenceReport.objects.filter(pk=report.pk).update(state="to_link")
    with pytest.raises(IntegrityError), transaction.atomic():
        IntelligenceReport.objects.filter(pk=report.pk).update(handling="C")


def test_what_is_sent_back_is_corrected_and_what_is_sensitive_its_writer_alone_reads(
    client, report, amira_hussain, tom_beckett, sergeant_mayhew
):
    intelligence.send_back(actor=sergeant_mayhew, report=report, why="Which boat house?")
    client.force_login(tom_beckett)
    there = reverse("escalation:intelligence", args=[report.pk])
    assert "Which boat house?" in client.get(there).content.decode()
    IntelligenceReport.objects.filter(pk=report.pk).update(sensitive=True)
    assert client.get(there).status_code == 404
    assert client.get(reverse("escalation:referral", args=[report.referral_id])).status_code == 404
    with pytest.raises(NotPermitted, match="alone corrects it"):
        intelligence.correct(actor=tom_beckett, report=report, **TEXTS)
    client.force_login(amira_hussain)
    words = {**TEXTS, "words": "Stolen bicycles are kept at the north boat house."}
    assert client.post(reverse("escalation:correct_intelligence", args=[report.pk]), words).status_code == 302
    report.refresh_from_db()
    assert (report.state, "north" in report.words) == ("to_assess", True)
    assert [step.event for step in report.steps.all()] == ["written", "sent_back", "corrected"]
    assert "north" not in report.steps.first().kept["words"]
    with pytest.raises(TransitionNotAllowed):
        intelligence.correct(actor=amira_hussain, report=report, **TEXTS)
    intelligence.dismiss(actor=sergeant_mayhew, report=report, why="Known to be untrue")
    with pytest.raises(TransitionNotAllowed):
        intelligence.grade(actor=sergeant_mayhew, report=report, **CODES)
    assert not referrals.chase(actor=amira_hussain, referral=report.referral)


def test_somebody_who_is_asked_for_more_is_warned_of(
    client, case, report, amira_hussain, force_account, sergeant_mayhew
):
    comment = case.evidence.get().comment
    assert not queries_intelligence.asked_of_comment(comment).warns
    delivery = Delivery.objects.create(
        official_account=force_account,
        kind=Delivery.Kind.REPLY,
        author=amira_hussain,
        text="Can you find out who has the key?",
        due_at=report.referral.at,
        created_at=report.referral.at,
    )
    comments.decide(comment, amira_hussain, kind="reply")
    Decision.objects.filter(comment=comment, kind="reply").update(delivery=delivery)
    asked = queries_intelligence.asked_of_comment(comment)
    assert (asked.reports, asked.questions, asked.warns) == (1, 1, True)
    client.force_login(amira_hussain)
    for address in (
        reverse("escalation:case", args=[case.pk]),
        reverse("escalation:write_intelligence", args=[case.pk]),
        reverse("escalation:brief", args=[comment.pk]),
    ):
        assert "s.26(8)" in client.get(address).content.decode()
    client.force_login(sergeant_mayhew)
    assert (
        "dedicated source unit"
        in client.get(reverse("escalation:intelligence", args=[report.pk])).content.decode()
    )
    bare = intelligence.write_report(actor=amira_hussain, case=case, token=uuid4(), **TEXTS)
    with pytest.raises(NotFound):
        intelligence.open_source(actor=sergeant_mayhew, report=bare, why="To ring them back")
    assert IntelligenceSource.objects.count() == 1


def test_the_states_are_those_of_intelligence_systems():
    assert INTELLIGENCE.states == set(IntelligenceReport.State.values)
    assert not any(
        INTELLIGENCE.allows(state, event)
        for state in ("linked", "set_aside")
        for event in INTELLIGENCE.events
    )


def test_the_demonstration_has_one_to_assess_and_one_to_link(client, wealdshire, sergeant_mayhew):
    seed.make(wealdshire)
    seed.make(wealdshire)
    assert sorted(IntelligenceReport.objects.values_list("state", flat=True)) == ["to_assess", "to_link"]
    client.force_login(sergeant_mayhew)
    page = client.get(reverse("escalation:intelligence_reports")).content.decode()
    assert "Requires assessment" in page
    assert "heron" not in page.lower()


WHY = {"who": "tide.watcher, on the exercise network", "why": "Comes back every week and asks what we need"}


def refer_them(client, case, **more):
    address = reverse("escalation:refer", args=[case.pk, "source_unit"])
    token = client.get(address).context["form"].initial["token"]
    return client.post(address, {**WHY, "token": str(token), **more}, follow=True)


def test_somebody_who_may_be_a_source_is_left_to_their_unit_and_nobody_else_knows(
    client, case, report, amira_hussain, inspector_calder, wealdshire
):
    unit = wealdshire.people["constable_lindqvist"]
    intelligence.write_report(
        actor=amira_hussain, case=case, token=uuid4(), evidence=case.evidence.get(), **TEXTS
    )
    client.force_login(amira_hussain)
    address = reverse("escalation:refer", args=[case.pk, "source_unit"])
    for page in (
        reverse("escalation:case", args=[case.pk]),
        reverse("escalation:write_intelligence", args=[case.pk]),
        reverse("escalation:brief", args=[case.evidence.get().comment_id]),
    ):
        assert address in client.get(page).content.decode(), page
    form = client.get(address).context["form"]
    assert "tide.watcher" in form.initial["who"]
    assert form.initial["why"].startswith("Told us something 2 times in the last year")
    refused = client.post(address, {"who": "x", "token": str(uuid4())})
    assert refused.status_code == 422
    before = list(case.log.values_list("pk", flat=True))
    said = refer_them(client, case).content.decode()
    made = Referral.objects.get(kind__slug="source_unit")
    assert f"{made.reference}: Dedicated source unit has it." in said
    assert list(case.log.values_list("pk", flat=True)) == before
    theirs = reverse("escalation:referral", args=[made.pk])
    # Whoever made it, command, the intelligence unit and professional standards are told of nothing.
    others = ["amira_hussain", "inspector_calder", "sergeant_mayhew", "inspector_kerr", "joan_pritchard"]
    for slug in others:
        client.force_login(wealdshire.people[slug])
        assert client.get(theirs).status_code == 404, slug
        listed = client.get(reverse("escalation:referrals"))
        assert made.reference not in listed.content.decode(), slug
    client.force_login(inspector_calder)
    page = client.get(reverse("escalation:case", args=[case.pk])).content.decode()
    assert made.reference not in page
    assert not Notice.objects.exclude(to=unit).filter(key__startswith=f"referral {made.pk}").exists()
    # The unit has it from its own first page, with the words, and answers; nobody is told of that either.
    client.force_login(unit)
    assert "1 referral waits for your team" in client.get("/").content.decode()
    shown = client.get(theirs).content.decode()
    assert "Comes back every week" in shown
    assert "The bikes are in the boat house" in shown
    assert client.get(reverse("escalation:case", args=[case.pk])).status_code == 403
    taken = client.post(reverse("escalation:take_referral", args=[made.pk]))
    done = client.post(reverse("escalation:answer_referral", args=[made.pk]), {"outcome": "We ring them"})
    assert (taken.status_code, done.status_code) == (302, 302)
    assert list(case.log.values_list("pk", flat=True)) == before
    entries = Entry.objects.filter(subject_type="escalation.referral", subject_id=str(made.pk))
    events = set(entries.values_list("event", flat=True))
    assert events == {
        "referral.made_in_confidence",
        "referral.viewed_in_confidence",
        "referral.settled_in_confidence",
    }
    assert "tide.watcher" not in str(list(entries.values()))


def test_the_intelligence_unit_refers_a_source_without_learning_who_it_is(
    client, case, report, sergeant_mayhew, amira_hussain, wealdshire
):
    client.force_login(sergeant_mayhew)
    page = reverse("escalation:intelligence", args=[report.pk])
    shown = client.get(page)
    assert "refer them to the dedicated source unit" in shown.content.decode()
    address = reverse("escalation:refer_source", args=[report.pk])
    token = str(shown.context["refer_source_form"].initial["token"])
    assert client.post(address, {"token": token}).status_code == 422
    steps = report.steps.count()
    for _ in range(2):
        said = client.post(address, {"token": token, "why": "Writes each week"}, follow=True).content.decode()
        assert "tide.watcher" not in said
        assert "has it, and nobody else sees it." in said
    made = Referral.objects.get(kind__slug="source_unit")
    assert made.given["who"].startswith("tide.watcher (Tide Watcher), exercise, account")
    assert made.given["why"] == f"Writes each week\nIntelligence report {report.reference}."
    assert made.evidence[0]["words"] == "The bikes are in the boat house"
    assert report.steps.count() == steps
    assert client.get(reverse("escalation:referral", args=[made.pk])).status_code == 404
    client.force_login(wealdshire.people["constable_lindqvist"])
    assert (
        "account tide.watcher" in client.get(reverse("escalation:referral", args=[made.pk])).content.decode()
    )
    with pytest.raises(NotPermitted):
        intelligence.refer_source(actor=amira_hussain, report=report, why="So", token=uuid4())
    bare = intelligence.write_report(actor=amira_hussain, case=case, token=uuid4(), **TEXTS)
    with pytest.raises(NotFound):
        intelligence.refer_source(actor=sergeant_mayhew, report=bare, why="So", token=uuid4())
    ReferralKind.objects.filter(slug="source_unit").update(active=False)
    client.force_login(sergeant_mayhew)
    assert "refer them to the dedicated source unit" not in client.get(page).content.decode()


def test_a_question_after_somebody_told_us_something_warns_before_any_report(
    client, case, amira_hussain, force_account
):
    comment = case.evidence.get().comment
    asked = queries_intelligence.asked_of_comment(comment)
    assert (asked.reports, asked.cases, asked.warns) == (0, 1, False)
    delivery = Delivery.objects.create(
        official_account=force_account,
        kind=Delivery.Kind.REPLY,
        author=amira_hussain,
        text="Which boat house? Could you have another look?",
        due_at=comment.posted_at,
        created_at=comment.posted_at,
    )
    comments.decide(comment, amira_hussain, kind="reply")
    Decision.objects.filter(comment=comment, kind="reply").update(delivery=delivery)
    asked = queries_intelligence.asked_of_comment(comment)
    assert (asked.told, asked.questions, asked.warns) == (1, 1, True)
    assert asked.says == "Told us something once in the last year; of our replies since, 1 with a question."
    client.force_login(amira_hussain)
    page = client.get(reverse("escalation:case", args=[case.pk])).content.decode()
    assert "Refer them to the dedicated source unit" in page
