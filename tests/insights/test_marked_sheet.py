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
from escalation import tasks
from escalation.actions import alerts, cases, ladder, taking
from escalation.models import Alert, Case
from exercise import actions as exercise_actions
from exercise import scenarios
from exercise.models import Line
from insights import marked_sheet
from insights.actions import debriefs
from insights.marked_sheet import Verdict
from moderation.actions import desk, viewing
from moderation.models import Clause, Comment, Decision, FirstSight
from publishing.models import Delivery
from smmp.seed.deciding import decision
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
    decision(comment, kind, by, at=at, clause=clause)


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


def marked(run, viewer, line):
    return next(row for row in marked_sheet.sheet(viewer, run).rows if row.line.pk == line.pk)


def line_of(run, **what):
    return Line.objects.filter(run=run, act="comment", **what).order_by("at_s")[0]


def hide(comment, by):
    return desk.hide(
        actor=by,
        comment=comment,
        revision_number=1,
        clause=Clause.objects.get(slug="abuse", published=True),
    )


def undo_hide(comment, by):
    desk.unhide(actor=by, comment=comment, revision_number=1)


def leave(decision):
    """The hide has reached the platform."""
    Delivery.objects.filter(pk=decision.delivery_id).update(state=Delivery.State.SENT, sent_at=clock.now())
    Decision.objects.filter(pk=decision.pk).update(outcome_noted=True)
    Comment.objects.filter(pk=decision.comment_id).update(hidden_at=clock.now())


def test_a_hide_that_was_undone_before_it_left_was_none(
    played, force_account, amira_hussain, sergeant_okafor
):
    plain = line_of(played, true_category="none", true_risk="none")
    to_hide = line_of(played, hide_expected="abuse", true_risk="routine")
    for line in (plain, to_hide):
        comment = arrives(line, force_account, clock.now())
        hide(comment, amira_hussain)
        undo_hide(comment, amira_hussain)
    left = marked(played, sergeant_okafor, plain)
    assert left.verdict == Verdict.LEFT
    assert left.done_words.startswith("Hidden (taken back before it left)")
    assert marked(played, sergeant_okafor, to_hide).verdict == Verdict.MISSED


def test_what_was_hidden_and_shown_again_is_told_so(played, force_account, amira_hussain, sergeant_okafor):
    plain = line_of(played, true_category="none", true_risk="none")
    to_hide = line_of(played, hide_expected="abuse", true_risk="routine")
    for line in (plain, to_hide):
        comment = arrives(line, force_account, clock.now())
        leave(hide(comment, amira_hussain))
        undo_hide(comment, amira_hussain)
    wrong = marked(played, sergeant_okafor, plain)
    assert wrong.verdict == Verdict.WRONG
    assert "Shown again after" in wrong.why
    missed = marked(played, sergeant_okafor, to_hide)
    assert (missed.verdict, missed.why) == (Verdict.MISSED, "Taken from sight, and shown again.")
    # Taken from sight once more, it is right
    Comment.objects.update(hidden_at=None)
    leave(hide(Comment.objects.get(external_id=str(to_hide.message_id)), amira_hussain))
    assert marked(played, sergeant_okafor, to_hide).verdict == Verdict.RIGHT


def test_blocking_somebody_takes_nothing_from_sight(played, force_account, amira_hussain, sergeant_okafor):
    plain = line_of(played, true_category="none", true_risk="none")
    to_hide = line_of(played, hide_expected="abuse", true_risk="routine")
    clause = Clause.objects.get(slug="abuse", published=True)
    for line in (plain, to_hide):
        comment = arrives(line, force_account, clock.now())
        decision = Decision(comment=comment, revision=comment.revisions.get(), kind="block", clause=clause)
        decision.by, decision.by_name, decision.why = amira_hussain, amira_hussain.name, "Again and again"
        decision.at = clock.now()
        decision.save()
    assert marked(played, sergeant_okafor, plain).why == "Its author was blocked, and nothing called for it."
    assert marked(played, sergeant_okafor, to_hide).verdict == Verdict.MISSED


def test_an_escalation_that_was_undone_before_a_case_opened_was_none(
    played, force_account, amira_hussain, sergeant_okafor
):
    line = line_of(played, true_risk="immediate")
    comment = arrives(line, force_account, clock.now())
    escalate(comment, amira_hussain)
    assert marked(played, sergeant_okafor, line).verdict == Verdict.RIGHT
    desk.reopen(actor=amira_hussain, comment=comment)
    row = marked(played, sergeant_okafor, line)
    assert (row.verdict, row.case_at) == (Verdict.MISSED, None)
    assert row.done_words == "Escalated, Reopened"


