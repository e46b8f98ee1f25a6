"""Requests under information law as those see them who handle them: the board, one of them, its records, its figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet

from accounts.queries import may, require
from core import clock
from core.errors import NotFound
from core.records import Person, RecordClass
from retention import bundle, queries, registry, sql
from retention.models import (
    Bundle,
    FoundItem,
    Hold,
    RequestSubject,
    RightsRequest,
    ScheduleRow,
)
from retention.models.schedule import Regime
from staff.models import StaffMember
from staff.roles import Power

SOON = timedelta(days=7)
CLOSED_SHOWN = 50
MOST_SHOWN = 500
MOST_MONTHS = 36
State, Decision = RightsRequest.State, FoundItem.Decision


@dataclass(frozen=True)
class Board:
    """Open requests by what they want next, each list by its deadline."""

    overdue: Sequence[RightsRequest]
    soon: Sequence[RightsRequest]
    later: Sequence[RightsRequest]
    still: Sequence[RightsRequest]
    """Their clock stands still until somebody outside answers."""
    closed: Sequence[RightsRequest]
    more: int
    """How many open ones are not shown."""


def requests(viewer: StaffMember) -> QuerySet[RightsRequest]:
    """Every request. Raises NotPermitted."""
    require(viewer, Power.HANDLE_REQUESTS)
    return RightsRequest.objects.select_related(
        "official_account", "handler", "taken_in_by", "put_by", "agreed_by", "closed_by", "identity_by"
    )


def for_programs(service: StaffMember) -> QuerySet[RightsRequest]:
    """Every request, the newest first, for the casework system. Raises NotPermitted."""
    require(service, Power.HANDLE_REQUESTS)
    return RightsRequest.objects.order_by("-pk")


def board(viewer: StaffMember) -> Board:
    """What is open by its deadline, and what was answered last."""
    now = clock.now()
    counted = requests(viewer).annotate(
        found=Count("items", distinct=True),
        left=Count("items", filter=Q(items__decision=Decision.UNDECIDED), distinct=True),
    )
    unanswered = counted.exclude(state=State.CLOSED).order_by("due_at", "id")
    shown = list(unanswered[:MOST_SHOWN])
    runs = [one for one in shown if not one.stopped]
    return Board(
        overdue=[one for one in runs if one.due_at <= now],
        soon=[one for one in runs if now < one.due_at <= now + SOON],
        later=[one for one in runs if one.due_at > now + SOON],
        still=[one for one in shown if one.stopped],
        closed=list(counted.filter(state=State.CLOSED).order_by("-closed_at", "-id")[:CLOSED_SHOWN]),
        more=max(0, unanswered.count() - len(shown)) if len(shown) == MOST_SHOWN else 0,
    )


def request(viewer: StaffMember, pk: int) -> RightsRequest:
    """One request. Raises NotPermitted, NotFound."""
    found = requests(viewer).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such request, or it was disposed of after its period.")
    return found


def subject(viewer: StaffMember, of: RightsRequest, pk: int) -> RequestSubject:
    """One of those whom it is about. Raises NotPermitted, NotFound."""
    require(viewer, Power.HANDLE_REQUESTS)
    found = of.subjects.select_related("hold").filter(pk=pk).first()
    if found is None:
        raise NotFound("Nobody of that number is named in this request.")
    return found


@dataclass(frozen=True)
class Whole:
    """Everything that the page of one request shows."""

    request: RightsRequest
    subjects: Sequence[RequestSubject]
    holds: Sequence[Hold]
    bundle: Bundle | None
    fresh: bool
    """Whether the bundle is of what is decided now."""
    counts: dict[str, int]
    """Decision -> how many of the records found."""
    next_item: int | None
    """The first record that nobody looked at."""

    @property
    def found(self) -> int:
        """How many records were found."""
        return sum(self.counts.values())

    @property
    def undecided(self) -> int:
        return self.counts.get("", 0)

    @property
    def included(self) -> int:
        return self.counts.get(Decision.INCLUDE, 0)

    @property
    def withheld(self) -> int:
        return self.counts.get(Decision.WITHHOLD, 0)


def whole(viewer: StaffMember, of: RightsRequest) -> Whole:
    """One request with whom it is about, what holds it places, and how far its review is."""
    require(viewer, Power.HANDLE_REQUESTS)
    subjects = list(of.subjects.select_related("hold", "by"))
    first = of.items.filter(decision=Decision.UNDECIDED).order_by("occurred_at", "id").first()
    made = current_bundle(of)
    return Whole(
        request=of,
        subjects=subjects,
        holds=[one.hold for one in subjects if one.hold is not None and one.hold.lifted_at is None],
        bundle=made,
        fresh=made is not None and made.of == bundle.digest(list(of.items.all())),
        counts=dict(of.items.order_by().values_list("decision").annotate(n=Count("id"))),
        next_item=first.pk if first is not None else None,
    )


def items(viewer: StaffMember, of: RightsRequest) -> QuerySet[FoundItem]:
    """The records that were found, the oldest first. Raises NotPermitted."""
    require(viewer, Power.HANDLE_REQUESTS)
    return of.items.select_related("decided_by").order_by("occurred_at", "id")


def item(viewer: StaffMember, of: RightsRequest, pk: int) -> FoundItem:
    """One of them. Raises NotPermitted, NotFound."""
    found = items(viewer, of).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such record in this request.")
    return found


@dataclass(frozen=True)
class Beside:
    """Where one record stands among those of its request."""

    number: int
    of: int
    before: int | None
    after: int | None
    next_undecided: int | None


def beside(found: FoundItem) -> Beside:
    """The records before and after one, and the next that nobody looked at."""
    order = list(found.request.items.order_by("occurred_at", "id").values_list("pk", "decision"))
    place = next(number for number, (pk, _) in enumerate(order) if pk == found.pk)
    waiting = [pk for pk, decision in (*order[place + 1 :], *order[:place]) if not decision]
    return Beside(
        number=place + 1,
        of=len(order),
        before=order[place - 1][0] if place else None,
        after=order[place + 1][0] if place + 1 < len(order) else None,
        next_undecided=waiting[0] if waiting else None,
    )


def bundle_of(viewer: StaffMember, of: RightsRequest, number: int) -> Bundle:
    """One bundle that was made of it. Raises NotPermitted, NotFound."""
    require(viewer, Power.HANDLE_REQUESTS)
    found = of.bundles.select_related("file", "request").filter(number=number).first()
    if found is None:
        raise NotFound("There is no such bundle.")
    return found


def current_bundle(of: RightsRequest) -> Bundle | None:
    """The last that was made."""
    return of.bundles.select_related("file", "made_by").order_by("-number").first()


def person(of: RightsRequest) -> Person:
    """Whom it is about, as the rooms search for them."""
    numbers: dict[str, list[int]] = {}
    words: dict[str, None] = {}
    for one in of.subjects.filter(left_out_at=None):
        if one.words:
            words[one.words] = None
        elif one.subject_type != "moderation.comment" and one.subject_id is not None:
            numbers.setdefault(one.subject_type, []).append(one.subject_id)
    return Person({label: tuple(ids) for label, ids in numbers.items()}, tuple(words))


def theirs(of: RightsRequest) -> list[str]:
    """Names and handles that are the subject's own, which no redaction suggests."""
    named = [one.words or one.name.partition(" on ")[0] for one in of.subjects.filter(left_out_at=None)]
    return [of.requester, *named]


