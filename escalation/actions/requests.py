"""Requests under information law and cases: one that is overdue is a case; one that came by referral answers it.

The room below states a fact; it is picked up here once, under unique constraints, and taken back in the same transaction.
"""

from __future__ import annotations

from accounts.models import OfficialAccount
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import NotValid
from escalation import queries_referrals, queries_requests
from escalation.actions import cases, log, referrals
from escalation.models import Case, PathwayVersion, Referral, RequestCase
from escalation.workflow import REFERRAL
from moderation.categories import Priority
from retention.actions import rights, rights_course
from retention.actions.rights import Intake
from retention.models import RightsRequest
from retention.statutory import Law
from staff.models import StaffMember

PATHWAY = "information_request"
REFERRED = "escalation.referral"
KINDS = {Law.FOI: RightsRequest.Kind.FOI, Law.SUBJECT_ACCESS: RightsRequest.Kind.ACCESS}


@action
def open_for_request(*, actor: Actor, request: RightsRequest) -> Case | None:
    """A request that nobody answered in time is a case; its first level is called.

    Answers None where another worker has done it meanwhile. Audits case.opened and request.case_opened.
    """
    found = (
        RightsRequest.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("official_account", "handler")
        .filter(pk=request.pk)
        .exclude(needs_case="")
        .first()
    )
    account = (found.official_account or _any_account()) if found is not None else None
    if found is None or account is None:
        return None
    by = clock.in_london(found.due_at)
    case = cases.begin(
        actor=actor,
        official_account=account,
        version=_version(),
        title=f"Not answered in time: {found.title}",
        priority=Priority.ROUTINE,
        why=f"{found.title}, was to be answered by {by:%-d %B %Y}"
        + (f" by {found.handler.called}" if found.handler is not None else ", and nobody has it")
        + f". {found.source}.",
    )
    RequestCase.objects.create(case=case, request=found, due_at=found.due_at)
    rights_course.case_opened(actor=actor, request=found, reference=case.reference)
    return case


@action
def take_in(*, actor: StaffMember, referral: Referral) -> RightsRequest:
    """What was referred as a request is one on the board of information rights, and nobody types it again.

    Its day of receipt is that of the first message, and whoever wrote the messages of the referral is whom it is about.
    Raises NotPermitted, NotValid (no referral of a request). Audits request.taken_in.
    """
    referral = referrals.locked_referral(referral)
    kind = KINDS.get(Law(referral.kind.deadline_law)) if referral.kind.deadline_law else None
    if kind is None:
        raise NotValid("This is no referral of a request under information law.")
    if not queries_referrals.receives(actor, referral):
        raise NotValid(f"{referral.reference} is for {referral.kind.team}: they take it in.")
    given = referral.given
    comment = queries_requests.comment_of(referral)
    told_at = referral.first_told_at or referral.at
    made = rights.receive(
        actor=actor,
        intake=Intake(
            kind=kind,
            received_on=clock.in_london(told_at).date(),
            requester=given.get("contact", "") or "Not given",
            contact=given.get("contact", ""),
            wanted=given.get("what", "") or "As in the messages of the referral",
            channel=RightsRequest.Channel.MESSAGE
            if comment is not None and comment.private
            else RightsRequest.Channel.COMMENT,
            official_account=referral.official_account,
            commenter_id=comment.commenter_id if comment is not None else None,
            origin_type=REFERRED,
            origin_id=referral.pk,
        ),
    )
    log.write(
        actor=actor,
        case=referral.case,
        event="referred",
        text=f"{referral.reference} was taken in as {made.reference}.",
    )
    return made


@action
def settle(*, actor: Actor, referral: Referral, request: RightsRequest) -> Referral | None:
    """The request was answered, and so is the referral that it came by. Audits referral.answered, once."""
    referral = referrals.locked_referral(referral)
    if not REFERRAL.allows(referral.state, "answer") or request.closed_by is None:
        return None
    referrals.answer_by_request(
        actor=actor,
        referral=referral,
        by=request.closed_by,
        said={
            "outcome": f"{request.get_outcome_display()}, answered on {request.answered_on:%-d %B %Y}",
            "reference": request.outside_reference or request.reference,
        },
    )
    return referral


def _any_account() -> OfficialAccount | None:
    """The force’s first official account: a request that came by no channel of ours is a matter of the whole force."""
    return OfficialAccount.objects.filter(exercise=False).order_by("pk").first() or (
        OfficialAccount.objects.order_by("pk").first()
    )


def _version() -> PathwayVersion:
    """What happens when a request is neglected; where the force has no such pathway, as for other concerns."""
    live = PathwayVersion.objects.select_related("pathway").filter(
        state=PathwayVersion.State.LIVE, pathway__slug=PATHWAY
    )
    return live.first() or cases.version_for("")
