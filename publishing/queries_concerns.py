"""Reading what neighbourhoods worry about, for staff and for the public."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import Neighbourhood, OfficialAccount
from accounts.queries import authority_of, people_with
from core import clock
from core.errors import NotFound
from publishing.models import Concern, ConcernChange
from staff.models import StaffMember
from staff.roles import Power

MOST_SHOWN = 200
PUBLIC_SHOWN = 50


def areas(viewer: StaffMember, power: str) -> list[Neighbourhood]:
    """Neighbourhoods for which the viewer holds the power: on an official account there, or over all."""
    may = authority_of(viewer)
    if power in may.over_all:
        return list(Neighbourhood.objects.order_by("name"))
    held = OfficialAccount.objects.filter(pk__in=may.account_ids(power)).values("neighbourhood_id")
    return list(Neighbourhood.objects.filter(pk__in=held).order_by("name"))


def _in_sight(viewer: StaffMember) -> QuerySet[Concern]:
    seen = areas(viewer, Power.SEE_POSTS)
    return Concern.objects.filter(neighbourhood__in=seen).select_related(
        "neighbourhood", "owner", "raised_by", "result_by", "published_by", "post"
    )


def concerns(viewer: StaffMember, *, area: int | None = None, state: str = "") -> list[Concern]:
    """Worries that the viewer may see, the latest first, at most MOST_SHOWN."""
    found = _in_sight(viewer)
    if area is not None:
        found = found.filter(neighbourhood=area)
    if state in Concern.State.values:
        found = found.filter(state=state)
    return list(found[:MOST_SHOWN])


def concern(viewer: StaffMember, pk: int) -> Concern:
    """One worry. Raises NotFound."""
    found = _in_sight(viewer).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such worry, or it is not one that you may see.")
    return found


def changes(concern: Concern) -> list[ConcernChange]:
    """Its history. The caller has checked that it may be seen."""
    return list(concern.changes.select_related("by"))


def who_could_own(neighbourhood: Neighbourhood) -> list[StaffMember]:
    """People who may write posts for the neighbourhood."""
    found: dict[int, StaffMember] = {}
    for pk in accounts_of(neighbourhood).values_list("pk", flat=True):
        found |= {one.pk: one for one in people_with(Power.PLAN_POSTS, official_account_id=pk)}
    if not found:
        found = {one.pk: one for one in people_with(Power.PLAN_POSTS)}
    return sorted(found.values(), key=lambda one: one.called)


def accounts_of(neighbourhood: Neighbourhood) -> QuerySet[OfficialAccount]:
    """Official accounts of the neighbourhood that are in use."""
    return OfficialAccount.objects.filter(neighbourhood=neighbourhood, status=OfficialAccount.Status.ACTIVE)


def may(viewer: StaffMember, power: str, concern: Concern) -> bool:
    """Whether to offer a step: the action decides again."""
    return concern.neighbourhood_id in {one.pk for one in areas(viewer, power)}


def of_comment(comment_id: int) -> Concern | None:
    """The worry that a comment became."""
    return Concern.objects.filter(comment_id=comment_id).first()


def owed_by(viewer: StaffMember) -> list[Concern]:
    """What the viewer is to do, the first due first."""
    return list(
        Concern.objects.filter(owner=viewer, state=Concern.State.PLANNED)
        .select_related("neighbourhood")
        .order_by("due_on", "id")[:5]
    )


def to_publish(viewer: StaffMember) -> list[Concern]:
    """Results that wait for somebody else's yes."""
    found = Concern.objects.filter(
        state=Concern.State.DONE, neighbourhood__in=areas(viewer, Power.APPROVE_POSTS)
    )
    return list(found.exclude(result_by=viewer).select_related("neighbourhood").order_by("id")[:5])


def published(area: Neighbourhood) -> list[Concern]:
    """What the public reads of a neighbourhood, the latest first; nothing of an exercise."""
    return list(
        Concern.objects.filter(neighbourhood=area, state=Concern.State.PUBLISHED, exercise=False).order_by(
            "-published_at", "-id"
        )[:PUBLIC_SHOWN]
    )


def is_late(concern: Concern) -> bool:
    """Whether its day has passed."""
    return (
        concern.state == Concern.State.PLANNED
        and concern.due_on is not None
        and concern.due_on < clock.today()
    )
