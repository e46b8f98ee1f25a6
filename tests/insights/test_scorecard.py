"""The APP scorecard: every duty a row, the worse of figures and record counts, waivers take two, nothing breaks the page."""

from __future__ import annotations

import csv
import io
import json
import threading
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import actions as register
from accounts import public
from accounts.actions import security
from audit.models import Entry
from core import clock
from core.errors import NotFound, NotPermitted, NotValid, TransitionNotAllowed
from insights import duties, evidence, scorecard
from insights.actions import meetings
from insights.actions import scorecard as actions
from insights.duties import Duty
from insights.evidence import EVIDENCE, Found, State
from insights.models import DutyRecord, DutyWaiver
from notices.models import Notice
from smmp.seed.force import SEED
from tests.accounts.test_security_checks import ALL_WELL

WHY = "The platform offers no such control; the desk hides by hand."


def _row(slug: str) -> scorecard.Row:
    return next(row for row in scorecard.read().rows if row.duty.slug == slug)


def _soon(days: int = 90):
    return clock.today() + timedelta(days=days)


# The list of duties


def test_every_duty_has_its_section_force_and_bearer_and_no_slug_twice():
    every = duties.every()
    slugs = [duty.slug for duty in every]
    assert len(slugs) == len(set(slugs)) == 71
    assert {duty.force for duty in every} == {"duty", "should", "may"}
    assert all(duty.section and duty.bearer and duty.says for duty in every)
    assert {duty.section for duty in every} == {
        "Roles and responsibilities",
        "Social media strategy",
        "Community management guidelines",
        "Security",
        "Social media policy",
        "Management of information",
    }
    assert all(len(slug) <= 40 for slug in slugs)


def test_every_evidence_is_used_and_every_named_one_exists():
    named = {duty.evidence for duty in duties.every() if duty.evidence}
    assert named == set(EVIDENCE)
    assert sum(bool(duty.minimum) for duty in duties.every()) == 10


# What decides


def test_nothing_is_met_that_nobody_and_no_figure_says(wealdshire):
    sheet = scorecard.read()
    assert len(sheet.rows) == 71
    by_hand = [row for row in sheet.rows if not row.duty.evidence]
    assert by_hand
    assert {row.state for row in by_hand} == {State.UNJUDGED}
    assert _row("minimum.two_factor").state == State.UNJUDGED, "there is no official account to judge by"
    assert State.UNREAD not in {row.state for row in sheet.rows}


@pytest.mark.parametrize(
    ("figures", "said", "stands"),
    [
        (State.MET, "not_met", State.NOT_MET),
        (State.MET, "partly", State.PARTLY),
        (State.MET, "met", State.MET),
        (State.MET, "figures", State.MET),
        (State.PARTLY, "met", State.PARTLY),
        (State.NOT_MET, "met", State.NOT_MET),
        (State.UNREAD, "met", State.UNREAD),
        (State.UNREAD, "not_met", State.NOT_MET),
        (State.UNJUDGED, "met", State.MET),
        (State.UNJUDGED, "figures", State.UNJUDGED),
    ],
)
def test_the_worse_of_figures_and_record_counts(wealdshire, helen_achebe, monkeypatch, figures, said, stands):
    monkeypatch.setitem(EVIDENCE, "retention_schedule", lambda facts: Found(figures, "As counted."))
    actions.record_duty(
        actor=helen_achebe,
        duty="information.mopi",
        owner=helen_achebe,
        says=said,
        words="By the schedule.",
        gap="Three periods are open.",
        review_on=_soon(),
    )
    assert _row("information.mopi").state == stands


def test_a_record_that_nobody_looked_at_again_counts_as_partly(wealdshire, helen_achebe):
    actions.record_duty(
        actor=helen_achebe,
        duty="policy.breaches",
        owner=helen_achebe,
        says="met",
        words="Chapter 9 of the policy.",
        document="Social media policy, COM-12",
        review_on=_soon(30),
    )
    assert _row("policy.breaches").state == State.MET
    with time_machine.travel(clock.now() + timedelta(days=30), tick=False):
        assert _row("policy.breaches").state == State.MET
    with time_machine.travel(clock.now() + timedelta(days=31), tick=False):
        row = _row("policy.breaches")
        assert row.state == State.PARTLY
        assert "looked at again" in row.gap