def made_from(origin_type: str, origin_id: int) -> list[RightsRequest]:
    """The requests that were made from this record: for the page of it, whose viewer may see it."""
    return list(RightsRequest.objects.filter(origin_type=origin_type, origin_id=origin_id).order_by("pk"))


def to_mind() -> list[RightsRequest]:
    """Open requests whose clock runs and whose deadline is near or over, for the task."""
    near = RightsRequest.objects.filter(stopped="", due_at__lte=clock.now() + SOON).exclude(
        state=State.CLOSED
    )
    return list(near.order_by("due_at", "id")[:MOST_SHOWN])


def wanting_a_case() -> list[RightsRequest]:
    """Overdue requests that are in no case yet, for the room that opens cases."""
    return list(RightsRequest.objects.exclude(needs_case="").order_by("pk")[:MOST_SHOWN])


# Why a record stays although somebody asks that it goes


def why_it_stays(of: RightsRequest, found: FoundItem) -> str:
    """In words, what keeps this record from being erased; empty where nothing does.

    Source: UK GDPR art. 17(3); DPA 2018 s.47(2) and (4): law enforcement data goes where the Act was infringed.
    """
    label, pk = found.subject_type, found.subject_id
    row = row_of(label, pk)
    if row is None:
        return "records of this kind are not disposed of here, or it is gone already"
    own = {one.hold_id for one in of.subjects.exclude(hold=None)}
    other = [hold for hold in queries.holds_on(label, pk) if hold.pk not in own]
    if other:
        return f"another hold covers it ({other[0].get_reason_display().lower()})"
    if row.regime == Regime.LAW_ENFORCEMENT:
        return f"it is kept for law enforcement ({row.title.lower()}; DPA 2018 s.47)"
    one = registry.record_class(row.slug)
    records = registry.rows_of(label).filter(pk=pk)
    table = records.model._meta.db_table
    for why, condition in sql.keeps(one, table):
        if records.extra(where=[condition]).exists():  # noqa: S610 - the rooms' own words (retention.sql)
            return why
    return ""


