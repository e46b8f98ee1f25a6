"""Assessments, people involved, and cases that may belong together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet

from accounts.queries import account_ids, may, people_with
from core import clock
from core.errors import NotFound
from escalation import queries_oncall
from escalation.models import Assessment, Case, CaseComment, CaseLink, Grade, Involved
from moderation.models import Thrive
from staff.models import LastSeen, StaffMember
from staff.roles import Power, Role

HERE_WITHIN = timedelta(minutes=15)
"""Who did something on the platform so lately is taken to be on shift, rota or not."""
LOOK_BACK = timedelta(days=365)
"""Repeat contact: forces look back a year for repeat victims."""
MOST_RELATED = 12
MOST_COMPARED = 400
ALIKE = 0.6
"""The share of three-word runs that two comments have in common, from which they count as near-duplicates."""


def grades() -> QuerySet[Grade]:
    """The force's grades, the most urgent first."""
    return Grade.objects.filter(active=True)


def scheme() -> list[Grade]:
    """Every grade there is or was, the most urgent first."""
    return list(Grade.objects.order_by("position"))


def grade(pk: int) -> Grade:
    """One of them. Raises NotFound."""
    try:
        return Grade.objects.get(pk=pk)
    except Grade.DoesNotExist:
        raise NotFound("There is no such grade.") from None


def is_signed_with(found: Grade) -> bool:
    """Whether an assessment bears it."""
    return Assessment.objects.filter(grade=found).exists()


def supervisors_on_shift(official_account_id: int) -> list[StaffMember]:
    """Desk supervisors who are on a rota now, or were here in the last quarter of an hour."""
    found = people_with(role=Role.DESK_SUPERVISOR, official_account_id=official_account_id)
    lately = set(
        LastSeen.objects.filter(
            member__in=[person.pk for person in found], at__gte=clock.now() - HERE_WITHIN
        ).values_list("member_id", flat=True)
    )
    return [
        person for person in found if person.pk in lately or queries_oncall.on_shift_until(person) is not None
    ]


def supervises(person: StaffMember, official_account_id: int) -> bool:
    """Whether the person may lower a grade themselves: whoever may have cases may."""
    return may(person, Power.ACKNOWLEDGE_CASES, official_account_id)


def assessments(case: Case) -> list[Assessment]:
    """The latest first."""
    return list(case.assessments.select_related("grade", "agreed_by", "reviewed_by"))


def latest_assessment(case: Case) -> Assessment | None:
    """The one that counts now."""
    return next(iter(assessments(case)), None)


def desk_assessments(case: Case) -> list[Thrive]:
    """THRIVE that the desk signed on the comments of the case, before or since they came into it; the latest first.

    No row of them is ever changed, and none goes while its comment stands in a case.
    """
    return list(Thrive.objects.filter(comment__case_link__case=case).select_related("by"))


def desk_assessment(case: Case, pk: int) -> Thrive:
    """One of them. Raises NotFound."""
    found = next((one for one in desk_assessments(case) if one.pk == pk), None)
    if found is None:
        raise NotFound("The desk has signed no such THRIVE on a comment of this case.")
    return found


def begun_from(latest: Assessment | None, desk: Thrive | None) -> dict[str, str]:
    """The answers with which the next assessment begins: the latest, with what the desk found added to it.

    Where both say something else of the same element, both stand, so that whoever signs chooses.
    """
    answers = dict(latest.answers) if latest is not None else {}
    for slug, text in (desk.answers if desk is not None else {}).items():
        before = answers.get(slug, "")
        answers[slug] = text if before in ("", text) else f"{before}\n{text}"
    return answers


def assessment(viewer: StaffMember, pk: int) -> Assessment:
    """One assessment. Raises NotFound."""
    try:
        return Assessment.objects.select_related("case", "grade").get(
            pk=pk, case__official_account_id__in=account_ids(viewer, Power.SEE_CASES)
        )
    except Assessment.DoesNotExist:
        raise NotFound("There is no such assessment, or it is not one that you may see.") from None


