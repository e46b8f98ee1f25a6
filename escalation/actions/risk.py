"""What somebody makes of a case: assessments with their grades, decisions, and the people involved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from accounts import queries as accounts
from core import clock
from core.acting import action
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from escalation import queries_risk
from escalation.actions import log
from escalation.actions.taking import locked, note_act, refuse_if_closed
from escalation.models import Assessment, Case, Grade, Involved, LogEntry
from moderation.models import Thrive
from moderation.thrive import LONGEST, elements
from staff.models import StaffMember
from staff.roles import Power


@action
def assess(
    *,
    actor: StaffMember,
    case: Case,
    answers: Mapping[str, str],
    grade: Grade,
    rationale: str,
    why_changed: str = "",
    incident_manager: str = "",
    desk: Thrive | None = None,
) -> Assessment:
    """A dated, signed assessment stands in the case, and its grade counts from now on.

    Changing a grade needs a reason. Lowering one needs somebody who may have cases; where an operator does it
    while no supervisor is on shift, it counts at once and is looked at on the next day. An immediate grade names
    the force incident manager.
    desk: the desk's THRIVE on a comment of this case that is carried over, which the log names. Raises NotPermitted, NotValid, TransitionNotAllowed (closed). Audits case.assessed.
    Source: domain facts on THRIVE: repeated as information changes; grades are each force's own.
    """
    case = locked(case.pk)
    accounts.require(actor, Power.SEE_CASES, case.official_account_id)
    refuse_if_closed(case, "assess it")
    said = {}
    for element in elements():
        text = answers.get(element.slug, "").replace("\r\n", "\n").strip()
        if len(text) > LONGEST:
            raise NotValid(f"Keep each answer under {LONGEST:,} characters.", field=element.slug)
        if text:
            said[element.slug] = text
    if not said:
        raise NotValid("Answer at least one of the questions of THRIVE.", field=elements()[0].slug)
    rationale = rationale.replace("\r\n", "\n").strip()
    if not rationale or len(rationale) > 4000:
        raise NotValid("Say why this grade, in up to 4,000 characters.", field="rationale")
    if not grade.active:
        raise NotValid("This grade is not in use any more.", field="grade")
    why_changed = " ".join(why_changed.split())[:500]
    incident_manager = " ".join(incident_manager.split())[:120]
    before = case.grade
    if before is not None and before.pk != grade.pk and not why_changed:
        raise NotValid(f"Say why the grade changes from “{before}”.", field="why_changed")
    if grade.immediate and len(incident_manager) < 3:
        raise NotValid("Name the force incident manager: rank and name.", field="incident_manager")
    lowered = before is not None and grade.position > before.position
    agreed_by, review_on = _agreement(actor, case, before) if lowered and before is not None else (None, None)
    made = Assessment.objects.create(
        case=case,
        at=clock.now(),
        by=actor,
        by_name=actor.called,
        answers=said,
        grade=grade,
        rationale=rationale,
        why_changed=why_changed,
        incident_manager=incident_manager,
        lowered=lowered,
        agreed_by=agreed_by,
        review_on=review_on,
    )
    case.grade = grade
    case.save(update_fields=["grade"])
    parts = [f"Assessed as “{grade}”."]
    if before is not None and before.pk != grade.pk:
        parts.append(f"{'Lowered' if lowered else 'Raised'} from “{before}”: {why_changed}")
    if incident_manager:
        parts.append(f"Force incident manager: {incident_manager}.")
    if desk is not None:
        at = clock.in_london(desk.at)
        parts.append(f"Carried over from the desk’s THRIVE by {desk.by.called}, {at:%-d %B %Y %H:%M}.")
    if review_on is not None:
        parts.append(f"No supervisor was on shift; one looks at it on {review_on:%-d %B}.")
    log.write(actor=actor, case=case, event="assessed", text=" ".join(parts))
    note_act(case)
    carried: dict[str, Any] = {"carried_from_comment": desk.comment_id} if desk is not None else {}
    log.audit(
        actor,
        "case.assessed",
        case,
        grade=grade.slug,
        lowered=lowered,
        review=review_on is not None,
        **carried,
    )
    return made


def _agreement(actor: StaffMember, case: Case, before: Grade):
    """Who answers for a lower grade: the actor, or the day on which a supervisor looks at it."""
    if queries_risk.supervises(actor, case.official_account_id):
        return actor, None
    here = [
        person for person in queries_risk.supervisors_on_shift(case.official_account_id) if person != actor
    ]
    if here:
        raise NotPermitted(
            f"Lowering the grade from “{before}” needs a supervisor. {here[0].called} is on shift: ask them to "
            "assess it. Nothing was changed.",
            power=Power.ACKNOWLEDGE_CASES.label,
        )
    return None, clock.today() + timedelta(days=1)


@action
def review_lowered(*, actor: StaffMember, assessment: Assessment, says: str) -> Assessment:
    """A supervisor has looked at a grade that was lowered while none was on shift.

    Raises NotPermitted (no supervisor, or their own), NotValid, TransitionNotAllowed (reviewed already).
    Audits case.review_made.
    """
    case = locked(assessment.case_id)
    accounts.require(actor, Power.ACKNOWLEDGE_CASES, case.official_account_id)
    found = Assessment.objects.select_for_update(of=("self",)).select_related("grade").get(pk=assessment.pk)
    if found.by_id == actor.pk:
        raise NotPermitted("Somebody else than whoever lowered it looks at it.")
    if found.review_on is None or found.reviewed_at is not None:
        raise TransitionNotAllowed("This has been looked at already.")
    says = " ".join(says.split())
    if not says or len(says) > 500:
        raise NotValid("Say what you find, in up to 500 characters.", field="says")
    found.reviewed_at, found.reviewed_by, found.review_says = clock.now(), actor, says
    found.save(update_fields=["reviewed_at", "reviewed_by", "review_says"])
    log.write(
        actor=actor, case=case, event="reviewed", text=f"Looked at the lowering to “{found.grade}”: {says}"
    )
    log.audit(actor, "case.review_made", case)
    return found


@action
def decide(*, actor: StaffMember, case: Case, what: str, why: str) -> LogEntry:
    """A decision with its rationale stands in the log for good. Raises NotPermitted, NotValid, TransitionNotAllowed.

    Source: APP major incidents: decisions and their rationale are logged. Audits case.decided.
    """
    case = locked(case.pk)
    accounts.require(actor, Power.SEE_CASES, case.official_account_id)
    refuse_if_closed(case, "decide on it")
    what, why = " ".join(what.split()), why.replace("\r\n", "\n").strip()
    if not what or len(what) > 500:
        raise NotValid("Write what is decided, in up to 500 characters.", field="what")
    if not why or len(why) > 3000:
        raise NotValid("Write why, in up to 3,000 characters.", field="why")
    entry = log.write(actor=actor, case=case, event="decided", text=f"Decided: {what}\nBecause: {why}")
    note_act(case)
    log.audit(actor, "case.decided", case)
    return entry


@action
def note_person(
    *,
    actor: StaffMember,
    case: Case,
    name: str,
    category: str,
    facts: str = "",
    assessment: str = "",
    replaces: Involved | None = None,
) -> Involved:
    """Somebody involved, with what is known of them apart from what is thought of them. Earlier words stay.

    Source: DPA 2018 s.38(2) and (3). Raises NotPermitted, NotValid, TransitionNotAllowed. Audits case.person_noted.
    """
    case = locked(case.pk)
    accounts.require(actor, Power.SEE_CASES, case.official_account_id)
    refuse_if_closed(case, "add somebody")
    name = " ".join(name.split())
    facts, assessment = facts.strip(), assessment.strip()
    if not name or len(name) > 200:
        raise NotValid("Write a name, or what they are called here (“the author”).", field="name")
    if category not in Involved.Category.values:
        raise NotValid("Choose what they are in this case.", field="category")
    if not facts and not assessment:
        raise NotValid("Write what is known, or what is thought: each in its own field.", field="facts")
    if max(len(facts), len(assessment)) > 4000:
        raise NotValid("Keep each under 4,000 characters.", field="facts")
    old = (
        Involved.objects.select_for_update(of=("self",)).get(pk=replaces.pk) if replaces is not None else None
    )
    if old is not None and (old.case_id != case.pk or old.replaced_by_id is not None):
        raise TransitionNotAllowed("Somebody has written anew about this person. Reload the page.")
    made = Involved.objects.create(
        case=case,
        name=name,
        category=category,
        facts=facts,
        assessment=assessment,
        at=clock.now(),
        by=actor,
        by_name=actor.called,
    )
    if old is not None:
        old.replaced_by = made
        old.save(update_fields=["replaced_by"])
    what = "Written anew about" if old is not None else "Added"
    log.write(
        actor=actor,
        case=case,
        event="person",
        text=f"{what} somebody involved: {name}, {made.get_category_display().lower()}.",
    )
    note_act(case)
    log.audit(actor, "case.person_noted", case)
    return made


@action
def set_place(*, actor: StaffMember, case: Case, place: str) -> Case:
    """Where it is, so that other cases there are found. Raises NotPermitted, NotValid. Audits case.noted."""
    case = locked(case.pk)
    accounts.require(actor, Power.SEE_CASES, case.official_account_id)
    refuse_if_closed(case, "say where it is")
    place = " ".join(place.split())
    if len(place) > 160:
        raise NotValid("Keep the place under 160 characters.", field="place")
    before, case.place = case.place, place
    case.save(update_fields=["place"])
    log.write(
        actor=actor,
        case=case,
        event="noted",
        text=f"Place: {place or 'taken out'}.{f' Before: {before}.' if before else ''}",
    )
    note_act(case)
    log.audit(actor, "case.noted", case)
    return case
