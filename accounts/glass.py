"""Emergency access: who may agree to it, end it and review it, and who sees which. Reads alone."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import F, Q, QuerySet

from accounts import queries
from accounts.models import BreakGlass, Grant
from core import clock
from core.errors import NotFound, NotPermitted
from staff.models import StaffMember
from staff.roles import POWERS, Power, Role

if TYPE_CHECKING:
    from accounts.actions.requests import Wanted

MAY_AGREE = (Power.GIVE_GRANTS, Power.LOCK_DOWN)
"""Who may agree: those who give grants anyway, and those who may stop everything that goes out.

The second are on duty when no administrator is, and answer for what happens at that hour. Information
security is not among them: it reviews what was opened, and nobody reviews what they agreed to.
"""

_NEVER = frozenset({Power.SEE_AUDIT, Power.HANDLE_CONDUCT, Power.OPEN_SEALED})

OPENABLE = tuple(role for role in Role.values if POWERS[role] and not POWERS[role] & _NEVER)
"""Roles that can be opened: not those that watch over others, nor one that opens nothing by itself.

Whoever reads the trail would review what others opened, and matters of conduct have no emergency that
professional standards do not hear of. What is sealed for the online child abuse team is theirs alone.
"""

SHOWN = 50


def agreers(glass: BreakGlass) -> list[StaffMember]:
    """Who may answer it: neither whoever asked nor whom it is for, nor anybody on emergency access now."""
    found = {person.pk: person for power in MAY_AGREE for person in queries.people_with(power)}
    barred = {glass.asked_by_id, glass.person_id, *_open().values_list("person_id", flat=True)}
    return [person for pk, person in found.items() if pk not in barred]


def may_agree(viewer: StaffMember) -> bool:
    """Whether the viewer could agree to what others ask for."""
    may = queries.authority_of(viewer)
    return any(may.holds(power) for power in MAY_AGREE) and not open_for(viewer)


def require_agreer(viewer: StaffMember) -> None:
    """Raises NotPermitted, with a sentence, for whoever may not answer."""
    if not any(queries.may(viewer, power) for power in MAY_AGREE):
        raise NotPermitted(
            "Service administrators and those who may start a lockdown answer emergency access. Ask one of them."
        )
    if open_for(viewer):
        raise NotPermitted(
            "You work by emergency access yourself at the moment, so somebody else answers this."
        )


def may_close(viewer: StaffMember, glass: BreakGlass) -> bool:
    """Whoever asked, agreed or holds it, and those who give grants or read the trail."""
    if viewer.pk in {glass.asked_by_id, glass.agreed_by_id, glass.person_id}:
        return True
    return queries.may(viewer, Power.GIVE_GRANTS) or queries.may(viewer, Power.SEE_AUDIT)


def may_review(viewer: StaffMember, glass: BreakGlass) -> bool:
    """Information security, of which nobody who had a part in it."""
    part = {glass.asked_by_id, glass.agreed_by_id, glass.person_id}
    return viewer.pk not in part and queries.may(viewer, Power.SEE_AUDIT)


def holds_already(person: StaffMember, wanted: Wanted) -> bool:
    """Whether a grant of the person's own gives this role over this now, or will within the hours of one."""
    soon = clock.now() + (BreakGlass.MOST_HOURS + 1) * BreakGlass.ASK_HOLDS_FOR
    held = Grant.objects.filter(
        person=person,
        role=wanted.role,
        official_account=wanted.official_account,
        neighbourhood=wanted.neighbourhood,
        since__lt=soon,
    )
    return held.filter(Q(until=None) | (Q(until__gt=clock.now()) & Q(until__gt=F("since")))).exists()


def _open() -> QuerySet[BreakGlass]:
    return BreakGlass.objects.filter(grant__until__gt=clock.now())