def reviews_due(viewer: StaffMember) -> QuerySet[Assessment]:
    """Grades lowered with no supervisor on shift that one has to look at, the earliest first."""
    return (
        Assessment.objects.filter(
            review_on__isnull=False,
            reviewed_at=None,
            case__official_account_id__in=account_ids(viewer, Power.ACKNOWLEDGE_CASES),
        )
        .exclude(by=viewer)
        .select_related("case", "grade")
        .order_by("review_on", "id")
    )


def people(case: Case) -> list[Involved]:
    """The latest words about each person."""
    return list(case.people.filter(replaced_by=None))


def involved(case: Case, pk: int) -> Involved:
    """One entry about a person of the case. Raises NotFound."""
    try:
        return case.people.get(pk=pk)
    except Involved.DoesNotExist:
        raise NotFound("There is no such person in this case.") from None


@dataclass(frozen=True)
class Related:
    """Another case, and why it may belong with this one."""

    case: Case
    why: tuple[str, ...]


def links(viewer: StaffMember, case: Case) -> list[tuple[CaseLink, Case]]:
    """Cases that somebody tied to this one, as far as the viewer may see them."""
    seen = set(account_ids(viewer, Power.SEE_CASES))
    there = [(link, link.other) for link in case.links.select_related("other__official_account")]
    back = [(link, link.case) for link in case.linked_from.select_related("case__official_account")]
    return [(link, other) for link, other in there + back if other.official_account_id in seen]


def related(viewer: StaffMember, case: Case) -> list[Related]:
    """Cases of a year that share a commenter, a place, or nearly the same words. Nothing is joined by itself."""
    scope = (
        Case.objects.filter(
            official_account_id__in=account_ids(viewer, Power.SEE_CASES),
            opened_at__gte=clock.now() - LOOK_BACK,
        )
        .exclude(pk=case.pk)
        .exclude(pk__in=[other.pk for _, other in links(viewer, case)])
    )
    why: dict[int, list[str]] = {}
    own = list(case.evidence.filter(comment__isnull=False).values_list("comment__commenter_id", "snapshot"))
    authors = [author for author, _ in own]
    if authors:
        for pk in scope.filter(evidence__comment__commenter_id__in=authors).values_list("pk", flat=True):
            _add(why, pk, "the same commenter")
    if case.place.strip():
        for pk in scope.filter(place__iexact=case.place.strip()).values_list("pk", flat=True):
            _add(why, pk, "the same place")
    runs = [_runs(str(kept.get("words", ""))) for _, kept in own]
    if any(runs):
        others = (
            CaseComment.objects.filter(case__in=scope)
            .order_by("-added_at")
            .values_list("case_id", "snapshot")[:MOST_COMPARED]
        )
        for pk, kept in others:
            theirs = _runs(str(kept.get("words", "")))
            if any(_likeness(mine, theirs) >= ALIKE for mine in runs):
                _add(why, pk, "nearly the same words")
    found = scope.filter(pk__in=why).select_related("pathway", "official_account", "acknowledged_by")
    ordered = sorted(
        found, key=lambda other: (-len(why[other.pk]), other.state == Case.State.CLOSED, -other.pk)
    )
    return [Related(other, tuple(why[other.pk])) for other in ordered[:MOST_RELATED]]


def _add(why: dict[int, list[str]], pk: int, reason: str) -> None:
    reasons = why.setdefault(pk, [])
    if reason not in reasons:
        reasons.append(reason)


def _runs(text: str) -> frozenset[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())[:400]
    if len(words) < 4:
        return frozenset()
    return frozenset(zip(words, words[1:], words[2:], strict=False))


def _likeness(one: frozenset, other: frozenset) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0


def evidence_of(case: Case, ids: Iterable[int]) -> Sequence[CaseComment]:
    """Pieces of evidence of the case by their own numbers."""
    return list(case.evidence.filter(pk__in=list(ids)).select_related("comment"))
