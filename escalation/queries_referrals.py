"""Referrals as a viewer may see them: what waits for my team, what the desk handed over, what is overdue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case as Case_
from django.db.models import Q, QuerySet, When

from accounts.models import OfficialAccount, ServiceActor
from accounts.queries import account_ids, covered, live_grants, may
from core import clock
from core.errors import NotFound
from escalation.models import Case, Referral, ReferralKind
from escalation.models.intelligence import INTELLIGENCE
from escalation.models.referrals import CONTROL_ROOM, SOURCE_UNIT
from moderation import saved_replies
from moderation.models import Decision, SavedReply
from staff.models import StaffMember
from staff.roles import Power

PAGE_LENGTH = 50


def kinds() -> QuerySet[ReferralKind]:
    """The kinds of referral in use, in the order of the page."""
    return ReferralKind.objects.filter(active=True)


def kind(slug: str) -> ReferralKind:
    """One kind in use. Raises NotFound."""
    try:
        return kinds().get(slug=slug)
    except ReferralKind.DoesNotExist:
        raise NotFound("There is no such kind of referral, or it is not in use any more.") from None


def source_unit() -> bool:
    """Whether somebody who may be a source can be referred to the unit for them."""
    return kinds().filter(slug=SOURCE_UNIT).exists()


def received_by(viewer: StaffMember) -> Q:
    """What the viewer's roles receive, each over the official accounts of its grant."""
    register = list(OfficialAccount.objects.order_by().values_list("id", "neighbourhood_id"))
    found = Q(pk__in=[])
    for grant in live_grants(person=viewer):
        found |= Q(kind__role=grant.role, official_account__in=covered(grant, register))
    return found


def receives(person: StaffMember, referral: Referral) -> bool:
    """Whether it is for this person's team."""
    return Referral.objects.filter(received_by(person), pk=referral.pk).exists()


def visible(viewer: StaffMember) -> QuerySet[Referral]:
    """What the viewer may see: what they receive, and what was referred from cases they may see, where not private.

    Calls for service are seen by whoever sends back their numbers as well.
    """
    cases = Q(kind__private=False, official_account__in=account_ids(viewer, Power.SEE_CASES))
    calls = Q(kind__slug=CONTROL_ROOM, official_account__in=account_ids(viewer, Power.RECORD_INCIDENTS))
    return Referral.objects.filter(received_by(viewer) | cases | calls).select_related(
        "kind", "case", "official_account", "by", "taken_by", "notice"
    )


def referral(viewer: StaffMember, pk: int) -> Referral:
    """One referral. Raises NotFound where there is none or the viewer may not know of it."""
    try:
        return visible(viewer).get(pk=pk)
    except Referral.DoesNotExist:
        raise NotFound("There is no such referral, or it is not one that you may see.") from None


@dataclass(frozen=True)
class Lists:
    """The page of referrals: what waits for the viewer's team, what others have, what was answered lately."""

    mine: Sequence[Referral]
    others: Sequence[Referral]
    answered: Sequence[Referral]

    @property
    def all(self) -> list[Referral]:
        """Every one that is shown."""
        return [*self.mine, *self.others, *self.answered]


def lists(viewer: StaffMember) -> Lists:
    """Open ones by their deadline, answered ones the newest first."""
    unanswered = visible(viewer).exclude(state=Referral.State.ANSWERED).order_by("due_at", "id")
    mine = list(unanswered.filter(received_by(viewer))[:PAGE_LENGTH])
    others = list(unanswered.exclude(pk__in=[one.pk for one in mine])[:PAGE_LENGTH])
    answered = visible(viewer).filter(state=Referral.State.ANSWERED).order_by("-answered_at", "-id")
    return Lists(mine, others, list(answered[:PAGE_LENGTH]))


def unanswered(viewer: StaffMember) -> QuerySet[Referral]:
    """What is open of what the viewer may see and is private to nobody: answers, and crimes to be recorded."""
    return (
        visible(viewer)
        .filter(kind__private=False)
        .filter(~Q(state=Referral.State.ANSWERED) | Q(crime=True, crime_recorded_at=None))
        .order_by("due_at", "id")
    )


def waiting_for(viewer: StaffMember) -> QuerySet[Referral]:
    """What waits for the viewer's team."""
    return Referral.objects.filter(received_by(viewer)).exclude(state=Referral.State.ANSWERED)


def receives_any(viewer: StaffMember) -> bool:
    """Whether one of the viewer's roles receives referrals."""
    roles = set(live_grants(person=viewer).values_list("role", flat=True))
    return bool(roles) and kinds().filter(role__in=roles).exists()


def of_case(viewer: StaffMember, case: Case) -> list[Referral]:
    """What was referred from this case, as far as the viewer may see it, the newest first."""
    return list(visible(viewer).filter(case=case))


@dataclass(frozen=True)
class ReplyOffer:
    """Saved replies for whoever wrote: those for this kind of comment first, and which one is offered."""

    comments: Sequence[tuple[str, str]]
    comment: str
    replies: QuerySet[SavedReply]
    first: int | None
    untold: bool
    """An incident number is there, and no reply has gone to them since."""


