"""Reading for one decision on many comments: what it would do to which, and what it leaves to people one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.queries import authority_of
from core.errors import NotFound
from moderation import queries, queries_triage
from moderation.categories import HIGH_RISK, Priority
from moderation.models import Batch, Comment, ReplyRequest
from platforms.contract import Capability
from staff.models import StaffMember
from staff.roles import Power

MOST = 100
"""Comments in one go: as many as somebody can look through."""


@dataclass(frozen=True)
class Kind:
    """A decision that can be made on many. `done`: what each result says. `undo`: how it is taken back."""

    slug: str
    label: str
    done: str
    power: str
    undo: str


KINDS = {
    kind.slug: kind
    for kind in (
        Kind("no_action", "No action", "No action", Power.WORK_COMMENTS, "reopen"),
        Kind("hide", "Hide under a clause", "Hidden", Power.HIDE_COMMENTS, "unhide"),
        Kind("elsewhere", "Handled elsewhere", "Handled elsewhere", Power.WORK_COMMENTS, "reopen"),
        Kind("hand_over", "Hand to a team", "Handed over", Power.WORK_COMMENTS, "hand_back"),
    )
}


@dataclass(frozen=True)
class LeftOut:
    """A comment that the decision does not touch, and why."""

    comment: Comment
    why: str


@dataclass(frozen=True)
class Preview:
    """What would happen: to these, and not to those."""

    kind: Kind
    taken: list[Comment]
    left_out: list[LeftOut]
    not_there: int = 0
    """Chosen ones that are beyond the viewer's official accounts, or gone."""

    @property
    def shown_ids(self) -> list[int]:
        return [comment.pk for comment in (*self.taken, *(one.comment for one in self.left_out))]


def preview(viewer: StaffMember, slug: str, ids: Sequence[int]) -> Preview:
    """What the decision would do to these comments. Raises NotFound for a decision that there is not."""
    kind = KINDS.get(slug)
    if kind is None:
        raise NotFound("There is no such decision for many comments at once.")
    chosen = list(dict.fromkeys(ids))[:MOST]
    found = (
        Comment.objects.filter(
            queries.UNRESTRICTED, pk__in=chosen, official_account_id__in=queries.scope(viewer)
        )
        .select_related("official_account", "commenter", "claimed_by", "handed_to")
        .in_bulk()
    )
    asked = set(
        ReplyRequest.objects.filter(comment_id__in=found, state=ReplyRequest.State.ASKED).values_list(
            "comment_id", flat=True
        )
    )
    model_reads = queries_triage.live_version() is not None
    taken, left_out = [], []
    for pk in chosen:
        comment = found.get(pk)
        if comment is None:
            continue
        why = why_one_by_one(viewer, comment, kind, model_reads=model_reads) or (
            "A reply to it waits for a second person" if pk in asked else ""
        )
        if why:
            left_out.append(LeftOut(comment, why))
        else:
            taken.append(comment)
    return Preview(kind, taken, left_out, len(chosen) - len(found))


def why_one_by_one(viewer: StaffMember, comment: Comment, kind: Kind, *, model_reads: bool) -> str:
    """Why this comment is left to a person by itself; empty where the decision may be made on it with others.

    model_reads: whether triage's model is live; while it is not, the rules alone speak, which have read everything.
    """
    if comment.state != Comment.State.OPEN:
        return comment.get_state_display()
    holder = queries.holder(comment)
    if holder is not None and holder.pk != viewer.pk:
        return f"{holder.called} has it"
    if risk := risk_mark(comment):
        return risk
    if model_reads and comment.model_due_at is not None:
        return "Triage has not read all of it yet"
    if not authority_of(viewer).holds(kind.power, comment.official_account_id):
        return f"You may not do this on {comment.official_account.name}"
    if kind.slug == "hide":
        return _why_not_hidden(comment)
    return ""


def risk_mark(comment: Comment) -> str:
    """Why somebody has to read it for itself: the marks of risk that it bears; empty where there are none."""
    if comment.triage_broken:
        return "Triage could not read it: a person must"
    if comment.priority <= Priority.HIGH:
        return f"Marked {Priority(comment.priority).label.lower()}"
    if comment.category in HIGH_RISK:
        return f"May be about {comment.get_category_display().lower()}"
    for finding in comment.findings:
        if finding.get("category") in HIGH_RISK:
            return f"A sign of risk: {finding.get('sentence', '')}"[:200]
    return ""


def _why_not_hidden(comment: Comment) -> str:
    if comment.private:
        return "A private message: nobody but the force sees it"
    if comment.removed_at is not None:
        return "Gone from the platform"
    if comment.hidden_at is not None and not comment.held_why:
        return "Hidden already"
    return queries.why_not(comment, Capability.HIDE)


def batch(viewer: StaffMember, pk: int) -> Batch:
    """One's own batch. Raises NotFound."""
    found = Batch.objects.filter(pk=pk, by=viewer).first()
    if found is None:
        raise NotFound("There is no such page, or it is a colleague’s.")
    return found


@dataclass(frozen=True)
class Result:
    """What came of one comment of a batch. `undone` says what undoing it came to."""

    comment: Comment | None
    pk: int
    done: bool
    says: str
    undone: str = ""


def results(viewer: StaffMember, batch: Batch) -> list[Result]:
    """Per comment what came of it, in the order in which it was done; words only within the viewer's scope."""
    ids = [row["comment"] for row in batch.results]
    comments = (
        Comment.objects.filter(
            queries.UNRESTRICTED, pk__in=ids, official_account_id__in=queries.scope(viewer)
        )
        .select_related("official_account")
        .in_bulk()
    )
    undone = {row["comment"]: row["says"] for row in batch.undone}
    return [
        Result(
            comments.get(row["comment"]),
            row["comment"],
            bool(row["decision"]),
            row["says"],
            undone.get(row["comment"], ""),
        )
        for row in batch.results
    ]


def can_undo(batch: Batch) -> bool:
    """Whether there is something to take back."""
    return batch.undone_at is None and any(row["decision"] for row in batch.results)
