"""The answer to a request: put forward by one person, agreed to by another, carried out, sent, and recorded."""

from __future__ import annotations

from datetime import date

from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from core.typed import reason as typed_reason
from retention import bundle, exemptions, queries, queries_rights
from retention.actions import holds, proposals, restrictions
from retention.actions.rights import live_holds, locked, note
from retention.actions.rights_review import refuse_undecided
from retention.models import Disclosure, Erasure, FoundItem, Restriction, RightsRequest
from retention.workflow import REQUEST
from staff.models import StaffMember
from staff.roles import Power

Kind, Outcome, Decision = RightsRequest.Kind, RightsRequest.Outcome, FoundItem.Decision
GRANTS = (Outcome.DONE, Outcome.PARTLY)


@action
def put_forward(
    *, actor: StaffMember, request: RightsRequest, outcome: str, words: str, why: str
) -> RightsRequest:
    """An answer waits for a second person: what comes of it, what the requester is told, and why.

    Raises NotPermitted, NotValid (field: outcome, words, why), TransitionNotAllowed. Audits request.put_forward.
    """
    require(actor, Power.HANDLE_REQUESTS)
    request = locked(request)
    state = REQUEST.next(request.state, "put")
    if outcome not in Outcome:
        raise NotValid("Choose what comes of it.", field="outcome")
    words = words.replace("\r\n", "\n").strip()
    if not words:
        raise NotValid("Write what the requester is told.", field="words")
    why = typed_reason(why, "Say why it is answered so, for the file.", most=600)
    _check(request, outcome)
    request.state, request.outcome, request.words, request.why = state, outcome, words[:20_000], why
    request.put_by, request.put_at, request.sent_back_why = actor, clock.now(), ""
    request.save()
    note(actor, request, f"An answer was put forward: {request.get_outcome_display().lower()}. {why}")
    record(
        actor=actor,
        event="request.put_forward",
        subject=request,
        subject_name=request.title,
        reason=why,
        details={"outcome": outcome},
    )
    return request


@action
def send_back(*, actor: StaffMember, request: RightsRequest, why: str) -> RightsRequest:
    """The answer is not agreed to, and the request is open again. Audits request.sent_back.

    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed.
    """
    require(actor, Power.HANDLE_REQUESTS)
    request = locked(request)
    why = typed_reason(why, "Say what is to be done otherwise.", most=300)
    request.state = REQUEST.next(request.state, "send_back")
    request.sent_back_why = why
    request.save(update_fields=["state", "sent_back_why"])
    note(actor, request, f"Sent back: {why}")
    record(actor=actor, event="request.sent_back", subject=request, subject_name=request.title, reason=why)
    return request


@action
def agree(*, actor: StaffMember, request: RightsRequest) -> RightsRequest:
    """A second person stands for the answer; what it grants is carried out in the same moment.

    Erasure proposes the records at once, by whose certificate they go; restriction takes them from sight. Raises
    NotPermitted (whoever put it forward), NotValid (something else is decided or held by now), TransitionNotAllowed.
    Audits request.agreed, and what the carrying out audits.
    """
    require(actor, Power.HANDLE_REQUESTS)
    request = locked(request)
    if request.put_by_id == actor.pk:
        raise NotPermitted(
            "You put this answer forward, so somebody else has to agree to it. It waits until then."
        )
    state = REQUEST.next(request.state, "agree")
    _check(request, request.outcome)
    request.state, request.agreed_by, request.agreed_at = state, actor, clock.now()
    request.save(update_fields=["state", "agreed_by", "agreed_at"])
    note(actor, request, f"{actor.called} agreed to the answer.")
    record(
        actor=actor,
        event="request.agreed",
        subject=request,
        subject_name=request.title,
        details={"outcome": request.outcome},
    )
    if request.outcome in GRANTS:
        _carry_out(actor, request)
    return request


@action
def answer(*, actor: StaffMember, request: RightsRequest, to: str, how: str, on: date) -> RightsRequest:
    """The answer has gone: to whom, how and on which day. The holds of the request wait for a second person to lift them.

    Source: DPA 2018 s.62(3), a disclosure is logged with its recipient. Raises NotPermitted, NotValid (field: to, how,
    on), TransitionNotAllowed (nobody agreed yet). Audits request.disclosed or request.answered, and hold.lift_asked.
    """
    require(actor, Power.HANDLE_REQUESTS)
    request = locked(request)
    state = REQUEST.next(request.state, "answer")
    to, how = " ".join(to.split()), " ".join(how.split())
    if not to:
        raise NotValid("Say to whom it went.", field="to")
    if not how:
        raise NotValid("Say how it went, e.g. by secure e-mail.", field="how")
    if on > clock.today():
        raise NotValid("That day has not come yet.", field="on")
    if on < request.received_on:
        raise NotValid("The request came later than that day.", field="on")
    goes_in = request.items.filter(decision=Decision.INCLUDE).exists()
    gives_out = request.outcome in GRANTS and goes_in and not request.changes_records
    given = queries_rights.current_bundle(request) if gives_out else None
    Disclosure.objects.create(
        request=request, bundle=given, to=to[:200], how=how[:200], on=on, at=clock.now(), by=actor
    )
    request.state, request.answered_on = state, on
    request.closed_at, request.closed_by, request.needs_case = clock.now(), actor, ""
    request.save()
    note(
        actor, request, f"Answered on {on:%-d %B %Y}: {request.get_outcome_display().lower()}. Sent by {how}."
    )
    if given is not None:
        record(
            actor=actor,
            event="request.disclosed",
            subject=request,
            subject_name=request.title,
            details={"to": to, "how": how, "sha256": given.file.sha256, "records": given.included},
        )
    else:
        record(
            actor=actor,
            event="request.answered",
            subject=request,
            subject_name=request.title,
            details={"how": how, "outcome": request.outcome},
        )
    for hold in live_holds(request):
        holds.ask_to_lift_for_request(
            actor=actor, hold=hold, reason=f"{request.reference} was answered on {on:%-d %B %Y}"
        )
    return request