@pytest.mark.parametrize("fault", [DatabaseError("secret words"), ZeroDivisionError(), KeyError("x")])
def test_an_evidence_that_fails_says_so_and_breaks_nothing_else(
    client, wealdshire, helen_achebe, monkeypatch, fault
):
    def broken(facts, *given):
        raise fault

    monkeypatch.setitem(EVIDENCE, "coverage_risk", broken)
    monkeypatch.setitem(EVIDENCE, "minimum", broken)
    sheet = scorecard.read()
    row = next(row for row in sheet.rows if row.duty.slug == "officers.coverage")
    assert row.state == State.UNREAD
    assert "could not be read" in row.says
    assert "secret words" not in row.says
    assert sheet.counts[State.UNREAD] == 11
    client.force_login(helen_achebe)
    page = client.get(reverse("insights:scorecard"))
    assert page.status_code == 200
    assert "Could not be read" in page.text
    assert client.get(reverse("insights:duty", args=["officers.coverage"])).status_code == 200


def test_a_fault_in_the_database_itself_stays_on_its_row(client, wealdshire, helen_achebe, monkeypatch):
    def broken(facts):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1/0")

    monkeypatch.setitem(EVIDENCE, "guidelines", broken)
    assert _row("guidelines.public").state == State.UNREAD
    assert _row("roles.workflows").state != State.UNREAD


