"""Public appeals come to cases: reviews that are overdue, posts that still stand, and tips that were passed on.

The rooms below state a fact; it is picked up here once, under unique constraints, and taken back in the same
transaction.
"""

from __future__ import annotations

from typing import Any

from core import clock
from core.acting import action
from core.actors import Actor
from escalation.actions import cases, log
from escalation.models import AppealCase, Case, CaseTip, PathwayVersion
from moderation import tips as tips_of
from moderation.actions import tips
from moderation.categories import USUAL_PRIORITY, Priority
from moderation.models import Tip
from publishing.actions import appeal_course, take_downs
from publishing.models import Appeal, TakeDown

PATHWAY = "public_appeal"


@action
def open_for_review(*, actor: Actor, appeal: Appeal) -> Case | None:
    """An appeal that nobody reviewed in time is a case; its first level is called.

    Answers None where another worker has done it meanwhile. Audits case.opened and appeal.case_opened.
    """
    found = (
        Appeal.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("owner")
        .filter(pk=appeal.pk)
        .exclude(needs_case="")
        .first()
    )
    account = tips_of.first_account(found) if found is not None else None
    if found is None or account is None:
        return None
    case = cases.begin(
        actor=actor,
        official_account=account,
        version=_version(),
        title=f"Review overdue: {found.reference}, {found.get_kind_display().lower()}",
        priority=Priority.ROUTINE,
        why=f"Appeal {found.reference} was to be reviewed on {found.review_on:%-d %B %Y} by {found.owner.called}, and was not.",
    )
    AppealCase.objects.create(case=case, appeal=found, review_on=found.review_on)
    appeal_course.case_opened(actor=actor, appeal=found)
    return case


@action
def open_for_take_down(*, actor: Actor, take_down: TakeDown) -> Case | None:
    """A post of ours that should be gone and is not seen to be is a case; its first level is called.

    Answers None where another worker has done it meanwhile. Audits case.opened and take_down.case_opened.
    """
    found = (
        TakeDown.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("standing__official_account", "appeal")
        .filter(pk=take_down.pk)
        .exclude(needs_case="")
        .first()
    )
    if found is None:
        return None
    account = found.standing.official_account
    case = cases.begin(
        actor=actor,
        official_account=account,
        version=_version(),
        title=f"Not seen to be gone: a post on {account.name}",
        priority=Priority.HIGH,
        why=f"{found.why}. It was read back {found.checks} times. {found.says}".strip(),
    )
    AppealCase.objects.create(case=case, appeal=found.appeal, take_down=found)
    take_downs.case_opened(actor=actor, take_down=found)
    return case


@action
def open_for_tip(*, actor: Actor, tip: Tip) -> Case | None:
    """A tip of the public form that somebody passed on is in a case, from which it is referred.

    What it holds is what was told, never how to reach whoever told it. Answers None where another worker has done it
    meanwhile. Audits case.opened and tip.case_opened.
    """
    found = (
        Tip.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("appeal", "decided_by", "area")
        .filter(pk=tip.pk)
        .exclude(needs_case="")
        .first()
    )
    account = tips_of.first_account(found.appeal) if found is not None else None
    if found is None or account is None:
        return None
    category = tips.category_of(found.appeal, found.needs_case)
    person: Actor = found.decided_by if found.decided_by is not None else actor
    urgent = found.needs_case == Tip.As.SIGHTING
    case = cases.begin(
        actor=person,
        official_account=account,
        version=cases.version_for(category),
        title=f"{found.get_passed_as_display()} on appeal {found.appeal.reference}, {account.name}",
        priority=min(USUAL_PRIORITY[category], Priority.HIGH) if urgent else USUAL_PRIORITY[category],
        why=found.decided_why,
        place=found.place or (found.area.name if found.area is not None else ""),
    )
    CaseTip.objects.create(
        case=case,
        tip=found,
        snapshot=_snapshot(found),
        added_at=clock.now(),
        added_by_name=person.actor_name,
    )
    log.write(
        actor=person,
        case=case,
        event="tip",
        text=f"Tip {found.reference} on appeal {found.appeal.reference} is kept with the case.",
    )
    tips.case_opened(actor=actor, tip=found)
    return case


def _snapshot(tip: Tip) -> dict[str, Any]:
    return {
        "reference": tip.reference,
        "words": tip.words,
        "when": tip.when,
        "place": tip.place,
        "area": tip.area.name if tip.area is not None else "",
        "point": [tip.latitude, tip.longitude] if tip.latitude is not None else None,
        "received_at": tip.received_at.isoformat(),
        "files": [one.file.sha256 for one in tip.files.select_related("file")],
    }


def _version() -> PathwayVersion:
    """What happens when an appeal is neglected; where the force has no such pathway, as for other concerns."""
    live = PathwayVersion.objects.select_related("pathway").filter(
        state=PathwayVersion.State.LIVE, pathway__slug=PATHWAY
    )
    return live.first() or cases.version_for("")
