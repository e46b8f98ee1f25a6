"""Cases: opened from what the desk escalates, kept in front of people, ended by a person."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connections
from django.urls import reverse

from accounts import actions as accounts
from audit.models import Entry
from core import clock
from core.errors import (
    NotFound,
    NotPermitted,
    NotValid,
    TakenBySomeoneElse,
    TransitionNotAllowed,
)
from escalation import queries, tasks
from escalation.actions import cases
from escalation.models import CallOut, Case, CaseComment, LogEntry, Pathway, PathwayVersion, Post
from escalation.workflow import CASE
from notices.models import Notice
from smmp.seed import force
from tests import comments


@pytest.fixture
def cry_for_help(force_account, amira_hussain):
    return comments.escalate(comments.write(force_account), amira_hussain)


@pytest.fixture
def case(cry_for_help):
    tasks.open_cases()
    return Case.objects.get()


def close(person, case, outcome="Found safe"):
    """Close it with all that its pathway asks for."""
    recorded = dict.fromkeys(case.version.must_record, "Done, log 41 of today")
    return cases.close(actor=person, case=case, outcome=outcome, recorded=recorded)


def log_of(case):
    return list(case.log.values_list("event", flat=True))


def test_an_escalated_comment_becomes_a_case_and_duty_command_is_paged(
    cry_for_help, inspector_calder, superintendent_price, amira_hussain
):
    with time_machine.travel(clock.now(), tick=False):
        assert tasks.open_cases() == 1
        case = Case.objects.get()
        assert case.reference.startswith("W-")
        assert (case.pathway.slug, case.priority, case.level) == ("threat_to_life", 1, 1)
        assert case.acknowledge_by == clock.now() + timedelta(seconds=120)
        assert case.opened_by == amira_hussain
        assert {call.person for call in case.call_outs.all()} == {inspector_calder, superintendent_price}
        pages = Notice.objects.filter(urgency="page")
        assert {page.to for page in pages} == {inspector_calder, superintendent_price}
        assert pages[0].link == f"/cases/{case.pk}/"
        assert pages[0].title.startswith(f"Exercise: Case {case.reference}")
        assert log_of(case) == ["opened", "called"]
    cry_for_help.refresh_from_db()
    assert cry_for_help.needs_case == ""
    entry = Entry.objects.get(event="case.opened")
    assert entry.actor_name == amira_hussain.called
    assert entry.details["comment"] == cry_for_help.pk


def test_opening_runs_twice_and_changes_nothing(case, cry_for_help):
    assert tasks.open_cases() == 0
    assert cases.open_for_comment(actor=tasks.ESCALATION, comment=cry_for_help) is None
    assert Case.objects.count() == CaseComment.objects.count() == 1


def test_a_notice_never_carries_the_words_of_the_public(case, cry_for_help):
    for notice in Notice.objects.all():
        assert cry_for_help.text not in notice.title + notice.body
    for entry in Entry.objects.all():
        assert cry_for_help.text not in str(entry.details) + entry.reason + entry.subject_name


def test_the_evidence_holds_the_words_and_what_stood_above_them(force_account, amira_hussain):
    first = comments.write(force_account, "Is anyone awake", by="sam")
    second = comments.write(force_account, "I am. Not well", under=first)
    comments.escalate(second, amira_hussain)
    tasks.open_cases()
    kept = CaseComment.objects.get().snapshot
    assert kept["words"] == "I am. Not well"
    assert (kept["author_handle"], kept["author_name"]) == ("jordan.p", "Jordan P")
    assert [above["words"] for above in kept["thread"]] == ["Is anyone awake"]
    assert kept["post"]["words"] == "Our officers are in Saltmere tonight."
    second.text = "All fine"
    second.removed_at = clock.now()
    second.save()
    assert CaseComment.objects.get().snapshot["words"] == "I am. Not well"


def test_a_thread_that_turns_in_a_circle_ends(force_account, amira_hussain):
    first = comments.write(force_account, "one", external_id="a")
    second = comments.write(force_account, "two", external_id="b", under=first)
    first.parent_external_id = "b"
    first.save()
    comments.escalate(second, amira_hussain)
    assert tasks.open_cases() == 1
    assert len(CaseComment.objects.get().snapshot["thread"]) == 1


def test_a_second_comment_of_the_same_author_joins_the_open_case(case, force_account, tom_beckett):
    more = comments.write(force_account, "tell Mum I'm sorry")
    comments.escalate(more, tom_beckett)
    assert tasks.open_cases() == 1
    assert Case.objects.count() == 1
    assert case.evidence.count() == 2
    assert Entry.objects.get(event="case.comment_added").details["comment"] == more.pk


def test_whoever_has_the_case_learns_of_a_further_comment(case, force_account, tom_beckett, inspector_calder):
    cases.acknowledge(actor=inspector_calder, case=case)
    comments.escalate(comments.write(force_account, "on my way up"), tom_beckett)
    tasks.open_cases()
    assert Notice.objects.filter(to=inspector_calder, title__contains="another comment").exists()


def test_another_author_another_pathway_or_a_closed_case_makes_a_new_case(
    case, force_account, amira_hussain, inspector_calder
):
    comments.escalate(comments.write(force_account, "me too", by="kim"), amira_hussain)
    comments.escalate(comments.write(force_account, "she is missing"), amira_hussain, "missing_person")
    tasks.open_cases()
    assert Case.objects.count() == 3
    cases.acknowledge(actor=inspector_calder, case=case)
    close(inspector_calder, case)
    comments.escalate(comments.write(force_account, "back here again"), amira_hussain)
    tasks.open_cases()
    assert Case.objects.count() == 4


def test_a_category_that_no_pathway_names_is_another_concern(force_account, amira_hussain):
    comments.escalate(comments.write(force_account, "odd"), amira_hussain, "praise")
    tasks.open_cases()
    assert Case.objects.get().pathway.slug == "other_concern"


def test_a_comment_escalated_again_reopens_its_closed_case(case, cry_for_help, tom_beckett, inspector_calder):
    cases.acknowledge(actor=inspector_calder, case=case)
    close(inspector_calder, case)
    comments.escalate(cry_for_help, tom_beckett)
    tasks.open_cases()
    case.refresh_from_db()
    assert (case.state, case.round, Case.objects.count()) == ("waiting", 2, 1)


def test_whoever_has_the_case_learns_that_its_comment_was_escalated_again(
    case, cry_for_help, tom_beckett, inspector_calder
):
    cases.acknowledge(actor=inspector_calder, case=case)
    before = Notice.objects.filter(to=inspector_calder).count()
    comments.escalate(cry_for_help, by=tom_beckett)
    tasks.open_cases()
    told = Notice.objects.filter(to=inspector_calder)
    assert told.count() == before + 1
    assert told.first().title.endswith("its comment was escalated again")


def test_one_broken_comment_holds_up_no_other(force_account, amira_hussain, monkeypatch, caplog):
    broken = comments.escalate(comments.write(force_account, "first", by="a"), amira_hussain)
    comments.escalate(comments.write(force_account, "second", by="b"), amira_hussain)
    real = cases.evidence.snapshot

    def snapshot(comment):
        if comment.pk == broken.pk:
            raise RuntimeError
        return real(comment)

    monkeypatch.setattr(cases.evidence, "snapshot", snapshot)
    assert tasks.open_cases() == 1
    broken.refresh_from_db()
    assert broken.needs_case == "suicide_self_harm"


# The ladder


def test_the_ladder_climbs_and_never_goes_silent(case, sergeant_okafor, inspector_calder):
    with time_machine.travel(case.acknowledge_by - timedelta(seconds=1), tick=False) as traveller:
        assert tasks.climb() == 0
        traveller.shift(1)
        assert tasks.climb() == 1
        assert tasks.climb() == 0
        case.refresh_from_db()
        assert case.level == 2
        assert [call.person for call in case.call_outs.filter(level=2)] == [sergeant_okafor]
        traveller.shift(120)
        tasks.climb()
        case.refresh_from_db()
        assert (case.level, case.round) == (3, 1)
        traveller.shift(180)
        tasks.climb()
        post = case.call_outs.get(level=4)
        assert (post.called, post.person) == ("Force incident manager", None)
        assert set(post.notice.deliveries.values_list("channel", flat=True)) == {"email", "sms"}
        for round_ in (2, 3):
            traveller.shift(180)
            tasks.climb()
            case.refresh_from_db()
            assert (case.level, case.round) == (4, round_)
            called = {call.called for call in case.call_outs.filter(round=round_)}
            assert called == {"Force incident manager", "Sgt Daniel Okafor"}
    assert Entry.objects.filter(event="case.climbed").count() == 5
    assert Notice.objects.filter(to=inspector_calder, urgency="page").count() == 2
    assert Entry.objects.filter(event="case.climbed").last().details["level"] == "Digital desk supervisor"


def test_a_level_without_a_holder_is_passed_over_and_logged(
    cry_for_help, ben_osei, inspector_calder, superintendent_price, sergeant_okafor
):
    for person in (inspector_calder, superintendent_price):
        accounts.end_grant(actor=ben_osei, grant=person.grants.get(), why="Off duty")
    tasks.open_cases()
    case = Case.objects.get()
    assert case.level == 2
    assert [call.person for call in case.call_outs.all()] == [sergeant_okafor]
    assert log_of(case) == ["opened", "nobody", "called"]


def test_with_no_holder_at_all_those_who_can_give_the_role_are_called(
    cry_for_help, ben_osei, inspector_calder, superintendent_price, sergeant_okafor
):
    for person in (inspector_calder, superintendent_price, sergeant_okafor):
        accounts.end_grant(actor=ben_osei, grant=person.grants.get(), why="Off duty")
    Post.objects.update(active=False)
    tasks.open_cases()
    assert [call.person for call in CallOut.objects.all()] == [ben_osei]
    assert Case.objects.get().acknowledge_by is not None


def test_a_pathway_whose_levels_were_all_removed_still_calls_somebody(cry_for_help, sergeant_okafor):
    other = Pathway.objects.create(slug="bare", title="Bare")
    PathwayVersion.objects.filter(pathway__slug="threat_to_life").update(categories=[])
    PathwayVersion.objects.create(
        pathway=other, number=1, state="live", categories=["suicide_self_harm"], floor=2
    )
    tasks.open_cases()
    case = Case.objects.get()
    assert case.pathway == other
    assert [call.person for call in case.call_outs.all()] == [sergeant_okafor]
    with time_machine.travel(case.acknowledge_by, tick=False):
        assert tasks.climb() == 1
    assert case.call_outs.count() == 2


def test_an_exercise_case_outside_a_drill_pages_nobody_and_calls_again_only_daily(
    cry_for_help, inspector_calder, settings
):
    settings.DEMO = False
    tasks.open_cases()
    case = Case.objects.get()
    assert not Notice.objects.exclude(urgency="fyi").exists()
    for _ in range(4):
        with time_machine.travel(case.acknowledge_by, tick=False):
            tasks.climb()
            case.refresh_from_db()
            wait = case.acknowledge_by - clock.now()
    assert (case.round, wait) == (2, timedelta(days=1))


# Somebody has it


def test_the_first_to_say_i_have_it_has_it(case, inspector_calder, superintendent_price):
    cases.acknowledge(actor=inspector_calder, case=case)
    with pytest.raises(TakenBySomeoneElse, match="Insp Ruth Calder has case"):
        cases.acknowledge(actor=superintendent_price, case=case)
    assert cases.acknowledge(actor=inspector_calder, case=case).acknowledged_by == inspector_calder
    case.refresh_from_db()
    assert (case.state, case.acknowledge_by) == ("acknowledged", None)
    assert Entry.objects.filter(event="case.acknowledged").count() == 1
    assert Notice.objects.get(to=superintendent_price, urgency="fyi").title.endswith(
        f"Insp Ruth Calder has case {case.reference}"
    )
    with time_machine.travel(clock.now() + timedelta(minutes=9), tick=False):
        assert tasks.climb() == 0


def test_without_the_right_nobody_has_a_case(case, amira_hussain):
    for act in (
        lambda: cases.acknowledge(actor=amira_hussain, case=case),
        lambda: cases.cannot_take(actor=amira_hussain, case=case),
        lambda: cases.close(actor=amira_hussain, case=case, outcome="Fine"),
    ):
        with pytest.raises(NotPermitted):
            act()
    assert not Entry.objects.filter(event__in=["case.acknowledged", "case.closed"]).exists()


def test_who_cannot_take_it_passes_it_up_at_once(
    case, inspector_calder, superintendent_price, sergeant_okafor
):
    cases.cannot_take(actor=inspector_calder, case=case, why="At another scene")
    case.refresh_from_db()
    assert case.level == 2
    assert CallOut.objects.filter(case=case, person=sergeant_okafor).exists()
    cases.acknowledge(actor=superintendent_price, case=case)
    with pytest.raises(TransitionNotAllowed, match="calls have stopped"):
        cases.cannot_take(actor=inspector_calder, case=case)


def test_who_cannot_keep_it_gives_it_up_and_is_not_called_again_while_others_are(
    client, case, inspector_calder, superintendent_price, sergeant_okafor
):
    client.force_login(inspector_calder)
    page = reverse("escalation:case", args=[case.pk])
    assert "I cannot keep it" not in client.get(page).content.decode()
    cases.acknowledge(actor=inspector_calder, case=case)
    assert "I cannot keep it" in client.get(page).content.decode()
    client.post(reverse("escalation:cannot_take", args=[case.pk]), {"why": "Called to a fire"})
    case.refresh_from_db()
    assert (case.state, case.acknowledged_by, case.round) == ("waiting", None, 2)
    assert case.log.get(event="resumed").text.startswith(
        "Insp Ruth Calder cannot keep it (Called to a fire), so the calls go on."
    )
    called = {call.person for call in case.call_outs.filter(round=2)}
    assert called
    assert inspector_calder not in called
    assert Entry.objects.get(event="case.resumed").details["why"] == "cannot keep it"
    # Nobody gives up what somebody else has.
    cases.acknowledge(actor=superintendent_price, case=case)
    with pytest.raises(TransitionNotAllowed, match="calls have stopped"):
        cases.cannot_take(actor=inspector_calder, case=case)


def test_a_case_that_nobody_has_cannot_be_closed(case, inspector_calder):
    with pytest.raises(TransitionNotAllowed, match="Say “I have it” first"):
        cases.close(actor=inspector_calder, case=case, outcome="Fine")


def test_a_case_ends_with_an_outcome_and_can_be_reopened(
    case, inspector_calder, amira_hussain, sergeant_okafor
):
    cases.acknowledge(actor=inspector_calder, case=case)
    with pytest.raises(NotValid, match="how it ended"):
        cases.close(actor=sergeant_okafor, case=case, outcome="  ")
    close(sergeant_okafor, case, "Found safe by the closure team")
    case.refresh_from_db()
    assert (case.state, case.closed_by, case.outcome) == (
        "closed",
        sergeant_okafor,
        "Found safe by the closure team",
    )
    with pytest.raises(TransitionNotAllowed):
        cases.close(actor=sergeant_okafor, case=case, outcome="Again")
    with pytest.raises(TransitionNotAllowed):
        cases.acknowledge(actor=inspector_calder, case=case)
    with pytest.raises(TransitionNotAllowed, match="is closed"):
        cases.add_log_entry(actor=amira_hussain, case=case, text="More")
    with pytest.raises(NotValid):
        cases.reopen(actor=amira_hussain, case=case, why="")
    cases.reopen(actor=amira_hussain, case=case, why="Wrote again")
    case.refresh_from_db()
    assert (case.state, case.acknowledged_by, case.outcome, case.round) == ("waiting", None, "", 2)
    assert case.log.filter(text__contains="Found safe by the closure team").exists()
    assert Notice.objects.filter(to=inspector_calder, urgency="page").count() == 2
    with pytest.raises(TransitionNotAllowed):
        cases.reopen(actor=amira_hussain, case=case, why="Twice")


def test_the_log_takes_what_people_did_and_refuses_nothing_and_too_much(case, amira_hussain, pc_nair):
    cases.add_log_entry(actor=amira_hussain, case=case, text="Rang the control room")
    for text in (" ", "x" * 4001):
        with pytest.raises(NotValid):
            cases.add_log_entry(actor=amira_hussain, case=case, text=text)
    with pytest.raises(NotPermitted):
        cases.add_log_entry(actor=pc_nair, case=case, text="Saw them")
    assert Entry.objects.filter(event="case.noted").count() == 1
    assert LogEntry.objects.filter(event="noted").get().by == amira_hussain


# By hand


def test_a_person_opens_a_case_without_a_comment(amira_hussain, force_account, inspector_calder, pc_nair):
    pathway = Pathway.objects.get(slug="threat_to_life")
    given = {"official_account": force_account, "pathway": pathway}
    for title, why in (("", "Rang in"), ("Viaduct", " "), ("x" * 161, "Rang in")):
        with pytest.raises(NotValid):
            cases.open_case(actor=amira_hussain, title=title, why=why, **given)
    with pytest.raises(NotPermitted):
        cases.open_case(actor=pc_nair, title="Viaduct", why="Rang in", **given)
    case = cases.open_case(actor=amira_hussain, title="Saltmere viaduct", why="A caller saw someone", **given)
    assert CallOut.objects.filter(case=case, person=inspector_calder).exists()
    assert case.priority == 1


def test_a_person_adds_a_comment_to_a_case(
    case, force_account, saltmere_account, amira_hussain, cry_for_help, inspector_calder
):
    seen = comments.write(force_account, "I saw them on the bridge", by="kim")
    cases.add_comment(actor=amira_hussain, case=case, comment=seen, why="A witness")
    assert case.evidence.count() == 2
    with pytest.raises(NotValid, match="is in case"):
        cases.add_comment(actor=amira_hussain, case=case, comment=seen)
    elsewhere = comments.write(saltmere_account, "here too", by="kim")
    with pytest.raises(NotValid, match="another official account"):
        cases.add_comment(actor=amira_hussain, case=case, comment=elsewhere)
    cases.acknowledge(actor=inspector_calder, case=case)
    close(inspector_calder, case)
    late = comments.write(force_account, "all well", by="kim")
    with pytest.raises(TransitionNotAllowed):
        cases.add_comment(actor=amira_hussain, case=case, comment=late)


def test_a_case_is_unknown_outside_its_scope(case, pc_nair, joan_pritchard, amira_hussain):
    assert queries.case(amira_hussain, case.pk) == case
    for person in (pc_nair, joan_pritchard):
        with pytest.raises(NotFound):
            queries.case(person, case.pk)


def test_what_waits_for_me_stands_first(case, force_account, amira_hussain, inspector_calder):
    for_others = comments.escalate(
        comments.write(force_account, "gone since noon", by="kim"), amira_hussain, "missing_person"
    )
    tasks.open_cases()
    Case.objects.filter(evidence__comment=for_others).update(acknowledge_by=clock.now())
    assert [found.called_me for found in queries.waiting(inspector_calder)] == [True, False]
    assert queries.waiting_count(inspector_calder) == 2


def test_every_move_of_a_case_is_in_the_table():
    assert set(CASE.table) == {
        ("waiting", "acknowledge"),
        ("waiting", "climb"),
        ("acknowledged", "hand_over"),
        ("acknowledged", "resume"),
        ("acknowledged", "merge"),
        ("waiting", "merge"),
        ("acknowledged", "close"),
        ("closed", "reopen"),
    }
    for state in CASE.states:
        for event in CASE.events:
            if not CASE.allows(state, event):
                with pytest.raises(TransitionNotAllowed):
                    CASE.next(state, event)


# Two at once


def _at_once(*acts):
    results, start = [], threading.Barrier(len(acts))

    def run(act):
        start.wait()
        try:
            results.append(act())
        except Exception as refusal:
            results.append(refusal)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_workers_open_one_case_for_two_comments_of_one_author(committed_db):
    made = force.make()
    account = made.accounts["wealdshire-police"]
    for round_ in range(5):
        author = f"author-{round_}"
        for words in ("one", "two"):
            comments.escalate(comments.write(account, words, by=author), made.people["amira_hussain"])
        _at_once(tasks.open_cases, tasks.open_cases, tasks.open_cases)
        tasks.open_cases()
        assert Case.objects.count() == round_ + 1
        assert CaseComment.objects.count() == 2 * (round_ + 1)
        assert Notice.objects.filter(urgency="page").count() == 2 * (round_ + 1)


def test_of_two_who_say_it_at_once_one_has_it(committed_db):
    made = force.make()
    comments.escalate(comments.write(made.accounts["wealdshire-police"]), made.people["amira_hussain"])
    tasks.open_cases()
    case = Case.objects.get()
    people = [made.people["inspector_calder"], made.people["superintendent_price"]]
    results = _at_once(
        *(lambda person=person: cases.acknowledge(actor=person, case=case) for person in people),
        tasks.climb,
    )
    assert sum(isinstance(result, TakenBySomeoneElse) for result in results) == 1
    assert Entry.objects.filter(event="case.acknowledged").count() == 1