def test_the_matrix_that_fails_says_so_in_its_place(client, wealdshire, helen_achebe, monkeypatch):
    monkeypatch.setattr("accounts.minimums.sights", lambda accounts: 1 // 0)
    client.force_login(helen_achebe)
    page = client.get(reverse("insights:minimums"))
    assert page.status_code == 200
    assert "could not be read" in page.text


# Records


def test_a_record_wants_what_its_verdict_needs_and_keeps_the_history(
    wealdshire, helen_achebe, leah_brandt, pc_nair
):
    base = {"actor": helen_achebe, "duty": "policy.conduct", "owner": helen_achebe}
    for given, field in (
        ({"says": "figures"}, "says"),
        ({"says": "fine"}, "says"),
        ({"says": "met", "review_on": _soon()}, "words"),
        ({"says": "met", "words": "Chapter 2."}, "review_on"),
        ({"says": "partly"}, "gap"),
        ({"says": "not_met", "gap": " "}, "gap"),
        ({"says": "met", "words": "Chapter 2.", "review_on": clock.today()}, "review_on"),
        ({"says": "met", "words": "Chapter 2.", "review_on": _soon(400)}, "review_on"),
        ({"says": "met", "words": "password: harrow", "review_on": _soon()}, "words"),
    ):
        with pytest.raises(NotValid) as refused:
            actions.record_duty(**base, **given)
        assert refused.value.field == field
    with pytest.raises(NotFound):
        actions.record_duty(**{**base, "duty": "no.such"}, says="met")
    with pytest.raises(NotValid, match="can open the scorecard"):
        actions.record_duty(**{**base, "owner": pc_nair}, says="partly", gap="Open.")
    assert not DutyRecord.objects.exists()
    actions.record_duty(**base, says="partly", gap="Private use is not covered.")
    actions.record_duty(**{**base, "owner": leah_brandt}, says="met", words="Chapter 2.", review_on=_soon())
    found = scorecard.history(helen_achebe, "policy.conduct")
    assert [one.says for one in found] == ["met", "partly"]
    assert Notice.objects.filter(to=leah_brandt, title__contains="answer for a duty").count() == 1
    entry = Entry.objects.filter(event="scorecard.recorded").last()
    assert "Chapter 2" not in json.dumps(entry.details)
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('smmp_app', 'insights_dutyrecord', 'UPDATE')")
        assert cursor.fetchone() == (False,)


def test_the_owner_records_their_own_duty_and_nobody_else_without_the_power(
    wealdshire, helen_achebe, leah_brandt, sergeant_okafor, pc_nair
):
    given = {"duty": "policy.roles", "says": "partly", "gap": "Being written."}
    with pytest.raises(NotPermitted):
        actions.record_duty(actor=leah_brandt, owner=leah_brandt, **given)
    actions.record_duty(actor=helen_achebe, owner=leah_brandt, **given)
    actions.record_duty(actor=leah_brandt, owner=leah_brandt, **{**given, "gap": "Half written."})
    with pytest.raises(NotPermitted):
        actions.record_duty(actor=leah_brandt, owner=sergeant_okafor, **given)
    with pytest.raises(NotPermitted):
        actions.record_duty(actor=pc_nair, owner=pc_nair, **given)
    assert scorecard.owner_of("policy.roles") == leah_brandt


# Waivers


def test_a_waiver_takes_two_people_and_ends_on_its_day(wealdshire, helen_achebe, joan_pritchard, leah_brandt):
    with pytest.raises(NotPermitted):
        actions.ask_waiver(actor=leah_brandt, duty="officers.native_controls", reason=WHY, until=_soon())
    with pytest.raises(NotValid):
        actions.ask_waiver(actor=helen_achebe, duty="officers.native_controls", reason="No", until=_soon())
    with pytest.raises(NotValid):
        actions.ask_waiver(
            actor=helen_achebe, duty="officers.native_controls", reason=WHY, until=clock.today()
        )
    asked = actions.ask_waiver(
        actor=helen_achebe, duty="officers.native_controls", reason=WHY, until=_soon(30)
    )
    assert Notice.objects.filter(to=joan_pritchard, key=f"waiver:{asked.pk}").exists()
    assert not Notice.objects.filter(to=helen_achebe, key=f"waiver:{asked.pk}").exists()
    assert _row("officers.native_controls").state == State.UNJUDGED
    with pytest.raises(NotPermitted, match="second person"):
        actions.agree_waiver(actor=helen_achebe, waiver=asked)
    with pytest.raises(TransitionNotAllowed):
        actions.ask_waiver(actor=joan_pritchard, duty="officers.native_controls", reason=WHY, until=_soon())
    actions.agree_waiver(actor=joan_pritchard, waiver=asked)
    with pytest.raises(TransitionNotAllowed):
        actions.agree_waiver(actor=joan_pritchard, waiver=asked)
    assert _row("officers.native_controls").state == State.WAIVED
    with time_machine.travel(clock.now() + timedelta(days=30), tick=False):
        assert _row("officers.native_controls").state == State.WAIVED
    with time_machine.travel(clock.now() + timedelta(days=31), tick=False):
        assert _row("officers.native_controls").state == State.UNJUDGED
        with pytest.raises(TransitionNotAllowed):
            actions.end_waiver(actor=helen_achebe, waiver=asked, why="Too late")
        actions.ask_waiver(actor=joan_pritchard, duty="officers.native_controls", reason=WHY, until=_soon())
    with pytest.raises(IntegrityError), transaction.atomic():
        DutyWaiver.objects.filter(pk=asked.pk).update(agreed_by=helen_achebe)


def test_a_waiver_is_refused_or_ended_with_a_reason(wealdshire, helen_achebe, joan_pritchard):
    asked = actions.ask_waiver(actor=helen_achebe, duty="policy.related", reason=WHY, until=_soon())
    with pytest.raises(NotValid):
        actions.end_waiver(actor=joan_pritchard, waiver=asked, why=" ")
    actions.end_waiver(actor=joan_pritchard, waiver=asked, why="It can be done this week.")
    with pytest.raises(TransitionNotAllowed):
        actions.agree_waiver(actor=joan_pritchard, waiver=asked)
    assert _row("policy.related").state == State.UNJUDGED
    assert Entry.objects.filter(event="scorecard.waiver_ended").count() == 1


def test_two_people_who_ask_at_once_have_one_waiver(committed_db, wealdshire, helen_achebe, joan_pritchard):
    outcome: list[str] = []
    start = threading.Barrier(2)

    def ask(person):
        try:
            start.wait(timeout=30)
            actions.ask_waiver(actor=person, duty="policy.removal", reason=WHY, until=_soon())
            outcome.append("asked")
        except TransitionNotAllowed:
            outcome.append("refused")
        finally:
            connections.close_all()

    both = [threading.Thread(target=ask, args=(one,)) for one in (helen_achebe, joan_pritchard)]
    for one in both:
        one.start()
    for one in both:
        one.join(timeout=60)
    assert sorted(outcome) == ["asked", "refused"]
    assert DutyWaiver.objects.count() == 1


# Pages


def test_who_may_read_it_and_that_reading_is_in_the_trail(
    client, wealdshire, helen_achebe, amira_hussain, pc_nair
):
    for person in (amira_hussain, pc_nair):
        client.force_login(person)
        assert client.get(reverse("insights:scorecard")).status_code == 403
        assert client.get(reverse("insights:minimums")).status_code == 403
    client.force_login(helen_achebe)
    page = client.get(reverse("insights:scorecard")).text
    assert "71 duties" in page
    assert "Two-factor authentication is on" in page
    assert Entry.objects.filter(event="scorecard.viewed", actor_id=helen_achebe.pk).exists()
    for shelf, words in (("waived", "No duty stands there"), ("gaps", "Not met"), ("nonsense", "71 duties")):
        assert words in client.get(reverse("insights:scorecard"), {"show": shelf}).text


def test_a_link_to_the_evidence_is_shown_to_those_alone_who_may_open_it(
    client, wealdshire, graham_ellis, helen_achebe
):
    where = reverse("insights:duty", args=["information.mopi"])
    client.force_login(graham_ellis)
    assert "Where the figures come from" in client.get(where).text
    client.force_login(helen_achebe)
    assert "Where the figures come from" not in client.get(where).text


def test_a_duty_is_recorded_and_waived_in_the_browser_and_words_are_kept_when_refused(
    client, wealdshire, helen_achebe, joan_pritchard
):
    where = reverse("insights:duty", args=["policy.security"])
    client.force_login(helen_achebe)
    assert client.get(reverse("insights:duty", args=["no.such"])).status_code == 404
    wrong = client.post(
        where, {"do": "record", "says": "met", "owner": helen_achebe.pk, "words": "Chapter 7 <b>x</b>"}
    )
    assert wrong.status_code == 422
    assert "Give the day on which somebody looks at it again." in wrong.text
    assert "Chapter 7 &lt;b&gt;x&lt;/b&gt;" in wrong.text
    done = client.post(
        where,
        {
            "do": "record",
            "says": "met",
            "owner": helen_achebe.pk,
            "words": "Chapter 7",
            "review_on": _soon().isoformat(),
        },
        follow=True,
    )
    assert "Recorded, with your name" in done.text
    assert client.post(where, {"do": "ask", "reason": "x", "until": _soon().isoformat()}).status_code == 422
    client.post(where, {"do": "ask", "reason": WHY, "until": _soon().isoformat()})
    waiver = DutyWaiver.objects.get()
    assert client.post(where, {"do": "agree", "waiver": waiver.pk}).status_code == 403
    client.force_login(joan_pritchard)
    assert "Agree to the waiver" in client.get(where).text
    assert "Waived until" in client.post(where, {"do": "agree", "waiver": waiver.pk}, follow=True).text
    assert client.post(where, {"do": "agree", "waiver": 10**12}).status_code == 404
    assert client.post(where, {"do": "end", "waiver": waiver.pk}).status_code == 422
    assert (
        "The waiver is over"
        in client.post(where, {"do": "end", "waiver": waiver.pk, "why": "Not needed"}, follow=True).text
    )


def test_the_matrix_names_each_gap_with_its_reason_and_where_it_is_mended(
    client, wealdshire, helen_achebe, joan_pritchard
):
    account = register.register_account(
        actor=SEED, platform="bluesky", handle="weald.example", name="Wealdshire News", owner=helen_achebe
    )
    client.force_login(joan_pritchard)
    page = client.get(reverse("insights:minimums")).text
    assert "Wealdshire News" in page
    assert "Nobody has recorded a look at it yet." in page
    assert reverse("accounts:security_of", args=[account.pk]) in page
    assert _row("minimum.two_factor").state == State.NOT_MET
    security.check_security(actor=joan_pritchard, official_account=account, **ALL_WELL)
    assert _row("minimum.two_factor").state == State.MET
    assert _row("minimum.platform").state == State.NOT_MET


def test_official_accounts_beyond_ones_register_are_not_named(
    client, wealdshire, helen_achebe, joan_pritchard, inspector_kerr
):
    register.register_account(
        actor=SEED, platform="bluesky", handle="weald.example", name="Wealdshire News", owner=helen_achebe
    )
    held = meetings.record_meeting(
        actor=helen_achebe,
        held_on=clock.today(),
        next_on=_soon(),
        infosec=[joan_pritchard],
        comms=[helen_achebe],
        looked_at="Every gap of it.",
    )
    for person, sees in ((joan_pritchard, True), (inspector_kerr, False)):
        client.force_login(person)
        for page in (
            reverse("insights:minimums"),
            reverse("insights:scorecard_file", args=["csv"]),
            reverse("insights:meeting", args=[held.pk]),
            reverse("insights:meeting_file", args=[held.pk, "csv"]),
        ):
            assert ("Wealdshire News" in client.get(page).content.decode()) is sees, page


# Files and the command


def test_the_files_hold_every_duty_and_nothing_that_a_spreadsheet_runs(
    client, wealdshire, helen_achebe, monkeypatch
):
    register.register_account(
        actor=SEED, platform="bluesky", handle="weald.example", name="=HYPERLINK(1)", owner=helen_achebe
    )
    actions.record_duty(
        actor=helen_achebe, duty="policy.roles", owner=helen_achebe, says="partly", gap="=2+3 to be written"
    )
    client.force_login(helen_achebe)
    table = client.get(reverse("insights:scorecard_file", args=["csv"]))
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert sum(row["what"] == "duty" for row in rows) == 71
    assert sum(row["what"] == "minimum" for row in rows) == 10
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "@"))]
    paper = client.get(reverse("insights:scorecard_file", args=["pdf"]))
    assert paper.content.startswith(b"%PDF")
    assert "attachment" in paper["Content-Disposition"]
    assert client.get(reverse("insights:scorecard_file", args=["exe"])).status_code == 404
    assert Entry.objects.filter(event="scorecard.exported").count() == 2


