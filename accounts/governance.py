"""How an official account comes to be, is reviewed and ends: who does which step, by when; and what is lacking.

Source: APP social media, "Social media policy" (accounts are approved, reviewed and closed) and "Security"
(what each account must have). The days are the force's own and stand in one table here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from accounts import lookalikes, naming
from accounts.models import (
    AreaDetails,
    ConnectedApp,
    Mandate,
    MandateStep,
    NativeAdministrator,
    OfficialAccount,
    UnwatchedRisk,
    WatchHours,
)
from accounts.queries import account_ids, authority_of, may, require_over_all
from core import clock
from core.errors import NotFound
from core.workflow import Workflow
from core.working import is_working_day
from platforms import registry
from staff.models import StaffMember
from staff.roles import Power

State = Mandate.State

COURSE = Workflow(
    "official account",
    {
        ("requested", "assess"): "requested",
        ("requested", "complete"): "assessed",
        ("requested", "refuse"): "refused",
        ("requested", "withdraw"): "withdrawn",
        ("assessed", "approve"): "approved",
        ("assessed", "refuse"): "refused",
        ("assessed", "withdraw"): "withdrawn",
        ("approved", "tick"): "approved",
        ("approved", "finish"): "ready",
        ("approved", "withdraw"): "withdrawn",
        ("ready", "send_back"): "approved",
        ("ready", "open"): "active",
        ("active", "review"): "active",
        ("active", "suspend"): "suspended",
        ("active", "end"): "closing",
        ("suspended", "review"): "suspended",
        ("suspended", "resume"): "active",
        ("suspended", "end"): "closing",
        ("closing", "tick"): "closing",
        ("closing", "call_off"): "suspended",
        ("closing", "close"): "closed",
    },
)

WORKING_DAYS = {
    State.REQUESTED: 10,
    State.ASSESSED: 5,
    State.APPROVED: 20,
    State.READY: 5,
    State.SUSPENDED: 20,
    State.CLOSING: 20,
}
"""Working days within which the next step is due, from the day on which it came to stand there."""

REVIEW_AFTER = timedelta(days=365)
FIRST_REVIEW_AFTER = timedelta(days=30)
"""What existed before the register knew it is looked at soon."""
NATIVE_CHECK_AFTER = timedelta(days=90)

OPENING: dict[str, str] = {
    "naming": "Its name, handle and profile keep to the force’s rules",
    "mailbox": "It is registered with an address of the shared mailbox register that serves nothing else",
    "password": "Its password is long, used nowhere else, and in the force’s vault",
    "two_factor": "Two-factor authentication is on, with factors that the force holds",
    "recovery": "Recovery routes lead to the force, never to a personal telephone or address",
    "login_alerts": "Alerts of new sign-ins are on and reach the shared mailbox",
    "emergency": "Its profile says: in an emergency ring 999, otherwise 101, and that it is not watched all the time",
    "people": "Who holds which role on the platform is as the register says",
}
OFFICER_POINT = ("safety", "The officer agreed in writing, and a safety check is recorded")
CLOSING: dict[str, str] = {
    "farewell": "A last post says where to go from now on",
    "archive": "The platform’s own export of it is in the archive",
    "evidence": "What is evidence, or under a hold, is kept",
    "handle": "It is decided and noted whether the handle is kept or released",
    "confirmation": "The platform has confirmed that it is closed",
}
NEED_WORDS = frozenset({"handle"})
"""Points that say nothing without a note."""


def points(mandate: Mandate) -> dict[str, str]:
    """The checklist of where it stands: of opening, of closing, or empty."""
    if mandate.state in (State.APPROVED, State.READY):
        return {**OPENING, **dict([OFFICER_POINT] if mandate.kind == Mandate.Kind.OFFICER else [])}
    return CLOSING if mandate.state == State.CLOSING else {}


def due_on(state: str, *, since: date | None = None) -> date | None:
    """The day by which the next step is due from that state on; None where none is to come."""
    day = since or clock.today()
    if state == State.ACTIVE:
        return day + REVIEW_AFTER
    if state not in WORKING_DAYS:
        return None
    left = WORKING_DAYS[State(state)]
    while left:
        day += timedelta(days=1)
        left -= is_working_day(day)
    return day


NEXT = {
    State.REQUESTED: "Communications and information security assess it",
    State.ASSESSED: "An information asset owner approves or refuses it",
    State.APPROVED: "The register’s keepers open it by the checklist",
    State.READY: "A second person looks at it and opens it",
    State.ACTIVE: "It is reviewed",
    State.SUSPENDED: "It is taken up again, or closed",
    State.CLOSING: "The checklist of closing is done, then a second person closes it",
}


# Reading


def mandates(viewer: StaffMember) -> QuerySet[Mandate]:
    """The mandates that the viewer may see: their own requests, those they judge, those of their register."""
    rows = Mandate.objects.select_related(
        "official_account", "owner", "requested_by", "officer", "neighbourhood", "team"
    )
    held = authority_of(viewer)
    if held.force_wide & JUDGES or Power.MANAGE_REGISTER in held.over_all:
        return rows
    return rows.filter(
        Q(requested_by=viewer) | Q(official_account__in=account_ids(viewer, Power.SEE_REGISTER))
    )


JUDGES = frozenset({Power.ASSESS_ACCOUNTS, Power.SECURE_ACCOUNTS, Power.APPROVE_ACCOUNTS})


def mandate(viewer: StaffMember, pk: int) -> Mandate:
    """One of them. Raises NotFound where there is none or the viewer may not know of it."""
    found = mandates(viewer).filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise NotFound("There is no such request or official account, or it is not one that you may see.")
    return found


def mandate_of(account: OfficialAccount) -> Mandate | None:
    """What is recorded of an official account that the viewer may see; None where nothing is yet."""
    return (
        Mandate.objects.filter(official_account=account)
        .select_related("owner", "deputy", "asset_owner", "officer")
        .first()
    )


def requests(viewer: StaffMember) -> list[Mandate]:
    """What is wanted and not opened yet, what waits to be closed, and the overdue first."""
    return list(
        mandates(viewer)
        .filter(
            state__in=[State.REQUESTED, State.ASSESSED, State.APPROVED, State.READY, State.CLOSING],
        )
        .order_by("due_on", "id")
    )


def answered(viewer: StaffMember) -> list[Mandate]:
    """The latest that were refused, withdrawn or closed."""
    return list(
        mandates(viewer)
        .filter(state__in=[State.REFUSED, State.WITHDRAWN, State.CLOSED])
        .order_by("-changed_at")[:30]
    )


def history(mandate: Mandate) -> list[MandateStep]:
    """Everything that happened to it, the latest first."""
    return list(mandate.steps.select_related("by").order_by("-at", "-id"))


@dataclass(frozen=True)
class Point:
    """One point of a checklist, and who ticked it when."""

    slug: str
    says: str
    done: MandateStep | None
    needs_words: bool


def checklist(mandate: Mandate) -> list[Point]:
    """The points of where it stands, each with what was said of it since it came to stand there."""
    wanted = points(mandate)
    begins = "approve" if mandate.state in (State.APPROVED, State.READY) else "end"
    steps = list(mandate.steps.select_related("by").order_by("at", "id"))
    starts = max((n for n, step in enumerate(steps) if step.event == begins), default=-1)
    last = {step.point: step for step in steps[starts + 1 :] if step.point}
    return [
        Point(
            slug,
            says,
            done if (done := last.get(slug)) is not None and done.event == "tick" else None,
            slug in NEED_WORDS,
        )
        for slug, says in wanted.items()
    ]


def can(viewer: StaffMember, mandate: Mandate) -> set[str]:
    """Which steps the viewer can take with it now: what its page offers. The actions ask the same again."""
    return {
        event
        for event in WHO
        if COURSE.allows(mandate.state, "assess" if event.startswith("assess_") else event)
        and may_take(viewer, mandate, event)
    }


WHO: dict[str, tuple[str, ...]] = {
    "assess_comms": (Power.ASSESS_ACCOUNTS,),
    "assess_infosec": (Power.SECURE_ACCOUNTS,),
    "approve": (Power.APPROVE_ACCOUNTS,),
    "refuse": (Power.APPROVE_ACCOUNTS, Power.ASSESS_ACCOUNTS, Power.SECURE_ACCOUNTS),
    "withdraw": (),
    "tick": (Power.MANAGE_REGISTER,),
    "finish": (Power.MANAGE_REGISTER,),
    "send_back": (Power.APPROVE_ACCOUNTS, Power.MANAGE_REGISTER),
    "open": (Power.APPROVE_ACCOUNTS, Power.MANAGE_REGISTER),
    "review": (Power.APPROVE_ACCOUNTS, Power.MANAGE_REGISTER),
    "suspend": (Power.MANAGE_REGISTER,),
    "resume": (Power.MANAGE_REGISTER,),
    "end": (Power.MANAGE_REGISTER,),
    "call_off": (Power.MANAGE_REGISTER,),
    "close": (Power.APPROVE_ACCOUNTS, Power.MANAGE_REGISTER),
}
"""Which of these powers takes a step; nobody but who asked withdraws."""


def may_take(viewer: StaffMember, mandate: Mandate, event: str) -> bool:
    """Whether they hold a power for it and are not barred because of what they did before."""
    return holds_for(viewer, mandate, event) and not barred(viewer, mandate, event)


def holds_for(viewer: StaffMember, mandate: Mandate, event: str) -> bool:
    """Whether the viewer holds a power that takes this step, on its official account where it has one."""
    if event == "withdraw":
        return mandate.requested_by_id == viewer.pk
    for power in WHO[event]:
        if power != Power.MANAGE_REGISTER:
            if may(viewer, power):
                return True
        elif mandate.official_account_id is not None:
            if may(viewer, power, mandate.official_account_id):
                return True
        elif power in authority_of(viewer).over_all:
            return True
    return False


def barred(viewer: StaffMember, mandate: Mandate, event: str) -> str:
    """Why this person may not take the step though their role may: a sentence, or empty."""
    me = viewer.pk
    if event in ("assess_comms", "assess_infosec", "approve", "refuse") and me == mandate.requested_by_id:
        return "You asked for this. Somebody else judges it."
    if event == "assess_comms" and me == mandate.infosec_by_id:
        return "You assessed it for information security. Somebody else speaks for communications."
    if event == "assess_infosec" and me == mandate.comms_by_id:
        return "You assessed it for communications. Somebody else speaks for information security."
    if event == "approve" and me in (mandate.comms_by_id, mandate.infosec_by_id):
        return "You assessed it. Somebody else approves it."
    if event == "open" and me == mandate.finished_by_id:
        return "You say that its checklist is done. A second person looks at it and opens it."
    if event == "close" and me == mandate.ended_by_id:
        return "You asked that it be closed. A second person closes it."
    return ""


def waiting_for(viewer: StaffMember) -> list[tuple[Mandate, str]]:
    """Mandates whose next step this person can take now, each with what that is. The earliest day first."""
    held = authority_of(viewer)
    if not (held.force_wide & JUDGES or held.holds(Power.MANAGE_REGISTER)):
        return []
    soon = clock.today() + timedelta(days=14)
    rows = (
        mandates(viewer)
        .filter(
            Q(state__in=[State.REQUESTED, State.ASSESSED, State.APPROVED, State.READY, State.CLOSING])
            | Q(state__in=[State.ACTIVE, State.SUSPENDED], due_on__lte=soon)
        )
        .order_by("due_on", "id")
    )
    found = []
    for row in rows:
        events = can(viewer, row)
        step = _next_of(row, events)
        if step:
            found.append((row, step))
    return found


def _next_of(row: Mandate, events: set[str]) -> str:
    if row.state == State.REQUESTED:
        if "assess_comms" in events and row.comms_by_id is None:
            return "Assess it for communications"
        if "assess_infosec" in events and row.infosec_by_id is None:
            return "Assess it for security"
        return ""
    words = {
        State.ASSESSED: ("approve", "Approve or refuse it"),
        State.APPROVED: ("finish", "Open it by the checklist"),
        State.READY: ("open", "Look at it and open it"),
        State.ACTIVE: ("review", "Review it"),
        State.SUSPENDED: ("resume", "Take it up again or close it"),
    }
    if row.state == State.CLOSING:
        if all(point.done for point in checklist(row)):
            return "Close it" if "close" in events else ""
        return "Do the checklist of closing" if "tick" in events else ""
    event, says = words[State(row.state)]
    return says if event in events else ""


# What is lacking


@dataclass(frozen=True)
class Faults:
    """One official account, or one that is wanted, and what is wrong with it, in sentences."""

    account: OfficialAccount
    mandate: Mandate | None
    naming: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.naming) + len(self.others)


def faults(viewer: StaffMember) -> list[Faults]:
    """Every official account in use that the viewer may see in the register, the worst first.

    Seven reads for however many. Exercise accounts are left out: nothing on a platform is theirs.
    """
    accounts = list(
        OfficialAccount.objects.filter(pk__in=account_ids(viewer, Power.SEE_REGISTER), exercise=False)
        .exclude(status=OfficialAccount.Status.CLOSED)
        .select_related("owner", "mandate__deputy", "mandate__asset_owner", "mandate__officer")
        .order_by("name", "id")
    )
    return sorted(faults_of(accounts), key=lambda one: -one.count)


def faults_of(accounts: Iterable[OfficialAccount]) -> list[Faults]:
    """What is lacking of each of these."""
    accounts = list(accounts)
    ids = [account.pk for account in accounts]
    rules = naming.rules()
    native: dict[int, list[NativeAdministrator]] = {}
    for admin in NativeAdministrator.objects.filter(official_account__in=ids, removed_at=None).select_related(
        "person"
    ):
        native.setdefault(admin.official_account_id, []).append(admin)
    apps: dict[int, list[ConnectedApp]] = {}
    for app in ConnectedApp.objects.filter(official_account__in=ids, removed_at=None):
        apps.setdefault(app.official_account_id, []).append(app)
    watched = set(
        WatchHours.objects.filter(official_account__in=ids, ended_at=None).values_list(
            "official_account_id", flat=True
        )
    )
    risks = set(
        UnwatchedRisk.objects.filter(official_account__in=ids, replaced_at=None).values_list(
            "official_account_id", flat=True
        )
    )
    return [
        Faults(
            account,
            (of := getattr(account, "mandate", None)),
            tuple(naming.broken(rules, naming.Face.of(account, of))),
            tuple(
                _lacks(account, of, native.get(account.pk, []), apps.get(account.pk, []))
                + (
                    ["Nobody has said who watches it when, nor what it risks that nobody does."]
                    if account.pk not in watched | risks
                    else []
                )
            ),
        )
        for account in accounts
    ]


def _lacks(
    account: OfficialAccount,
    of: Mandate | None,
    native: list[NativeAdministrator],
    apps: list[ConnectedApp],
) -> list[str]:
    found = []
    today = clock.today()
    if not account.owner.active:
        found.append(f"Its owner, {account.owner.called}, has left.")
    if of is None:
        return [*found, "Its particulars are not recorded yet."]
    for person, what in ((of.deputy, "deputy"), (of.asset_owner, "information asset owner")):
        if person is None:
            found.append(f"It has no {what}.")
        elif not person.active:
            found.append(f"Its {what}, {person.called}, has left.")
    if of.officer_leaves_by(today):
        found.append("Its named officer has left or moved: hand it over, or close it.")
    if of.officer is not None and (of.consented_on is None or of.safety_checked_on is None):
        found.append("The officer’s consent or the safety check is not recorded.")
    for value, sentence in (
        (of.mailbox, "No address of the shared mailbox register is recorded."),
        (of.vault_entry, "Where the vault keeps its password is not recorded."),
        (of.recovery, "No recovery route is recorded."),
        (of.continuity, "There is no continuity plan."),
        (account.purpose, "What it is for is not recorded."),
        (of.audience, "For whom it is, is not recorded."),
    ):
        if not value:
            found.append(sentence)
    if of.verified in (Mandate.Verified.UNKNOWN, Mandate.Verified.NONE) and not of.verified_route:
        found.append("Whether the platform verifies it, and how, is not recorded.")
    if of.run != Mandate.Run.RUN:
        found.append(f"{of.get_run_display()}.")
    if of.is_overdue:
        found.append("Its review is overdue." if of.state == State.ACTIVE else "Its next step is overdue.")
    if not native:
        found.append("Nobody has noted who administers it on the platform.")
    found += [
        f"{admin.name}, who administers it on the platform, has left."
        for admin in native
        if admin.person is not None and not admin.person.active
    ]
    if native and min(admin.checked_at for admin in native) < clock.now() - NATIVE_CHECK_AFTER:
        found.append("Who administers it on the platform was last looked at over 90 days ago.")
    found += [f"The program {app.name} is connected with {app.lacks}." for app in apps if app.lacks]
    return found


def channels_unknown(viewer: StaffMember) -> list[tuple[str, str, str]]:
    """Area, platform and address of what the imported areas list as ours and the register does not have.

    Raises NotPermitted.
    """
    require_over_all(viewer, Power.MANAGE_REGISTER)
    known = set()
    for platform, handle, url in OfficialAccount.objects.values_list("platform", "handle", "profile_url"):
        known |= {lookalikes.plain_link(url), (platform, handle.casefold())}
    found: dict[str, tuple[str, str, str]] = {}
    for details in AreaDetails.objects.select_related("neighbourhood").order_by("neighbourhood__name"):
        for channel in details.channels:
            link = lookalikes.plain_link(channel["url"])
            handle = lookalikes.read(channel["url"]).handle.casefold()
            if link not in known and (channel["platform"], handle) not in known:
                name = registry.NAMES.get(channel["platform"], channel["platform"])
                found.setdefault(link, (details.neighbourhood.name, name, channel["url"]))
    return list(found.values())
