"""The schedule, proposals, reviews, holds and certificates in the browser, and who may do what with them."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit.models import Entry
from core import clock
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from escalation import tasks as escalation
from escalation.models import Case, CaseComment
from moderation.models import Comment
from retention import certificate, queries, tasks
from retention.actions import disposals, holds, proposals, restrictions, reviews
from retention.models import Disposal, Hold, Proposal, Review, ScheduleRow, Transfer
from retention.nrac import QUESTIONS
from tests import comments
from tests.retention import going

OLD = datetime(2015, 1, 15, 12, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
NO = dict.fromkeys(QUESTIONS, False)


@pytest.fixture
def row(db):
    return ScheduleRow.objects.get(slug="routine_comment")


@pytest.fixture
def comment(force_account):
    return comments.write(force_account)


@pytest.fixture
def old_comment(force_account, amira_hussain):
    return comments.decide(comments.write(force_account, "old words", at=OLD), amira_hussain, at=OLD)


@pytest.fixture
def old_case(force_account, amira_hussain):
    comments.escalate(comments.write(force_account, "evidence", at=OLD), amira_hussain)
    escalation.open_cases()
    Case.objects.update(state="closed", closed_at=OLD)
    return Case.objects.get()


def hold_on(comment, actor, days=30):
    return holds.place_hold(
        actor=actor,
        subject_type="moderation.comment",
        subject_id=comment.pk,
        reason="FOI 26/1042",
        review_on=clock.today() + timedelta(days=days),
    )


def test_overdue_reviews_stand_first(force_account, graham_ellis):
    later = hold_on(comments.write(force_account, "a"), graham_ellis, days=40)
    overdue = hold_on(comments.write(force_account, "b"), graham_ellis, days=3)
    assert list(queries.live_holds(graham_ellis)) == [overdue, later]


# Proposals


def test_a_proposal_says_what_goes_what_stays_and_why(
    old_comment, force_account, amira_hussain, graham_ellis
):
    kept = comments.decide(comments.write(force_account, "b", by="kim", at=OLD), amira_hussain, at=OLD)
    hold_on(kept, graham_ellis)
    evidence = comments.escalate(
        comments.write(force_account, "c", by="lee", at=OLD), amira_hussain, category="none"
    )
    Comment.objects.filter(pk=evidence.pk).update(decided_at=OLD, category="none", needs_case="")
    Comment.objects.filter(pk=evidence.pk).update(needs_case="none")
    tasks.run_daily()
    made = Proposal.objects.get()
    assert (made.due_count, made.held_count, made.samples) == (1, 1, [old_comment.pk])
    assert made.exceptions == [{"why": "wanted for a case", "count": 1}]
    assert Entry.objects.get(event="disposal.proposed").details["count"] == 1


def test_a_stopped_proposal_goes_on_only_when_somebody_else_lets_it(
    old_comment, graham_ellis, ines_moreau, nadia_rahman
):
    tasks.run_daily()
    made = Proposal.objects.get()
    with pytest.raises(NotPermitted):
        proposals.stop(actor=nadia_rahman, proposal=made, why="No")
    with pytest.raises(NotValid):
        proposals.stop(actor=graham_ellis, proposal=made, why=" ")
    proposals.stop(actor=graham_ellis, proposal=made, why="A request came in")
    Proposal.objects.update(goes_at=OLD)
    tasks.run_daily()
    assert Comment.objects.filter(pk=old_comment.pk).exists()
    with pytest.raises(NotPermitted, match="You stopped it"):
        proposals.let_go_on(actor=graham_ellis, proposal=made)
    proposals.let_go_on(actor=ines_moreau, proposal=made)
    with pytest.raises(TransitionNotAllowed):
        proposals.let_go_on(actor=ines_moreau, proposal=made)
    going.run()
    assert not Comment.objects.exists()


def test_a_large_disposal_takes_two_people(old_comment, graham_ellis, ines_moreau, settings):
    settings.RETENTION_BULK_LIMIT = 0
    going.run()
    assert Comment.objects.exists()
    made = Proposal.objects.get()
    proposals.stand_for(actor=graham_ellis, proposal=made)
    with pytest.raises(NotPermitted, match="A second person"):
        proposals.stand_for(actor=graham_ellis, proposal=made)
    tasks.run_daily()
    assert Comment.objects.exists()
    proposals.stand_for(actor=ines_moreau, proposal=made)
    tasks.run_daily()
    assert not Comment.objects.exists()
    said = Disposal.objects.get().approved_by
    assert [one for one in said if "this disposal" in one] == [
        "Graham Ellis: this disposal",
        "Ines Moreau: this disposal",
    ]


def test_a_proposal_in_the_browser(client, old_comment, graham_ellis, ines_moreau):
    tasks.run_daily()
    made = Proposal.objects.get()
    client.force_login(graham_ellis)
    assert "Routine public comment" in client.get(reverse("retention:proposals")).text
    page = client.get(reverse("retention:proposal", args=[made.pk])).text
    assert f"Comment {old_comment.pk}" in page
    assert "old words" not in page
    stop = reverse("retention:stop_proposal", args=[made.pk])
    assert client.post(stop, {"why": ""}).status_code == 422
    assert client.post(stop, {"why": "A request"}).status_code == 302
    assert client.post(stop, {"why": "A request"}).status_code == 409
    assert client.post(reverse("retention:let_go_on", args=[made.pk])).status_code == 403
    client.force_login(ines_moreau)
    assert client.post(reverse("retention:let_go_on", args=[made.pk])).status_code == 302
    assert client.post(reverse("retention:stand_for", args=[made.pk])).status_code == 422
    assert client.get(reverse("retention:proposal", args=[10**9])).status_code == 404


# Reviews


def decide(review, actor, **given):
    return reviews.decide(
        **{
            "actor": actor,
            "review": review,
            "decision": "dispose",
            "answers": NO,
            "why": "Nothing in it is needed any more",
            **given,
        }
    )


def test_a_case_is_reviewed_and_then_goes_with_all_of_it(old_case, graham_ellis):
    tasks.run_daily()
    tasks.run_daily()
    review = Review.objects.get()
    assert review.subject_name == f"Case {old_case.reference}"
    with pytest.raises(NotValid, match="One of the answers is yes"):
        decide(review, graham_ellis, answers={**NO, "harm": True})
    with pytest.raises(NotValid, match="later day"):
        decide(review, graham_ellis, decision="keep", next_on=clock.today())
    with pytest.raises(NotValid, match="Answer every question"):
        decide(review, graham_ellis, answers={})
    decide(review, graham_ellis)
    with pytest.raises(TransitionNotAllowed):
        decide(review, graham_ellis)
    assert going.run() == 1
    assert not Case.objects.exists()
    assert not CaseComment.objects.exists()
    assert Comment.objects.count() == 1, "its comment follows its own class again"
    done = Disposal.objects.get(row__slug="case")
    assert "Graham Ellis: reviews" in done.approved_by
    assert done.disposed_ids == [old_case.pk]


def test_a_kept_record_comes_back_on_its_next_day_and_not_before(old_case, graham_ellis):
    tasks.run_daily()
    decide(
        Review.objects.get(),
        graham_ellis,
        decision="keep",
        answers={**NO, "links": True},
        next_on=clock.today() + timedelta(days=365),
    )
    going.run()
    assert Case.objects.exists()
    assert Review.objects.count() == 1
    Review.objects.update(next_on=clock.today())
    tasks.run_daily()
    assert Review.objects.filter(state="open").count() == 1


def test_groups_1_and_2_take_a_second_person(old_case, graham_ellis, ines_moreau):
    tasks.run_daily()
    Review.objects.update(two_people=True)
    review = decide(Review.objects.get(), graham_ellis)
    assert review.state == "second"
    going.run()
    assert Case.objects.exists()
    with pytest.raises(NotPermitted, match="somebody else has to look"):
        reviews.agree(actor=graham_ellis, review=review)
    reviews.send_back(actor=ines_moreau, review=review, why="Look at the referral")
    review = decide(Review.objects.get(), graham_ellis)
    reviews.agree(actor=ines_moreau, review=review)
    with pytest.raises(TransitionNotAllowed):
        reviews.agree(actor=ines_moreau, review=review)
    going.run()
    assert not Case.objects.exists()


def test_a_hold_beats_a_review(old_case, graham_ellis):
    tasks.run_daily()
    decide(Review.objects.get(), graham_ellis)
    holds.place_hold(
        actor=graham_ellis,
        subject_type="escalation.case",
        subject_id=old_case.pk,
        reason="Inquest",
        review_on=clock.today() + timedelta(days=9),
    )
    going.run()
    assert Case.objects.exists()


def test_a_review_in_the_browser(client, old_case, graham_ellis):
    tasks.run_daily()
    review = Review.objects.get()
    client.force_login(graham_ellis)
    assert review.subject_name in client.get(reverse("retention:reviews"), {"after": "x"}).text
    address = reverse("retention:decide_review", args=[review.pk])
    given = {**dict.fromkeys(QUESTIONS, "no"), "decision": "keep", "why": "Its family may come back"}
    refused = client.post(address, given)
    assert refused.status_code == 422
    assert "later day" in refused.text
    assert "Its family may come back" in refused.text
    missing = {name: value for name, value in given.items() if name != "harm"}
    assert client.post(address, missing).status_code == 422
    given["next_on"] = (clock.today() + timedelta(days=100)).isoformat()
    assert client.post(address, given).status_code == 302
    assert "Its family may come back" in client.get(reverse("retention:review", args=[review.pk])).text
    assert client.get(reverse("retention:review", args=[10**9])).status_code == 404


# Restrictions and transfers


def restrict(comment, actor):
    return restrictions.restrict(
        actor=actor,
        subject_type="moderation.comment",
        subject_id=comment.pk,
        ground="evidence",
        why="Operation Kestrel",
    )


def test_a_restricted_comment_is_out_of_sight_and_unchangeable(
    client, comment, graham_ellis, ines_moreau, amira_hussain
):
    made = restrict(comment, graham_ellis)
    client.force_login(amira_hussain)
    assert client.get(reverse("moderation:conversation", args=[comment.pk])).status_code == 404
    assert comment.text not in client.get(reverse("moderation:desk")).text
    with pytest.raises(IntegrityError, match="is restricted"), transaction.atomic():
        Comment.objects.filter(pk=comment.pk).update(text="changed")
    with pytest.raises(IntegrityError, match="is restricted"), transaction.atomic():
        Comment.objects.filter(pk=comment.pk).update(state="open")
    with pytest.raises(TransitionNotAllowed, match="restricted already"):
        restrict(comment, ines_moreau)
    with pytest.raises(NotPermitted, match="somebody else has to lift"):
        restrictions.lift(actor=graham_ellis, restriction=made, why="Told")
    restrictions.lift(actor=ines_moreau, restriction=made, why="Decided, and the writer was told")
    comment.refresh_from_db()
    assert comment.state == "open"
    assert client.get(reverse("moderation:conversation", args=[comment.pk])).status_code == 200


def test_a_restricted_comment_is_never_disposed_of(old_comment, graham_ellis):
    restrict(old_comment, graham_ellis)
    going.run()
    assert Comment.objects.filter(pk=old_comment.pk).exists()


def test_a_restricted_record_is_read_with_a_reason_alone(client, comment, graham_ellis, nadia_rahman):
    made = restrict(comment, graham_ellis)
    client.force_login(graham_ellis)
    page = reverse("retention:restriction", args=[made.pk])
    assert comment.text not in client.get(page).text
    address = reverse("retention:open_restricted", args=[made.pk])
    assert client.post(address, {"why": ""}).status_code == 422
    shown = client.post(address, {"why": "SAR 26/0041"})
    assert "I can&#x27;t do this any more" in shown.text
    entry = Entry.objects.get(event="restriction.opened")
    assert (entry.operation, entry.shown_ids, entry.reason) == ("consultation", [comment.pk], "SAR 26/0041")
    client.force_login(nadia_rahman)
    assert client.post(address, {"why": "Curious"}).status_code == 403


def test_restricting_and_transferring_in_the_browser(client, comment, graham_ellis):
    client.force_login(graham_ellis)
    address = reverse("retention:restrict")
    given = {
        "subject_type": "moderation.comment",
        "subject_id": 10**9,
        "ground": "evidence",
        "why": "Kestrel",
    }
    assert client.get(address, {"type": "x", "id": "y"}).status_code == 200
    assert client.post(address, given).status_code == 422
    assert client.post(address, {**given, "subject_type": "notices.notice"}).status_code == 422
    assert client.post(address, {**given, "subject_id": comment.pk}).status_code == 302
    again = client.post(address, {**given, "subject_id": comment.pk})
    assert "restricted already" in again.text
    assert f"Comment {comment.pk}" in client.get(reverse("retention:restricted")).text
    transfer = reverse("retention:record_transfer")
    given = {
        "subject_type": "moderation.comment",
        "subject_id": comment.pk,
        "system": "rms",
        "receiver": "",
        "reference": "W/2041/26",
        "why": "Crime recorded",
    }
    assert client.post(transfer, given).status_code == 422
    assert client.post(transfer, {**given, "receiver": "Crime bureau"}).status_code == 302
    entry = Entry.objects.get(event="record.transferred")
    assert (entry.operation, entry.details["receiver"]) == ("disclosure", "Crime bureau")
    assert "Crime bureau" in client.get(reverse("retention:transfers")).text
    assert Transfer.objects.count() == 1


# The schedule and holds


def test_a_change_of_the_schedule_in_the_browser(
    client, row, graham_ellis, ines_moreau, nadia_rahman, amira_hussain
):
    client.force_login(graham_ellis)
    page = client.get(reverse("retention:schedule")).text
    assert row.title in page
    assert "confirm with the force" in page
    address = reverse("retention:row", args=[row.pk])
    assert client.get(address).status_code == 200
    given = {
        "number": 3,
        "unit": "years",
        "starts_with": "closed",
        "trigger": "decided",
        "outcome": "dispose",
        "quiet_days": 2,
        "mopi_group": "",
        "regime": "both",
        "legal_basis": row.legal_basis,
        "source": row.source,
        "paragraph": "",
        "description": "",
        "version": 1,
    }
    assert client.post(address, {**given, "number": "many"}).status_code == 422
    same = client.post(address, {**given, "number": 2})
    assert same.status_code == 422
    assert "kept for 2 years already" in same.text
    assert client.post(address, {**given, "mopi_group": "1"}).status_code == 422
    made = client.post(address, given)
    assert made.status_code == 302
    draft = made.url
    assert "would be kept longer" in client.get(draft).text or "No record" in client.get(draft).text
    assert "Your <a" in client.get(address).text
    put = f"{draft}put-forward/"
    assert client.post(put, {"effective_on": "2020-01-01", "why": "v5"}).status_code == 422
    assert client.post(put, {"effective_on": clock.today().isoformat(), "why": "v5"}).status_code == 302
    own = client.post(f"{draft}approve/")
    assert own.status_code == 403
    assert "somebody else who may change the schedule has to approve" in own.text
    client.force_login(ines_moreau)
    assert "Approve, to count from" in client.get(draft).text
    assert client.post(f"{draft}approve/").status_code == 302
    row.refresh_from_db()
    assert row.period == "3 years"
    assert client.post(f"{draft}withdraw/", {"why": "No"}).status_code == 409
    client.force_login(graham_ellis)
    assert client.post(address, given).status_code == 409
    client.force_login(nadia_rahman)
    for name in ("schedule", "drafts", "proposals", "reviews", "restricted", "transfers"):
        assert client.get(reverse(f"retention:{name}")).status_code == 200
    client.force_login(amira_hussain)
    for name in (
        "schedule",
        "holds",
        "disposals",
        "place_hold",
        "drafts",
        "proposals",
        "reviews",
        "restricted",
    ):
        assert client.get(reverse(f"retention:{name}")).status_code == 403


def test_a_row_is_confirmed_in_the_browser(client, row, graham_ellis):
    client.force_login(graham_ellis)
    confirm = reverse("retention:confirm", args=[row.pk])
    assert client.post(confirm, {"version": "x"}).status_code == 422
    assert client.post(confirm, {"version": 1}).status_code == 302
    assert client.post(confirm, {"version": 1}).status_code == 409


def test_holds_in_the_browser(client, comment, graham_ellis, nadia_rahman):
    client.force_login(nadia_rahman)
    place = reverse("retention:place_hold")
    filled = client.get(place, {"type": "moderation.comment", "id": comment.pk}).text
    assert f'value="{comment.pk}"' in filled
    assert client.get(place, {"type": "x", "id": "y", "kind": "z"}).status_code == 200
    given = {
        "kind": "record",
        "subject_type": "moderation.comment",
        "subject_id": comment.pk,
        "for_what": "foi",
        "reference": "FOI 26/1042",
        "reason": "FOI",
        "review_on": (clock.today() + timedelta(days=5)).isoformat(),
    }
    for wrong in (
        {"subject_id": 999999},
        {"review_on": "soon"},
        {"review_on": "2020-01-01"},
        {"reason": ""},
        {"kind": "query"},
        {"kind": "dates"},
        {"kind": "case"},
    ):
        assert client.post(place, {**given, **wrong}).status_code == 422
    assert client.post(place, given).status_code == 302
    again = client.post(place, given)
    assert again.status_code == 422
    assert "Open the hold that stands" in again.text
    hold = Hold.objects.get()
    assert client.post(place, {**given, "kind": "query", "words": "lantern"}).status_code == 302
    assert "FOI" in client.get(reverse("retention:holds")).text
    assert "It keeps" in client.get(reverse("retention:hold", args=[hold.pk])).text
    assert client.get(reverse("retention:hold", args=[999])).status_code == 404
    review = reverse("retention:review_hold", args=[hold.pk])
    assert client.post(review, {"reason": "", "review_on": given["review_on"]}).status_code == 422
    assert client.post(review, {"reason": "Appeal", "review_on": given["review_on"]}).status_code == 302
    ask = reverse("retention:ask_to_lift", args=[hold.pk])
    assert client.post(ask, {"reason": ""}).status_code == 422
    assert client.post(ask, {"reason": "Answered"}).status_code == 302
    lift = reverse("retention:lift_hold", args=[hold.pk])
    assert client.post(lift).status_code == 403
    client.force_login(graham_ellis)
    assert "Lift the hold" in client.get(reverse("retention:hold", args=[hold.pk])).text
    assert client.post(lift).status_code == 302
    assert client.post(lift).status_code == 409


def test_the_home_page_leads_to_what_waits(client, old_comment, old_case, graham_ellis, ines_moreau):
    tasks.run_daily()
    hold = hold_on(old_comment, ines_moreau)
    holds.ask_to_lift(actor=ines_moreau, hold=hold, reason="Answered")
    client.force_login(graham_ellis)
    page = client.get(reverse("home")).text
    for words in ("hold is to be lifted", "record waits for review", "disposal goes on by itself"):
        assert words in page


# Certificates


def verify(path, *more):
    return subprocess.run(
        [sys.executable, "-I", ROOT / "scripts/verify_certificate.py", path, *more],
        capture_output=True,
        text=True,
    )


def test_certificates_in_the_browser(client, row, old_comment, graham_ellis):
    client.force_login(graham_ellis)
    assert "Nothing has been disposed of yet" in client.get(reverse("retention:disposals")).text
    going.run()
    assert "Certificate" in client.get(reverse("retention:disposals"), {"before": "x"}).text
    done = Disposal.objects.get(row=row)
    for name, kind in (("certificate", "application/pdf"), ("certificate_json", "application/json")):
        paper = client.get(reverse(f"retention:{name}", args=[done.pk]))
        assert paper["Content-Type"] == kind
        assert client.get(reverse(f"retention:{name}", args=[99999])).status_code == 404
    data = json.loads(paper.content)
    assert data["document"]["disposed"] == len(data["document"]["records"]) == 1
    assert str(old_comment.pk) not in data["document"]["records"]


def test_a_certificate_is_verified_elsewhere(row, old_comment, tmp_path):
    going.run()
    done = Disposal.objects.get(row=row)
    path = tmp_path / "certificate.json"
    path.write_bytes(certificate.as_json(done))
    whole = verify(path, "--record", str(old_comment.pk), "--record", "999999")
    assert whole.returncode == 0, whole.stdout + whole.stderr
    assert f"Record {old_comment.pk} is on it" in whole.stdout
    assert "Record 999999 is not on it" in whole.stdout
    given = json.loads(path.read_text())
    for wrong in ({"disposed": 2}, {"rule": "50 years"}, {"records": []}, {"approved_by": ["Somebody else"]}):
        path.write_text(json.dumps({**given, "document": {**given["document"], **wrong}}))
        assert verify(path).returncode == 1, wrong
    path.write_text("{}")
    assert verify(path).returncode == 2


def test_a_certificate_stays_the_same_when_the_force_or_its_rule_is_called_otherwise(
    row, old_comment, settings
):
    going.run()
    done = Disposal.objects.get(row=row)
    settings.FORCE_NAME = "Another Police"
    assert certificate.digest(certificate.document(done)) == done.digest
    assert Entry.objects.get(event="disposal.finished").details["certificate_sha256"] == done.digest
    assert disposals.finish(actor=tasks.RETENTION, disposal=done).digest == done.digest
