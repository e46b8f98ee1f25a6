"""Cases that belong together, or apart: linked, merged, split."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from accounts import queries as accounts
from core import clock
from core.acting import action
from core.errors import NotValid, TransitionNotAllowed
from escalation import queries_referrals
from escalation.actions import cases, deadlines, ladder, log
from escalation.actions.taking import locked, note_act, refuse_if_closed
from escalation.models import Case, CaseComment, CaseLink, OwnPost, Pathway, Referral
from escalation.workflow import CASE
from notices.actions import notify
from notices.models import Notice
from staff.models import StaffMember
from staff.roles import Power


@action
def link(*, actor: StaffMember, case: Case, other: Case, why: str) -> CaseLink:
    """Two cases are tied, each by its own ladder. Raises NotPermitted, NotValid. Audits case.linked."""
    one, two = _both(actor, case, other, Power.SEE_CASES)
    why = _reason(why)
    if CaseLink.objects.filter(case__in=[one, two], other__in=[one, two]).exists():
        raise NotValid(f"{one.reference} and {two.reference} are tied already.", field="other")
    made = _tie(actor, one, two, CaseLink.Kind.RELATED, why)
    for this, that in ((one, two), (two, one)):
        log.write(actor=actor, case=this, event="linked", text=f"Belongs with {that.reference}: {why}")
        note_act(this)
    log.audit(actor, "case.linked", one, other=two.reference)
    return made


@action
def merge(*, actor: StaffMember, case: Case, into: Case, why: str) -> Case:
    """Everything of one case stands in the other, which goes on; the emptied one is closed and points there.

    The other keeps the more urgent of both priorities and of both grades. Merging silences nobody: the other's ladder, or whoever has it, goes
    on, and whoever had or was called for the emptied one is told where it went. It needs somebody who may have
    cases of both. Raises NotPermitted, NotValid (another pathway's, another official account's, closed).
    Audits case.merged.
    """
    gone, kept = _both(actor, case, into, Power.ACKNOWLEDGE_CASES)
    why = _reason(why)
    refuse_if_closed(gone, "merge it")
    refuse_if_closed(kept, "merge into it")
    if gone.exercise != kept.exercise:
        raise NotValid("An exercise and a real case stay apart.", field="other")
    if gone.official_account_id != kept.official_account_id:
        raise NotValid(
            "They belong to different official accounts: whoever sees a case sees all its evidence. Tie them.",
            field="other",
        )
    if kept.state == Case.State.ACKNOWLEDGED and gone.priority < kept.priority:
        # Somebody answered for a lesser risk; the greater one has to be said "I have it" to.
        raise NotValid(
            f"{gone.reference} is more urgent than {kept.reference}. Merge {kept.reference} into "
            f"{gone.reference} instead.",
            field="other",
        )
    moved = CaseComment.objects.filter(case=gone).update(case=kept)
    # Whatever is open of it goes on being asked after, and holds the case that goes on open.
    Referral.objects.filter(case=gone).update(case=kept)
    OwnPost.objects.filter(case=gone).exclude(delivery__in=kept.own_posts.values("delivery")).update(
        case=kept
    )
    for rows in (gone.tips, gone.appeals, gone.requests):
        rows.update(case=kept)
    graded = gone.grade is not None and (kept.grade is None or gone.grade.position < kept.grade.position)
    if graded:
        kept.grade = gone.grade
    kept.place = kept.place or gone.place
    kept.priority = min(kept.priority, gone.priority)
    deadlines.told_earlier(actor=actor, case=kept, at=gone.first_told_at or gone.opened_at)
    if (
        gone.due_at is not None
        and gone.paused_at is None
        and (kept.due_at is None or gone.due_at < kept.due_at)
    ):
        kept.due_at = gone.due_at
        deadlines.warn(kept)
    kept.save(update_fields=["priority", "due_at", "nag_at", "grade", "place"])
    for person in gone.people.filter(replaced_by=None):
        person.case = kept
        person.save(update_fields=["case"])
    had, outcome = gone.acknowledged_by, f"Merged into {kept.reference}: {why}"[:500]
    gone.state = CASE.next(gone.state, "merge")
    gone.merged_into = kept
    gone.acknowledge_by = gone.act_by = gone.nag_at = None
    gone.closed_at, gone.closed_by, gone.outcome = clock.now(), actor, outcome
    gone.save()
    _tie(actor, gone, kept, CaseLink.Kind.MERGED, why)
    log.write(actor=actor, case=gone, event="closed", text=outcome)
    log.write(
        actor=actor,
        case=kept,
        event="merged",
        text=f"{gone.reference} was merged into this case, with {moved} pieces of evidence: {why}"
        + (f". Its grade counts here: “{kept.grade}”" if graded else ""),
    )
    called = [call.person for call in gone.call_outs.select_related("person") if call.person is not None]
    notify(
        actor=actor,
        to=[person for person in [*called, *([had] if had else [])] if person.pk != actor.pk],
        urgency=Notice.Urgency.FYI,
        title=f"Case {gone.reference} is part of {kept.reference} now",
        link=reverse("escalation:case", args=[gone.pk]),
        key=f"case {gone.pk} merged {gone.round}",
    )
    cases.tell_holder(actor, kept, what=f"{gone.reference} was merged into it", key=f"merged {gone.pk}")
    log.audit(actor, "case.merged", gone, other=kept.reference)
    return kept


@action
def split(
    *,
    actor: StaffMember,
    case: Case,
    evidence: Sequence[CaseComment],
    pathway: Pathway,
    title: str,
    why: str,
) -> Case:
    """Some of the evidence is another matter: it stands in a new case of its own, whose first level is called.

    Raises NotPermitted, NotValid (nothing or everything chosen), TransitionNotAllowed. Audits case.split.
    """
    whole = locked(case.pk)
    accounts.require(actor, Power.ESCALATE, whole.official_account_id)
    refuse_if_closed(whole, "split it")
    why = _reason(why)
    title = " ".join(title.split())
    if not title or len(title) > 160:
        raise NotValid("Give the new case a title of up to 160 characters.", field="title")
    pieces = [piece for piece in evidence if piece.case_id == whole.pk]
    if not pieces:
        raise NotValid("Choose what belongs to the other matter.", field="evidence")
    if len(pieces) >= whole.evidence.count():
        raise NotValid("Leave something in this case; to move all of it, merge.", field="evidence")
    part = cases.begin(
        actor=actor,
        official_account=whole.official_account,
        version=cases.live_version(pathway),
        title=title,
        priority=min(piece.comment.priority for piece in pieces),
        why=f"Split off {whole.reference}: {why}",
        drill=whole.drill,
        call=False,
    )
    CaseComment.objects.filter(pk__in=[piece.pk for piece in pieces]).update(case=part)
    # Its clocks begin with the first message of it, not with the moment at which somebody saw that it is another matter.
    deadlines.told_earlier(actor=actor, case=part, at=queries_referrals.first_told(part))
    _tie(actor, whole, part, CaseLink.Kind.SPLIT, why)
    log.write(
        actor=actor,
        case=whole,
        event="split",
        text=f"{len(pieces)} pieces of evidence went into {part.reference}: {why}",
    )
    note_act(whole)
    log.audit(actor, "case.split", whole, other=part.reference)
    ladder.call_first_level(case=part)
    return part


def _both(actor: StaffMember, case: Case, other: Case, power: str) -> tuple[Case, Case]:
    """Both locked, always in the order of their numbers, and both the actor's to act on."""
    if case.pk == other.pk:
        raise NotValid("Choose another case.", field="other")
    found = {pk: locked(pk) for pk in sorted((case.pk, other.pk))}
    for one in found.values():
        accounts.require(actor, power, one.official_account_id)
    return found[case.pk], found[other.pk]


def _reason(why: str) -> str:
    why = " ".join(why.split())
    if not why or len(why) > 300:
        raise NotValid("Say why, in up to 300 characters.", field="why")
    return why


def _tie(actor: StaffMember, case: Case, other: Case, kind: str, why: str) -> CaseLink:
    if CaseLink.objects.filter(case=case, other=other, kind=kind).exists():
        raise TransitionNotAllowed("They are tied like this already.")
    return CaseLink.objects.create(
        case=case, other=other, kind=kind, why=why, at=clock.now(), by_name=actor.called
    )
