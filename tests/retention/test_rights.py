"""Requests under information law from the message to the certificate: held at once, searched, redacted, agreed, given out."""

from __future__ import annotations

import hashlib
import html
import io
import json
import re
import zipfile
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse

from accounts.actions import services
from accounts.models import Grant
from audit.models import Entry
from core import clock
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from escalation import tasks as escalation
from escalation.actions import referrals
from escalation.actions import requests as from_referral
from escalation.models import Case, Referral, ReferralKind
from insights import rights_figures
from insights.actions import rollups
from moderation.actions import requests as desk
from moderation.models import Comment, Note
from retention import queries, queries_rights, registry, tasks
from retention.actions import holds, rights, rights_answer, rights_review
from retention.actions.rights import Intake
from retention.models import (
    Disposal,
    FoundItem,
    Hold,
    Restriction,
    RightsRequest,
    ScheduleRow,
    Tombstone,
)
from retention.models.schedule import Regime
from smmp.seed.force import SEED
from staff.roles import Role
from tests import comments
from tests.papers import pdf_text
from tests.retention import going

OLD = datetime(2015, 1, 15, 12, tzinfo=UTC)
SECRET = "07700 900555"
THIRD = "@third_party"


def intake(**given) -> Intake:
    return Intake(
        **{
            "kind": "subject_access",
            "received_on": clock.today(),
            "requester": "Jo Harrow",
            "wanted": "Everything that you hold about me",
            "channel": "letter",
            **given,
        }
    )


def include(item: FoundItem, actor, **given) -> FoundItem:
    return rights_review.decide(actor=actor, item=item, version=item.version, decision="include", **given)


def withhold(item: FoundItem, actor, exemption: str) -> FoundItem:
    return rights_review.decide(
        actor=actor, item=item, version=item.version, decision="withhold", exemption=exemption, why="It is so"
    )


# Intake and holds


def test_an_open_request_stops_disposal_of_its_subjects_records_at_once_and_of_what_comes_later(
    force_account, amira_hussain, graham_ellis, nadia_rahman, ines_moreau
):
    def old(text, by):
        return comments.decide(comments.write(force_account, text, by=by, at=OLD), amira_hussain, at=OLD)

    theirs, named, other = (
        old("old words", "jo.harrow"),
        old("Jo Harrow was there", "kim"),
        old("nobody", "lee"),
    )
    tasks.run_daily()
    made = desk.take_in(
        actor=amira_hussain,
        comment=comments.write(force_account, "What do you hold about me?", by="jo.harrow"),
        kind="subject_access",
    )
    assert (made.requester, made.channel, made.received_on) == ("Jo Harrow", "comment", clock.today())
    again = desk.take_in(
        actor=amira_hussain, comment=Comment.objects.get(pk=made.origin_id), kind="subject_access"
    )
    assert again == made
    going.run()
    later = old("said later", "jo.harrow")
    going.run()
    left = set(Comment.objects.values_list("pk", flat=True))
    assert {theirs.pk, named.pk, later.pk, made.origin_id} <= left
    assert other.pk not in left
    # Answered, the holds stand until a second person lifts each; then what is due goes.
    rights_answer.put_forward(
        actor=nadia_rahman, request=made, outcome="withdrawn", words="You withdrew it.", why="By letter"
    )
    with pytest.raises(NotPermitted, match="somebody else"):
        rights_answer.agree(actor=nadia_rahman, request=made)
    rights_answer.agree(actor=graham_ellis, request=made)
    with pytest.raises(NotValid):
        rights_answer.answer(actor=nadia_rahman, request=made, to="Jo", how=" ", on=clock.today())
    rights_answer.answer(actor=nadia_rahman, request=made, to="Jo Harrow", how="letter", on=clock.today())
    going.run()
    assert Comment.objects.filter(pk=theirs.pk).exists()
    for hold in rights.live_holds(made):
        assert hold.lift_asked_by == nadia_rahman
        with pytest.raises(NotPermitted):
            holds.lift_hold(actor=nadia_rahman, hold=hold)
        holds.lift_hold(actor=ines_moreau, hold=hold)
    going.run()
    assert not Comment.objects.filter(pk__in=[theirs.pk, named.pk, later.pk]).exists()
    assert {"request.taken_in", "comment.taken_as_request", "request.answered"} <= set(
        Entry.objects.values_list("event", flat=True)
    )
    # Three years later the request goes too, with all that hangs on it.
    RightsRequest.objects.update(closed_at=OLD)
    going.run()
    assert not RightsRequest.objects.exists()