def test_an_answer_that_was_taken_back_is_none_and_one_that_left_stays(
    played, force_account, amira_hussain, sergeant_okafor
):
    line = line_of(played, true_category="question", hide_expected="", true_risk="routine")
    comment = arrives(line, force_account, clock.now())
    desk.handled_elsewhere(actor=amira_hussain, comment=comment, revision_number=1, where="By telephone")
    assert marked(played, sergeant_okafor, line).verdict == Verdict.RIGHT
    desk.reopen(actor=amira_hussain, comment=comment)
    assert marked(played, sergeant_okafor, line).verdict == Verdict.MISSED
    decide(comment, amira_hussain, "reply", clock.now())
    decide(comment, amira_hussain, "reopen", clock.now())
    assert marked(played, sergeant_okafor, line).verdict == Verdict.RIGHT


def test_a_case_that_began_without_the_desk_is_told_apart_from_what_the_desk_did(
    played, force_account, sergeant_okafor
):
    line = line_of(played, true_risk="immediate")
    comment = arrives(line, force_account, clock.now() - timedelta(minutes=3))
    Comment.objects.filter(pk=comment.pk).update(
        category="suicide_self_harm", priority=1, triage_version="rules"
    )
    assert tasks.raise_alerts() == 1
    Alert.objects.update(desk_by=clock.now() - timedelta(seconds=1))
    assert tasks.pass_on() == 1
    row = marked(played, sergeant_okafor, line)
    assert row.verdict == Verdict.RIGHT
    assert row.why.endswith("It began by itself: nobody at the desk answered the alert.")
    assert row.seen_at is None
    figures = {figure.slug: figure.shown for figure in marked_sheet.sheet(sergeant_okafor, played).figures}
    assert figures["without_the_desk"] == "1 of 1"


def test_an_alert_that_was_stood_down_is_an_act_and_looking_at_it_a_sight(
    played, force_account, amira_hussain, tom_beckett, sergeant_okafor
):
    line = line_of(played, true_risk="immediate")
    comment = arrives(line, force_account, clock.now())
    Comment.objects.filter(pk=comment.pk).update(
        category="suicide_self_harm", priority=1, triage_version="rules"
    )
    assert tasks.raise_alerts() == 1
    alerts.look(actor=tom_beckett, alert=Alert.objects.get())
    alerts.stand_down(actor=amira_hussain, alert=Alert.objects.get(), why="A song")
    row = marked(played, sergeant_okafor, line)
    assert (row.verdict, row.seen_by, row.done_words) == (Verdict.MISSED, "Tom Beckett", "Alert stood down")
    assert [act.by for act in row.acts] == ["Amira Hussain"]


def test_what_was_not_yet_due_when_the_run_ended_is_told_so(played, force_account, sergeant_okafor):
    line = line_of(played, true_risk="immediate")
    played.ended_at = clock.now()
    arrives(line, force_account, clock.now() - timedelta(seconds=50))
    row = marked(played, sergeant_okafor, line)
    assert (row.verdict, row.why) == (Verdict.MISSED, "No case yet. The run ended 50 s after it arrived.")
    Comment.objects.update(received_at=clock.now() - timedelta(minutes=6))
    assert marked(played, sergeant_okafor, line).why == "It never became a case."


def test_whoever_has_a_case_now_is_not_named_for_the_time_of_who_had_it_first(
    played, force_account, amira_hussain, inspector_calder, superintendent_price, sergeant_okafor
):
    line = line_of(played, true_risk="immediate")
    comment = arrives(line, force_account, clock.now())
    case = cases.open_for_comment(actor=TRAINER, comment=escalate(comment, amira_hussain))
    taking.acknowledge(actor=inspector_calder, case=case)
    Case.objects.update(act_by=clock.now() - timedelta(seconds=1))
    assert ladder.resume(actor=System("escalation"), case=case)
    taking.acknowledge(actor=superintendent_price, case=case)
    row = marked(played, sergeant_okafor, line)
    assert row.acknowledged_by == "Somebody"
    assert row.acknowledged_after is not None


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
