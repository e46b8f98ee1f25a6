"""How the force goes on without a platform or without this product: what is planned, tried, due and down.

Source: APP social media, "Security" (what is done when an account is lost); domain.md names no period, so how often
a plan is read anew and tried is what its owner writes, at most MOST_DAYS off.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet

from accounts.models import (
    ContinuityAction,
    ContinuityContact,
    ContinuityPlan,
    ContinuityTest,
    ContinuityVersion,
    Mandate,
    NativeAdministrator,
    OfficialAccount,
    Outage,
    OutageRule,
)
from accounts.models.continuity import PRODUCT
from accounts.queries import account_ids, authority_of, may, require
from core import clock
from core.errors import NotFound
from platforms import registry
from staff.models import StaffMember
from staff.roles import Power

MOST_DAYS = 366
"""A plan is read anew and tried at least once a year."""
DEFAULT_RULE = (2, 10)
"""Official accounts and minutes, until somebody sets them."""
WORKS_ON = (Power.SEE_COMMENTS, Power.SEE_POSTS)
"""Whoever holds one of these on an official account works on its platform."""
RAISES = (Power.LOCK_DOWN, Power.SET_POLICIES)
"""Who may say that a platform is down, and that it is back; and who takes the contact sheet."""
SHOWN = 50


@dataclass(frozen=True)
class Standing:
    """One thing that can be lost: whether there is a plan for it, and whether it is down now."""

    slug: str
    name: str
    accounts: int
    plan: ContinuityPlan | None
    last_test: ContinuityTest | None
    open_actions: int
    outage: Outage | None


def lost(slug: str) -> str:
    """The platform that an address names; PRODUCT for this product. Raises NotFound."""
    if slug == "product":
        return PRODUCT
    if slug not in registry.NAMES:
        raise NotFound("There is no such platform.")
    return slug


def called(platform: str) -> str:
    """What is lost, in words."""
    return registry.NAMES[platform] if platform else "this product"


def overview(viewer: StaffMember) -> list[Standing]:
    """Every platform on which the force speaks, and this product; what is down, and what lacks a plan, first."""
    require(viewer, Power.SEE_REGISTER)
    counts: dict[str, int] = {}
    for platform in OfficialAccount.objects.exclude(status=OfficialAccount.Status.CLOSED).values_list(
        "platform", flat=True
    ):
        counts[platform] = counts.get(platform, 0) + 1
    plans = {plan.platform: plan for plan in ContinuityPlan.objects.select_related("owner")}
    tests: dict[int, ContinuityTest] = {}
    for test in ContinuityTest.objects.order_by("plan_id", "-held_on", "-id").distinct("plan_id"):
        tests[test.plan_id] = test
    open_actions: dict[int, int] = {}
    for plan_id in ContinuityAction.objects.filter(done_at=None).values_list("test__plan", flat=True):
        open_actions[plan_id] = open_actions.get(plan_id, 0) + 1
    outages = {outage.platform: outage for outage in live_outages()}
    found = []
    for platform in sorted(
        {*counts, *plans, *outages, PRODUCT}, key=lambda one: (one != PRODUCT, called(one))
    ):
        plan = plans.get(platform)
        found.append(
            Standing(
                platform or "product",
                called(platform) if platform else "This product",
                counts.get(platform, 0),
                plan,
                tests.get(plan.pk) if plan else None,
                open_actions.get(plan.pk, 0) if plan else 0,
                outages.get(platform),
            )
        )
    return sorted(found, key=lambda one: (one.outage is None, one.plan is not None))


def plan(viewer: StaffMember, platform: str) -> ContinuityPlan | None:
    """The plan for the loss of it; None where nobody has written one. Raises NotPermitted."""
    require(viewer, Power.SEE_REGISTER)
    return ContinuityPlan.objects.select_related("owner").filter(platform=platform).first()


def versions(viewer: StaffMember, plan: ContinuityPlan) -> list[ContinuityVersion]:
    """Every version, the newest first."""
    require(viewer, Power.SEE_REGISTER)
    return list(plan.versions.select_related("owner", "written_by")[:SHOWN])


def as_text(version: ContinuityVersion) -> str:
    """A whole version as one text, so that two can be put beside each other."""
    parts = [
        f"Owner: {version.owner.called}",
        f"What to do first\n{version.first}",
        f"Instead\n{version.alternative}",
        f"Without this product\n{version.native}" if version.native else "",
        f"Afterwards\n{version.afterwards}" if version.afterwards else "",
        *(f"{one['who']} on {one['where']}: {one['words']}" for one in version.messages),
    ]
    return "\n\n".join(part for part in parts if part)


def tests(viewer: StaffMember, plan: ContinuityPlan) -> list[ContinuityTest]:
    """Its trials with what came out of each, the latest first."""
    require(viewer, Power.SEE_REGISTER)
    return list(plan.tests.select_related("recorded_by").prefetch_related("actions__owner")[:SHOWN])


def action_of(viewer: StaffMember, pk: int) -> ContinuityAction:
    """Something that came out of a test. Raises NotPermitted, NotFound."""
    require(viewer, Power.SEE_REGISTER)
    row = ContinuityAction.objects.select_related("test__plan", "owner").filter(pk=pk).first()
    if row is None:
        raise NotFound("There is no such action. Reload the page.")
    return row


def may_write(viewer: StaffMember) -> bool:
    """Whether they write plans, keep the numbers and say when a platform counts as down."""
    return may(viewer, Power.SET_POLICIES)


def may_record(viewer: StaffMember, plan: ContinuityPlan) -> bool:
    """Whether they record a test of it: whoever writes plans, and its owner."""
    return may_write(viewer) or (plan.owner_id == viewer.pk and may(viewer, Power.SEE_REGISTER))


def may_raise(viewer: StaffMember) -> bool:
    """Whether they say that a platform is down, and take the contact sheet."""
    return any(may(viewer, power) for power in RAISES)


def accounts_on(viewer: StaffMember, platform: str) -> list[tuple[OfficialAccount, str, list[str]]]:
    """The force's official accounts there, where the vault keeps the password, and who administers them there."""
    require(viewer, Power.SEE_REGISTER)
    rows = OfficialAccount.objects.exclude(status=OfficialAccount.Status.CLOSED)
    rows = rows.filter(pk__in=account_ids(viewer, Power.SEE_REGISTER))
    rows = rows.filter(platform=platform) if platform else rows.exclude(exercise=True)
    return _with_native(rows.order_by("platform", "name", "id")[:200])


