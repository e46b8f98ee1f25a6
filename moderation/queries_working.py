"""Who is at a comment just now, who passed it over, and who is on shift to take it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q

from accounts.models import Neighbourhood
from accounts.queries import people_with
from core import clock
from core.errors import NotFound
from moderation import presence
from moderation.models import Comment, Place, Presence, SavedView, Skip
from moderation.queries import ORDER, supervises, team_ids, views_in_sight
from staff.models import StaffMember, Team
from staff.roles import Power, Role

ON_SHIFT_FOR = timedelta(minutes=20)
"""Whoever did something here within this time is on shift; the note of it is up to five minutes late."""


@dataclass(frozen=True)
class Here:
    """A colleague who has a comment open."""

    person: StaffMember
    says: str


def here(viewer: StaffMember, comment_id: int) -> list[Here]:
    """Colleagues who have this comment open just now; the viewer is none of them."""
    found = Presence.objects.filter(comment_id=comment_id, seen_at__gt=clock.now() - presence.HERE_FOR)
    return [
        Here(one.by, presence.says(one.by.called, one.writing_at))
        for one in found.exclude(by=viewer).select_related("by").order_by("by__name", "by_id")
    ]


def on_shift(official_account_id: int) -> set[int]:
    """Ids of those at work just now who may take a comment of that official account."""
    since = clock.now() - ON_SHIFT_FOR
    may = people_with(Power.WORK_COMMENTS, official_account_id=official_account_id)
    return set(
        StaffMember.objects.filter(pk__in=[one.pk for one in may], last_seen__at__gt=since).values_list(
            "pk", flat=True
        )
    )


def skipped_by_all(comment: Comment) -> bool:
    """Whether everybody on shift who may take it has passed it over as it reads now. Supervisors are asked last of all.

    Where nobody but supervisors is on shift, one of them who passes it over has done so for all.
    """
    passed = set(
        Skip.objects.filter(comment=comment, revision_number=comment.revision_number).values_list(
            "by_id", flat=True
        )
    )
    if not passed:
        return False
    working = on_shift(comment.official_account_id)
    supervisors = {
        one.pk
        for one in people_with(role=Role.DESK_SUPERVISOR, official_account_id=comment.official_account_id)
    }
    return not (working - supervisors) - passed


def skipped_and_waiting(limit: int = 200) -> list[Comment]:
    """Open comments that somebody passed over and that have not gone to the supervisors yet."""
    return list(
        Comment.objects.filter(
            state=Comment.State.OPEN,
            skipped_by_all_at=None,
            pk__in=Skip.objects.filter(at__gt=clock.now() - timedelta(days=7)).values("comment_id"),
        ).order_by(*ORDER)[:limit]
    )


def skips_of(comment: Comment) -> list[Skip]:
    """Who passed a comment over and why, for those who read it."""
    return list(Skip.objects.filter(comment=comment).select_related("by"))


def saved_views(viewer: StaffMember) -> list[SavedView]:
    """The viewer's own views and those shared with them, by name."""
    return list(views_in_sight(viewer).select_related("owner", "team"))


def saved_view(viewer: StaffMember, pk: int) -> SavedView:
    """One of them. Raises NotFound."""
    for one in saved_views(viewer):
        if one.pk == pk:
            return one
    raise NotFound("There is no such view any more.")


def teams_of(viewer: StaffMember) -> list[Team]:
    """The teams that the viewer is in now, by name."""
    return list(Team.objects.filter(pk__in=team_ids(viewer)).order_by("name"))


def sharing(viewer: StaffMember, view: SavedView | None = None) -> list[tuple[str, str]]:
    """With whom the viewer may share a view; what it is shared with now stays a choice."""
    offered = {str(SavedView.Shared.NOBODY): "Only me"}
    offered |= {f"team-{team.pk}": team.name for team in teams_of(viewer)}
    if view is not None and view.team is not None:
        offered.setdefault(f"team-{view.team_id}", view.team.name)
    if may_share_with_force(viewer) or (view is not None and view.shared == SavedView.Shared.FORCE):
        offered[str(SavedView.Shared.FORCE)] = "Everybody at the desk"
    return list(offered.items())


def may_share_with_force(viewer: StaffMember) -> bool:
    """Whether a view of theirs may stand in everybody's list: a desk supervisor's may."""
    return supervises(viewer)


def places_named(comment: Comment) -> list[str]:
    """The places that a comment names, in words."""
    ids = comment.named_places or []
    return list(Place.objects.filter(pk__in=ids).values_list("name", flat=True)) if ids else []


def neighbourhoods_with_places() -> list[Neighbourhood]:
    """Every neighbourhood with how many names are looked for (`names`)."""
    live = Count("places", filter=Q(places__withdrawn_at=None))
    return list(Neighbourhood.objects.annotate(names=live).order_by("name"))


def neighbourhood(pk: int) -> Neighbourhood:
    """One of them. Raises NotFound."""
    found = Neighbourhood.objects.filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise NotFound("There is no such neighbourhood.")
    return found


def live_places(of: Neighbourhood) -> list[Place]:
    """The names that are looked for, by name."""
    return list(Place.objects.filter(neighbourhood=of, withdrawn_at=None))


def place(pk: int) -> Place:
    """One place, withdrawn or not. Raises NotFound."""
    found = Place.objects.filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise NotFound("There is no such place.")
    return found
