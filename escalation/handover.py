"""The page of a shift handover, made from live state: what the next shift must know, each line with its way there.

It names risks, cases, people and official accounts and holds none of the public's words: it is kept as it stood
when somebody signed it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts import coverage
from accounts.queries import account_ids, may, people_with
from core import clock
from core.errors import NotFound
from escalation import queries as cases
from escalation import queries_referrals
from escalation.models import Case, Handover, HandoverSignature, Referral
from moderation.categories import Priority
from moderation.models import Comment, Decision, IngestGap, Reconsideration, Surge
from moderation.queries import ORDER
from publishing.models import Delivery, Lockdown
from staff.models import StaffMember
from staff.roles import Power

EACH = 40
"""Lines of one section; how many more there are is said."""
UP_TO = 1_000
SHIFT = timedelta(hours=14)
NEXT_HOURS = 12
LATE = timedelta(minutes=15)
"""A handover that the incoming person has not signed after so long stands before the supervisors."""


@dataclass(frozen=True)
class Line:
    """One thing that the next shift must know."""

    text: str
    address: str = ""
    priority: int | None = None


@dataclass(frozen=True)
class Section:
    """One kind of thing. `none` is what is said where there is nothing."""

    slug: str
    title: str
    lines: list[Line] = field(default_factory=list)
    more: int = 0
    none: str = "None."

    @property
    def count(self) -> int:
        return len(self.lines) + self.more


def live(viewer: StaffMember) -> list[Section]:
    """Everything that stands now, within the viewer's official accounts, the gravest first."""
    seen = account_ids(viewer, Power.SEE_COMMENTS)
    return [
        _lockdown(),
        _cases_waiting(viewer),
        _cases_held(viewer),
        _referrals(viewer),
        _risks(seen),
        _claims(seen),
        _surges(seen),
        _silenced(seen),
        _deaf(seen),
        _outbox(seen),
        _second_looks(seen),
        _unwatched(viewer),
    ]


def as_data(sections: Sequence[Section]) -> list[dict[str, Any]]:
    """The page as it is kept with a signature."""
    return [asdict(section) for section in sections]


def from_data(kept: Sequence[dict[str, Any]]) -> list[Section]:
    """What stood on the page, read back."""
    return [
        Section(
            one["slug"],
            one["title"],
            [Line(**line) for line in one["lines"]],
            one["more"],
            one["none"],
        )
        for one in kept
    ]


def _section(
    slug: str, title: str, rows: QuerySet[Any], line: Any, none: str = "None.", *, most: int = EACH
) -> Section:
    found = list(rows[:most])
    more = rows.order_by()[:UP_TO].count() - len(found) if len(found) == most else 0
    return Section(slug, title, [line(row) for row in found], max(0, more), none)


def _clock(at: datetime | None) -> str:
    if at is None:
        return "–"
    local = clock.in_london(at)
    today = local.date() == clock.today()
    return f"{local:%H:%M}" if today else f"{local.day} {local:%b %H:%M}"


def _lockdown() -> Section:
    rows = Lockdown.objects.filter(lifted_at=None).select_related("started_by")
    return _section(
        "lockdown",
        "Pause and lockdown",
        rows,
        lambda row: Line(
            f"{row.called.capitalize()} over {row.reach} since {_clock(row.started_at)}, by {row.started_by}: {row.why}",
            reverse("publishing:one_lockdown", args=[row.pk]),
        ),
        "None is in force.",
    )


def _cases_waiting(viewer: StaffMember) -> Section:
    rows = (
        cases.cases(viewer).filter(state=Case.State.WAITING).order_by("priority", "acknowledge_by", "number")
    )
    return _section(
        "unacknowledged",
        "Escalated and with nobody yet",
        rows,
        lambda case: Line(
            f"{case.reference}, {case.title}: level {case.level} called"
            f"{' (' + called + ')' if (called := cases.called_names(case)) else ''}, until {_clock(case.acknowledge_by)}",
            reverse("escalation:case", args=[case.pk]),
            case.priority,
        ),
    )


def _cases_held(viewer: StaffMember) -> Section:
    rows = (
        cases.cases(viewer)
        .filter(state=Case.State.ACKNOWLEDGED)
        .order_by("priority", "acknowledged_at", "number")
    )
    return _section(
        "cases",
        "Cases that somebody has",
        rows,
        lambda case: Line(
            f"{case.reference}, {case.title}: {case.acknowledged_by or case.acknowledged_name} has it since {_clock(case.acknowledged_at)}",
            reverse("escalation:case", args=[case.pk]),
            case.priority,
        ),
    )


