"""Intelligence: written down by the desk, graded by the intelligence unit, its source held apart throughout."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from accounts import queries as accounts
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import NotFound, NotPermitted, NotValid
from escalation import queries_intelligence, queries_referrals, sanitising
from escalation.actions import log, packs, referrals
from escalation.actions.taking import locked, note_act, refuse_if_closed
from escalation.models import (
    Case,
    CaseComment,
    IntelligenceReport,
    IntelligenceSource,
    IntelligenceStep,
    Referral,
)
from escalation.models.intelligence import INTELLIGENCE
from escalation.models.referrals import SOURCE_UNIT
from escalation.workflow import INTELLIGENCE as FLOW
from notices.actions import notify
from notices.models import Notice
from staff.models import StaffMember
from staff.roles import Power

LONGEST = 6000
HOWS = {"pdf": "as a PDF", "json": "as a structured file"}
"""How a report leaves."""
_TEXTS = {"words": "What is known", "provenance": "How it is known", "context": "Context"}
_ASSESSED = {"conditions": "Conditions", "sanitised": "Text that may be shared", "next_unit": "Next unit"}


@action
def write_report(
    *,
    actor: StaffMember,
    case: Case,
    token: UUID,
    words: str,
    provenance: str,
    context: str = "",
    priority: str = IntelligenceReport.Priority.LOW,
    sensitive: bool = False,
    evidence: CaseComment | None = None,
    anonymous: bool = False,
    known: str = "",
    looked: bool = False,
) -> IntelligenceReport:
    """The intelligence unit has the report, without its source, who is kept apart for the unit alone.

    evidence: the comment of the case that it came by; none where it came otherwise. looked: whoever writes has
    looked at what may point to the source. The same form sent twice makes one report. Raises NotPermitted,
    NotValid (a text that names the source, with the place; something not looked at), TransitionNotAllowed (closed).
    Audits referral.made and intelligence.written.
    """
    case = locked(case.pk)
    accounts.require(actor, Power.SEE_CASES, case.official_account_id)
    made = Referral.objects.filter(case=case, token=token).first()
    if made is not None and (known_one := IntelligenceReport.objects.filter(referral=made).first()):
        return known_one
    refuse_if_closed(case, "report intelligence from it")
    kind = queries_referrals.kind(INTELLIGENCE)
    if evidence is not None and evidence.case_id != case.pk:
        raise NotValid("Choose a comment of this case.", field="evidence")
    source = _source(evidence, anonymous, known)
    texts = _texts(
        {"words": words, "provenance": provenance, "context": context}, must=("words", "provenance")
    )
    _refuse_names(texts, _TEXTS, source, looked=looked)
    referral = referrals.begin(actor=actor, case=case, kind=kind, given={}, token=token, evidence=[])
    report = IntelligenceReport.objects.create(
        referral=referral,
        priority=IntelligenceReport.Priority(priority),
        sensitive=sensitive,
        **texts,
    )
    if source is not None:
        source.report = report
        source.save(force_insert=True)
    _step(actor, report, "written", f"Written by {actor.called}.", kept=texts)
    _record(actor, "intelligence.written", report)
    referrals.tell_team(actor, referral)
    return report


@action
def correct(
    *,
    actor: StaffMember,
    report: IntelligenceReport,
    words: str,
    provenance: str,
    context: str = "",
    looked: bool = False,
) -> IntelligenceReport:
    """What the unit sent back is written anew, and is with the unit again.

    Raises NotPermitted, NotValid, TransitionNotAllowed. Audits intelligence.corrected.
    """
    report = _locked(report)
    accounts.require(actor, Power.SEE_CASES, report.referral.official_account_id)
    if report.sensitive and report.referral.by_id != actor.pk:
        raise NotPermitted(f"{report.reference} is sensitive: {report.referral.by_name} alone corrects it.")
    state = FLOW.next(report.state, "correct")
    texts = _texts(
        {"words": words, "provenance": provenance, "context": context}, must=("words", "provenance")
    )
    _refuse_names(texts, _TEXTS, _source_of(report), looked=looked)
    for name, text in texts.items():
        setattr(report, name, text)
    report.state = state
    report.save(update_fields=[*texts, "state"])
    _step(actor, report, "corrected", f"Corrected by {actor.called}.", kept=texts)
    _record(actor, "intelligence.corrected", report)
    _tell(actor, report, referrals.holders(report.referral), "was corrected")
    return report


@action
def send_back(*, actor: StaffMember, report: IntelligenceReport, why: str) -> IntelligenceReport:
    """It requires correction: whoever wrote it is told why. Raises NotPermitted, NotValid, TransitionNotAllowed.

    Audits intelligence.sent_back.
    """
    report = _of_the_unit(actor, report)
    state = FLOW.next(report.state, "return")
    why = _said(why, "why", "Say what is to be corrected.")
    _refuse_names({"why": why}, {"why": "What is to be corrected"}, _source_of(report), looked=True)
    report.state = state
    report.save(update_fields=["state"])
    _step(actor, report, "sent_back", why)
    _record(actor, "intelligence.sent_back", report)
    _tell(actor, report, [report.referral.by], "is to be corrected")
    return report


@action
def grade(
    *,
    actor: StaffMember,
    report: IntelligenceReport,
    source_code: str,
    assessment_code: str,
    handling: str,
    conditions: str = "",
    action_code: str = "",
    sanitisation_code: str = "",
    sanitised: str = "",
    mopi_group: int | None = None,
    next_unit: str = "",
    sensitive: bool = False,
    looked: bool = False,
) -> IntelligenceReport:
    """The unit's 3x5x2 codes stand, and it may leave; it requires linking from now on.

    Handling C needs the conditions in words; action and sanitisation codes belong to C alone. Raises NotPermitted,
    NotValid (also a text that names the source), TransitionNotAllowed. Audits intelligence.graded.
    """
    report = _of_the_unit(actor, report)
    state = FLOW.next(report.state, "accept")
    codes: dict[str, Any] = {
        "source_code": _code(
            IntelligenceReport.Source, source_code, "source_code", "Choose how reliable it is."
        ),
        "assessment_code": _code(
            IntelligenceReport.Assessment, assessment_code, "assessment_code", "Choose how it is known."
        ),
        "handling": _code(IntelligenceReport.Handling, handling, "handling", "Choose how it may be shared."),
    }
    texts = _texts({"conditions": conditions, "sanitised": sanitised, "next_unit": next_unit})
    shared_with_conditions = codes["handling"] == IntelligenceReport.Handling.CONDITIONS
    if shared_with_conditions and not texts["conditions"]:
        raise NotValid("Handling C needs its conditions in words.", field="conditions")
    if not shared_with_conditions:
        for name, value in (
            ("conditions", texts["conditions"]),
            ("action_code", action_code),
            ("sanitisation_code", sanitisation_code),
        ):
            if value:
                raise NotValid(
                    "Conditions and their codes belong to handling C. Choose C, or leave them empty.",
                    field=name,
                )
    optional = {
        "action_code": _code(IntelligenceReport.ActionCode, action_code, "action_code"),
        "sanitisation_code": _code(IntelligenceReport.Sanitisation, sanitisation_code, "sanitisation_code"),
    }
    if len(texts["next_unit"]) > 120:
        raise NotValid("Keep the name of the unit under 120 characters.", field="next_unit")
    if mopi_group is not None and mopi_group not in IntelligenceReport.Group.values:
        raise NotValid("Choose one of the MoPI groups.", field="mopi_group")
    source = _source_of(report)
    _refuse_names(texts, _ASSESSED, source, looked=looked)
    shared = texts["sanitised"] or report.words
    _refuse_names(
        {"sanitised": shared, "provenance": report.provenance, "context": report.context},
        {**_TEXTS, "sanitised": "Text that may be shared"},
        source,
        looked=True,
    )
    now = clock.now()
    given = {
        **codes,
        **optional,
        **texts,
        "mopi_group": mopi_group,
        "sensitive": sensitive,
        "state": state,
        "assessed_at": now,
        "assessed_by_name": actor.called,
    }
    for name, value in given.items():
        setattr(report, name, value)
    report.save(update_fields=list(given))
    _step(
        actor,
        report,
        "graded",
        f"Graded {report.codes} by {actor.called}.",
        kept={name: value for name, value in given.items() if name not in {"assessed_at", "state"}},
    )
    _record(actor, "intelligence.graded", report, codes=report.codes)
    return report


@action
def link(*, actor: StaffMember, report: IntelligenceReport, reference: str) -> IntelligenceReport:
    """It stands in the intelligence system under this number; whoever wrote it is told so, and the case's log.

    Raises NotPermitted, NotValid, TransitionNotAllowed. Audits intelligence.linked.
    """
    report = _of_the_unit(actor, report)
    state = FLOW.next(report.state, "link")
    reference = " ".join(reference.split())
    if not reference or len(reference) > 60:
        raise NotValid(
            "Write what the intelligence system calls it, in up to 60 characters.", field="reference"
        )
    _refuse_names({"reference": reference}, {"reference": "Reference"}, _source_of(report), looked=True)
    report.state, report.system_reference, report.linked_at = state, reference, clock.now()
    report.save(update_fields=["state", "system_reference", "linked_at"])
    _step(actor, report, "linked", f"Stands in the intelligence system as {reference}.")
    _settle(actor, report, f"{report.reference} stands in the intelligence system as {reference}.")
    _record(actor, "intelligence.linked", report)
    return report


@action
def dismiss(*, actor: StaffMember, report: IntelligenceReport, why: str) -> IntelligenceReport:
    """The unit finds that it is no intelligence; whoever wrote it reads why.

    Raises NotPermitted, NotValid, TransitionNotAllowed. Audits intelligence.dismissed.
    """
    report = _of_the_unit(actor, report)
    state = FLOW.next(report.state, "dismiss")
    why = _said(why, "why", "Say why it is no intelligence.")
    _refuse_names({"why": why}, {"why": "Why"}, _source_of(report), looked=True)
    report.state = state
    report.save(update_fields=["state"])
    _step(actor, report, "dismissed", why)
    _settle(actor, report, f"The intelligence unit set {report.reference} aside.")
    _record(actor, "intelligence.dismissed", report)
    return report


@action
def disclose(*, actor: StaffMember, report: IntelligenceReport, to: str, how: str) -> IntelligenceReport:
    """The report leaves for somebody who is named, never with its source; the caller hands over the file.

    how: one of HOWS. Raises NotPermitted, NotValid (nobody named, not graded yet, a text that names the source).
    Audits intelligence.disclosed.
    """
    report = _of_the_unit(actor, report)
    to = packs.recipient(to)
    if how not in HOWS:
        raise NotValid("Choose how it leaves.", field="how")
    if not report.codes or report.assessed_at is None:
        raise NotValid("Set its codes first: it does not leave ungraded.", field="how")
    _refuse_names({"to": to}, {"to": "For whom"}, _source_of(report), looked=True)
    queries_intelligence.refuse_if_named(report)
    _step(actor, report, "disclosed", f"Given to {to}, {HOWS[how]}, by {actor.called}.")
    _record(actor, "intelligence.disclosed", report, to=to, how=how)
    return report


@action
def view(*, actor: StaffMember, report: IntelligenceReport) -> None:
    """The person was shown the report. Audits intelligence.viewed."""
    _record(actor, "intelligence.viewed", report)


@action
def open_source(*, actor: StaffMember, report: IntelligenceReport, why: str) -> IntelligenceSource:
    """Who gave it, shown once to somebody of the unit who says why. Raises NotPermitted, NotFound, NotValid.

    Audits intelligence.source_opened.
    """
    report = _of_the_unit(actor, report)
    why = " ".join(why.split())
    if len(why) < 5 or len(why) > 300:
        raise NotValid("Say why you need to know who gave it, in 5 to 300 characters.", field="why")
    source = _source_of(report)
    if source is None:
        raise NotFound("No source is held: it came by no comment.")
    if sanitising.names(why, queries_intelligence.as_source(source)):
        raise NotValid("Leave the source out of the reason: it stands in the audit trail.", field="why")
    _record(actor, "intelligence.source_opened", report, why=why)
    _step(actor, report, "opened", f"Source opened by {actor.called}.")
    return source


@action
def refer_source(*, actor: StaffMember, report: IntelligenceReport, why: str, token: UUID) -> Referral:
    """The dedicated source unit knows who gave the report and why they may be a source; nobody else knows that it does.

    Whoever refers it is not shown who it is: the platform takes that over from where it is held apart, and neither the
    report nor the case says that it happened. The same form sent twice makes one referral. Raises NotPermitted, NotFound
    (no source is held), NotValid, TransitionNotAllowed (closed). Audits referral.made_in_confidence.
    """
    report = _of_the_unit(actor, report)
    case = report.referral.case
    if made := Referral.objects.select_related("kind").filter(case=case, token=token).first():
        return made
    refuse_if_closed(case, "refer its source")
    source = _source_of(report)
    if source is None:
        raise NotFound("No source is held: it came by no comment.")
    kind = queries_referrals.kind(SOURCE_UNIT)
    asked = queries_intelligence.asked(source.platform, source.external_id)
    known = {
        "who": f"{source.handle} ({source.name}), {source.platform}, account {source.external_id}"[:300],
        "why": f"{why.strip()}\nIntelligence report {report.reference}.",
        "asked": asked.says,
    }
    given = referrals.read(kind.asks, {field["slug"]: known.get(field["slug"], "") for field in kind.asks})
    said = {
        "comment": source.comment_number,
        "platform": source.platform,
        "author_handle": source.handle,
        "author_name": source.name,
        "url": source.address,
        "words": source.said,
    }
    referral = referrals.begin(actor=actor, case=case, kind=kind, given=given, token=token, evidence=[said])
    referrals.tell_team(actor, referral)
    return referral


def _source(evidence: CaseComment | None, anonymous: bool, known: str) -> IntelligenceSource | None:
    if evidence is None:
        return None
    commenter, kept = evidence.comment.commenter, evidence.snapshot
    return IntelligenceSource(
        platform=kept.get("platform", evidence.comment.platform),
        external_id=commenter.external_id,
        handle=kept.get("author_handle", commenter.handle),
        name=kept.get("author_name", commenter.name),
        address=kept.get("url", ""),
        comment_number=evidence.comment_id,
        said=kept.get("words", ""),
        anonymous=anonymous,
        known=" ".join(known.split())[:500],
    )


def _source_of(report: IntelligenceReport) -> IntelligenceSource | None:
    return IntelligenceSource.objects.filter(report=report).first()


def _texts(given: dict[str, str], must: tuple[str, ...] = ()) -> dict[str, str]:
    texts = {name: text.replace("\r\n", "\n").strip() for name, text in given.items()}
    for name, text in texts.items():
        label = {**_TEXTS, **_ASSESSED}[name]
        if name in must and not text:
            raise NotValid(f"Fill in “{label}”.", field=name)
        if len(text) > LONGEST:
            raise NotValid(f"Keep “{label}” under {LONGEST:,} characters.", field=name)
    return texts


def _said(text: str, field: str, missing: str) -> str:
    text = " ".join(text.split())
    if not text:
        raise NotValid(missing, field=field)
    if len(text) > 500:
        raise NotValid("Keep it under 500 characters.", field=field)
    return text


def _code(choices: Any, value: str, field: str, missing: str = "") -> str:
    if not value and not missing:
        return ""
    if value not in choices.values:
        raise NotValid(missing or "Choose one of the codes.", field=field)
    return value


def _refuse_names(
    texts: dict[str, str], labels: dict[str, str], source: IntelligenceSource | None, *, looked: bool
) -> None:
    """Raises NotValid where a text names the source, with the place; or may point to them and nobody has looked."""
    who = queries_intelligence.as_source(source)
    for name, text in texts.items():
        for found in sanitising.names(text, who):
            raise NotValid(
                f"“{labels[name]}” names the source: {found.what} stands in line {found.line}, at “…{found.around}…”. "
                "Take it out. The intelligence unit can find out who it was; nobody who reads the report may.",
                field=name,
            )
    if looked:
        return
    pointing = [
        f"{labels[name]}: {hint}" for name, text in texts.items() for hint in sanitising.hints(text, who)
    ]
    if pointing:
        raise NotValid(
            f"Look at it once more, for this may point to the source. {'; '.join(pointing)}. Write it differently, or "
            "tick that you have looked.",
            field="looked",
        )


def _settle(actor: StaffMember, report: IntelligenceReport, says: str) -> None:
    referral = report.referral
    referrals.settle(referral, by=actor, state=Referral.State.ANSWERED, said={})
    log.write(actor=actor, case=referral.case, event="referred", text=says)
    _tell(actor, report, [referral.by], "is dealt with")


def _tell(actor: Actor, report: IntelligenceReport, people: list[StaffMember], says: str) -> None:
    steps = report.steps.count()
    notify(
        actor=actor,
        to=[person for person in people if person.pk != getattr(actor, "pk", None)],
        urgency=Notice.Urgency.FYI if report.referral.case.exercise else Notice.Urgency.SOON,
        title=f"{report.reference} {says}",
        link=queries_intelligence.address(report),
        key=f"intelligence {report.pk} {steps}",
    )


def _step(
    actor: StaffMember, report: IntelligenceReport, event: str, text: str, kept: dict[str, Any] | None = None
) -> None:
    IntelligenceStep.objects.create(
        report=report, at=clock.now(), event=event, text=text, by_name=actor.called, kept=kept or {}
    )
    if event == "written":
        note_act(report.referral.case)


def _of_the_unit(actor: StaffMember, report: IntelligenceReport) -> IntelligenceReport:
    report = _locked(report)
    if not queries_referrals.receives(actor, report.referral):
        raise NotPermitted(f"{report.reference} is for the intelligence unit: they work on it.")
    return report


def _locked(report: IntelligenceReport) -> IntelligenceReport:
    """The report with its referral and case, locked in the order of everybody else: the case first."""
    referral = referrals.locked_referral(report.referral)
    found = IntelligenceReport.objects.select_for_update(of=("self",)).filter(pk=report.pk).first()
    if found is None:
        raise NotFound("There is no such report.")
    found.referral = referral
    return found


def _record(actor: Actor, event: str, report: IntelligenceReport, **details: object) -> None:
    record(
        actor=actor,
        event=event,
        subject=report,
        subject_name=report.reference,
        official_account_id=report.referral.official_account_id,
        details=details,
    )