def test_a_request_is_taken_in_once_from_its_own_day_and_never_from_a_day_to_come(
    nadia_rahman, amira_hussain, sergeant_mayhew, force_account
):
    known = comments.write(force_account, "hello", by="jo_h")
    given = intake(outside_reference="SAR/26/7", handle="@JO_H", words=['"jo@example.org"'])
    made = rights.receive(actor=amira_hussain, intake=given)
    assert rights.receive(actor=nadia_rahman, intake=given) == made
    assert {(hold.kind, hold.reason) for hold in Hold.objects.all()} == {
        ("commenter", "sar"),
        ("query", "sar"),
    }
    assert Hold.objects.get(kind="commenter").subject_id == known.commenter_id
    assert sorted(Hold.objects.filter(kind="query").values_list("words", flat=True)) == [
        '"Jo Harrow"',
        '"jo@example.org"',
    ]
    for wrong, field in (
        ({"received_on": clock.today() + timedelta(days=1)}, "received_on"),
        ({"requester": " "}, "requester"),
        ({"wanted": ""}, "wanted"),
        ({"kind": "free beer"}, "kind"),
        ({"words": ["x"]}, "words"),
        ({"outside_reference": "SAR/26/7", "kind": "foi"}, "outside_reference"),
    ):
        with pytest.raises(NotValid) as refused:
            rights.receive(actor=nadia_rahman, intake=intake(**wrong))
        assert refused.value.field == field
    with pytest.raises(NotPermitted):
        rights.receive(actor=sergeant_mayhew, intake=intake())
    with pytest.raises(NotPermitted):
        rights.take(actor=amira_hussain, request=made)
    foi = rights.receive(actor=nadia_rahman, intake=intake(kind="foi", regime="part3"))
    assert (foi.regime, foi.identity, foi.subjects.count()) == (Regime.NONE, "not_needed", 0)


def test_the_clock_is_stored_and_moves_only_as_the_law_moves_it(nadia_rahman, settings):
    settings.WORKING_HOURS, settings.NATION = (480, 1080), "england_wales"

    def due(request):
        request.refresh_from_db()
        return clock.in_london(request.due_at).date()

    with time_machine.travel(datetime(2027, 6, 20, 9, tzinfo=UTC), tick=False):
        access = rights.receive(actor=nadia_rahman, intake=intake(received_on=date(2027, 6, 1)))
        foi = rights.receive(actor=nadia_rahman, intake=intake(kind="foi", received_on=date(2027, 6, 1)))
        gone = rights.receive(actor=nadia_rahman, intake=intake(kind="erasure", received_on=date(2027, 6, 1)))
        assert [due(one) for one in (access, foi)] == [date(2027, 7, 1), date(2027, 6, 29)]
        who = {"actor": nadia_rahman, "request": access}
        rights.record_identity(**who, state="asked", how="A passport or a licence", on=date(2027, 6, 3))
        assert not tasks.mind_requests()
        with pytest.raises(TransitionNotAllowed, match="stands still already"):
            rights.ask_for_clearer(**who, why="Which?", on=date(2027, 6, 4))
        with pytest.raises(NotValid, match="later than that day"):
            rights.record_identity(**who, state="proved", how="Passport", on=date(2027, 6, 2))
        rights.record_identity(**who, state="proved", how="Passport seen", on=date(2027, 6, 10))
        assert due(access) == date(2027, 7, 12)
        rights.ask_for_clearer(**who, why="Which years?", on=date(2027, 6, 12))
        rights.made_clear(**who, on=date(2027, 6, 15))
        assert due(access) == date(2027, 7, 13)
        rights.take_longer(**who, why="Many accounts")
        assert due(access) == date(2027, 9, 13)
        with pytest.raises(TransitionNotAllowed, match="once"):
            rights.take_longer(**who, why="More")
        rights.ask_for_clearer(actor=nadia_rahman, request=foi, why="Which months?", on=date(2027, 6, 5))
        rights.made_clear(actor=nadia_rahman, request=foi, on=date(2027, 6, 8))
        assert due(foi) == date(2027, 7, 6)
        with pytest.raises(TransitionNotAllowed, match="Only the clock of access"):
            rights.ask_for_clearer(actor=nadia_rahman, request=gone, why="Which?", on=date(2027, 6, 5))
        settings.NATION = "scotland"
        with pytest.raises(TransitionNotAllowed, match="Scotland"):
            rights.take_longer(actor=nadia_rahman, request=foi, why="Public interest")
    stored = access.due_at
    settings.NATION = "northern_ireland"
    access.refresh_from_db()
    assert (access.due_at, access.rule_version) == (stored, 1)


