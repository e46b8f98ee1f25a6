"""One decision on many comments: through the single action each, and taken back the same way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from audit.actions import record
from core import clock
from core.acting import action
from core.errors import NotValid, Refused, TransitionNotAllowed
from moderation import bulk, queries
from moderation.actions import desk
from moderation.models import Batch, Clause, Comment, Decision
from staff.models import StaffMember, Team


@action
def decide_many(
    *,
    actor: StaffMember,
    kind: str,
    revisions: Mapping[int, int],
    clause: Clause | None = None,
    why: str = "",
    where: str = "",
    team: Team | None = None,
) -> Batch:
    """The decision is made on each of these comments by itself; what was refused stays as it is, with the reason.

    revisions: of each comment the revision that was shown. What bears a mark of risk, or a colleague has, is left
    out again now, whatever the preview said. Raises NotFound (no such decision), NotValid (nothing chosen, or what
    the decision needs is missing). Audits batch.decided, beside each single decision's own entry.
    """
    if not revisions:
        raise NotValid("Choose at least one comment.")
    if len(revisions) > bulk.MOST:
        raise NotValid(f"At most {bulk.MOST} comments are decided on in one go.")
    now = bulk.preview(actor, kind, sorted(revisions))
    _refuse_incomplete(kind, clause=clause, why=why, where=where, team=team)
    results = [_result(one.comment, says=f"Left as it is: {one.why}") for one in now.left_out]
    given = {"clause": clause, "why": why, "where": where, "team": team}
    for comment in now.taken:
        try:
            with transaction.atomic():
                _refuse_if_left_to_people(actor, comment, now.kind)
                decision = _one(actor, comment, kind, revisions[comment.pk], given)
        except Refused as refusal:
            results.append(_result(comment, says=refusal.sentence))
        else:
            results.append(_result(comment, decision, now.kind.done))
    says = now.kind.label + (f": {clause.title}" if clause else "") + (f": {team.name}" if team else "")
    batch = Batch.objects.create(by=actor, at=clock.now(), kind=kind, says=says[:300], results=results)
    done = [row["comment"] for row in results if row["decision"]]
    record(
        actor=actor,
        event="batch.decided",
        subject=batch,
        subject_name=batch.says,
        reason=why.strip(),
        details={"says": f"{now.kind.label}, {len(done)} of {len(revisions)}", "comments": done},
    )
    return batch


@action
def undo(*, actor: StaffMember, batch: Batch) -> Batch:
    """Each decision of the batch that still stands is taken back by itself; the others stay, with the reason.

    Raises TransitionNotAllowed (undone already, or nothing was done). Audits batch.undone.
    """
    row = Batch.objects.select_for_update().get(pk=batch.pk, by=actor)
    if not bulk.can_undo(row):
        raise TransitionNotAllowed("There is nothing left to take back.")
    undone = []
    for result in row.results:
        if not result["decision"]:
            continue
        try:
            with transaction.atomic():
                _take_back(actor, row.kind, result)
        except Refused as refusal:
            undone.append({"comment": result["comment"], "says": refusal.sentence})
        else:
            undone.append({"comment": result["comment"], "says": "Taken back"})
    row.undone_at, row.undone = clock.now(), undone
    row.save(update_fields=["undone_at", "undone"])
    record(
        actor=actor,
        event="batch.undone",
        subject=row,
        subject_name=row.says,
        details={"comments": [one["comment"] for one in undone if one["says"] == "Taken back"]},
    )
    return row


@action
def see(*, actor: StaffMember, preview: bulk.Preview) -> None:
    """Whose words a preview showed. Audits batch.viewed."""
    if preview.shown_ids:
        record(
            actor=actor,
            event="batch.viewed",
            shown_ids=preview.shown_ids,
            details={"kind": preview.kind.slug},
        )


@action
def see_results(*, actor: StaffMember, batch: Batch, ids: list[int]) -> None:
    """Whose words the page of a batch showed. Audits batch.viewed."""
    if ids:
        record(
            actor=actor,
            event="batch.viewed",
            subject=batch,
            subject_name=batch.says,
            shown_ids=ids,
            details={"kind": batch.kind},
        )


def _refuse_incomplete(kind: str, *, clause: Clause | None, why: str, where: str, team: Team | None) -> None:
    """What is missing is missing for all of them: said once, and nothing is done."""
    if kind == "hide":
        if clause is None:
            raise NotValid("Choose the clause of the published guidelines that they break.", field="clause")
        desk.published_clause(clause, why)
    if kind == "elsewhere" and not where.strip():
        raise NotValid("Say where they were handled.", field="where")
    if kind == "hand_over":
        if team is None:
            raise NotValid("Choose the team that gets them.", field="team")
        if not why.strip():
            raise NotValid("Say in a few words what is wanted of the team.", field="why")


def _one(
    actor: StaffMember, comment: Comment, kind: str, revision_number: int, given: Mapping[str, Any]
) -> Decision:
    on: dict[str, Any] = {"actor": actor, "comment": comment, "revision_number": revision_number}
    if kind == "hide":
        return desk.hide(**on, clause=given["clause"], why=given["why"])
    if kind == "elsewhere":
        return desk.handled_elsewhere(**on, where=given["where"], why=given["why"])
    if kind == "hand_over":
        return desk.hand_over(**on, team=given["team"], why=given["why"])
    return desk.no_action(**on, why=given["why"])


def _refuse_if_left_to_people(actor: StaffMember, comment: Comment, kind: bulk.Kind) -> None:
    """Ask once more with the comment locked: triage may have found a cry in it since, or a colleague taken it."""
    Comment.objects.select_for_update().only("pk").get(pk=comment.pk)
    now = bulk.preview(actor, kind.slug, [comment.pk])
    for one in now.left_out:
        raise TransitionNotAllowed(f"Left as it is: {one.why}")


def _take_back(actor: StaffMember, kind: str, result: Mapping[str, Any]) -> None:
    comment = queries.comment(actor, result["comment"])
    Comment.objects.select_for_update().only("pk").get(pk=comment.pk)
    if why_not := desk.why_not_taken_back(comment, result["decision"]):
        raise TransitionNotAllowed(why_not)
    why = "Taken back with the others"
    if kind == "hide":
        desk.unhide(actor=actor, comment=comment, revision_number=comment.revision_number, why=why)
    elif kind == "hand_over":
        desk.hand_over(
            actor=actor,
            comment=comment,
            revision_number=comment.revision_number,
            team=Team.objects.filter(pk=result.get("was_with") or 0).first(),
            why=why,
        )
    else:
        desk.reopen(actor=actor, comment=comment, why=why)


def _result(comment: Comment, decision: Decision | None = None, says: str = "") -> dict[str, Any]:
    """was_with: the team in whose queue it stood before."""
    return {
        "comment": comment.pk,
        "decision": decision.pk if decision else None,
        "says": says,
        "was_with": comment.handed_to_id,
    }
