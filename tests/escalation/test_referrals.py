"""Handing something of a case to another team: calls for service, short forms, and what is overdue."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
import time_machine
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from accounts import actions as accounts
from accounts.actions import services
from audit import queries as trail
from audit.models import Entry
from core import clock
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from escalation import api_referrals, queries_recorded, queries_referrals, tasks
from escalation.actions import cases, referrals
from escalation.models import Case, Pathway, Referral, ReferralKind
from notices import tasks as notices
from notices import ways
from notices.actions import send_again
from notices.models import Notice, NoticeDelivery
from smmp.api import document
from smmp.export import formats, tables
from smmp.seed import referrals as seed
from staff.roles import Role
from tests import comments

CALL = {"what": "Somebody on the wrong side of the railing", "where": "Saltmere viaduct"}


@pytest.fixture
def case(force_account, amira_hussain):
    told = clock.now() - timedelta(hours=2)
    comments.escalate(comments.write(force_account, at=told), amira_hussain)
    tasks.open_cases()
    return Case.objects.get()


def kind(slug):
    return ReferralKind.objects.get(slug=slug)


def call(person, case, **more):
    given = {"kind": kind("control_room"), "given": CALL, "token": uuid4(), **more}
    return referrals.refer(actor=person, case=case, **given)


def test_the_control_room_is_the_first_button_and_its_form_is_filled_in(
    client, case, amira_hussain, settings, tmp_path
):
    settings.TEXTS_FOLDER = tmp_path
    client.force_login(amira_hussain)
    address = reverse("escalation:refer", args=[case.pk, "control_room"])
    page = client.get(reverse("escalation:case", args=[case.pk])).content.decode()
    assert page.index(address) < page.index("What to do meanwhile")
    form = client.get(address)
    assert "can&#x27;t do this any more" in form.content.decode()
    token = str(form.context["form"].initial["token"])
    refused = client.post(address, {"what": "Help", "token": token})
    assert refused.status_code == 422
    assert "Fill in “Where”" in refused.content.decode()
    given = {**CALL, "crime": "on", "token": token}
    first, second = client.post(address, given), client.post(address, given)
    made = Referral.objects.get()
    there = reverse("escalation:referral", args=[made.pk])
    assert (first["Location"], second["Location"]) == (there, there)
    assert made.crime_by == made.first_told_at + timedelta(hours=24)
    assert made.first_told_at == case.evidence.get().comment.posted_at
    assert notices.send_due() >= 1
    (told,) = [
        json.loads(one["words"])
        for one in map(json.loads, (path.read_text() for path in tmp_path.glob("*.json")))
        if one["channel"] == "webhook"
    ]
    assert (told["where"], told["case"], told["version"]) == ("Saltmere viaduct", case.reference, 1)
    assert told["evidence"][0]["words"] == "I can't do this any more"
    page = client.get(reverse("escalation:case", args=[case.pk])).content.decode()
    assert "no incident number yet" in page
    assert "The crime is to be recorded by" in page
    shown = client.get(there).content.decode()
    assert "Webhook: sent" in shown
    assert "on it is asked after every 5 min" in shown
    typed = reverse("escalation:number_referral", args=[made.pk])
    tomorrow = clock.today() + timedelta(days=1)
    late = client.post(typed, {"incident_number": "0412", "incident_on": tomorrow.isoformat()})
    assert late.status_code == 422
    assert "Give the day on which" in late.content.decode()
    assert client.post(typed, {"incident_number": "none"}).status_code == 422
    assert client.post(typed, {"incident_number": "0412"}).status_code == 302
    assert f"incident 0412 of {clock.today():%-d %B %Y}" in (
        client.get(reverse("escalation:case", args=[case.pk])).content.decode()
    )
    assert Entry.objects.filter(event="referral.made").get().details["to"] == "Control room"
    assert Entry.objects.filter(event="referral.numbered").count() == 1


def test_a_webhook_is_signed_tried_again_and_can_be_sent_again(case, amira_hussain, settings, monkeypatch):
    settings.TEXTS_FOLDER = None
    settings.CONTROL_ROOM_WEBHOOK, settings.CONTROL_ROOM_SECRET = "https://cad.example/calls", "s" * 40
    made = call(amira_hussain, case)
    answers, got = [503, 200, 200], []

    def post(address, content, headers, **given):
        got.append((content, headers))
        return httpx.Response(answers.pop(0))

    monkeypatch.setattr(httpx, "post", post)
    delivery = NoticeDelivery.objects.get(notice=made.notice)
    with pytest.raises(TransitionNotAllowed, match="on its way"):
        referrals.send_anew(actor=amira_hussain, referral=made)
    notices.send_due()
    delivery.refresh_from_db()
    assert (delivery.state, "status 503" in delivery.why) == ("waiting", True)
    with time_machine.travel(delivery.due_at, tick=False):
        notices.send_due()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.payload) == ("sent", None)
    referrals.send_anew(actor=amira_hussain, referral=made)
    notices.send_due()
    bodies, numbers = {body for body, _ in got}, {headers["Smmp-Delivery"] for _, headers in got}
    assert (len(got), len(bodies), numbers) == (3, 1, {str(delivery.pk)})
    body, headers = got[-1]
    assert headers["Smmp-Signature"] == ways.signature("s" * 40, headers["Smmp-Timestamp"], body)
    assert headers["Smmp-Signature"] != ways.signature("t" * 40, headers["Smmp-Timestamp"], body)
    shape = document()["x-webhooks"]["control_room.call"]["post"]["requestBody"]["content"]
    assert set(json.loads(body)) == set(shape["application/json"]["schema"]["properties"])


@pytest.mark.parametrize(("email", "way"), [("cad@wealdshire.example", "email"), ("", "")])
def test_without_a_webhook_it_goes_by_e_mail_or_is_read_out(
    client, case, amira_hussain, settings, mailoutbox, email, way
):
    settings.TEXTS_FOLDER, settings.CONTROL_ROOM_EMAIL = None, email
    made = call(amira_hussain, case)
    notices.send_due()
    if way:
        (letter,) = [one for one in mailoutbox if one.to == [email]]
        assert "Where: Saltmere viaduct" in letter.body
    else:
        assert made.notice is None
        assert "read R-" in case.log.filter(event="referred").last().text
        client.force_login(amira_hussain)
        page = client.get(reverse("escalation:referral", args=[made.pk])).content.decode()
        assert "Read it out to them by telephone" in page


def test_without_a_number_the_case_nags_climbs_and_does_not_close(case, amira_hussain, inspector_calder):
    cases.acknowledge(actor=inspector_calder, case=case)
    made = call(amira_hussain, case, crime=True)
    with pytest.raises(NotValid, match=f"incident number of the call for service {made.reference}"):
        cases.close(
            actor=inspector_calder,
            case=case,
            outcome="Found",
            recorded=dict.fromkeys(case.version.must_record, "Done"),
        )
    assert tasks.chase() == 0
    with time_machine.travel(made.due_at, tick=False) as traveller:
        assert tasks.chase() == 1
        assert tasks.chase() == 0
        told = Notice.objects.filter(key__startswith=f"referral {made.pk} overdue 1")
        assert {one.to for one in told} == {amira_hussain, inspector_calder}
        case.refresh_from_db()
        assert case.state == Case.State.ACKNOWLEDGED
        traveller.shift(timedelta(minutes=5))
        assert tasks.chase() == 1
        case.refresh_from_db()
        assert (case.state, case.round, case.level) == (Case.State.WAITING, 2, 1)
        assert "no incident number has come back, so the calls go on" in case.log.get(event="resumed").text
        referrals.record_numbers(actor=amira_hussain, referral=made, incident_number="0412")
        assert tasks.chase() == 0
    made.refresh_from_db()
    with time_machine.travel(made.crime_by - timedelta(hours=4), tick=False) as traveller:
        cases.acknowledge(actor=inspector_calder, case=case)
        assert tasks.chase() == 1
        case.refresh_from_db()
        assert case.state == Case.State.ACKNOWLEDGED
        traveller.shift(timedelta(hours=4, seconds=1))
        assert tasks.chase() == 1
        case.refresh_from_db()
        assert case.state == Case.State.WAITING
        referrals.record_numbers(actor=amira_hussain, referral=made, crime_number="WL/1234/26")
        assert tasks.chase() == 0
    assert not queries_referrals.unsettled(case)


def test_a_number_is_told_apart_by_its_day_and_changes_with_a_reason(case, amira_hussain, tom_beckett):
    yesterday = clock.today() - timedelta(days=1)
    one, two, three = (call(amira_hussain, case) for _ in range(3))
    for made, on in ((one, yesterday), (two, None), (three, None)):
        referrals.record_numbers(actor=amira_hussain, referral=made, incident_number="0412", incident_on=on)
    one.refresh_from_db()
    two.refresh_from_db()
    assert one.incident == f"0412 of {yesterday:%-d %B %Y}"
    assert queries_referrals.same_incident(amira_hussain, one) == []
    assert queries_referrals.same_incident(amira_hussain, two) == [three]
    lines = case.log.count()
    with time_machine.travel(clock.now() + timedelta(days=1), tick=False):
        # A program that asks again after midnight, and gives no day, says the same.
        referrals.record_numbers(actor=tom_beckett, referral=two, incident_number="0412")
    two.refresh_from_db()
    assert two.incident_on == clock.today()
    assert case.log.count() == lines
    with pytest.raises(NotValid, match="Say why it changes"):
        referrals.record_numbers(actor=tom_beckett, referral=two, incident_number="0413")
    referrals.record_numbers(actor=tom_beckett, referral=two, incident_number="0413", why="Misheard")
    assert "in place of 0412" in case.log.last().text
    with pytest.raises(IntegrityError), transaction.atomic():
        Referral.objects.filter(pk=one.pk).update(incident_on=None)


def test_a_program_sends_back_the_number_with_a_power_of_its_own(
    client, case, amira_hussain, ben_osei, harrowfield_account, inspector_calder
):
    service = services.add_service(
        actor=ben_osei,
        name="Command and control",
        purpose="Numbers",
        owner=ben_osei,
        networks=["127.0.0.0/8"],
    )
    token = services.make_key(actor=ben_osei, service=service, until=clock.now() + timedelta(days=1))[1]

    def ask(method, address, given=None, **more):
        headers = {"Authorization": f"Bearer {token}", **more}
        return getattr(client, method)(address, given, content_type="application/json", headers=headers)

    made = call(amira_hussain, case)
    address = f"/api/v1/calls/{made.pk}/numbers"
    once = {"Idempotency-Key": "call-0001"}
    number = {"incident_number": "0412", "incident_on": clock.today().isoformat()}
    assert ask("post", address, number, **once).status_code == 403
    accounts.give_grant(
        actor=ben_osei,
        person=service.member,
        role=Role.CONTROL_ROOM,
        until=clock.now() + timedelta(days=30),
        why="Numbers of calls",
    )
    (shown,) = ask("get", "/api/v1/calls?waiting=true").json()["items"]
    assert shown["given"] == CALL
    assert ask("get", f"/api/v1/cases/{case.pk}").status_code == 403
    send = f"/api/v1/calls/{made.pk}/send"
    assert ask("post", send, {}, **{"Idempotency-Key": "send-0001"}).status_code == 409
    notices.send_due()
    assert ask("post", send, {}, **{"Idempotency-Key": "send-0002"}).json()["id"] == made.pk
    assert NoticeDelivery.objects.get(notice=made.notice).payload["id"] == made.pk
    assert ask("post", address, {"incident_number": "x"}, **once).json()["field"] == "incident_number"
    cases.acknowledge(actor=inspector_calder, case=case)
    first, again = ask("post", address, number, **once), ask("post", address, number, **once)
    assert (first.status_code, first.json()) == (200, again.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    other = ask("post", address, {"incident_number": "0999"}, **{"Idempotency-Key": "call-0002"})
    assert (other.status_code, other.json()["field"]) == (422, "why")
    assert (
        ask("post", "/api/v1/calls/999999/numbers", number, **{"Idempotency-Key": "call-3333"}).status_code
        == 404
    )
    assert ask("get", "/api/v1/calls?waiting=true").json()["items"] == []
    made.refresh_from_db()
    assert made.answered_by_name == "Command and control"
    case.refresh_from_db()
    assert (case.state, case.act_by is None) == ("acknowledged", False), "software meets no second clock"
    assert api_referrals.shown(made)["incident_number"] == "0412"


def test_a_team_takes_and_answers_what_is_referred_to_it(client, case, amira_hussain, wealdshire):
    marta = wealdshire.people["marta_kowal"]
    given = {"who": "A child of about ten", "concern": "Alone at night", "now": "With a neighbour"}
    made = referrals.refer(
        actor=amira_hussain, case=case, kind=kind("safeguarding"), given=given, token=uuid4()
    )
    assert Notice.objects.get(to=marta).urgency == "soon"
    client.force_login(marta)
    assert "Safeguarding" in client.get(reverse("escalation:referrals")).content.decode()
    there = reverse("escalation:referral", args=[made.pk])
    page = client.get(there).content.decode()
    assert "A child of about ten" in page
    assert client.get(reverse("escalation:case", args=[case.pk])).status_code == 403
    with pytest.raises(NotPermitted, match="is for Safeguarding hub"):
        referrals.answer(actor=amira_hussain, referral=made, given={"outcome": "Mine"})
    assert client.post(reverse("escalation:take_referral", args=[made.pk])).status_code == 302
    address = reverse("escalation:answer_referral", args=[made.pk])
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {"outcome": "Strategy meeting held"}).status_code == 302
    assert "Strategy meeting held" in client.get(there).content.decode()
    with pytest.raises(TransitionNotAllowed):
        referrals.answer(actor=marta, referral=made, given={"outcome": "Again"})
    assert Notice.objects.filter(to=amira_hussain, title__contains="answered").exists()
    assert Entry.objects.filter(event="referral.viewed", subject_name=made.reference).count() == 3


def test_professional_standards_alone_see_a_complaint(
    client, case, amira_hussain, inspector_kerr, inspector_calder, joan_pritchard
):
    client.force_login(amira_hussain)
    lines = case.log.count()
    address = reverse("escalation:refer", args=[case.pk, "policy_breach"])
    token = str(client.get(address).context["form"].initial["token"])
    given = {
        "what": "Posted an arrest photograph",
        "policy": "Social media",
        "version": "4.1",
        "token": token,
    }
    assert client.post(address, given)["Location"] == reverse("escalation:case", args=[case.pk])
    made = Referral.objects.get()
    assert case.log.count() == lines
    there = reverse("escalation:referral", args=[made.pk])
    for person in (amira_hussain, inspector_calder, joan_pritchard):
        client.force_login(person)
        assert client.get(there).status_code == 404
        assert made.reference not in client.get(reverse("escalation:referrals")).content.decode()
    assert "arrest photograph" not in str(list(Notice.objects.values_list("title", "body")))
    assert "breach" not in str(list(Notice.objects.values_list("title", "body"))).lower()
    client.force_login(inspector_kerr)
    assert "Posted an arrest photograph" in client.get(there).content.decode()
    with time_machine.travel(made.due_at, tick=False):
        assert tasks.chase() == 1
    assert case.log.count() == lines
    answer = reverse("escalation:answer_referral", args=[made.pk])
    assert client.post(answer, {"outcome": "Words of advice"}).status_code == 422
    assert client.post(answer, {"outcome": "Words of advice", "lesson": "Brief the team"}).status_code == 302
    assert "Brief the team" in client.get(there).content.decode()
    events = set(
        Entry.objects.filter(subject_id=str(made.pk), subject_name=made.reference).values_list(
            "event", flat=True
        )
    )
    assert {event.removesuffix("_in_confidence") for event in events} == {
        "referral.made",
        "referral.viewed",
        "referral.chased",
        "referral.settled",
    }
    assert all(event.endswith("_in_confidence") for event in events)
    # Nor does anybody else learn from the trail, or from an export, who told whom of it and when.
    notices.send_pages()
    notices.send_due()
    assert Entry.objects.filter(event="notice.given_in_confidence", actor_id=amira_hussain.pk).exists()
    left = NoticeDelivery.objects.filter(notice__in_confidence=True, state="sent")
    assert left.count() == Entry.objects.filter(event="notice.sent_in_confidence").count() > 0
    told = left.order_by("pk").first().notice
    assert send_again(actor=amira_hussain, notice=told) > 0
    assert Entry.objects.filter(event="notice.sent_again_in_confidence").exists()
    said = str(list(trail.open_entries().values_list("subject_name", "details")))
    assert "a referral for your team" not in said
    assert f"{made.reference}," not in said
    for label in ("escalation.referral", "notices.notice", "notices.noticedelivery"):
        assert rows_apart(label), label
        assert "in confidence" in whole_readme(label)


def rows_apart(label):
    model = apps.get_model(label)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {model._meta.db_table} r WHERE {tables.apart(model)}")
        return cursor.fetchone()[0]


def whole_readme(label):
    return formats.readme([one for one in tables.exported() if one.label == label], day="today")


def test_deadlines_count_working_days_and_what_is_closed_is_not_referred(
    case, amira_hussain, inspector_calder, settings, force_account
):
    settings.WORKING_HOURS = (480, 1080)
    friday = clock.now().replace(year=2026, month=12, day=18, hour=15, minute=0)
    due = clock.in_london(referrals.due_at(kind("psd_complaint"), friday, friday))
    # 25, 26 (holidays) and 28 December (in lieu of Boxing Day, a Saturday) do not count.
    assert (due.date().isoformat(), due.hour) == ("2026-12-29", 18)
    other = cases.open_case(
        actor=amira_hussain,
        official_account=force_account,
        pathway=Pathway.objects.get(slug="information_request"),
        title="A request",
        why="Asked in public",
    )
    cases.acknowledge(actor=inspector_calder, case=other)
    Case.objects.filter(pk=other.pk).update(state="closed")
    with pytest.raises(TransitionNotAllowed, match="is closed"):
        call(amira_hussain, other)
    with pytest.raises(NotValid, match="under 4,000"):
        call(amira_hussain, case, given={**CALL, "what": "x" * 4001})


def test_the_demonstration_shows_one_of_each_kind(client, wealdshire, sergeant_okafor, inspector_kerr):
    seed.make(wealdshire)
    seed.make(wealdshire)
    made = list(Referral.objects.values_list("kind__slug", flat=True))
    kinds = ReferralKind.objects.exclude(slug="intelligence").values_list("slug", flat=True)
    assert sorted(made) == sorted(kinds)
    client.force_login(inspector_kerr)
    assert "2 referrals wait for your team" in client.get("/").content.decode()
    assert "Breach of the social media policy" in client.get("/cases/referrals/").content.decode()
    client.force_login(sergeant_okafor)
    page = client.get("/cases/referrals/").content.decode()
    assert "incident 0412" in page
    assert "Complaint about police" not in page


def test_what_came_back_is_filled_in_and_without_the_rest_the_case_stays_open(
    client, case, amira_hussain, inspector_calder
):
    number, safe = case.version.must_record
    cases.acknowledge(actor=inspector_calder, case=case)
    made = call(amira_hussain, case)
    assert queries_recorded.not_recorded(case) == [number, safe]
    referrals.record_numbers(actor=amira_hussain, referral=made, incident_number="0412")
    assert queries_recorded.not_recorded(case) == [safe]
    client.force_login(inspector_calder)
    page = client.get(reverse("escalation:case", args=[case.pk])).content.decode()
    assert f"incident 0412 of {clock.today():%-d %B %Y} ({made.reference})" in page
    with pytest.raises(NotValid, match=f"stays open until its pathway has what it wants recorded: {safe}"):
        cases.close(actor=inspector_calder, case=case, outcome="Found safe")
    refused = client.post(reverse("escalation:close", args=[case.pk]), {"outcome": "Found safe"})
    assert refused.status_code == 422
    assert "Record it first: what was done" in refused.content.decode()
    # A number that is put right before the end is the one that the log keeps.
    referrals.record_numbers(
        actor=amira_hussain, referral=made, incident_number="0413", why="Read out wrongly"
    )
    cases.close(actor=inspector_calder, case=case, outcome="Found safe", recorded={safe: "At home"})
    kept = set(case.log.filter(event="recorded").values_list("text", flat=True))
    assert kept == {
        f"{safe}: At home",
        f"{number}: incident 0413 of {clock.today():%-d %B %Y} ({made.reference})",
    }


@pytest.mark.parametrize(
    ("pathway", "slug", "said"),
    [
        ("information_request", "foi", "FOI-2026-118"),
        ("complaint_about_police", "psd_complaint", ""),
        ("crime_report", "control_room", "42/118/26"),
    ],
)
def test_a_teams_reference_is_filled_in_but_never_from_what_is_private(
    pathway, slug, said, force_account, wealdshire, amira_hussain
):
    case = cases.open_case(
        actor=amira_hussain,
        official_account=force_account,
        pathway=Pathway.objects.get(slug=pathway),
        title="A matter for another team",
        why="Seen at the desk",
    )
    given = {field["slug"]: "What was said" for field in kind(slug).asks}
    made = referrals.refer(actor=amira_hussain, case=case, kind=kind(slug), given=given, token=uuid4())
    if slug == "control_room":
        referrals.record_numbers(actor=amira_hussain, referral=made, crime_number=said)
    else:
        holder = next(
            person for person in wealdshire.people.values() if queries_referrals.receives(person, made)
        )
        answers = {field["slug"]: "Answered" for field in made.kind.answers}
        referrals.answer(actor=holder, referral=made, given={**answers, "reference": "FOI-2026-118"})
    (item,) = queries_recorded.items(case)
    assert item.says == (f"{said} ({made.reference})" if said else "")
