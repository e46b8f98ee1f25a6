"""The marked sheet: the network's truth beside the desk's own facts, judged by rules that it states."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse

from core import clock
from core.actors import System
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from escalation.actions import cases, taking
from exercise import actions as exercise_actions
from exercise import scenarios
from exercise.models import Line
from insights import marked_sheet
from insights.actions import debriefs
from insights.marked_sheet import Verdict
from moderation.actions import viewing
from moderation.models import Clause, Comment, Decision, FirstSight
from tests.comments import escalate, write

TRAINER = System("trainer")


@pytest.fixture
def played(force_account, amira_hussain):
    """A run at once; all of it reached the desk ten minutes ago, and Amira dealt with some of it."""
    run = exercise_actions.start_run(
        actor=TRAINER, scenario=scenarios.named("market-street"), speed=1_000_000
    )
    exercise_actions.advance_runs()
    run.refresh_from_db()
    return run


def arrives(line, account, at):
    return write(
        account,
        f"{line.text}",
        by=line.handle,
        at=at,
        external_id=str(line.message_id),
    )


def decide(comment, by, kind, at, clause=None):
    Decision.objects.create(
        comment=comment,
        revision=comment.revisions.get(),
        kind=kind,
        clause=clause,
        by=by,
        by_name=by.name,
        at=at,
    )


def test_each_comment_is_judged_by_what_it_was_and_what_was_done(
    played, force_account, amira_hussain, tom_beckett, inspector_calder, sergeant_okafor, client
):
    at = clock.now() - timedelta(minutes=10)
    lines = list(Line.objects.filter(run=played, act="comment").order_by("at_s"))
    first, second = (one for one in lines if one.true_risk == "immediate")
    hides = [one for one in lines if one.hide_expected and one.true_risk not in ("immediate", "high")][:2]
    question = next(one for one in lines if one.true_category == "question" and not one.hide_expected)
    plain = [one for one in lines if one.true_risk == "none" and one.true_category == "none"][:2]
    here = {one.pk: arrives(one, force_account, at) for one in (first, second, *hides, question, *plain)}
    # Amira opens the first cry for help, escalates it in time, and the inspector has it
    viewing.record_viewed(actor=amira_hussain, comment=here[first.pk], ids=[here[first.pk].pk])
    viewing.record_viewed(actor=tom_beckett, comment=here[first.pk], ids=[here[first.pk].pk])
    assert FirstSight.objects.get().by == amira_hussain
    decide(here[first.pk], amira_hussain, "escalate", at + timedelta(minutes=2))
    # Tom escalates the other too late; one is hidden, one stays; a question is answered; a plain one is hidden
    decide(here[second.pk], tom_beckett, "escalate", at + timedelta(minutes=9))
    clause = Clause.objects.filter(published=True)[0]
    decide(here[hides[0].pk], tom_beckett, "hide", at + timedelta(minutes=1), clause)
    decide(here[question.pk], tom_beckett, "reply", at + timedelta(minutes=3))
    decide(here[plain[0].pk], tom_beckett, "hide", at + timedelta(minutes=3), clause)
    sheet = marked_sheet.sheet(sergeant_okafor, played)
    by_line = {row.line.pk: row for row in sheet.rows}
    verdicts = {pk: by_line[pk].verdict for pk in here}
    assert verdicts == {
        first.pk: Verdict.RIGHT,
        second.pk: Verdict.LATE,
        hides[0].pk: Verdict.RIGHT,
        hides[1].pk: Verdict.MISSED,
        question.pk: Verdict.RIGHT,
        plain[0].pk: Verdict.WRONG,
        plain[1].pk: Verdict.LEFT,
    }
    assert {row.verdict for pk, row in by_line.items() if pk not in here} == {Verdict.NOT_ARRIVED}
    seen = by_line[first.pk]
    assert seen.seen_by == "Amira Hussain"
    assert seen.case_after == timedelta(minutes=2)
    assert seen.acknowledged_after is None
    figures = {figure.slug: figure.shown for figure in sheet.figures}
    assert figures["at_risk_found"] == "2 of 2"
    assert figures["at_risk_in_time"] == "1 of 2"
    assert figures["hidden"] == "1 of 2"
    assert figures["wrong"] == "1"
    assert figures["case_most"] == "9 min 00 s"
    assert sheet.amiss[0].line == second
    # What is taken away names nobody unless it is asked for, and no cell begins a formula
    client.force_login(sergeant_okafor)
    for names, there in (("", False), ("?names=yes", True)):
        answer = client.get(reverse("insights:marked_sheet_file", args=[played.pk, "csv"]) + names)
        assert ("Amira Hussain" in answer.content.decode()) == there
        table = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert len(table) == len(sheet.rows)
    paper = client.get(reverse("insights:marked_sheet_file", args=[played.pk, "pdf"]))
    assert paper.content.startswith(b"%PDF")
    assert client.get(reverse("insights:marked_sheet_file", args=[played.pk, "exe"])).status_code == 404
    for shelf in ("amiss", "risk", "all", "nonsense"):
        page = client.get(reverse("insights:marked_sheet", args=[played.pk]), {"show": shelf})
        assert page.status_code == 200
        gone = len(sheet.rows) - len(here)
        assert f"{gone} comments of {len(sheet.rows)} did not reach the desk" in page.text
    # The debrief keeps the figures: a later run stands beside them, also when the comments are gone
    address = reverse("insights:marked_sheet", args=[played.pk])
    assert client.post(address, {"went_well": "", "to_change": " "}).status_code == 422
    assert client.post(address, {"to_change": "Pair up on private messages."}).status_code == 302
    with pytest.raises(TransitionNotAllowed):
        debriefs.record_debrief(actor=sergeant_okafor, run=played, went_well="Twice")
    again = exercise_actions.start_run(
        actor=TRAINER, scenario=scenarios.named("market-street"), speed=1_000_000
    )
    with pytest.raises(TransitionNotAllowed, match="still plays"):
        debriefs.record_debrief(actor=sergeant_okafor, run=again, went_well="Too early")
    exercise_actions.advance_runs()
    again.refresh_from_db()
    Comment.objects.update(platform="elsewhere")
    runs, table = marked_sheet.comparison(sergeant_okafor, marked_sheet.sheet(sergeant_okafor, again))
    assert [one.kept for one in runs] == [False, True]
    assert dict(table)["At risk and a case in time"] == ["0 of 0", "1 of 2"]
    assert "as debriefed" in client.get(reverse("insights:marked_sheet", args=[again.pk])).content.decode()


def test_the_sheet_joins_the_case_and_who_has_it(
    played, force_account, amira_hussain, inspector_calder, sergeant_okafor
):
    line = Line.objects.filter(run=played, act="comment", true_risk="immediate")[0]
    comment = arrives(line, force_account, clock.now())
    case = cases.open_for_comment(actor=TRAINER, comment=escalate(comment, amira_hussain))
    taking.acknowledge(actor=inspector_calder, case=case)
    row = next(one for one in marked_sheet.sheet(sergeant_okafor, played).rows if one.line.pk == line.pk)
    assert row.case == case.reference
    assert row.acknowledged_by == inspector_calder.called
    assert row.acknowledged_after is not None
    assert row.verdict == Verdict.RIGHT


def test_it_is_for_trainers_alone(played, amira_hussain, client, sergeant_okafor):
    with pytest.raises(NotPermitted):
        marked_sheet.sheet(amira_hussain, played)
    with pytest.raises(NotPermitted):
        debriefs.record_debrief(actor=amira_hussain, run=played, went_well="Fine")
    with pytest.raises(NotValid):
        debriefs.record_debrief(actor=sergeant_okafor, run=played)
    client.force_login(amira_hussain)
    assert client.get(reverse("insights:marked_sheet", args=[played.pk])).status_code == 403
    client.force_login(sergeant_okafor)
    assert client.get(reverse("insights:marked_sheet", args=[10**30])).status_code == 404


def test_of_real_comments_nobody_keeps_who_saw_them_first(wealdshire, amira_hussain):
    real = next(one for one in wealdshire.accounts.values() if one.exercise)
    type(real).objects.filter(pk=real.pk).update(exercise=False)
    real.refresh_from_db()
    comment = write(real, "Where is the station?")
    viewing.record_viewed(actor=amira_hussain, comment=comment, ids=[comment.pk])
    assert not FirstSight.objects.exists()