def _referrals(viewer: StaffMember) -> Section:
    """What other teams have not answered yet, and crimes that are not recorded. Nothing that is private to a team."""

    def line(one: Referral) -> Line:
        late = one.open_clock is not None and one.open_clock <= clock.now()
        owed = (
            "the record of the crime"
            if one.state == Referral.State.ANSWERED
            else f"the answer of {one.kind.team}"
        )
        return Line(
            f"{one.reference} of {one.case.reference}, {one.kind.title}: {owed}, "
            f"{'overdue since' if late else 'due'} {_clock(one.open_clock)}",
            reverse("escalation:referral", args=[one.pk]),
        )

    return _section("referrals", "Referred and not answered", queries_referrals.unanswered(viewer), line)


def _comment(comment: Comment) -> Line:
    has_it = (
        f"{comment.claimed_by} has it until {_clock(comment.claimed_until)}"
        if comment.claimed_by_id is not None
        and comment.claimed_until is not None
        and comment.claimed_until > clock.now()
        else "nobody has it"
    )
    return Line(
        f"{comment.get_category_display()} on {comment.official_account.name}, since {_clock(comment.received_at)}: "
        f"{has_it}",
        reverse("moderation:conversation", args=[comment.pk]),
        comment.priority,
    )


def _open_comments(ids: Sequence[int]) -> QuerySet[Comment]:
    return (
        Comment.objects.filter(state=Comment.State.OPEN, official_account_id__in=ids)
        .select_related("official_account", "claimed_by")
        .defer("text", "findings")
    )


def _risks(ids: Sequence[int]) -> Section:
    rows = _open_comments(ids).filter(Q(priority__lte=Priority.HIGH) | Q(triage_broken=True)).order_by(*ORDER)
    return _section("risks", "Open risks at the desk", rows, _comment)


def _claims(ids: Sequence[int]) -> Section:
    rows = (
        _open_comments(ids)
        .filter(claimed_until__gt=clock.now(), priority__gt=Priority.HIGH)
        .order_by("claimed_until")
    )
    return _section("claimed", "Other comments in somebody’s hands", rows, _comment)


def _surges(ids: Sequence[int]) -> Section:
    rows = Surge.objects.filter(
        official_account_id__in=ids, state__in=[Surge.State.RUNNING, Surge.State.SUGGESTED]
    ).select_related("official_account", "started_by")
    return _section(
        "surges",
        "Surges",
        rows,
        lambda surge: Line(
            f"{surge.get_state_display()} on {surge.official_account.name} since {_clock(surge.since)}"
            + (f", started by {surge.started_by}" if surge.started_by else ", nobody has started surge mode"),
            surge.address,
        ),
        "None.",
    )


def _silenced(ids: Sequence[int]) -> Section:
    """Who was blocked, muted or restricted in this shift, from here or by hand: nothing of theirs comes any more."""
    rows = (
        Decision.objects.filter(
            comment__official_account_id__in=ids,
            kind__in=[Decision.Kind.BLOCK, Decision.Kind.MUTE, Decision.Kind.RESTRICT],
            at__gt=clock.now() - SHIFT,
        )
        .exclude(delivery__state__in=Delivery.CAME_TO_NOTHING)
        .select_related("comment__official_account")
        .order_by("-at")
    )
    return _section(
        "silenced",
        "Silenced in the last 14 hours",
        rows,
        lambda row: Line(
            f"{row.get_kind_display()} on {row.comment.official_account.name} by {row.by_name}, {_clock(row.at)}",
            reverse("moderation:conversation", args=[row.comment_id]),
        ),
        "Nobody was blocked, muted or restricted.",
    )


def _deaf(ids: Sequence[int]) -> Section:
    rows = IngestGap.objects.filter(official_account_id__in=ids, ends_at=None).select_related(
        "official_account"
    )
    return _section(
        "deaf",
        "Deaf channels",
        rows.order_by("begins_at"),
        lambda gap: Line(
            f"{gap.official_account.name}, nothing read since {_clock(gap.begins_at)}: {gap.why}",
            reverse("moderation:channel", args=[gap.official_account_id]),
        ),
        "Every official account is heard.",
    )


