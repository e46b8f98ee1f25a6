"""The ladder: rotas, posts, texts that come back, the second clock, and what fails on the way."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts import actions as accounts
from accounts.actions import services
from audit.models import Entry
from core import clock
from core.errors import NotPermitted, NotValid, TakenBySomeoneElse, TransitionNotAllowed
from escalation import queries_oncall, tasks
from escalation.actions import cases, ladder, pathways, rotas, taking
from escalation.models import CallOut, Case, Pathway, PathwayVersion, Post, Rota, Shift
from notices import tasks as notices
from notices.models import Notice, NoticeDelivery
from smmp.seed.force import SEED
from staff.actions import members
from staff.roles import Role
from tests import comments


@pytest.fixture
def case(force_account, amira_hussain):
    comments.escalate(comments.write(force_account), amira_hussain)
    tasks.open_cases()
    return Case.objects.get()


def shift(rota, person, hours=8, since=None, **given):
    since = since or clock.now() - timedelta(hours=1)
    return Shift.objects.create(
        rota=rota,
        person=person,
        starts_at=since,
        ends_at=since + timedelta(hours=hours),
        given_by_name="test",
        given_at=clock.now(),
        **given,
    )


def ladder_of(*rungs, act_within_minutes=15, title="Rota alone"):
    pathway = Pathway.objects.create(slug=title.lower().replace(" ", "_"), title=title)
    draft = pathways.save_draft(
        actor=SEED,
        pathway=pathway,
        wanted=pathways.Wanted(levels=rungs, act_within_minutes=act_within_minutes),
    )
    return pathways.switch_live(actor=SEED, version=draft).pathway


def opened(actor, account, pathway):
    return cases.open_case(
        actor=actor, official_account=account, pathway=pathway, title="Viaduct", why="A caller rang"
    )


# Rotas


def test_whoever_is_on_the_rota_is_called_and_a_gap_or_a_leaver_is_passed_over(
    force_account, amira_hussain, inspector_calder, superintendent_price, sergeant_okafor
):
    rota = Rota.objects.get(name="Duty command")
    pathway = ladder_of(
        pathways.Rung(120, rota=rota, ways=["email"]), pathways.Rung(120, role="desk_supervisor")
    )
    nobody = opened(amira_hussain, force_account, pathway)
    assert (
        nobody.log.get(event="nobody").text == "Nobody is on call on the rota “Duty command” at the moment."
    )
    assert nobody.level == 2
    shift(rota, inspector_calder)
    case = opened(amira_hussain, force_account, pathway)
    assert [call.person for call in case.call_outs.all()] == [inspector_calder]
    # One tap: the cover is called in place of the shift, and its end is the morning.
    made = rotas.cover(actor=superintendent_price, rota=rota, person=superintendent_price)
    assert clock.in_london(made.ends_at).hour == 7
    assert queries_oncall.on_call(rota) == [superintendent_price]
    assert queries_oncall.on_shift_until(inspector_calder) is None
    members.record_leaver(actor=SEED, member=superintendent_price, why="Retired")
    assert queries_oncall.on_call(rota) == [inspector_calder]
    with pytest.raises(NotPermitted):
        rotas.cover(actor=amira_hussain, rota=rota, person=inspector_calder)
    with pytest.raises(NotValid, match="may not have cases"):
        rotas.cover(actor=sergeant_okafor, rota=rota, person=amira_hussain)


def test_somebody_on_the_rota_without_the_right_is_named_and_passed_over(
    force_account, amira_hussain, tom_beckett, sergeant_okafor
):
    rota = Rota.objects.get(name="Duty command")
    shift(rota, tom_beckett)
    pathway = ladder_of(pathways.Rung(120, rota=rota), pathways.Rung(120, role="desk_supervisor"))
    case = opened(amira_hussain, force_account, pathway)
    assert (
        "Tom Beckett, on call on the rota “Duty command”, may not have cases"
        in case.log.get(event="nobody").text
    )
    assert [call.person for call in case.call_outs.all()] == [sergeant_okafor]


def test_a_cover_who_may_not_have_the_case_covers_nobody(
    force_account, amira_hussain, tom_beckett, inspector_calder
):
    rota = Rota.objects.get(name="Duty command")
    shift(rota, inspector_calder)
    shift(rota, tom_beckett, cover=True)
    assert queries_oncall.on_call(rota) == [tom_beckett]
    case = opened(amira_hussain, force_account, ladder_of(pathways.Rung(120, rota=rota)))
    assert [call.person for call in case.call_outs.all()] == [inspector_calder]


def test_a_program_that_holds_a_role_is_never_called(force_account, amira_hussain, ben_osei, sergeant_okafor):
    service = services.add_service(
        actor=ben_osei, name="Bridge", purpose="Figures", owner=ben_osei, networks=["127.0.0.0/8"]
    )
    accounts.give_grant(
        actor=SEED,
        person=service.member,
        role=Role.DESK_SUPERVISOR,
        until=clock.now() + timedelta(days=30),
        why="Figures",
    )
    case = opened(amira_hussain, force_account, ladder_of(pathways.Rung(120, role="desk_supervisor")))
    assert [call.person for call in case.call_outs.all()] == [sergeant_okafor]
    with pytest.raises(NotValid, match="may not have cases"):
        taking.take_by_telephone(actor=amira_hussain, case=case, person=service.member)


def test_the_page_says_in_advance_which_level_will_have_nobody(
    client, force_account, amira_hussain, inspector_calder
):
    rota = Rota.objects.get(name="Duty command")
    pathway = ladder_of(
        pathways.Rung(120, role="desk_supervisor"),
        pathways.Rung(120, rota=rota, ways=["email"]),
        pathways.Rung(120, role="duty_command"),
    )
    case = opened(amira_hussain, force_account, pathway)
    client.force_login(inspector_calder)
    page = client.get(reverse("escalation:case", args=[case.pk])).content.decode()
    then = f"{clock.in_london(case.acknowledge_by):%H:%M}"
    assert (
        f"at {then} Duty command is called next, because the rota “Duty command” reaches nobody then, and"
        in page
    )
    assert f"passed over: Nobody is on call on the rota “Duty command” at {then}." in page
    shift(rota, inspector_calder, since=case.acknowledge_by - timedelta(seconds=1))
    page = client.get(reverse("escalation:case", args=[case.pk])).content.decode()
    assert f"at {then} the rota “Duty command” is called next, and whoever was called stays called" in page
    assert "passed over" not in page


def test_gaps_are_told_in_advance_once(inspector_calder, sergeant_okafor):
    night = clock.now().replace(microsecond=0)
    with time_machine.travel(night, tick=False) as traveller:
        rota = Rota.objects.get(name="Duty command")
        shift(rota, inspector_calder, hours=24)
        shift(rota, inspector_calder, since=clock.now() + timedelta(hours=30), hours=400)
        (gap,) = queries_oncall.gaps(rota)
        assert (gap.starts_at, gap.ends_at) == (night + timedelta(hours=23), night + timedelta(hours=30))
        assert tasks.tell_gaps() == 1
        assert tasks.tell_gaps() == 0
        told = Notice.objects.get(to=sergeant_okafor)
        starts, ends = (f"{clock.in_london(at):%H:%M on %-d %B}" for at in (gap.starts_at, gap.ends_at))
        assert told.title == f"Nobody is on call on Duty command from {starts} to {ends}"
        traveller.shift(timedelta(hours=24))
        assert tasks.tell_gaps() == 0


# Reaching people


def test_what_leaves_says_the_number_and_the_pathway_and_nothing_of_anybody(
    case, inspector_calder, superintendent_price, settings, tmp_path, mailoutbox
):
    settings.TEXTS_FOLDER = tmp_path
    inspector_calder.phone = "07700 900201"
    inspector_calder.save()
    case.version.levels.filter(position=3).update(ways=["email", "sms", "teams"])
    for _ in range(2):
        with time_machine.travel(case.acknowledge_by, tick=False):
            tasks.climb()
            case.refresh_from_db()
            notices.send_due()
    texts = [json.loads(path.read_text()) for path in tmp_path.glob("*.json")]
    assert {one["channel"] for one in texts} == {"sms", "teams"}
    words = " ".join(
        [one["words"] for one in texts] + [letter.subject + letter.body for letter in mailoutbox]
    )
    assert case.reference in words
    assert "Threat to life" in words
    for private in ("jordan", "can't do this", "Says goodbye", "Wealdshire Police"):
        assert private not in words
    called = case.log.filter(event="called").last().text
    assert "Supt Owen Price (no text)" in called
    assert called.endswith("Insp Ruth Calder. To say “I have it” by " + called[-6:])


def test_when_no_way_reached_anybody_the_next_level_is_called_at_once(case, sergeant_okafor):
    deliveries = NoticeDelivery.objects.filter(notice__in=case.call_outs.values("notice"))
    one = deliveries.first()
    NoticeDelivery.objects.filter(pk=one.pk).update(state="failed", failed_at=clock.now(), why="Refused.")
    assert tasks.climb() == 1
    case.refresh_from_db()
    assert case.level == 1
    deliveries.update(state="failed", failed_at=clock.now(), why="Refused.")
    assert tasks.climb() == 1
    assert tasks.climb() == 0
    case.refresh_from_db()
    assert case.level == 2
    assert case.log.filter(event="unreached").count() == 2
    assert CallOut.objects.filter(case=case, person=sergeant_okafor, level=2).count() == 1
    assert Entry.objects.filter(event="case.unreached").count() == 2


def test_whom_no_way_leads_to_holds_the_ladder_up_for_a_second_alone(
    force_account, amira_hussain, sergeant_okafor
):
    pathway = ladder_of(
        pathways.Rung(600, role="duty_command", ways=["sms"]), pathways.Rung(600, role="desk_supervisor")
    )
    case = opened(amira_hussain, force_account, pathway)
    assert case.log.get(event="unreached").text.startswith("No way leads to any of them")
    assert tasks.climb() == 1
    case.refresh_from_db()
    assert case.level == 2


def test_at_the_last_level_what_is_broken_calls_once_more_and_then_by_its_clock(
    force_account, amira_hussain, sergeant_okafor, inspector_calder
):
    alone = pathways.Rung(600, role="duty_command", ways=["sms"])
    with time_machine.travel(clock.now(), tick=False) as traveller:
        case = opened(amira_hussain, force_account, ladder_of(alone))
        for _ in range(5):
            traveller.shift(1)
            tasks.climb()
        case.refresh_from_db()
        # The desk supervisors were called with them at once; nobody is told anew each second that no text leaves.
        assert (case.level, case.round) == (1, 2)
        assert {call.person for call in case.call_outs.filter(round=2)} >= {sergeant_okafor, inspector_calder}
        assert "Ring them" in case.log.filter(event="unreached").last().text
        traveller.move_to(case.acknowledge_by)
        assert tasks.climb() == 1
        case.refresh_from_db()
        assert case.round == 3


def test_a_text_that_failed_is_a_reason_to_call_on_though_a_letter_left(
    force_account, amira_hussain, inspector_calder, superintendent_price, settings, tmp_path
):
    settings.TEXTS_FOLDER = tmp_path
    for person, phone in ((inspector_calder, "07700 900201"), (superintendent_price, "07700 900202")):
        person.phone = phone
        person.save()
    pathway = ladder_of(
        pathways.Rung(600, role="duty_command", ways=["email", "sms"]),
        pathways.Rung(600, role="desk_supervisor"),
    )
    case = opened(amira_hussain, force_account, pathway)
    texts = NoticeDelivery.objects.filter(notice__in=case.call_outs.values("notice"), channel="sms")
    failed = {"state": "failed", "failed_at": clock.now(), "why": "The phone was off."}
    NoticeDelivery.objects.filter(pk=texts.first().pk).update(**failed)
    assert tasks.climb() == 1
    case.refresh_from_db()
    assert case.level == 1, "somebody else was woken"
    texts.update(**failed)
    assert tasks.climb() == 1
    case.refresh_from_db()
    assert case.level == 2


def test_the_page_says_what_became_of_the_word_to_a_channel(
    client, force_account, amira_hussain, inspector_calder, settings, tmp_path
):
    settings.TEXTS_FOLDER = tmp_path
    case = opened(
        amira_hussain,
        force_account,
        ladder_of(pathways.Rung(600, role="duty_command", ways=["email", "teams"])),
    )
    NoticeDelivery.objects.filter(channel="teams").update(
        state="failed", failed_at=clock.now(), why="The channel refused it (status 404)."
    )
    client.force_login(inspector_calder)
    page = client.get(reverse("escalation:case", args=[case.pk])).content.decode()
    assert "The Teams channel, told" in page
    assert "The channel refused it (status 404)." in page


def test_a_post_without_a_way_is_passed_over(force_account, amira_hussain):
    Post.objects.filter(name="Force incident manager").update(email="", mobile="")
    pathway = ladder_of(
        pathways.Rung(60, post=Post.objects.get(name="Force incident manager")),
        pathways.Rung(60, role="desk_supervisor"),
    )
    case = opened(amira_hussain, force_account, pathway)
    assert "has no way to be reached" in case.log.get(event="nobody").text
    assert case.level == 2


# I have it, by other ways


def test_a_code_that_is_texted_back_from_the_same_number_is_i_have_it(
    case, client, inspector_calder, superintendent_price, settings
):
    settings.NOTIFY_CALLBACK_TOKEN = "token of the tests"
    inspector_calder.phone = "07700 900201"
    inspector_calder.save()
    code = case.call_outs.get(person=inspector_calder).code
    address = reverse("escalation_hooks:text_back")

    def text(source, message, token=settings.NOTIFY_CALLBACK_TOKEN):
        body = json.dumps({"source_number": source, "message": message})
        return client.post(
            address, body, content_type="application/json", headers={"Authorization": f"Bearer {token}"}
        )

    assert text("447700900201", code, token="guess").status_code == 403
    for body in ("", "[]", "{", '{"message": 7, "source_number": null}'):
        wrong = client.post(
            address,
            body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {settings.NOTIFY_CALLBACK_TOKEN}"},
        )
        assert wrong.status_code == 422
    for source, words in (("447700900201", "yes"), ("447700900201", "000000"), ("447700900999", code)):
        assert text(source, words).status_code == 200
    case.refresh_from_db()
    assert case.state == "waiting"
    assert Entry.objects.filter(event="case.code_refused").count() == 3
    assert text("447700900201", f"I have it {code}.").status_code == 200
    case.refresh_from_db()
    assert (case.state, case.acknowledged_by, case.acknowledged_how) == (
        "acknowledged",
        inspector_calder,
        "code",
    )
    assert Notice.objects.filter(to=inspector_calder, title=f"You have case {case.reference}").exists()
    assert Notice.objects.filter(to=superintendent_price, title__contains="has case").exists()
    assert text("447700900201", code).status_code == 200
    assert Entry.objects.filter(event="case.acknowledged").count() == 1


def test_a_code_counts_until_somebody_has_it_and_one_that_comes_late_is_answered(
    case, inspector_calder, superintendent_price, settings, tmp_path
):
    settings.TEXTS_FOLDER = tmp_path
    inspector_calder.phone, superintendent_price.phone = "07700 900201", "07700 900202"
    inspector_calder.save()
    superintendent_price.save()
    Case.objects.filter(pk=case.pk).update(level=3, round=2)
    first = case.call_outs.get(person=inspector_calder, round=1)
    also = case.call_outs.get(person=superintendent_price, round=1)

    def text(source, code):
        return taking.take_by_text(source=source, words=f"case {case.number:06}, yes {code}")

    # Woken by the first call, when the last level is called again already: it is still “I have it”.
    assert text("07700 900201", first.code).acknowledged_by == inspector_calder
    told = Notice.objects.filter(urgency="soon", title__startswith=f"Case {case.reference}")
    for _ in range(2):
        assert text("07700 900202", also.code) is None
        assert text("07700 900201", first.code) is None
    assert [(one.to, one.title) for one in told] == [
        (superintendent_price, f"Case {case.reference} waits for nobody any more: you do not have it")
    ]
    assert {one.channel for one in NoticeDelivery.objects.filter(notice__in=told)} == {"sms"}
    # Called for anew, what was texted before (or is delivered again by the provider) takes nothing.
    with time_machine.travel(clock.now() + timedelta(hours=1), tick=False):
        assert tasks.climb() == 1
        assert text("07700 900201", first.code) is None
        assert told.get(to=inspector_calder).title.startswith(f"Case {case.reference} is called for anew")
        newest = case.call_outs.filter(person=inspector_calder).latest("id")
        assert text("07700 900201", newest.code).acknowledged_by == inspector_calder
    assert Notice.objects.filter(to=inspector_calder, title=f"You have case {case.reference}").count() == 2


def test_an_operator_records_who_took_it_by_telephone(
    case, client, amira_hussain, inspector_calder, tom_beckett
):
    with pytest.raises(NotValid, match="who took it"):
        taking.take_by_telephone(actor=amira_hussain, case=case)
    with pytest.raises(NotValid, match="may not have cases"):
        taking.take_by_telephone(actor=amira_hussain, case=case, person=tom_beckett)
    client.force_login(amira_hussain)
    address = reverse("escalation:telephone", args=[case.pk])
    assert client.post(address, {"person": "", "name": ""}).status_code == 422
    given = {"person": "", "name": "Insp Max Marlow, FIM", "said": "Sends a unit"}
    assert client.post(address, given).status_code == 302
    case.refresh_from_db()
    assert (case.state, case.holder, case.acknowledged_by) == ("acknowledged", "Insp Max Marlow, FIM", None)
    with pytest.raises(TakenBySomeoneElse, match="Insp Max Marlow"):
        cases.acknowledge(actor=inspector_calder, case=case)
    page = client.get(reverse("escalation:case", args=[case.pk])).content.decode()
    assert "Insp Max Marlow, FIM" in page
    assert "the calls go on, unless something has been recorded" in page


# The second clock


def test_without_a_recorded_act_the_ladder_resumes_and_calls_the_holder_too(
    case, inspector_calder, superintendent_price
):
    night = clock.now().replace(microsecond=0)
    with time_machine.travel(night, tick=False) as traveller:
        cases.acknowledge(actor=inspector_calder, case=case)
        case.refresh_from_db()
        assert case.act_by == night + timedelta(minutes=10)
        traveller.shift(timedelta(minutes=9, seconds=59))
        assert tasks.climb() == 0
        traveller.shift(1)
        assert tasks.climb() == 1
        assert tasks.climb() == 0
        case.refresh_from_db()
        assert (case.state, case.round, case.holder, case.act_by) == ("waiting", 2, "", None)
        assert {call.person for call in case.call_outs.filter(round=2)} == {
            inspector_calder,
            superintendent_price,
        }
        assert "Insp Ruth Calder recorded nothing in time" in case.log.get(event="resumed").text
        cases.acknowledge(actor=inspector_calder, case=case)
        cases.add_log_entry(actor=superintendent_price, case=case, text="Unit at the viaduct")
        traveller.shift(timedelta(days=2))
        assert tasks.climb() == 0
    case.refresh_from_db()
    assert (case.act_by, case.state) == (None, "acknowledged")
    assert Entry.objects.filter(event="case.resumed").count() == 1


def test_when_the_holder_goes_off_shift_the_ladder_resumes_unless_the_shift_goes_on(
    case, inspector_calder, superintendent_price
):
    rota = Rota.objects.get(name="Duty command")
    night = clock.now().replace(microsecond=0)
    with time_machine.travel(night, tick=False) as traveller:
        shift(rota, inspector_calder, hours=5)
        cases.acknowledge(actor=inspector_calder, case=case)
        cases.add_log_entry(actor=inspector_calder, case=case, text="Unit sent")
        case.refresh_from_db()
        assert case.holder_until == night + timedelta(hours=4)
        shift(rota, inspector_calder, since=night + timedelta(hours=4), hours=2)
        traveller.shift(timedelta(hours=4))
        assert tasks.climb() == 0
        case.refresh_from_db()
        assert case.holder_until == night + timedelta(hours=6)
        traveller.shift(timedelta(hours=2))
        assert tasks.climb() == 1
        case.refresh_from_db()
        assert case.state == "waiting"
        assert "has gone off shift" in case.log.get(event="resumed").text
        # Who went home is not called with the others but by the ladder's own rule.
        assert {call.person for call in case.call_outs.filter(round=2)} == {
            inspector_calder,
            superintendent_price,
        }


# Service levels


@pytest.fixture
def still():
    """Four in the afternoon of Christmas Eve 2026; the force is made then (tests.conftest)."""
    with time_machine.travel(datetime(2026, 12, 24, 16, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


def test_a_service_level_is_worked_out_once_and_moves_by_recorded_pauses_alone(
    still, force_account, amira_hussain, inspector_calder
):
    pathway = Pathway.objects.get(slug="press_interest")
    case = opened(amira_hussain, force_account, pathway)
    assert case.version.deadline_minutes == 240
    # Two hours on Christmas Eve, then nothing until the 29th: 25, 26, 27 and the 28th in lieu are no working days.
    assert case.due_at == datetime(2026, 12, 29, 10, 0, tzinfo=UTC)
    PathwayVersion.objects.filter(pk=case.version_id).update(deadline_minutes=1)
    with pytest.raises(NotValid):
        cases.pause_clock(actor=amira_hussain, case=case, why=" ")
    with pytest.raises(TransitionNotAllowed):
        cases.resume_clock(actor=amira_hussain, case=case, why="Too soon")
    cases.pause_clock(actor=amira_hussain, case=case, why="The paper asks again")
    still.shift(timedelta(hours=1))
    cases.resume_clock(actor=amira_hussain, case=case, why="It has asked")
    case.refresh_from_db()
    assert (case.due_at, case.paused_at) == (datetime(2026, 12, 29, 11, 0, tzinfo=UTC), None)
    assert list(case.clock_changes.values_list("running", flat=True)) == [False, True]
    assert case.state == "waiting"
    assert case.acknowledge_by is not None


def test_a_crime_is_due_a_day_after_the_first_message_on_the_platform(force_account, amira_hussain):
    told_at = clock.now() - timedelta(hours=3)
    comments.escalate(
        comments.write(force_account, "My car was broken into", at=told_at), amira_hussain, "crime_report"
    )
    tasks.open_cases()
    case = Case.objects.get()
    assert (case.pathway.slug, case.first_told_at) == ("crime_report", told_at)
    assert case.due_at == told_at + timedelta(hours=24)


# Drills


def test_a_drill_runs_the_ladder_and_its_times_can_be_read(
    client, sergeant_okafor, inspector_calder, force_account, settings
):
    settings.DEMO = False
    client.force_login(sergeant_okafor)
    address = reverse("escalation:drills")
    begun = client.post(
        address,
        {"official_account": force_account.pk, "pathway": Pathway.objects.get(slug="threat_to_life").pk},
    )
    case = Case.objects.get()
    assert begun.url == reverse("escalation:case", args=[case.pk])
    assert (case.exercise, case.drill) == (True, True)
    page = Notice.objects.filter(to=inspector_calder, urgency="page").get()
    assert page.title == f"Exercise: Case {case.reference}: Threat to life"
    for _ in range(2):
        with time_machine.travel(case.acknowledge_by, tick=False):
            tasks.climb()
            case.refresh_from_db()
    cases.acknowledge(actor=inspector_calder, case=case)
    shown = client.get(address).content.decode()
    assert re.search(r"level 3: 24\d\.\d s", shown)
    assert "Insp Ruth Calder" in shown
    board = client.get(reverse("escalation:board")).content.decode()
    assert case.reference in board
    assert "Somebody has it" in board


def test_every_pathway_is_drilled_from_the_page_climbs_in_time_and_stops_at_a_name(
    client, sergeant_okafor, inspector_calder, force_account, settings
):
    settings.DEMO = False
    shift(Rota.objects.get(name="Duty command"), inspector_calder, hours=200)
    client.force_login(sergeant_okafor)
    begun = {}
    for pathway in Pathway.objects.all():
        answer = client.post(
            reverse("escalation:drills"), {"official_account": force_account.pk, "pathway": pathway.pk}
        )
        case = Case.objects.get(pathway=pathway)
        assert answer.url == reverse("escalation:case", args=[case.pk])
        page = client.get(answer.url).content.decode()
        assert f"<b>If nobody acts:</b> at {clock.in_london(case.acknowledge_by):%H:%M}" in page
        begun[case.pk] = case
    assert len(begun) == Pathway.objects.count() >= 17
    for _ in range(3):
        for case in begun.values():
            due = case.acknowledge_by
            with time_machine.travel(due - timedelta(seconds=1), tick=False):
                assert not ladder.climb(actor=SEED, case=case)
            with time_machine.travel(due, tick=False):
                assert ladder.climb(actor=SEED, case=case)
                assert not ladder.climb(actor=SEED, case=case)
            case.refresh_from_db()
    for case in begun.values():
        assert case.call_outs.filter(round=1).values("level").distinct().count() >= 2
        cases.acknowledge(actor=inspector_calder, case=case)
        with time_machine.travel(case.acknowledge_by, tick=False):
            assert not ladder.climb(actor=SEED, case=case)