def row_of(label: str, pk: int) -> ScheduleRow | None:
    """The row of the schedule in whose class a record is; None where it is disposed of in no class."""
    for slug, one in registry.disposable().items():
        if one.subject is not None and one.subject.label == label and _is_in(one, label, pk):
            return ScheduleRow.objects.filter(slug=slug).first()
    return None


def _is_in(one: RecordClass, label: str, pk: int) -> bool:
    found = registry.rows_of(label).filter(pk=pk)
    return found.extra(where=[sql.in_class(one, found.model._meta.db_table)]).exists()  # noqa: S610


def label_of(row: ScheduleRow) -> str:
    """The kind of record of a class that is disposed of here."""
    subject = registry.record_class(row.slug).subject
    return subject.label if subject is not None else ""


# Figures


@dataclass(frozen=True)
class Figure:
    """Requests of one kind that were received within some months."""

    kind: str
    received: int
    answered: int
    on_time: int
    late: int
    """Answered late, or open and over their time."""
    open: int
    granted: int
    refused: int


@dataclass(frozen=True)
class Figures:
    """What is asked of the force, by kind, by channel and by month of receipt."""

    since: date
    until: date
    by_kind: Sequence[Figure]
    by_channel: Sequence[tuple[str, int]]
    by_month: Sequence[tuple[date, int, int]]
    """(first day of the month, received, answered on time)."""

    @property
    def all(self) -> Figure:
        """All kinds together."""
        names = ("received", "answered", "on_time", "late", "open", "granted", "refused")
        return Figure("All", *(sum(getattr(one, name) for one in self.by_kind) for name in names))


def may_see_figures(viewer: StaffMember) -> bool:
    """Whether somebody reads the figures: they hold nothing of anybody."""
    return any(may(viewer, power) for power in (Power.HANDLE_REQUESTS, Power.SEE_RETENTION))


def figures(*, months: int) -> Figures:
    """What was received in the last so many months, this one among them, and what became of it until now."""
    today = clock.today()
    since = clock.add_months(today.replace(day=1), 1 - months)
    found = list(
        RightsRequest.objects.filter(received_on__gte=since).only(
            "kind", "channel", "received_on", "state", "outcome", "due_at", "answered_on", "stopped"
        )
    )
    by_kind = [
        _figure(label, [one for one in found if one.kind == kind])
        for kind, label in RightsRequest.Kind.choices
    ]
    channels = Counter(one.get_channel_display() for one in found)
    by_month = []
    for number in range(months):
        first = clock.add_months(since, number)
        these = [one for one in found if one.received_on.replace(day=1) == first]
        by_month.append((first, len(these), sum(_on_time(one) for one in these)))
    return Figures(since, today, by_kind, channels.most_common(), by_month)


def _figure(label: str, found: Sequence[RightsRequest]) -> Figure:
    closed = [one for one in found if one.state == State.CLOSED]
    now = clock.now()
    over = [one for one in found if one.state != State.CLOSED and not one.stopped and one.due_at <= now]
    on_time = sum(_on_time(one) for one in closed)
    granted = (RightsRequest.Outcome.DONE, RightsRequest.Outcome.PARTLY)
    return Figure(
        kind=label,
        received=len(found),
        answered=len(closed),
        on_time=on_time,
        late=len(closed) - on_time + len(over),
        open=len(found) - len(closed),
        granted=sum(one.outcome in granted for one in closed),
        refused=sum(one.outcome == RightsRequest.Outcome.REFUSED for one in closed),
    )


def _on_time(one: RightsRequest) -> bool:
    return one.answered_on is not None and one.answered_on <= last_day(one.due_at)


def last_day(due_at: datetime) -> date:
    """The London day on which a deadline ends."""
    return clock.in_london(due_at).date()
