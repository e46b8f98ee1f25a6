"""Intelligence reports as a viewer may see them, what one says when it leaves, and whether somebody is being asked for more."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse

from core import clock
from core.errors import NotFound, NotValid
from escalation import queries_referrals, sanitising
from escalation.models import (
    Case,
    CaseComment,
    IntelligenceReport,
    IntelligenceSource,
    IntelligenceStep,
    Referral,
)
from escalation.models.intelligence import INTELLIGENCE
from moderation.models import Comment, Commenter, Decision
from staff.models import StaffMember

VERSION = 2
"""Of the structured file."""
MARKING = "OFFICIAL-SENSITIVE"
PAGE_LENGTH = 50
LOOK_BACK = timedelta(days=366)
OPEN = (
    IntelligenceReport.State.ASSESSMENT,
    IntelligenceReport.State.CORRECTION,
    IntelligenceReport.State.LINKING,
)


def visible(viewer: StaffMember) -> QuerySet[IntelligenceReport]:
    """What the viewer's unit receives, and what was reported from cases that they may see; a sensitive one is seen
    by the unit and by whoever wrote it alone.
    """
    seen = queries_referrals.visible(viewer).order_by()
    for_unit = seen.filter(queries_referrals.received_by(viewer))
    return IntelligenceReport.objects.filter(
        Q(referral__in=for_unit.values("pk"))
        | Q(referral__in=seen.values("pk"), sensitive=False)
        | Q(referral__in=seen.values("pk"), referral__by=viewer)
    ).select_related("referral__case", "referral__kind", "referral__by", "referral__taken_by")


def report(viewer: StaffMember, pk: int) -> IntelligenceReport:
    """One report. Raises NotFound where there is none or the viewer may not know of it."""
    try:
        return visible(viewer).get(pk=pk)
    except IntelligenceReport.DoesNotExist:
        raise NotFound("There is no such report, or it is not one that you may see.") from None


def of_referral(viewer: StaffMember, referral: Referral) -> IntelligenceReport:
    """The report that a referral of its kind stands for. Raises NotFound where the viewer may not read it."""
    found = visible(viewer).filter(referral=referral).first()
    if found is None:
        raise NotFound("This report is sensitive: the intelligence unit and whoever wrote it alone read it.")
    return found


@dataclass(frozen=True)
class Group:
    """The reports in one state."""

    name: str
    reports: Sequence[IntelligenceReport]


def by_state(viewer: StaffMember) -> list[Group]:
    """What the viewer may see, in the order in which it is worked: open ones by priority and age, then the latest."""
    order = {"high": 0, "medium": 1, "low": 2}
    groups = []
    for state in IntelligenceReport.State:
        found = visible(viewer).filter(state=state).order_by("pk" if state in OPEN else "-pk")[:PAGE_LENGTH]
        rows = list(found)
        if state in OPEN:
            rows.sort(key=lambda one: order[one.priority])
        if rows:
            groups.append(Group(state.label, rows))
    return groups


def steps(found: IntelligenceReport) -> list[IntelligenceStep]:
    """What was done with it, the latest first."""
    return list(found.steps.order_by("-at", "-id"))


def address(found: IntelligenceReport) -> str:
    """Its page."""
    return reverse("escalation:intelligence", args=[found.pk])


def as_source(source: IntelligenceSource | None) -> sanitising.Source:
    """Who must not be named."""
    if source is None:
        return sanitising.Source()
    return sanitising.Source(source.handle, source.name, source.external_id, source.address, source.said)


def document(found: IntelligenceReport) -> dict[str, Any]:
    """What leaves: everything of the report and nothing of its source, version VERSION.

    Its shape stands in docs/guide/intelligence.md. When the force was first told is a day: the second at which a
    public comment was written finds that comment, and with it whoever wrote it.
    """
    told_on = first_told_on(found)
    return {
        "format": "smmp.intelligence-report",
        "version": VERSION,
        "reference": found.reference,
        "force": settings.FORCE_NAME,
        "marking": MARKING,
        "exercise": found.referral.case.exercise,
        "written_at": found.referral.at.isoformat(),
        "first_told_on": told_on.isoformat() if told_on else None,
        "priority": found.priority,
        "sensitive": found.sensitive,
        "source_evaluation": _coded(found.source_code, found.get_source_code_display()),
        "information_assessment": _coded(found.assessment_code, found.get_assessment_code_display()),
        "handling": _coded(found.handling, found.get_handling_display()),
        "conditions": found.conditions,
        "action_code": _coded(found.action_code, found.get_action_code_display()),
        "sanitisation_code": _coded(found.sanitisation_code, found.get_sanitisation_code_display()),
        "mopi_group": found.mopi_group,
        "next_unit": found.next_unit,
        "assessed_at": found.assessed_at.isoformat() if found.assessed_at else None,
        "system_reference": found.system_reference,
        "text": found.shared_words,
        "provenance": found.provenance,
        "context": found.context,
    }


def first_told_on(found: IntelligenceReport) -> date | None:
    """The London day on which the force was first told."""
    at = found.referral.first_told_at
    return clock.in_london(at).date() if at is not None else None


def _coded(code: str, label: str) -> dict[str, str] | None:
    return {"code": code, "means": label.removeprefix(code).strip()} if code else None


def refuse_if_named(found: IntelligenceReport) -> None:
    """Raises NotValid where anything of what would leave names the source: the last look before it does."""
    source = as_source(IntelligenceSource.objects.filter(report=found).first())
    for name, value in document(found).items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        if name in {"format", "force", "written_at", "first_told_on", "assessed_at"}:
            continue
        for hit in sanitising.names(text, source):
            raise NotValid(
                f"It cannot leave: {hit.what} of the source stands in “{name.replace('_', ' ')}”, at “…{hit.around}…”. "
                "Grade it anew with a text that may be shared.",
                field="how",
            )


@dataclass(frozen=True)
class Asked:
    """How often somebody told us something, and how often we have asked them something since."""

    reports: int
    questions: int
    cases: int = 0
    """Cases of intelligence that hold words of theirs and from which nothing of theirs was reported yet."""

    @property
    def told(self) -> int:
        """How often they told us something."""
        return self.reports + self.cases

    @property
    def warns(self) -> bool:
        """Whether it begins to look like a relationship in which somebody is set to find things out."""
        return self.told > 1 or self.questions > 0

    @property
    def says(self) -> str:
        """Both in a sentence; empty where they told nothing."""
        if not self.told:
            return ""
        times = "once" if self.told == 1 else f"{self.told} times"
        put = "no question" if not self.questions else f"{self.questions} with a question"
        return f"Told us something {times} in the last year; of our replies since, {put}."


def asked(platform: str, external_id: str) -> Asked:
    """What came from this person in the last year, and our replies with a question since the first of it.

    It counts from when a person called it intelligence: a report, or a case on that pathway, even before anything is
    reported from it. Source: Regulation of Investigatory Powers Act 2000 s.26(8): whoever is asked to find out more
    through a relationship may be a covert human intelligence source.
    """
    since = clock.now() - LOOK_BACK
    known = IntelligenceSource.objects.filter(
        platform=platform, external_id=external_id, report__referral__at__gte=since
    )
    reported = list(known.values_list("report__referral__at", "report__referral__case"))
    words = CaseComment.objects.filter(
        case__pathway__slug=INTELLIGENCE,
        comment__commenter__platform=platform,
        comment__commenter__external_id=external_id,
        added_at__gte=since,
    ).values_list("comment__posted_at", "case")
    cases = {case for _, case in words} - {case for _, case in reported}
    times = [at for at, _ in reported] + [at for at, case in words if case in cases]
    if not times:
        return Asked(0, 0)
    questions = Decision.objects.filter(
        comment__commenter__platform=platform,
        comment__commenter__external_id=external_id,
        kind=Decision.Kind.REPLY,
        at__gt=min(times),
        delivery__text__contains="?",
    ).count()
    return Asked(len(reported), questions, len(cases))


def asked_of_report(found: IntelligenceReport) -> Asked:
    """The same for whoever gave this report."""
    source = IntelligenceSource.objects.filter(report=found).first()
    return asked(source.platform, source.external_id) if source else Asked(0, 0)


def asked_in_case(case: Case) -> Asked:
    """The same for whoever of the case's authors it is most true of."""
    authors = Commenter.objects.filter(comments__case_link__case=case).distinct()
    return max(
        (asked(one.platform, one.external_id) for one in authors),
        key=lambda found: (found.told, found.questions),
        default=Asked(0, 0),
    )


def asked_of_comment(comment: Comment) -> Asked:
    """The same for the author of a comment."""
    return asked(comment.platform, comment.commenter.external_id)