def _outbox(ids: Sequence[int]) -> Section:
    rows = (
        Delivery.objects.filter(official_account_id__in=ids)
        .filter(Q(state=Delivery.State.UNKNOWN) | (Q(state=Delivery.State.SCHEDULED) & ~Q(held_why="")))
        .select_related("official_account")
        .order_by("created_at")
    )
    return _section(
        "outbox",
        "On its way out and stuck",
        rows,
        lambda row: Line(
            f"{row.get_kind_display().capitalize()} on {row.official_account.name}: "
            + ("held" if row.state == Delivery.State.SCHEDULED else "outcome unknown"),
            reverse("publishing:outbox"),
        ),
        "Nothing is held and every outcome is known.",
    )


def _second_looks(ids: Sequence[int]) -> Section:
    rows = (
        Reconsideration.objects.filter(
            official_account_id__in=ids, state=Reconsideration.State.OPEN, due_on__lte=clock.today()
        )
        .select_related("official_account")
        .order_by("due_on")
    )
    return _section(
        "second_looks",
        "Second looks that are due",
        rows,
        lambda row: Line(
            f"{row.official_account.name}, due {row.due_on:%-d %B}",
            reverse("moderation:second_look", args=[row.pk]),
        ),
    )


def _unwatched(viewer: StaffMember) -> Section:
    """Official accounts that nobody watches at some hour of the next NEXT_HOURS."""
    now = clock.now()
    lines = []
    for one in coverage.coverages(viewer, power=Power.SEE_COMMENTS):
        hours = coverage.unwatched_within(one, now, NEXT_HOURS)
        if hours and one.watches:
            lines.append(
                Line(
                    f"{one.account.name}: nobody watches from {_clock(hours[0])}, {len(hours)} of the next {NEXT_HOURS} hours"
                    + ("; the risk of that is not recorded" if one.lacks_record else ""),
                    reverse("accounts:coverage_of", args=[one.account.pk]),
                )
            )
    return Section(
        "unwatched",
        "Not watched in the next 12 hours",
        lines[:EACH],
        max(0, len(lines) - EACH),
        "None of those whose hours are set.",
    )


# Handovers


def incoming_people(viewer: StaffMember) -> list[StaffMember]:
    """Who may take over: everybody else who works comments or answers for cases."""
    found = {
        person.pk: person
        for power in (Power.WORK_COMMENTS, Power.ACKNOWLEDGE_CASES)
        for person in people_with(power)
        if person.pk != viewer.pk
    }
    return sorted(found.values(), key=lambda person: (person.name, person.pk))


def handovers(viewer: StaffMember) -> list[Handover]:
    """Those that the viewer may read, unsigned ones first."""
    rows = list(_readable(viewer)[:60])
    return sorted(rows, key=lambda row: not row.is_open)


def handover(viewer: StaffMember, pk: int) -> Handover:
    """One of them. Raises NotFound."""
    found = _readable(viewer).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such handover, or it is not one that you may read.")
    return found


def waiting_for(viewer: StaffMember) -> list[Handover]:
    """Handovers that the viewer is to sign."""
    return list(
        Handover.objects.filter(incoming=viewer, complete_at=None, withdrawn_at=None).select_related(
            "outgoing"
        )
    )


def unsigned(viewer: StaffMember) -> list[Handover]:
    """For supervisors: what nobody has taken over although LATE has passed."""
    if not may(viewer, Power.ACKNOWLEDGE_CASES):
        return []
    late = _readable(viewer).filter(complete_at=None, withdrawn_at=None, made_at__lt=clock.now() - LATE)
    return list(late.exclude(incoming=viewer)[:20])


def signatures(handover: Handover) -> list[HandoverSignature]:
    return list(handover.signatures.select_related("person"))


def _readable(viewer: StaffMember) -> QuerySet[Handover]:
    """One's own, and for those who answer for cases every one whose official accounts they all see."""
    own = Q(outgoing=viewer) | Q(incoming=viewer)
    if may(viewer, Power.ACKNOWLEDGE_CASES):
        own |= Q(official_account_ids__contained_by=account_ids(viewer, Power.SEE_CASES))
    return Handover.objects.filter(own).select_related("outgoing", "incoming")


def comment_ids(sections: Sequence[Section]) -> list[int]:
    """The comments that a page names, for the trail."""
    found = []
    for section in sections:
        if section.slug in ("risks", "claimed", "silenced"):
            found += [
                int(line.address.rstrip("/").rpartition("/")[2]) for line in section.lines if line.address
            ]
    return found
