"""What the frame around every page shows: the force, the person, where to go, lockdown, alerts, exercises."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, get_urlconf, reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import get_text_list

from accounts import continuity, glass
from accounts.models import BreakGlass, Outage
from accounts.queries import Authority, authority
from core import clock
from core.prepared import Prepared
from escalation import queries_alerts
from escalation.models import Alert
from exercise.models import Run
from insights.queries import open_count as open_alerts
from insights.queries_reports import OPENS as REPORTS
from insights.views_figures import OPENS as FIGURES
from moderation import queries_surges, queries_welfare
from moderation.models import Comfort, Surge
from notices.models import Notice
from notices.queries import Bell, bell
from publishing import queries_lockdown
from publishing.models import Lockdown
from staff import devices, sessions
from staff.models import StaffMember
from staff.roles import Power, Role


@dataclass(frozen=True)
class Place:
    """A page that the frame can lead to: its route, its words, and which powers open it."""

    route: str
    name: str
    says: str
    glyph: str
    powers: tuple[str, ...] = ()
    go: str = ""
    """The letter after `g` that leads there."""
    beneath: tuple[str, ...] = ()
    """Routes of pages that belong to it although their addresses do not lie under its own."""
    roles: tuple[str, ...] = ()
    """Roles that it is for beside the powers: those that see only what is referred to them."""

    def is_for(self, powers: tuple[str, ...], roles: tuple[str, ...]) -> bool:
        """Whether somebody with these powers and roles is led there."""
        return not (self.powers or self.roles) or bool({*self.powers} & {*powers} or {*self.roles} & {*roles})


PLACES = [
    Place(
        "home",
        "Now",
        "What waits for me",
        "home",
        go="n",
        beneath=("accounts:ask", "accounts:confirm", "accounts:glasses"),
    ),
    Place("moderation:desk", "Desk", "Comments that need somebody", "tray", (Power.SEE_COMMENTS,), "d"),
    Place(
        "moderation:how_triage_works",
        "Triage",
        "How comments are sorted, and by what",
        "filter",
        (Power.SEE_COMMENTS,),
        "t",
    ),
    Place(
        "moderation:surges",
        "Surges",
        "When far more comes than usual",
        "alert",
        (Power.SEE_COMMENTS,),
    ),
    Place(
        "moderation:tip_inboxes",
        "Tips",
        "What the public tells on appeals",
        "bubble",
        (Power.SEE_COMMENTS,),
    ),
    Place(
        "moderation:second_looks",
        "Second looks",
        "Authors of hidden comments who ask again",
        "eye",
        (Power.LOOK_AGAIN,),
    ),
    Place(
        "moderation:act_reviews",
        "Acts",
        "Deletions and blocks for a second look",
        "shield",
        (Power.LOOK_AGAIN,),
    ),
    Place(
        "moderation:saved_replies",
        "Replies",
        "Words that are written often",
        "bubble",
        (Power.REPLY,),
        beneath=("moderation:private_messages",),
    ),
    Place(
        "escalation:cases",
        "Cases",
        "Risk, and who has it",
        "case",
        (Power.SEE_CASES,),
        "c",
        beneath=("escalation:drills",),
    ),
    Place(
        "escalation:referrals",
        "Referrals",
        "What was handed to another team",
        "send",
        (Power.SEE_CASES, Power.RECORD_INCIDENTS),
        roles=(
            Role.INTELLIGENCE_RECEIVER,
            Role.SOURCE_UNIT,
            Role.PROFESSIONAL_STANDARDS,
            Role.SAFEGUARDING,
            Role.INFORMATION_RIGHTS_OFFICER,
        ),
    ),
    Place(
        "escalation:intelligence_reports",
        "Reports",
        "Intelligence of the desk, and where each stands",
        "eye",
        roles=(Role.INTELLIGENCE_RECEIVER,),
        beneath=("escalation:intelligence",),
    ),
    Place(
        "escalation:pathways",
        "Pathways",
        "Who is called, how soon; rotas and posts",
        "alert",
        (Power.SET_PATHWAYS,),
        beneath=("escalation:rotas",),
    ),
    Place(
        "escalation:handovers",
        "Handover",
        "What the next shift must know, signed by both",
        "people",
        (Power.SEE_CASES,),
    ),
    Place(
        "moderation:samples",
        "Looked over",
        "Closed decisions drawn at random, marked and answered",
        "seal",
        (Power.CHECK_DECISIONS,),
    ),
    Place(
        "moderation:guidelines_versions",
        "Guidelines",
        "What the public may and may not write",
        "page",
        (Power.WRITE_GUIDELINES,),
    ),
    Place(
        "insights:rumours",
        "Rumours",
        "What is said again and again, and our answer",
        "surge",
        (Power.SEE_COMMENTS,),
    ),
    Place(
        "insights:areas",
        "Areas",
        "What they worried about and what was done",
        "people",
        (Power.SEE_COMMENTS,),
        beneath=("insights:map",),
    ),
    Place("publishing:posts", "Posts", "Drafts, planned and published", "page", (Power.SEE_POSTS,), "p"),
    Place("publishing:compose", "Compose", "Write a post", "pen", (Power.WRITE_POSTS,), "w"),
    Place(
        "publishing:calendar",
        "Calendar",
        "What goes out when, gaps and clashes",
        "calendar",
        (Power.SEE_POSTS,),
        beneath=("publishing:feeds", "publishing:all_series"),
    ),
    Place(
        "publishing:campaigns",
        "Campaigns",
        "What belongs together, and days that we run",
        "people",
        (Power.SEE_POSTS,),
        beneath=("publishing:engagements",),
    ),
    Place(
        "publishing:concerns",
        "You said",
        "What neighbourhoods worry about, and what we did",
        "bubble",
        (Power.SEE_POSTS,),
    ),
    Place(
        "publishing:library",
        "Library",
        "Pictures and videos, their rights and consent",
        "picture",
        (Power.WRITE_POSTS,),
    ),
    Place(
        "publishing:templates",
        "Templates",
        "Words to begin from, and holding statements",
        "book",
        (Power.WRITE_POSTS,),
        beneath=("publishing:tags",),
    ),
    Place(
        "publishing:appeals",
        "Appeals",
        "Asking the public, and taking it down again",
        "people",
        (Power.SEE_POSTS,),
        beneath=("publishing:shown",),
    ),
    Place("publishing:field", "Post", "Photo, words, check, send", "plus", (Power.WRITE_POSTS,)),
    Place(
        "publishing:approvals",
        "Approvals",
        "Posts for a second pair of eyes",
        "seal",
        (Power.APPROVE_POSTS,),
        beneath=("publishing:afterwards", "publishing:expired", "publishing:covers"),
    ),
    Place(
        "publishing:steps",
        "Approval steps",
        "Who has to approve what",
        "rule",
        (Power.SET_SAFEGUARDS,),
    ),
    Place(
        "publishing:incidents",
        "Incidents",
        "Live updates on our own pages",
        "alert",
        (Power.PLAN_POSTS, Power.APPROVE_POSTS),
    ),
    Place("publishing:checks", "Checks", "What posts are read for", "check", (Power.SET_SAFEGUARDS,)),
    Place(
        "publishing:outbox",
        "Outbox",
        "Everything on its way out",
        "send",
        (Power.SEE_POSTS, Power.SEE_HEALTH),
        "o",
        beneath=("insights:costs",),
    ),
    Place(
        "moderation:channels",
        "Channels",
        "Which is deaf, and since when",
        "link",
        (Power.SEE_REGISTER,),
        beneath=("moderation:set_aside",),
    ),
    Place(
        "accounts:policies",
        "Policies",
        "What we have read, and what we may publish by",
        "page",
        (Power.WRITE_POSTS, Power.APPROVE_POSTS, Power.SET_POLICIES),
        beneath=("accounts:training",),
    ),
    Place("accounts:register", "Register", "Our official accounts", "book", (Power.SEE_REGISTER,), "r"),
    Place(
        "accounts:continuity",
        "Continuity",
        "When a platform, or this product, is gone",
        "shield",
        (Power.SEE_REGISTER,),
    ),
    Place(
        "accounts:grants",
        "Grants",
        "Who may do what, until when",
        "key",
        (Power.GIVE_GRANTS, Power.SEE_AUDIT),
        beneath=("accounts:requests", "accounts:review", "accounts:powers"),
    ),
    Place(
        "accounts:staff",
        "Staff",
        "Joiners and leavers",
        "people",
        (Power.MANAGE_STAFF,),
        beneath=("accounts:teams", "accounts:departures", "staff:allowances", "staff:sessions_of"),
    ),
    Place(
        "accounts:conduct", "Conduct", "Departures and audits we decide", "people", (Power.HANDLE_CONDUCT,)
    ),
    Place("moderation:sealed", "Sealed", "Pictures that only your team opens", "lock", (Power.OPEN_SEALED,)),
    Place(
        "moving",
        "Moving in",
        "What another product has, brought in here",
        "box",
        (Power.MANAGE_STAFF, Power.SET_REPLIES),
    ),
    Place("accounts:services", "Services", "Programs with keys of their own", "link", (Power.MANAGE_STAFF,)),
    Place("retention:schedule", "Retention", "How long records are kept", "box", (Power.SEE_RETENTION,)),
    Place(
        "retention:requests",
        "Requests",
        "What people ask of us under information law",
        "case",
        (Power.HANDLE_REQUESTS,),
        beneath=("retention:take_in", "insights:request_figures"),
    ),
    Place(
        "retention:holds",
        "Holds",
        "Records kept from disposal",
        "hold",
        (Power.SEE_RETENTION, Power.PLACE_HOLDS),
    ),
    Place("insights:alerts", "Alerts", "What was noticed", "alert", (Power.SEE_AUDIT,), "l"),
    Place(
        "insights:figures",
        "Figures",
        "What came, what we did, how fast",
        "chart",
        FIGURES,
        "f",
    ),
    Place("insights:reports", "Reports", "Briefs, weeks, months and incidents", "page", REPORTS),
    Place(
        "insights:scorecard",
        "Scorecard",
        "Where we stand to the APP",
        "chart",
        (Power.SEE_SCORECARD,),
    ),
    Place("insights:strategy", "Strategy", "Which channels we use for what", "book"),
    Place(
        "audit:trail",
        "Audit",
        "Who saw and did what",
        "eye",
        (Power.SEE_AUDIT, Power.SEE_ASSIGNED_AUDIT),
        "a",
    ),
    Place(
        "audit:safeguards", "Safeguards", "Where a reason is asked", "shield", (Power.SET_SAFEGUARDS,), "s"
    ),
    Place("exercise:control", "Exercises", "Train the desk", "flask", (Power.RUN_EXERCISES,), "x"),
    Place(
        "publishing:lockdown",
        "Lockdown",
        "Pause posts, or stop everything that goes out",
        "lock",
        (Power.LOCK_DOWN,),
    ),
]

PHONE: dict[str, tuple[str, ...]] = {
    Role.DUTY_COMMAND: ("home", "escalation:cases", "moderation:desk", "publishing:lockdown"),
    Role.DESK_OPERATOR: ("home", "moderation:desk", "escalation:cases", "publishing:posts"),
    Role.DESK_SUPERVISOR: ("home", "moderation:desk", "escalation:cases", "publishing:lockdown"),
    Role.COMMS_OFFICER: ("home", "publishing:posts", "publishing:compose", "moderation:desk"),
    Role.COMMS_APPROVER: ("home", "publishing:approvals", "publishing:posts", "moderation:desk"),
    Role.SERVICE_ADMINISTRATOR: ("home", "accounts:staff", "accounts:grants", "accounts:register"),
    Role.RECORDS_MANAGER: ("home", "retention:schedule", "retention:requests", "retention:holds"),
    Role.INFORMATION_RIGHTS_OFFICER: ("home", "retention:requests", "retention:holds", "retention:schedule"),
    Role.PROFESSIONAL_STANDARDS: ("home", "accounts:conduct", "audit:trail", "retention:holds"),
    Role.INFOSEC_AUDITOR: ("home", "insights:alerts", "audit:trail", "accounts:grants"),
    Role.SURGE_HELPER: ("home", "moderation:desk", "moderation:surges"),
    Role.NEIGHBOURHOOD_OFFICER: ("home", "moderation:desk", "publishing:field", "publishing:posts"),
    Role.GUEST_WRITER: ("home", "publishing:field", "publishing:posts", "publishing:compose"),
}
"""The four entries within thumb reach, per role; other roles get the first four they may open."""


@dataclass(frozen=True)
class Entry:
    """A place as one person sees it on one page."""

    route: str
    address: str
    name: str
    says: str
    glyph: str
    go: str
    current: bool
    on_phone: bool
    count: int = 0
    """How many things wait there; nothing is shown for none."""


def address_of(route: str, *args: object) -> str:
    """The address of a route; empty where this installation does not mount it."""
    urlconf = get_urlconf() or settings.ROOT_URLCONF
    return _looked_up(urlconf, route, args) if args else _kept(urlconf, route)


@lru_cache(maxsize=1000)
def _kept(urlconf: str, route: str) -> str:
    """An address without a number in it. A page asks for that of every place, and of what lies beneath."""
    return _looked_up(urlconf, route, ())


def _looked_up(urlconf: str, route: str, args: tuple[object, ...]) -> str:
    try:
        return reverse(route, urlconf, args=args)
    except NoReverseMatch:
        return ""


POWERS_THAT_OPEN = tuple(sorted({power for place in PLACES for power in place.powers}))
WAITING = {"insights:alerts": open_alerts}
"""Places that say how many things wait there."""


@lru_cache(maxsize=500)
def _entries(
    urlconf: str | None, powers: tuple[str, ...], roles: tuple[str, ...], here: str
) -> tuple[Entry, ...]:
    """The places that these powers open. Every page shows them three times, so they are made once."""
    open_to = [place for place in PLACES if address_of(place.route) and place.is_for(powers, roles)]
    routes = [place.route for place in open_to]
    wanted = next((PHONE[role] for role in roles if role in PHONE), ())
    on_phone = [route for route in wanted if route in routes]
    on_phone += [route for route in routes if route not in on_phone]
    return tuple(
        Entry(
            place.route,
            address_of(place.route),
            place.name,
            place.says,
            place.glyph,
            place.go,
            place.route == here,
            place.route in on_phone[:4],
        )
        for place in open_to
    )


@lru_cache(maxsize=2000)
def _place_at(urlconf: str | None, named: str, path: str) -> str:
    """The place that a page belongs to: itself, else the longest address it lies under; empty for none.

    Where that place is not somebody's, nothing is marked: another one whose address happens to begin alike
    would say that they are somewhere else.
    """
    under = []
    for place in PLACES:
        for route in (place.route, *place.beneath):
            if route == named:
                return place.route
            address = address_of(route)
            if len(address) > 1 and path.startswith(address):
                under.append((len(address), place.route))
    return max(under)[1] if under else ""


@lru_cache(maxsize=1000)
def _drawn(part: str, entries: tuple[Entry, ...]) -> SafeString:
    """A part of the frame that follows from its entries alone."""
    return mark_safe(render_to_string(f"smmp/_entries_{part}.html", {"entries": entries}))  # noqa: S308  # nosec


def _standing(person: int, now: datetime) -> QuerySet[Any, Any]:
    return StaffMember.everyone.filter(pk=person).values_list(
        Exists(Lockdown.objects.filter(lifted_at=None)),
        Exists(BreakGlass.objects.filter(person=OuterRef("pk"), grant__until__gt=now)),
        Exists(Run.objects.filter(state=Run.State.PLAYING)),
        Exists(Surge.objects.filter(state__in=["suggested", "running"])),
        Exists(Notice.objects.filter(to=OuterRef("pk"), seen_at=None)),
        Exists(Alert.objects.filter(state=Alert.State.OPEN)),
        Exists(Outage.objects.filter(ended_at=None)),
    )


_STANDING = Prepared(_standing)


@dataclass(frozen=True)
class Standing:
    """A pause or lockdown as it stands over every page of one person."""

    lockdown: Lockdown
    title: str
    means: str
    address: str

    @property
    def says(self) -> str:
        return (
            f"{self.lockdown.why} {self.means}"
            if self.lockdown.why[-1:] in ".!?"
            else f"{self.lockdown.why}. {self.means}"
        )


@dataclass(frozen=True)
class Down:
    """A platform that is down, as it stands over every page of those who work there."""

    outage: Outage
    address: str
    """Its plan; empty for those who do not read the register."""

    @property
    def says(self) -> str:
        """What is seen, and by whom."""
        why = self.outage.why if self.outage.why[-1:] in ".!?" else f"{self.outage.why}."
        by = self.outage.raised_by
        return f"{why} {f'Said by {by.called}' if by is not None else 'Noticed by itself'}."


def _title_of(lockdown: Lockdown) -> str:
    over = "" if not lockdown.scope_name else f", {lockdown.scope_name}"
    if lockdown.drill:
        return f"Exercise: {lockdown.get_kind_display().lower()}{over}."
    return (
        f"Pause: posts wait{over}."
        if lockdown.kind == Lockdown.Kind.PAUSE
        else (f"Lockdown: nothing goes out{over}.")
    )


class Frame:
    """Answers the frame's questions when a template asks them, each once per request."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.force = settings.FORCE_NAME
        self.demo = settings.DEMO
        self.home = address_of("home") or "/"

    @cached_property
    def person(self) -> StaffMember | None:
        """Whoever is signed in with both factors, else nobody."""
        person = getattr(self.request, "user", None)
        if not isinstance(person, StaffMember) or not person.is_authenticated:
            return None
        return person if person.is_verified() else None  # type: ignore[attr-defined]

    @cached_property
    def authority(self) -> Authority | None:
        return authority(self.request) if self.person else None

    @cached_property
    def roles(self) -> list[str]:
        """The roles held now, in words."""
        return [str(Role(role).label) for role in self.authority.roles] if self.authority else []

    @cached_property
    def entries(self) -> list[Entry]:
        """The places this person may open, in one order everywhere."""
        if not self.authority:
            return []
        may = self.authority
        powers = tuple(power for power in POWERS_THAT_OPEN if may.holds(power))
        match = getattr(self.request, "resolver_match", None)
        here = _place_at(get_urlconf(), match.view_name if match is not None else "", self.request.path)
        entries = _entries(get_urlconf(), powers, may.roles, here)
        counted = [entry.route for entry in entries if entry.route in WAITING]
        if not counted:
            return list(entries)
        return [
            replace(entry, count=WAITING[entry.route]()) if entry.route in WAITING else entry
            for entry in entries
        ]

    @property
    def rail(self) -> SafeString:
        return _drawn("rail", tuple(self.entries))

    @property
    def menu(self) -> SafeString:
        return _drawn("menu", tuple(self.entries))

    @property
    def go_keys(self) -> SafeString:
        return _drawn("keys", tuple(self.entries))

    @cached_property
    def pages(self) -> list[Entry]:
        """The places this person may open beside the first page."""
        return [entry for entry in self.entries if entry.address != self.home]

    @cached_property
    def theme(self) -> str:
        """What the person chose; empty lets the system choose."""
        return self.person.theme if self.person and self.person.theme != "system" else ""

    @cached_property
    def single_keys(self) -> bool:
        return bool(self.person and self.person.single_keys)

    @cached_property
    def standing(self) -> dict[str, bool]:
        """What stands over every page for this person, asked in one statement and read only where it stands."""
        if not self.person:
            return {}
        row = _STANDING.first(person=self.person.pk, now=clock.now())
        return dict(
            zip(
                (
                    "has_lockdown",
                    "has_emergency",
                    "has_exercise",
                    "has_surge",
                    "has_notices",
                    "has_alerts",
                    "has_outage",
                ),
                row or (),
                strict=True,
            )
        )

    @cached_property
    def lockdowns(self) -> list[Standing]:
        """Pauses and lockdowns in force, and exercises of one, with what each means for this person."""
        if not self.person or not self.standing.get("has_lockdown"):
            return []
        page = self.lockdown_page
        return [
            Standing(
                lockdown=one,
                title=_title_of(one),
                means=queries_lockdown.what_it_means(one, self.person),
                address=address_of("publishing:one_lockdown", one.pk) if page else "",
            )
            for one in queries_lockdown.live()
        ]

    @property
    def stopping(self) -> str:
        """What stands beside the lock: the gravest that is in force, or nothing."""
        kinds = [one.lockdown.kind for one in self.lockdowns if not one.lockdown.drill]
        if not kinds:
            return ""
        return "Pause" if set(kinds) == {Lockdown.Kind.PAUSE} else "Lockdown"

    @cached_property
    def lockdown_page(self) -> str:
        may = self.authority and (
            self.authority.holds(Power.LOCK_DOWN) or self.authority.holds(Power.SEE_POSTS)
        )
        return address_of("publishing:lockdown") if may else ""

    @property
    def may_lock_down(self) -> bool:
        """Whether the control stands on every page of theirs, also on a phone."""
        return bool(self.authority and self.authority.holds(Power.LOCK_DOWN))

    @cached_property
    def emergency(self) -> BreakGlass | None:
        """Emergency access that is open for this person."""
        return glass.open_for(self.person) if self.person and self.standing["has_emergency"] else None

    @property
    def emergency_says(self) -> str:
        """What is open, until when."""
        if self.emergency is None or self.emergency.ends_at is None:
            return ""
        until = f"{clock.in_london(self.emergency.ends_at):%H:%M}"
        return f"{self.emergency.get_role_display()}, {self.emergency.scope_name}, until {until}. It is reviewed afterwards."

    @property
    def emergency_page(self) -> str:
        return address_of("accounts:glass", self.emergency.pk) if self.emergency else ""

    @cached_property
    def outages(self) -> list[Down]:
        """Platforms that are down and on which this person works."""
        if not self.person or not self.standing.get("has_outage"):
            return []
        reads = bool(self.authority and self.authority.holds(Power.SEE_REGISTER))
        return [
            Down(one, address_of("accounts:continuity_plan", one.platform) if reads else "")
            for one in continuity.outages(self.person)
        ]

    @cached_property
    def platforms_down(self) -> frozenset[str]:
        """Their slugs."""
        return frozenset(down.outage.platform for down in self.outages)

    @cached_property
    def surges(self) -> list[Surge]:
        """Surges that concern this person; suggested ones for those who may start surge mode."""
        return queries_surges.under_way(self.person) if self.person and self.standing["has_surge"] else []

    @cached_property
    def surges_suggested(self) -> list[Surge]:
        """Those of them that nobody has begun yet, the first noticed first."""
        return sorted(
            (one for one in self.surges if one.state == Surge.State.SUGGESTED),
            key=lambda one: (one.noticed_at or one.since, one.pk),
        )

    @property
    def surges_suggested_names(self) -> str:
        """Their official accounts in one line: several share a banner, which takes room from the desk."""
        return get_text_list([one.official_account.name for one in self.surges_suggested], "and")

    @cached_property
    def comfort(self) -> Comfort | None:
        """How this person wants pictures of the public shown."""
        return queries_welfare.comfort_of(self.person) if self.person else None

    @cached_property
    def exercises(self) -> list[Run]:
        """The scenarios being played at the moment."""
        return list(Run.objects.filter(state=Run.State.PLAYING)) if self.standing.get("has_exercise") else []

    @property
    def exercise_titles(self) -> str:
        """Their names in one line: several exercises share a banner, which takes room from the desk."""
        return get_text_list([run.title for run in self.exercises], "and")

    @cached_property
    def bell(self) -> Bell:
        """Notices not yet seen, and the one that calls this person at once."""
        return bell(self.person) if self.person and self.standing["has_notices"] else Bell(0, None)

    @cached_property
    def locks_after_s(self) -> int:
        """After how many seconds of nobody the screen locks itself; 0 where the device signs out instead."""
        if not self.person or not devices.policy(self.request).locks:
            return 0
        return int(sessions.idle_after(self.request).total_seconds())

    @cached_property
    def strip(self) -> queries_alerts.Strip | None:
        """Alerts of the desk, for those on whose screens they stand."""
        if not self.person or not self._of_desk:
            return None
        if not self.standing["has_alerts"]:
            return queries_alerts.Strip(0, None)
        return queries_alerts.strip(self.person)

    @property
    def _of_desk(self) -> bool:
        return bool(self.authority and queries_alerts.DESK & set(self.authority.roles))

    @property
    def alarm(self) -> str:
        """What sounds: pages, and at the desk its alerts as well."""
        return address_of("escalation:alarm" if self._of_desk else "notices:alarm")

    @property
    def notices_page(self) -> str:
        return address_of("notices:list")

    @property
    def exercise_page(self) -> str:
        return address_of("exercise:home")

    @property
    def go_page(self) -> str:
        return address_of("go")

    @property
    def profile(self) -> str:
        return address_of("staff:profile")

    @property
    def lock_screen(self) -> str:
        return address_of("staff:lock_screen")

    @property
    def change_person(self) -> str:
        return address_of("staff:change_person")

    @property
    def sign_out(self) -> str:
        return address_of("staff:sign_out")


def frame(request: HttpRequest) -> dict[str, Frame]:
    """Context processor: `frame` in every template."""
    return {"frame": Frame(request)}