def _with_native(rows: Iterable[OfficialAccount]) -> list[tuple[OfficialAccount, str, list[str]]]:
    accounts = list(rows)
    ids = [account.pk for account in accounts]
    vault = dict(
        Mandate.objects.filter(official_account__in=ids).values_list("official_account_id", "vault_entry")
    )
    admins: dict[int, list[str]] = {}
    for admin in NativeAdministrator.objects.filter(official_account__in=ids, removed_at=None):
        admins.setdefault(admin.official_account_id, []).append(f"{admin.name} ({admin.role})")
    return [(account, vault.get(account.pk, ""), admins.get(account.pk, [])) for account in accounts]


# What is due


def overdue_plans() -> QuerySet[ContinuityPlan]:
    """Plans that were to be read anew or tried before today."""
    today = clock.today()
    rows = ContinuityPlan.objects.select_related("owner")
    return rows.filter(review_on__lt=today) | rows.filter(next_test_on__lt=today)


def overdue_actions() -> QuerySet[ContinuityAction]:
    """What came out of tests and was to be done before today."""
    return ContinuityAction.objects.filter(done_at=None, due_on__lt=clock.today()).select_related(
        "owner", "test__plan"
    )


def waiting_for(viewer: StaffMember) -> tuple[list[ContinuityPlan], list[ContinuityAction]]:
    """The viewer's own plans that are due, and what they are to do after a test."""
    if not may(viewer, Power.SEE_REGISTER):
        return [], []
    mine = ContinuityAction.objects.filter(
        owner=viewer, done_at=None, due_on__lte=clock.today() + timedelta(days=14)
    )
    return list(overdue_plans().filter(owner=viewer)), list(mine.select_related("test__plan"))


def left_by_leavers() -> tuple[list[ContinuityPlan], list[ContinuityAction], list[ContinuityContact]]:
    """What belongs to people who have left: plans, open actions, and numbers that must go."""
    return (
        list(ContinuityPlan.objects.filter(owner__active=False)),
        list(ContinuityAction.objects.filter(owner__active=False, done_at=None)),
        list(ContinuityContact.objects.filter(person__active=False, struck_at=None)),
    )


# Whom to ring


def contacts(viewer: StaffMember) -> list[ContinuityContact]:
    """The numbers recorded for the purpose. Raises NotPermitted: they are people's own."""
    if not may_raise(viewer):
        require(viewer, Power.SET_POLICIES)
    return list(ContinuityContact.objects.filter(struck_at=None).select_related("person", "noted_by"))


def contact(viewer: StaffMember, pk: int) -> ContinuityContact:
    """One of them. Raises NotPermitted, NotFound."""
    row = next((one for one in contacts(viewer) if one.pk == pk), None)
    if row is None:
        raise NotFound("This number is off the list already. Reload the page.")
    return row


# What is down


def rule() -> tuple[int, int]:
    """So many official accounts that fail for so many minutes make a platform count as down."""
    row = OutageRule.objects.first()
    return (row.accounts, row.minutes) if row is not None else DEFAULT_RULE


def rules(viewer: StaffMember) -> list[OutageRule]:
    """What was set, the newest first."""
    require(viewer, Power.SEE_REGISTER)
    return list(OutageRule.objects.select_related("set_by")[:10])


def live_outages() -> list[Outage]:
    """What is down now, whoever asks: the machinery's own."""
    return list(Outage.objects.filter(ended_at=None).select_related("raised_by"))


def outages(viewer: StaffMember) -> list[Outage]:
    """What is down now on platforms that the viewer works on."""
    held = authority_of(viewer)
    ids = {pk for power in WORKS_ON for pk in held.account_ids(power)}
    mine = OfficialAccount.objects.filter(pk__in=ids).exclude(status=OfficialAccount.Status.CLOSED)
    rows = Outage.objects.filter(ended_at=None, platform__in=mine.values("platform"))
    return list(rows.select_related("raised_by").order_by("began_at"))


def outage_of(viewer: StaffMember, platform: str) -> Outage | None:
    """The outage of a platform, where there is one."""
    require(viewer, Power.SEE_REGISTER)
    return Outage.objects.filter(ended_at=None, platform=platform).select_related("raised_by").first()


def past_outages(viewer: StaffMember, platform: str | None = None) -> list[Outage]:
    """Outages that are over, the latest first; of one platform or of all."""
    require(viewer, Power.SEE_REGISTER)
    rows = Outage.objects.exclude(ended_at=None).select_related("raised_by", "ended_by")
    return list((rows if platform is None else rows.filter(platform=platform))[:SHOWN])


def exercise_log(viewer: StaffMember) -> list[ContinuityTest]:
    """Every trial of every plan, the latest first."""
    require(viewer, Power.SEE_REGISTER)
    return list(
        ContinuityTest.objects.select_related("plan", "recorded_by").prefetch_related("actions__owner")[
            :SHOWN
        ]
    )