def _check(request: RightsRequest, outcome: str) -> None:
    """Raises NotValid where what was decided and what is held do not bear this outcome."""
    items = list(request.items.all())
    included = [one for one in items if one.decision == Decision.INCLUDE]
    withheld = [
        one
        for one in items
        if one.decision == Decision.WITHHOLD and one.exemption != exemptions.NOT_ABOUT_THEM
    ]
    if outcome in GRANTS:
        _check_grant(request, outcome, items, included, withheld)
    elif outcome == Outcome.NOTHING and (included or withheld):
        raise NotValid("Something is held: the records below are about them.", field="outcome")
    elif outcome == Outcome.NOTHING:
        refuse_undecided(items)


def _check_grant(
    request: RightsRequest,
    outcome: str,
    items: list[FoundItem],
    included: list[FoundItem],
    withheld: list[FoundItem],
) -> None:
    if request.stopped:
        raise NotValid(f"Not yet: its clock {_lower(request.get_stopped_display())}.", field="outcome")
    if request.identity not in (RightsRequest.Identity.PROVED, RightsRequest.Identity.NOT_NEEDED):
        raise NotValid("Record first whether whoever asks is who they say.", field="outcome")
    refuse_undecided(items)
    if outcome == Outcome.DONE and withheld:
        raise NotValid("Something is withheld, so it is granted in part.", field="outcome")
    wants_records = request.kind in (Kind.ACCESS, Kind.ERASURE, Kind.RESTRICTION)
    if wants_records and not included:
        raise NotValid("Nothing goes in: search, and decide which records it is about.", field="outcome")
    if request.changes_records:
        for one in included:
            if request.kind == Kind.ERASURE and (ground := queries_rights.why_it_stays(request, one)):
                raise NotValid(
                    f"{one.noun} {one.subject_id} cannot go: {ground}. Withhold it on that ground, and tell the "
                    "requester so.",
                    field="outcome",
                )
    elif included:
        made = queries_rights.current_bundle(request)
        if made is None:
            raise NotValid("Make the bundle first: records go in.", field="outcome")
        if made.of != bundle.digest(items):
            raise NotValid("Something was decided since the bundle was made. Make it again.", field="outcome")


def _carry_out(actor: StaffMember, request: RightsRequest) -> None:
    included = list(request.items.filter(decision=Decision.INCLUDE).order_by("id"))
    if request.kind == Kind.ERASURE:
        _erase(actor, request, included)
    elif request.kind == Kind.RESTRICTION:
        _restrict(actor, request, included, Restriction.Ground.REQUEST)
    elif request.kind == Kind.RECTIFICATION and request.outcome == Outcome.PARTLY:
        # What cannot be ascertained is restricted in place of being corrected: DPA 2018 s.47(3), UK GDPR art. 18(1)(a).
        _restrict(actor, request, included, Restriction.Ground.ACCURACY)


def _erase(actor: StaffMember, request: RightsRequest, included: list[FoundItem]) -> None:
    """Its own holds are lifted by the two who stand for it, and what it grants is proposed at once."""
    assert request.put_by is not None
    holds.keep_disposal_out()
    for hold in live_holds(request):
        holds.lift_for_request(
            actor=actor, hold=hold, asked_by=request.put_by, reason=f"{request.reference} granted the erasure"
        )
    for one in included:
        Erasure.objects.get_or_create(
            subject_type=one.subject_type,
            subject_id=one.subject_id,
            defaults={"request": request, "at": clock.now()},
        )
    labels = {one.subject_type for one in included}
    rows = [row for row in queries.disposable_rows() if queries_rights.label_of(row) in labels]
    for row in rows:
        if not queries.granted(row).exists():
            continue
        proposed = proposals.propose(actor=actor, row=row)
        note(
            actor,
            request,
            f"Proposed for disposal: {row.title}."
            if proposed is not None
            else f"Goes with the proposal for {row.title} that lies open already.",
        )


def _restrict(actor: StaffMember, request: RightsRequest, included: list[FoundItem], ground: str) -> None:
    for one in included:
        try:
            restrictions.restrict_for_request(
                actor=actor,
                subject_type=one.subject_type,
                subject_id=one.subject_id,
                ground=ground,
                why=f"{request.title}, was granted",
            )
        except TransitionNotAllowed:
            note(actor, request, f"{one.noun} {one.subject_id} is restricted already.")


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