def test_the_command_prints_people_a_list_and_programs_data(wealdshire):
    out = io.StringIO()
    call_command("scorecard", "--json", stdout=out)
    data = json.loads(out.getvalue())
    assert len(data["duties"]) == 71
    assert len(data["minimums"]) == 10
    assert sum(data["counts"].values()) == 71
    assert {"id", "state", "figures", "gap", "owner", "page"} <= data["duties"][0].keys()
    out = io.StringIO()
    call_command("scorecard", stdout=out)
    assert "71 duties:" in out.getvalue()


# Many


def test_a_hundred_official_accounts_take_as_many_reads_as_two(client, wealdshire, helen_achebe, ben_osei):
    def queries() -> int:
        public.forget()
        with CaptureQueriesContext(connection) as caught:
            assert client.get(reverse("insights:scorecard")).status_code == 200
        return len(caught)

    def add(first: int, last: int) -> None:
        for n in range(first, last):
            account = register.register_account(
                actor=SEED,
                platform="mastodon",
                handle=f"a{n}@weald.example",
                name=f"A{n}",
                owner=helen_achebe,
            )
            security.check_security(actor=ben_osei, official_account=account, **ALL_WELL)

    client.force_login(helen_achebe)
    add(0, 2)
    client.get(reverse("insights:scorecard"))
    few = queries()
    add(2, 100)
    assert queries() == few
    assert few < 160
    with CaptureQueriesContext(connection) as caught:
        page = client.get(reverse("insights:minimums"))
    assert page.text.count("Mend it") == 100 * 5
    assert len(caught) < 160


def test_evidence_read_twice_is_read_once(wealdshire, monkeypatch):
    calls: list[str] = []
    real = EVIDENCE["pathways"]
    monkeypatch.setitem(EVIDENCE, "pathways", lambda facts: calls.append("") or real(facts))
    scorecard.read()
    assert len(calls) == 1
    assert evidence.read(Duty("x", "s", "should", "b", "says"), evidence.Facts(), {}) is None, (
        "what has no evidence has none"
    )
