"""Paper for when nothing else works: the contact sheet, and the log that is written by hand. No password stands on either.

The sheet is made anew at each download and says when, because an old one in a drawer is worse than none.
"""

from __future__ import annotations

from django.conf import settings

from accounts import continuity
from accounts.models import ContinuityPlan, ContinuityVersion, Grant
from accounts.queries import live_grants, may
from core import clock
from core.paper import Paper
from platforms import registry
from staff.models import StaffMember
from staff.roles import Power, Role

ON_CALL = (Role.DUTY_COMMAND, Role.DESK_SUPERVISOR, Role.COMMS_APPROVER, Role.SERVICE_ADMINISTRATOR)
"""Whoever holds one of these roles stands on the sheet by name."""
LOG_COLUMNS = (
    ("Time", 18),
    ("Out / in", 17),
    ("Official account", 38),
    ("Who wrote it", 30),
    ("Words, and link if any", 122),
    ("Approved by", 32),
)
"""Heads of the paper log and their widths in millimetres, across A4 on its side."""


def contact_sheet(viewer: StaffMember) -> tuple[bytes, int]:
    """The sheet as PDF, and how many people stand on it. Raises NotPermitted."""
    contacts = continuity.contacts(viewer)
    now = clock.now()
    made = clock.in_london(now)
    when = f"{made:%A} {made.day} {made:%B %Y}, {made:%H:%M}"
    paper = Paper(
        "If the platform or a network is gone",
        head=f"{settings.FORCE_NAME}: contact sheet of {made.day} {made:%B %Y}, {made:%H:%M}",
        at=now,
    )
    paper.text_block(
        f"Made for {viewer.called} on {when}. Print it, keep it where the shift finds it, and destroy the one "
        "before: numbers and people change. It holds no password."
    )
    plans = {plan.platform: plan for plan in ContinuityPlan.objects.select_related("owner")}
    latest = {
        version.plan_id: version
        for version in ContinuityVersion.objects.filter(plan__in=plans.values())
        .order_by("plan_id", "-number")
        .distinct("plan_id")
    }
    if product := plans.get(""):
        paper.heading("First, if this product is gone")
        paper.text_block(latest[product.pk].first)
    paper.heading("Whom to ring")
    if contacts:
        paper.facts((row.duty, f"{row.name}   {row.phone}") for row in contacts)
    else:
        paper.text_block(
            "No number is recorded yet. Record them on the page of continuity, then print this again."
        )
    paper.heading("Who holds which role")
    paper.facts((str(Role(role).label), ", ".join(names)) for role, names in _holders())
    paper.heading("Official accounts, and where the vault keeps their passwords")
    rows = continuity.accounts_on(viewer, "") if may(viewer, Power.SEE_REGISTER) else []
    for account, vault, admins in rows:
        paper.facts(
            [
                (
                    registry.NAMES.get(account.platform, account.platform),
                    f"{account.name} (@{account.handle})\nVault: {vault or 'not recorded'}"
                    + (f"\nAdministered there by {', '.join(admins)}" if admins else ""),
                )
            ]
        )
    for platform, plan in sorted(plans.items()):
        if platform:
            paper.heading(f"If {plan.what} is gone")
            said = latest[plan.pk]
            paper.facts(
                [
                    ("Owner", plan.owner.called),
                    ("First", said.first),
                    ("Instead", said.alternative),
                    ("Without this product", said.native),
                    *((f"{one['who']}, {one['where']}", one["words"]) for one in said.messages),
                ]
            )
    return paper.whole(), len({row.name for row in contacts} | {n for _, names in _holders() for n in names})


def _holders() -> list[tuple[str, list[str]]]:
    found: dict[str, set[str]] = {role: set() for role in ON_CALL}
    grants: list[Grant] = list(
        live_grants().filter(role__in=ON_CALL).select_related("person", "team").order_by("id")
    )
    for grant in grants:
        if grant.person is not None:
            if grant.person.active and grant.person.kind == StaffMember.Kind.PERSON:
                found[grant.role].add(grant.person.called)
        elif grant.team is not None:
            found[grant.role].add(f"team {grant.team.name}")
    return [(role, sorted(names)) for role, names in found.items()]


def paper_log(platform: str) -> bytes:
    """An empty log to be written by hand while nothing else works: two pages, whose columns the import knows."""
    now = clock.now()
    made = clock.in_london(now)
    name = continuity.called(platform)
    paper = _Log(
        f"Log while {name} is down",
        head=f"{settings.FORCE_NAME}: paper log, form of {made.day} {made:%B %Y}",
        at=now,
    )
    paper.text_block(
        "One line for each thing that was published, and for each that came from the public and must not be lost. "
        "London times, four figures. Out: we published it. In: the public wrote it. Afterwards each line is typed "
        "into the form of the import (columns: direction, official_account, at, who, words, link, approved_by)."
    )
    paper.rows(26)
    return paper.whole()


class _Log(Paper):
    """A4 on its side with empty lines."""

    def add_page(self, *given: object, **more: object) -> None:
        super().add_page(orientation="L")

    def rows(self, count: int) -> None:
        """The heads, and so many empty lines; the heads again on each page."""
        for number in range(count):
            if number == 0 or self.get_y() > self.h - 32:
                if number:
                    self.add_page()
                for head, wide in LOG_COLUMNS:
                    self.cell(wide, 7, self.set_type(head, "B", 9), border=1)
                self.ln(7)
            for _, wide in LOG_COLUMNS:
                self.cell(wide, 11, "", border=1)
            self.ln(11)