def open_for(person: StaffMember) -> BreakGlass | None:
    """What is open for this person now, the one that ends last."""
    return (
        _open()
        .filter(person=person)
        .select_related("grant", "agreed_by", "official_account", "neighbourhood")
        .order_by("-grant__until")
        .first()
    )


def _visible(viewer: StaffMember) -> QuerySet[BreakGlass]:
    """Whoever answers or reviews sees all of them; others see those in which they have a part."""
    found = BreakGlass.objects.select_related(
        "person",
        "asked_by",
        "agreed_by",
        "refused_by",
        "closed_by",
        "reviewed_by",
        "grant",
        "official_account",
        "neighbourhood",
    )
    if any(queries.may(viewer, power) for power in (*MAY_AGREE, Power.SEE_AUDIT)):
        return found
    return found.filter(Q(person=viewer) | Q(asked_by=viewer) | Q(agreed_by=viewer))


def one(viewer: StaffMember, pk: int) -> BreakGlass:
    """One emergency access. Raises NotFound where there is none or the viewer has no part in it."""
    try:
        return _visible(viewer).get(pk=pk)
    except BreakGlass.DoesNotExist:
        raise NotFound("There is no such emergency access, or you have no part in it.") from None


_FIRST = ("open", "waiting", "over")


def shown(viewer: StaffMember) -> list[BreakGlass]:
    """What the viewer may see: open ones first, then those that wait for an answer, then for a review."""
    unsettled = Q(grant__until__gt=clock.now()) | Q(grant__isnull=False, reviewed_at=None) | _waits()
    found = list(_visible(viewer).filter(unsettled))
    found += list(_visible(viewer).exclude(pk__in=[glass.pk for glass in found])[:SHOWN])
    return sorted(found, key=lambda one: _FIRST.index(one.state) if one.state in _FIRST else len(_FIRST))


def _waits() -> Q:
    return Q(
        agreed_at=None,
        refused_at=None,
        lapsed_at=None,
        asked_at__gt=clock.now() - BreakGlass.ASK_HOLDS_FOR,
    )


def to_answer(viewer: StaffMember) -> list[BreakGlass]:
    """What waits for an answer that the viewer may give, the one that lapses first at the top."""
    if not may_agree(viewer):
        return []
    own = Q(asked_by=viewer) | Q(person=viewer)
    return list(_visible(viewer).filter(_waits()).exclude(own).order_by("asked_at"))


def to_review(viewer: StaffMember) -> list[BreakGlass]:
    """What is over and waits for a review that the viewer may write, the oldest first."""
    if not queries.may(viewer, Power.SEE_AUDIT):
        return []
    part = Q(asked_by=viewer) | Q(person=viewer) | Q(agreed_by=viewer)
    over = _visible(viewer).filter(grant__until__lte=clock.now(), reviewed_at=None)
    return list(over.exclude(part).order_by("grant__until"))


def unreviewed(*, ended_before: datetime) -> list[BreakGlass]:
    """What was over before that instant and nobody has reviewed, the oldest first: for the alert about it."""
    return list(
        BreakGlass.objects.filter(grant__until__lte=ended_before, reviewed_at=None)
        .select_related("person", "grant")
        .order_by("grant__until")[:SHOWN]
    )


def had_a_part(viewer: StaffMember, pk: int) -> bool:
    """Whether the viewer asked for an emergency access, agreed to it or held it."""
    part = Q(asked_by=viewer) | Q(person=viewer) | Q(agreed_by=viewer)
    return BreakGlass.objects.filter(part, pk=pk).exists()


def given_meanwhile(glass: BreakGlass) -> list[Grant]:
    """Grants that the person gave while it was open: these do not end with it."""
    if glass.agreed_at is None or glass.ends_at is None:
        return []
    return list(
        Grant.objects.filter(
            given_by=glass.person, since__gte=glass.agreed_at, since__lte=glass.ends_at
        ).select_related("person", "team", "official_account", "neighbourhood")[:SHOWN]
    )