def reply_offer(viewer: StaffMember, case: Case) -> ReplyOffer | None:
    """What can be answered to the authors of the case; None where the viewer may answer nobody.

    With an incident number the reply that tells it is offered; in intelligence the one that names Crimestoppers.
    """
    if not may(viewer, Power.REPLY, case.official_account_id):
        return None
    links = list(case.evidence.select_related("comment__commenter").order_by("-added_at", "-id"))
    if not links:
        return None
    replies = saved_replies.seen_by(viewer).filter(withdrawn_at=None)
    categories = {link.comment.category for link in links} | set(case.version.categories)
    call = call_of(case)
    wanted = ["{incident number}"] if call is not None and call.incident_number else []
    wanted += ["Crimestoppers"] if case.pathway.slug == INTELLIGENCE else []
    rows = list(replies[:300])
    rows.sort(
        key=lambda row: (not any(word in row.text for word in wanted), not categories & set(row.categories))
    )
    order = Case_(*[When(pk=row.pk, then=place) for place, row in enumerate(rows)], default=len(rows))
    untold = False
    if call is not None and call.answered_at is not None and call.incident_number:
        untold = not Decision.objects.filter(
            comment__in=[link.comment_id for link in links], kind=Decision.Kind.REPLY, at__gt=call.answered_at
        ).exists()
    return ReplyOffer(
        comments=[
            (str(link.comment_id), f"{link.snapshot.get('author_handle', '')}, comment {link.comment_id}")
            for link in links
        ],
        comment=str(links[0].comment_id),
        replies=replies.order_by(order) if rows else replies,
        first=rows[0].pk if rows else None,
        untold=untold,
    )


def call_of(case: Case) -> Referral | None:
    """The latest call for service of the case."""
    return case.referrals.filter(kind__slug=CONTROL_ROOM).select_related("kind", "notice").first()


def open_requests(case: Case) -> list[Referral]:
    """What of the case waits for an answer on a clock that the law sets, the first to end first."""
    found = case.referrals.filter(kind__private=False).exclude(kind__deadline_law="")
    return list(found.exclude(state=Referral.State.ANSWERED).select_related("kind").order_by("due_at", "id"))


def crimes_to_record(cases: Sequence[Case]) -> dict[int, datetime]:
    """By when the crime of each of these cases is to be recorded, where one is reported and is not: the earliest."""
    rows = Referral.objects.filter(case__in=[case.pk for case in cases], crime=True, crime_recorded_at=None)
    found: dict[int, datetime] = {}
    for case_id, by in rows.order_by("-crime_by").values_list("case_id", "crime_by"):
        if by is not None:
            found[case_id] = by
    return found


def unsettled(case: Case) -> list[str]:
    """What of its calls for service has to come back before it closes, as sentences."""
    said = []
    for one in case.referrals.filter(kind__slug=CONTROL_ROOM):
        if not one.incident_number:
            said.append(f"Type the incident number of the call for service {one.reference} first.")
        if one.crime and one.crime_recorded_at is None:
            said.append(f"Type the crime number of {one.reference} first, or why it is not recorded.")
    return said


def same_incident(viewer: StaffMember, referral: Referral) -> list[Referral]:
    """Other calls under the same number of the same day. The same number of another day is another incident."""
    if not referral.incident_number:
        return []
    return list(
        visible(viewer)
        .filter(incident_number__iexact=referral.incident_number, incident_on=referral.incident_on)
        .exclude(pk=referral.pk)[:10]
    )


def calls(service: ServiceActor, *, waiting: bool | None) -> QuerySet[Referral]:
    """Calls for service that a program may number, the newest first."""
    found = Referral.objects.filter(
        kind__slug=CONTROL_ROOM, official_account__in=account_ids(service, Power.RECORD_INCIDENTS)
    ).select_related("kind", "case")
    if waiting is not None:
        found = found.filter(incident_number="") if waiting else found.exclude(incident_number="")
    return found.order_by("-pk")


def call(service: ServiceActor, pk: int) -> Referral:
    """One of them. Raises NotFound."""
    found = calls(service, waiting=None).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such call for service, or it is not one that this service may know of.")
    return found


def to_chase(*, most: int = 200) -> list[Referral]:
    """Referrals that are to be asked after now."""
    return list(Referral.objects.filter(nag_at__lte=clock.now()).order_by("nag_at")[:most])


def said(found: Referral) -> list[tuple[dict[str, Any], datetime | None]]:
    """What was said, as it was handed over, each piece with when it was written."""
    return [
        (piece, datetime.fromisoformat(at) if (at := piece.get("posted_at")) else None)
        for piece in found.evidence
    ]


def first_told(case: Case) -> datetime:
    """When the force was first told, by the platform's own time of the first message of the case."""
    at = [case.first_told_at or case.opened_at]
    for kept in case.evidence.values_list("snapshot", flat=True):
        if posted := kept.get("posted_at"):
            at.append(datetime.fromisoformat(posted))
    return min(at)