# Search, review, bundle


def test_a_bundle_is_made_from_the_browser_and_what_was_redacted_is_nowhere_in_it(
    client, force_account, amira_hussain, nadia_rahman, graham_ellis
):
    theirs = comments.write(
        force_account, f"I saw {THIRD} at WD1 9ZZ, ring {SECRET} or ask Mrs Zephyrine Quux", by="jo_h"
    )
    Note.objects.create(comment=theirs, text="Known to us", by=amira_hussain, at=clock.now())
    comments.write(force_account, "Jo Harrow lied to police", by="kim_lee")
    withheld = comments.write(force_account, "and a zzwithheld thing", by="jo_h")
    client.force_login(nadia_rahman)
    answer = client.post(
        reverse("retention:take_in"),
        {
            "kind": "subject_access",
            "received_on": f"{clock.today():%Y-%m-%d}",
            "channel": "email",
            "requester": "Jo Harrow",
            "contact": "jo@example.org",
            "wanted": "Everything",
            "regime": "both",
            "handle": "jo_h",
        },
    )
    made = RightsRequest.objects.get()
    page = reverse("retention:request", args=[made.pk])
    assert answer["Location"] == page

    def post(name, given=None, *args, status=302):
        answer = client.post(reverse(f"retention:{name}", args=[made.pk, *args]), given or {})
        assert answer.status_code == status, answer.content.decode()
        return answer

    post("search_request")
    assert made.items.count() == 3
    assert "request.searched" in Entry.objects.values_list("event", flat=True)
    first = made.items.get(subject_id=theirs.pk)
    shown = client.get(reverse("retention:request_item", args=[made.pk, first.pk])).content.decode()
    ticked = re.findall(r'name="redact" value="([\d-]+)" checked', shown)
    offered = re.findall(r'name="redact" value="([\d-]+)"', shown)
    assert len(ticked) == 3  # somebody else’s handle, the postcode and the number
    assert len(offered) > len(ticked)
    put = {"version": first.version, "decision": "include", "redact": ticked}
    post("request_item", {**put, "words": "nowhere in it"}, first.pk, status=422)
    post("request_item", {**put, "words": "Zephyrine Quux"}, first.pk)
    post("request_item", {**put, "redact": ["0-0-99999"]}, first.pk, status=422)
    about = made.items.get(subject_id=Comment.objects.get(text__contains="lied").pk)
    post("request_item", {"version": 1, "decision": "withhold"}, about.pk, status=422)
    post("put_forward_answer", {"outcome": "partly", "words": "Here.", "why": "So"}, status=422)
    post("request_item", {"version": 1, "decision": "include", "words": "kim_lee\nKim"}, about.pk)
    third = made.items.get(subject_id=withheld.pk)
    post(
        "request_item",
        {"version": 1, "decision": "withhold", "exemption": "dpa45b", "why": "A trial"},
        third.pk,
    )
    assert "Make the bundle" in client.get(page).content.decode()
    post("make_bundle")
    whole = queries_rights.whole(nadia_rahman, made)
    assert (whole.fresh, whole.bundle.included, whole.bundle.withheld) == (True, 2, 1)
    post("put_forward_answer", {"outcome": "done", "words": "Here.", "why": "So"}, status=422)
    post("put_forward_answer", {"outcome": "partly", "words": "Here.", "why": "So"}, status=422)
    post("who_asks", {"state": "proved", "how": "Passport", "on": f"{clock.today():%Y-%m-%d}"})
    # Something is decided anew: the bundle is of what was decided before, and is not put forward.
    first.refresh_from_db()
    spans = [tuple(span) for span in first.spans]
    include(first, nadia_rahman, spans=spans, words=["Known"])
    post("put_forward_answer", {"outcome": "partly", "words": "Here.", "why": "So"}, status=422)
    post("make_bundle")
    post("put_forward_answer", {"outcome": "partly", "words": "Here.", "why": "So"})
    with pytest.raises(TransitionNotAllowed, match="sent back"):
        include(FoundItem.objects.get(pk=first.pk), nadia_rahman)
    client.force_login(graham_ellis)
    zipped = client.get(reverse("retention:bundle", args=[made.pk, 2]))
    assert zipped["Content-Disposition"] == f'attachment; filename="{made.reference}-2.zip"'
    post("agree_answer")
    post("answered", {"to": "Jo Harrow", "how": "secure e-mail", "on": f"{clock.today():%Y-%m-%d}"})
    entry = Entry.objects.get(event="request.disclosed")
    assert (entry.details["to"], entry.details["sha256"]) == (
        "Jo Harrow",
        hashlib.sha256(zipped.content).hexdigest(),
    )
    with zipfile.ZipFile(io.BytesIO(zipped.content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files["manifest.json"])
    for one in manifest["files"]:
        assert hashlib.sha256(files[one["name"]]).hexdigest() == one["sha256"]
    pdf = pdf_text(files[f"{made.reference}-records.pdf"])
    data = files[f"{made.reference}-records.json"].decode()
    for gone in (
        SECRET,
        "900555",
        "WD1",
        THIRD,
        "third_party",
        "Zephyrine",
        "kim",
        "Amira",
        "zzwithheld",
        "Known",
    ):
        for where in (pdf, data, files["manifest.json"].decode(), str(archive.infolist())):
            assert gone.lower() not in where.lower(), gone
    assert "I saw [redacted]" in pdf
    assert "lied to police" in data
    made.refresh_from_db()
    assert (made.state, made.outcome, made.disclosures.get().bundle.number) == ("closed", "partly", 2)
    client.force_login(amira_hussain)
    for name, args in (("request", [made.pk]), ("bundle", [made.pk, 2]), ("requests", [])):
        assert client.get(reverse(f"retention:{name}", args=args)).status_code == 403


def test_a_search_again_brings_what_is_new_and_lays_what_changed_open_again(force_account, nadia_rahman):
    theirs = comments.write(force_account, "one", by="jo_h")
    made = rights.receive(actor=nadia_rahman, intake=intake(handle="jo_h"))
    assert rights_review.search(actor=nadia_rahman, request=made) == (1, False)
    item = include(made.items.get(), nadia_rahman)
    assert rights_review.search(actor=nadia_rahman, request=made) == (0, False)
    with pytest.raises(NotValid, match="Look again"):
        rights_review.decide(actor=nadia_rahman, item=item, version=1, decision="include")
    Comment.objects.filter(pk=theirs.pk).update(text="edited")
    assert rights_review.search(actor=nadia_rahman, request=made) == (1, False)
    assert made.items.get().decision == ""
    subject = made.subjects.get(subject_type="moderation.commenter")
    rights.leave_out_subject(actor=nadia_rahman, request=made, subject=subject, why="Another Jo")
    assert subject.hold.__class__.objects.get(pk=subject.hold_id).lift_asked_by == nadia_rahman
    assert queries_rights.person(made).words == ("Jo Harrow",)


def test_every_class_with_personal_data_is_searched_or_says_why_not(db):
    """A new record class fails here until its room says how it is searched (`about`), or why not (`not_searched`)."""
    rows = dict(ScheduleRow.objects.values_list("slug", "regime"))
    silent = [
        slug
        for slug, one in registry.known().classes.items()
        if rows.get(slug) != Regime.NONE and (one.about is None) == (not one.not_searched)
    ]
    assert not silent, (
        f"Give these record classes either `about` or `not_searched` in their room's records.py: {silent}"
    )
    assert all(why.endswith(".") for why in registry.not_searched().values())
    person = queries_rights.Person({"moderation.commenter": (1,)}, ("Jo Harrow",))
    for search in registry.searches():
        assert list(search(person, 5)) == []


# Erasure, restriction


def test_a_granted_erasure_is_proposed_at_once_and_goes_with_a_certificate_that_names_both(
    force_account, amira_hussain, nadia_rahman, graham_ellis
):
    mine, case = (
        comments.decide(comments.write(force_account, text, by="jo_h"), amira_hussain)
        for text in ("please forget this", "I saw who did it")
    )
    Comment.objects.filter(pk=case.pk).update(category="crime_report")
    made = rights.receive(actor=nadia_rahman, intake=intake(kind="erasure", handle="jo_h"))
    rights_review.search(actor=nadia_rahman, request=made)
    rights.record_identity(
        actor=nadia_rahman, request=made, state="proved", how="They wrote from it", on=clock.today()
    )
    for item in made.items.all():
        include(item, nadia_rahman)
    grant = {"actor": nadia_rahman, "request": made, "words": "It goes.", "why": "Nothing needs it"}
    with pytest.raises(NotValid, match="law enforcement"):
        rights_answer.put_forward(**grant, outcome="done")
    withhold(made.items.get(subject_id=case.pk), nadia_rahman, "dpa47")
    rights_answer.put_forward(**grant, outcome="partly")
    other = holds.place_hold(
        actor=graham_ellis,
        subject_type="moderation.comment",
        subject_id=mine.pk,
        reason="Claim 12",
        review_on=clock.today() + timedelta(days=9),
        for_what="litigation",
    )
    with pytest.raises(NotValid, match="another hold covers it"):
        rights_answer.agree(actor=graham_ellis, request=made)
    holds.ask_to_lift(actor=graham_ellis, hold=other, reason="Settled")
    holds.lift_hold(actor=nadia_rahman, hold=other)
    rights_answer.agree(actor=graham_ellis, request=made)
    assert not rights.live_holds(made)
    row = ScheduleRow.objects.get(slug="routine_comment")
    assert list(queries.due(row, on=clock.today())) == [mine]
    assert Comment.objects.filter(pk=mine.pk).exists()
    going.run()
    assert not Comment.objects.filter(pk=mine.pk).exists()
    assert Comment.objects.filter(pk=case.pk).exists()
    assert Tombstone.objects.get(subject_id=mine.pk).disposal.finished_at
    assert Disposal.objects.get().approved_by[-2:] == [
        f"Nadia Rahman: erasure granted in {made.reference}",
        f"Graham Ellis: erasure granted in {made.reference}",
    ]
    assert queries.erasures("moderation.comment") == []


def test_a_granted_restriction_takes_the_records_from_sight(force_account, nadia_rahman, graham_ellis):
    theirs = comments.write(force_account, "not true any more", by="jo_h")
    made = rights.receive(actor=nadia_rahman, intake=intake(kind="restriction", handle="jo_h"))
    rights_review.search(actor=nadia_rahman, request=made)
    include(made.items.get(), nadia_rahman)
    rights.record_identity(
        actor=nadia_rahman, request=made, state="not_needed", how="Known", on=clock.today()
    )
    rights_answer.put_forward(
        actor=nadia_rahman, request=made, outcome="done", words="Restricted.", why="Art. 18"
    )
    rights_answer.send_back(actor=graham_ellis, request=made, why="Say until when")
    rights_answer.put_forward(
        actor=nadia_rahman, request=made, outcome="done", words="Until it is settled.", why="Art. 18"
    )
    rights_answer.agree(actor=graham_ellis, request=made)
    theirs.refresh_from_db()
    assert theirs.state == "withheld"
    assert Restriction.objects.get().ground == "request"


# Deadlines, referrals, programs, figures


def test_an_overdue_request_is_a_case_once_and_one_by_referral_answers_it(
    client, force_account, amira_hussain, nadia_rahman, graham_ellis
):
    with time_machine.travel(datetime(2027, 6, 1, 9, tzinfo=UTC), tick=False):
        late = rights.receive(actor=nadia_rahman, intake=intake(kind="foi"))
        assert tasks.mind_requests() == 0
    with time_machine.travel(datetime(2027, 6, 24, 9, tzinfo=UTC), tick=False):
        assert (tasks.mind_requests(), tasks.mind_requests()) == (1, 0)
    with time_machine.travel(datetime(2027, 7, 1, 9, tzinfo=UTC), tick=False):
        assert (tasks.mind_requests(), tasks.mind_requests()) == (1, 0)
        assert (escalation.open_for_requests(), escalation.open_for_requests()) == (1, 0)
        case = Case.objects.get()
        assert (case.pathway.slug, late.reference in case.title) == ("information_request", True)
        assert Entry.objects.filter(event="request.overdue").count() == 1
        late.refresh_from_db()
        assert late.needs_case == ""
        client.force_login(nadia_rahman)
        assert "Time is over" in client.get(reverse("retention:requests")).content.decode()
        assert "is over its time" in client.get("/").content.decode()
        client.force_login(amira_hussain)
        assert late.title in client.get(reverse("escalation:case", args=[case.pk])).content.decode()
    # A referral becomes a request, with the day and the words of its first message; its answer answers the referral.
    asked = comments.write(force_account, "What do you hold about me?", by="jo_h")
    comments.escalate(asked, amira_hussain, "information_request", "Asks")
    escalation.open_cases()
    kind = ReferralKind.objects.get(slug="subject_access")
    referral = referrals.refer(
        actor=amira_hussain,
        case=Case.objects.latest("pk"),
        kind=kind,
        given={"what": "Everything since 2020", "contact": "Jo Harrow, jo@example.org"},
        token=uuid4(),
    )
    client.force_login(nadia_rahman)
    page = client.get(reverse("escalation:referral", args=[referral.pk])).content.decode()
    assert "Work on it as a request" in page
    client.post(reverse("escalation:take_in_referral", args=[referral.pk]))
    made = RightsRequest.objects.latest("pk")
    assert from_referral.take_in(actor=nadia_rahman, referral=referral) == made
    assert (made.wanted, made.received_on) == (
        "Everything since 2020",
        clock.in_london(asked.posted_at).date(),
    )
    assert queries.is_held("moderation.comment", asked.pk)
    rights_answer.put_forward(
        actor=nadia_rahman, request=made, outcome="refused", words="No.", why="Not them"
    )
    rights_answer.agree(actor=graham_ellis, request=made)
    rights_answer.answer(actor=nadia_rahman, request=made, to="Jo", how="e-mail", on=clock.today())
    escalation.open_for_requests()
    referral.refresh_from_db()
    assert (referral.state, referral.answer["reference"]) == (Referral.State.ANSWERED, made.reference)


def test_a_program_takes_a_request_in_once_and_reads_no_words(client, nadia_rahman):
    service = services.add_service(
        actor=SEED, name="Casework", purpose="Test", owner=nadia_rahman, networks=["127.0.0.0/8"]
    )
    _, key = services.make_key(actor=SEED, service=service, until=clock.now() + timedelta(days=1))
    Grant.objects.create(
        person=service.member,
        role=Role.INFORMATION_RIGHTS_OFFICER,
        since=clock.now() - timedelta(hours=1),
        why="Test",
    )
    given = {
        "kind": "subject_access",
        "received_on": clock.today().isoformat(),
        "outside_reference": "SAR/26/9",
        "requester": "Jo Harrow",
        "wanted": "zzwanted",
        "handle": "jo_h",
    }

    def post(body, token):
        return client.post(
            "/api/v1/requests",
            json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {key}", "Idempotency-Key": token},
        )

    first, again = post(given, "token-0001"), post(given, "token-0002")
    assert first.status_code == 200, first.content
    assert first.json() == again.json()
    assert post({**given, "kind": "foi"}, "token-0003").status_code == 422
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    refused = post({**given, "received_on": tomorrow, "outside_reference": "x"}, "token-0004").json()
    assert (refused["status"], refused["field"]) == (422, "received_on")
    listed = client.get("/api/v1/requests", headers={"Authorization": f"Bearer {key}"})
    assert [one["outside_reference"] for one in listed.json()["items"]] == ["SAR/26/9"]
    assert "zzwanted" not in listed.content.decode()
    assert RightsRequest.objects.get().taken_in_by_id == service.member_id
    assert Hold.objects.filter(reason="sar").count() == 2


def test_figures_say_what_was_asked_what_was_late_and_what_came_in(
    client, capsys, settings, force_account, amira_hussain, nadia_rahman, graham_ellis
):
    settings.DEMO = True
    for name in ("a", "b"):
        comments.write(force_account, name, by=name)
    rights.receive(actor=nadia_rahman, intake=intake(kind="foi"))
    done = rights.receive(actor=nadia_rahman, intake=intake())
    rights_answer.put_forward(actor=nadia_rahman, request=done, outcome="nothing", words="No.", why="None")
    rights_answer.agree(actor=graham_ellis, request=done)
    rights_answer.answer(actor=nadia_rahman, request=done, to="Jo", how="letter", on=clock.today())
    late = rights.receive(
        actor=nadia_rahman, intake=intake(kind="erasure", received_on=clock.today() - timedelta(days=60))
    )
    rollups.refresh()
    asked = rights_figures.read(nadia_rahman)
    by_kind = {one.kind: one for one in asked.requests.by_kind}
    assert (by_kind["Subject access"].on_time, by_kind["Erasure"].late, asked.requests.all.open) == (1, 1, 2)
    assert sum(one.received for one in asked.messages) == 2
    client.force_login(graham_ellis)
    page = client.get(reverse("insights:request_figures"))
    assert "3 requests were" in page.content.decode()
    drawn = rights_figures.pictures(asked)
    assert [one.slug for one in drawn if one.kind == "drawn"] == ["months", "messages"]
    for one in drawn:
        assert one.says in html.unescape(page.content.decode())
        assert len(one.table) == len(one.rows)
    assert drawn[3].rows[-1] == (f"{clock.today():%B %Y}", 2, 0)
    assert late.reference not in page.content.decode()
    table = client.get(reverse("insights:request_figures") + "?as=csv")
    assert "requests,Erasure,,late,1" in table.content.decode("utf-8-sig")
    client.force_login(amira_hussain)
    assert client.get(reverse("insights:request_figures")).status_code == 403
    capsys.readouterr()
    call_command("requests", "--json")
    assert json.loads(capsys.readouterr().out)["requests"]["all"]["received"] == 3
