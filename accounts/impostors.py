"""Accounts that pretend to be the force, as staff read of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet

from accounts import lookalikes
from accounts.models import Impostor, ImpostorSearch, ImpostorStep, OfficialAccount
from accounts.public import brands
from accounts.queries import may, require
from core.errors import NotFound
from core.workflow import Workflow
from platforms import registry
from platforms.contract import Capability
from staff.models import StaffMember
from staff.roles import Power

State = Impostor.State

COURSE = Workflow(
    "account",
    {
        ("new", "confirm"): "confirmed",
        ("new", "dismiss"): "dismissed",
        ("confirmed", "dismiss"): "dismissed",
        ("confirmed", "report"): "reported",
        ("reported", "chase"): "reported",
        ("reported", "take_down"): "taken_down",
        ("confirmed", "take_down"): "taken_down",
        ("reported", "leave"): "stays",
        ("stays", "report"): "reported",
        ("stays", "take_down"): "taken_down",
        ("confirmed", "warn"): "confirmed",
        ("reported", "warn"): "reported",
        ("stays", "warn"): "stays",
    },
)
POWERS = (Power.ASSESS_ACCOUNTS, Power.SECURE_ACCOUNTS)
"""Who follows them: communications and information security."""
SHOWN = 100


def may_follow(viewer: StaffMember) -> bool:
    """Whether the viewer looks at impostors and reports them to platforms."""
    return any(may(viewer, power) for power in POWERS)


def require_follower(viewer: StaffMember) -> None:
    """Refuse unless they follow impostors. Raises NotPermitted."""
    if not may_follow(viewer):
        require(viewer, Power.ASSESS_ACCOUNTS)


def impostors(viewer: StaffMember, *, over: bool = False) -> list[Impostor]:
    """Those that are open (and those that the platform leaves), the longest known first; or those that are over."""
    require(viewer, Power.SEE_REGISTER)
    rows: QuerySet[Impostor] = Impostor.objects.select_related("alike", "noticed_by")
    if over:
        return list(rows.filter(state__in=[State.TAKEN_DOWN, State.DISMISSED]).order_by("-ended_at")[:SHOWN])
    return list(
        rows.exclude(state__in=[State.TAKEN_DOWN, State.DISMISSED]).order_by("found_at", "id")[:SHOWN]
    )


def impostor(viewer: StaffMember, pk: int) -> Impostor:
    """One of them. Raises NotPermitted, or NotFound."""
    require(viewer, Power.SEE_REGISTER)
    found = (
        Impostor.objects.select_related("alike", "noticed_by").filter(pk=pk).first() if pk < 2**63 else None
    )
    if found is None:
        raise NotFound("There is no such report. Go back to the list.")
    return found


def steps(impostor: Impostor) -> list[ImpostorStep]:
    """What was done about it, the latest first."""
    return list(impostor.steps.select_related("by").order_by("-at", "-id"))


def can(viewer: StaffMember, impostor: Impostor) -> set[str]:
    """Which steps the viewer can take with it now."""
    if not may_follow(viewer):
        return set()
    return {event for event in COURSE.events if COURSE.allows(impostor.state, event)}


@dataclass(frozen=True)
class Figures:
    """How the force does against impostors: so many, and how long their removal takes."""

    open: int
    due: int
    taken_down: int
    median: timedelta | None


def figures(viewer: StaffMember) -> Figures:
    """Over everything that is kept. Raises NotPermitted."""
    require(viewer, Power.SEE_REGISTER)
    rows = list(Impostor.objects.only("state", "found_at", "ended_at", "chase_on"))
    took = sorted(one.took for one in rows if one.took is not None)
    return Figures(
        sum(one.state in Impostor.OPEN for one in rows),
        sum(one.is_due for one in rows),
        len(took),
        took[len(took) // 2] if took else None,
    )


def closest(handle: str, name: str, platform: str) -> tuple[OfficialAccount | None, str]:
    """Which of ours it looks like most, and in which way; none, and empty, where it looks like none.

    The very handle of ours on the same platform is no impostor: the sentence says "ours".
    """
    alike: tuple[OfficialAccount | None, str] = (None, "")
    rows = OfficialAccount.objects.filter(exercise=False).exclude(status=OfficialAccount.Status.CLOSED)
    # One on the same platform is what it would be taken for.
    for account in sorted(rows, key=lambda one: one.platform != platform):
        if handle and account.handle.casefold() == handle.casefold():
            if account.platform == platform:
                return account, "ours"
            alike = (account, "It bears our handle on another platform.")
        elif alike[0] is None and (why := lookalikes.likeness(handle, account.handle)):
            alike = (account, why)
        elif alike[0] is None and name and lookalikes.skeletons(name) & lookalikes.skeletons(account.name):
            alike = (account, "It bears our name.")
    if alike[0] is None:
        return None, lookalikes.bears_name(f"{handle} {name}", brands())
    return alike


@dataclass(frozen=True)
class Watch:
    """How a platform is searched: by itself and when, or why not."""

    platform: str
    name: str
    search: ImpostorSearch | None
    why_not: str


def watches(viewer: StaffMember) -> list[Watch]:
    """Each platform on which we have an active account. Raises NotPermitted."""
    require(viewer, Power.SEE_REGISTER)
    rows = {row.platform: row for row in ImpostorSearch.objects.all()}
    slugs = (
        OfficialAccount.objects.filter(status=OfficialAccount.Status.ACTIVE, exercise=False)
        .values_list("platform", flat=True)
        .distinct()
    )
    found = []
    for slug in sorted(slugs, key=lambda one: registry.NAMES.get(one, one)):
        connector = registry.connector_class(slug)
        can = Capability.SEARCH_ACCOUNTS in connector.capabilities
        why = "" if can else connector.why_not.get(Capability.SEARCH_ACCOUNTS, "Search there by hand.")
        found.append(Watch(slug, registry.NAMES.get(slug, slug), rows.get(slug) if can else None, why))
    return found
