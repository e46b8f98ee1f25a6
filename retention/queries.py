"""The schedule, holds, what is due, what is proposed, reviewed and gone. `viewer` first; without one, for the daily run."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.queries import may
from core import clock
from core.errors import NotFound
from core.records import RecordClass
from retention import comparing, periods, registry, sql
from retention.models import (
    ArchivedRecord,
    ArchiveOffer,
    Disposal,
    DraftRow,
    Erasure,
    Hold,
    Proposal,
    Restriction,
    Review,
    Salt,
    ScheduleDraft,
    ScheduleRow,
    Tombstone,
    Transfer,
)
from retention.models.schedule import Outcome
from staff.models import StaffMember
from staff.roles import Power

PAGE_LENGTH = 50
MOST_COUNTED = 1000
COVERED_COUNTED = 10_000
"""How far the records under a hold are counted."""
OPEN = (Proposal.State.WAITING, Proposal.State.STOPPED, Proposal.State.GOING)


# What is due


def due(row: ScheduleRow, *, on: date) -> QuerySet:
    """The records of a class that a run on this day would dispose of; of a reviewed class, those decided so."""
    return _decided(row, _kept_by_nothing(row, on))


def candidates(row: ScheduleRow, *, on: date) -> QuerySet:
    """What is over its period, whatever keeps it: the disposing function looks at that itself, under its locks."""
    return _decided(row, _over(row, on))


def _decided(row: ScheduleRow, found: QuerySet) -> QuerySet:
    """Of a class that people review, what they decided should go, or granted that it does."""
    if row.outcome == Outcome.DISPOSE:
        return found
    return found.filter(
        Q(pk__in=_reviewed(row, decision=Review.Decision.DISPOSE)) | Q(pk__in=erasures(_subject(row).label))
    )


def erasures(label: str) -> list[int]:
    """Records of this kind that two people granted should go, and that have not gone yet."""
    gone = Tombstone.objects.filter(subject_type=label, subject_id=OuterRef("subject_id"))
    waiting = Erasure.objects.filter(~Exists(gone), subject_type=label)
    return list(waiting.values_list("subject_id", flat=True)[:MOST_COUNTED])


def granted(row: ScheduleRow) -> QuerySet:
    """The records of a class that go before their time because two people granted it."""
    label = _subject(row).label
    found = registry.rows_of(label).filter(pk__in=erasures(label))
    return _where(found, sql.in_class(_class(row), _table(row)))


def held_count(row: ScheduleRow, *, on: date) -> int:
    """How many are over their period on this day and kept by a hold."""
    if not Hold.objects.filter(lifted_at=None).exists():
        return 0
    return _where(_over(row, on), sql.held(_subject(row), _table(row))).count()


def exceptions(row: ScheduleRow, *, on: date) -> list[dict]:
    """What else keeps records that are over their period, with how many: [{"why", "count"}]."""
    counted = (
        (why, _where(_over(row, on), condition)[:COVERED_COUNTED].count())
        for why, condition in sql.keeps(_class(row), _table(row))
    )
    return [{"why": why, "count": count} for why, count in counted if count]


def to_review(row: ScheduleRow, *, on: date) -> QuerySet:
    """Records of a reviewed class that are over their period, and that nobody has been asked about since."""
    found = _kept_by_nothing(row, on)
    asked = Review.objects.filter(subject_type=_subject(row).label).filter(
        ~Q(state=Review.State.SETTLED)
        | Q(decision=Review.Decision.DISPOSE)
        | Q(decision=Review.Decision.KEEP, next_on__gt=on)
        | (Q(decision=Review.Decision.ARCHIVE) & ~Q(subject_id__in=_answered(_subject(row).label)))
    )
    return found.exclude(pk__in=asked.values("subject_id")).exclude(pk__in=erasures(_subject(row).label))


def _answered(label: str) -> QuerySet:
    """Records that an archive has answered about: they are reviewed again."""
    return (
        ArchivedRecord.objects.filter(subject_type=label)
        .exclude(offer__state=ArchiveOffer.State.OFFERED)
        .values("subject_id")
    )


def _over(row: ScheduleRow, on: date) -> QuerySet:
    one, table = _class(row), _table(row)
    instant = periods.kept_from(row, on)
    over = sql.begun(one, table, "{began} < %s")
    params: list[Any] = [instant] * len(one.begins)
    if granted := erasures(_subject(row).label):
        # By number, and only where there are any: a subquery here would cost the plan its index.
        over, params = f"({over} OR {table}.id = ANY(%s))", [*params, granted]
    return _where(registry.rows_of(_subject(row).label), sql.in_class(one, table), over, params=params)


def _kept_by_nothing(row: ScheduleRow, on: date) -> QuerySet:
    kept = [condition for _, condition in sql.keeps(_class(row), _table(row))]
    kept.append(sql.held(_subject(row), _table(row)))
    return _where(_over(row, on), *(f"NOT ({condition})" for condition in kept))


def _where(found: QuerySet, *conditions: str, params: Sequence[Any] = ()) -> QuerySet:
    """Narrowed by conditions of the rooms' own, over the table by its name (retention.sql); values are parameters."""
    return found.extra(where=list(conditions), params=list(params))  # noqa: S610


def _reviewed(row: ScheduleRow, *, decision: str) -> QuerySet:
    return Review.objects.filter(
        row=row, subject_type=_subject(row).label, state=Review.State.SETTLED, decision=decision
    ).values("subject_id")


def _class(row: ScheduleRow) -> RecordClass:
    return registry.record_class(row.slug)


def _subject(row: ScheduleRow):
    return _class(row).subject


def _table(row: ScheduleRow) -> str:
    return _subject(row).table


def is_disposable(row: ScheduleRow) -> bool:
    """Whether the daily run works on the class: it can be disposed of here, and two people stand for its period."""
    return row.slug in registry.disposable() and not (row.version > 1 and row.confirmed_by_id is None)


def disposable_rows() -> list[ScheduleRow]:
    """The rows that the daily run works on: not those whose changed period nobody else has confirmed."""
    rows = ScheduleRow.objects.filter(slug__in=registry.disposable()).order_by("slug")
    return [row for row in rows if is_disposable(row)]


def may_go(proposal: Proposal) -> bool:
    """Whether a proposal may go now: waiting, its quiet time over, and its two people found where it is large."""
    if proposal.state != Proposal.State.WAITING or proposal.goes_at > clock.now():
        return False
    return not proposal.needs_two or proposal.second_by_id is not None


def proposals_to_go() -> list[Proposal]:
    """Proposals that may go now, and those under way."""
    found = Proposal.objects.filter(
        Q(state=Proposal.State.GOING) | Q(state=Proposal.State.WAITING, goes_at__lte=clock.now())
    ).select_related("row")
    return [one for one in found.order_by("id") if one.state == Proposal.State.GOING or may_go(one)]


def drafts_due() -> list[ScheduleDraft]:
    """Approved changes of the schedule whose day has come."""
    return list(
        ScheduleDraft.objects.filter(
            state=ScheduleDraft.State.APPROVED, effective_on__lte=clock.today()
        ).order_by("effective_on", "id")
    )


# What others ask


def is_held(label: str, pk: int) -> bool:
    """Whether a hold in force covers this record, of whatever kind the hold is."""
    subject = registry.subject(label)
    return _where(registry.rows_of(label).filter(pk=pk), sql.held(subject, subject.table)).exists()


def holds_on(label: str, pk: int) -> list[Hold]:
    """Every hold in force that covers this record; several may overlap."""
    subject = registry.subject(label)
    live = Hold.objects.filter(lifted_at=None).select_related("placed_by", "owner").order_by("placed_at")
    found = []
    for hold in live:
        condition = sql.covers(subject, hold.kind)
        if condition == "false":
            continue
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT 1 FROM {subject.table} r JOIN retention_hold h ON h.id = %s "  # noqa: S608 # nosec B608
                f"WHERE r.id = %s AND {condition}",
                [hold.pk, pk],
            )
            if cursor.fetchone():
                found.append(hold)
    return found


def why_kept(label: str, pk: int) -> str:
    """In words, what keeps this record whatever its period: a hold, or what a room says; empty where nothing does."""
    if is_held(label, pk):
        return "a hold covers it"
    subject = registry.subject(label)
    found = registry.rows_of(label).filter(pk=pk)
    for keep in registry.known().keeps.get(label, ()):
        if _where(found, sql.of(keep.sql, subject.table)).exists():
            return f"it is {keep.why}"
    return ""


def suppressed(platform: str, external_ids: Collection[str]) -> set[str]:
    """Of these ids of a platform, those whose record was disposed of: they are not taken in again."""
    if not external_ids:
        return set()
    salt = Salt.objects.values_list("value", flat=True).get(pk=1)
    by_hash = {hashlib.sha256(f"{salt}:{platform}:{one}".encode()).digest(): one for one in external_ids}
    gone = Tombstone.objects.filter(remote_hash__in=list(by_hash)).values_list("remote_hash", flat=True)
    return {by_hash[bytes(one)] for one in gone if one is not None}


# Pages


@dataclass(frozen=True)
class Line:
    """One row of the schedule page."""

    row: ScheduleRow
    goes: str
    """How records of the class go, in words."""
    automatic: bool
    """Whether the daily run disposes of the class."""
    works: bool
    """Whether the daily run works on the class at all: disposes of it, or puts its records to people."""
    due: int
    """How many are due today; counted up to MOST_COUNTED."""
    held: int


def schedule(viewer: StaffMember) -> list[Line]:
    """Every row; those that the daily run works on first, with what is due today."""
    _check(viewer)
    lines, today, known = [], clock.today(), registry.known().classes
    for row in ScheduleRow.objects.select_related("confirmed_by").order_by("title"):
        works = row.slug in registry.disposable()
        automatic = works and row.outcome == Outcome.DISPOSE
        count = (due(row, on=today) if automatic else to_review(row, on=today)) if works else None
        lines.append(
            Line(
                row,
                known[row.slug].goes if row.slug in known else "",
                automatic,
                works,
                count[:MOST_COUNTED].count() if count is not None else 0,
                held_count(row, on=today) if works else 0,
            )
        )
    return sorted(lines, key=lambda line: (not line.automatic, not line.works))


def row(viewer: StaffMember, pk: int) -> ScheduleRow:
    """One row of the schedule. Raises NotFound."""
    _check(viewer)
    try:
        return ScheduleRow.objects.get(pk=pk)
    except ScheduleRow.DoesNotExist:
        raise NotFound("There is no such row in the schedule.") from None


def drafts(viewer: StaffMember) -> list[ScheduleDraft]:
    """Changes of the schedule: those that wait first, then the newest."""
    _check(viewer)
    found = (
        ScheduleDraft.objects.select_related("made_by", "approved_by", "withdrawn_by")
        .annotate(changed=Count("rows", filter=Q(rows__left_out=False)))
        .order_by("-id")[:PAGE_LENGTH]
    )
    waiting = (ScheduleDraft.State.PUT, ScheduleDraft.State.DRAFTING, ScheduleDraft.State.APPROVED)
    return sorted(found, key=lambda one: waiting.index(one.state) if one.state in waiting else len(waiting))


def draft(viewer: StaffMember, pk: int) -> ScheduleDraft:
    """One change of the schedule. Raises NotFound."""
    _check(viewer)
    found = (
        ScheduleDraft.objects.select_related("made_by", "approved_by", "withdrawn_by").filter(pk=pk).first()
    )
    if found is None:
        raise NotFound("There is no such change of the schedule.")
    return found


@dataclass(frozen=True)
class Compared:
    """One row of a draft beside the live one, and what the change does."""

    drafted: DraftRow
    differences: list[tuple[str, str, str]]
    """(name, as it is, as it would be)."""
    effect: comparing.Effect


def compared(viewer: StaffMember, draft: ScheduleDraft) -> list[Compared]:
    """Each changed row of a draft with what it does: counted now while it is drafted, as it was counted when put forward."""
    _check(viewer)
    found = []
    for drafted in draft.rows.filter(left_out=False).select_related("row"):
        effect = (
            comparing.Effect(**drafted.effect)
            if drafted.effect
            else comparing.effect(drafted.row, drafted, on=draft.effective_on or clock.today())
        )
        found.append(Compared(drafted, differences(drafted.row, drafted), effect))
    return found


_SHOWN = {
    "starts_with": "Starts with",
    "trigger": "Counted from",
    "outcome": "Then",
    "quiet_days": "Quiet days",
    "mopi_group": "MoPI group",
    "regime": "Regime",
    "legal_basis": "Legal basis",
    "source": "Source",
    "paragraph": "Paragraph",
    "description": "Description",
}


def differences(row: ScheduleRow, drafted: DraftRow) -> list[tuple[str, str, str]]:
    """What would change, field by field, in words."""
    changed = [("Kept for", row.period, drafted.period)] if row.period != drafted.period else []
    for name, words in _SHOWN.items():
        if getattr(row, name) != getattr(drafted, name):
            changed.append((words, _in_words(row, name), _in_words(drafted, name)))
    return changed


def _in_words(rule, name: str) -> str:
    display = getattr(rule, f"get_{name}_display", None)
    value = display() if display else getattr(rule, name)
    return "none" if value in (None, "") else str(value)


def live_holds(viewer: StaffMember) -> QuerySet[Hold]:
    """Holds in force, the longest overdue review first."""
    _check(viewer)
    return (
        Hold.objects.filter(lifted_at=None)
        .select_related("placed_by", "owner", "lift_asked_by")
        .order_by("review_on", "id")
    )


def lifted_holds(viewer: StaffMember) -> QuerySet[Hold]:
    """The holds that were lifted last."""
    _check(viewer)
    return (
        Hold.objects.filter(lifted_at__isnull=False)
        .select_related("placed_by", "lifted_by")
        .order_by("-lifted_at")[:PAGE_LENGTH]
    )


def hold(viewer: StaffMember, pk: int) -> Hold:
    """One hold. Raises NotFound."""
    _check(viewer)
    try:
        return Hold.objects.select_related(
            "placed_by", "owner", "lift_asked_by", "lifted_by", "official_account"
        ).get(pk=pk)
    except Hold.DoesNotExist:
        raise NotFound("There is no such hold.") from None


def covered(viewer: StaffMember, hold: Hold) -> list[tuple[str, int]]:
    """How many records of each kind a hold covers now: (noun, count), counted up to COVERED_COUNTED."""
    _check(viewer)
    found = []
    for subject in registry.known().subjects.values():
        condition = sql.covers(subject, hold.kind)
        if condition == "false" or (hold.kind == Hold.Kind.RECORD and hold.subject_type != subject.label):
            continue
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT count(*) FROM (SELECT 1 FROM {subject.table} r, retention_hold h "  # noqa: S608 # nosec B608
                f"WHERE h.id = %s AND {condition} LIMIT {COVERED_COUNTED + 1}) counted",
                [hold.pk],
            )
            count = cursor.fetchone()[0]
        if count:
            found.append((subject.noun, count))
    return found


def proposals(viewer: StaffMember) -> list[Proposal]:
    """Open proposals, the soonest to go first."""
    _check(viewer)
    return list(
        Proposal.objects.filter(state__in=OPEN)
        .select_related("row", "first_by", "second_by", "stopped_by")
        .order_by("goes_at", "id")
    )


def proposal(viewer: StaffMember, pk: int) -> Proposal:
    """One proposal. Raises NotFound."""
    _check(viewer)
    found = (
        Proposal.objects.select_related("row", "first_by", "second_by", "stopped_by", "disposal")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise NotFound("There is no such proposal.")
    return found


def still_due(viewer: StaffMember, proposal: Proposal) -> int:
    """How many of what it names are due and kept by nothing now; counted up to the bulk limit and one more."""
    _check(viewer)
    if proposal.state not in OPEN:
        return 0
    return due(proposal.row, on=proposal.on)[: settings.RETENTION_BULK_LIMIT + 1].count()


def reviews(viewer: StaffMember, *, after_id: int = 0) -> tuple[list[Review], int | None]:
    """One page of the review queue: what waits for a person or a second one; and where the next page starts."""
    _check(viewer)
    found = (
        Review.objects.exclude(state=Review.State.SETTLED)
        .filter(pk__gt=after_id)
        .select_related("row", "decided_by")
        .order_by("id")
    )
    page = list(found[: PAGE_LENGTH + 1])
    return page[:PAGE_LENGTH], page[PAGE_LENGTH - 1].pk if len(page) > PAGE_LENGTH else None


def review(viewer: StaffMember, pk: int) -> Review:
    """One review. Raises NotFound."""
    _check(viewer)
    found = Review.objects.select_related("row", "decided_by", "second_by").filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such review.")
    return found


def earlier_reviews(viewer: StaffMember, review: Review) -> list[Review]:
    """What was decided on the same record before."""
    _check(viewer)
    return list(
        Review.objects.filter(
            subject_type=review.subject_type, subject_id=review.subject_id, state=Review.State.SETTLED
        )
        .exclude(pk=review.pk)
        .select_related("decided_by", "second_by")
        .order_by("-decided_at")
    )


def restrictions(viewer: StaffMember) -> list[Restriction]:
    """Restrictions in force, newest first."""
    _check(viewer)
    return list(
        Restriction.objects.filter(lifted_at=None).select_related("by").order_by("-at", "-id")[:PAGE_LENGTH]
    )


def restriction(viewer: StaffMember, pk: int) -> Restriction:
    """One restriction. Raises NotFound."""
    _check(viewer)
    found = Restriction.objects.select_related("by", "lifted_by").filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such restriction.")
    return found


def transfers(viewer: StaffMember) -> list[Transfer]:
    """Records taken over into other systems, newest first."""
    _check(viewer)
    return list(Transfer.objects.select_related("by").order_by("-at", "-id")[:PAGE_LENGTH])


def disposals(viewer: StaffMember, *, before_id: int | None = None) -> tuple[Sequence[Disposal], int | None]:
    """One page of disposals, newest first, and where the next page starts."""
    _check(viewer)
    found = Disposal.objects.select_related("row").order_by("-id")
    if before_id is not None:
        found = found.filter(id__lt=before_id)
    page = list(found[: PAGE_LENGTH + 1])
    return page[:PAGE_LENGTH], page[PAGE_LENGTH - 1].pk if len(page) > PAGE_LENGTH else None


def disposal(viewer: StaffMember, pk: int) -> Disposal:
    """One disposal with its ids. Raises NotFound, also while it has not finished."""
    _check(viewer)
    try:
        return Disposal.objects.select_related("row").get(pk=pk, finished_at__isnull=False)
    except Disposal.DoesNotExist:
        raise NotFound("There is no such certificate.") from None


def _check(viewer: StaffMember) -> None:
    if not (may(viewer, Power.SEE_RETENTION) or may(viewer, Power.PLACE_HOLDS)):
        raise NotFound("There is nothing here that you may see.")


# The archive


def for_the_archive(viewer: StaffMember) -> QuerySet[Review]:
    """Reviews that marked a record for the archive, whose record has been offered to none. Raises NotFound."""
    _check(viewer)
    offered = ArchivedRecord.objects.filter(
        subject_type=OuterRef("subject_type"), subject_id=OuterRef("subject_id")
    )
    labels = [label for label, one in registry.known().subjects.items() if one.archive is not None]
    return Review.objects.filter(
        ~Exists(offered),
        subject_type__in=labels,
        state=Review.State.SETTLED,
        decision=Review.Decision.ARCHIVE,
    ).select_related("row", "decided_by")


def archive_offers(viewer: StaffMember) -> list[ArchiveOffer]:
    """What was offered to archives, newest first."""
    _check(viewer)
    found = ArchiveOffer.objects.select_related("made_by", "answered_by").annotate(count=Count("records"))
    return list(found[:MOST_COUNTED])


def archive_offer(viewer: StaffMember, pk: int) -> ArchiveOffer:
    """One of them, with its records. Raises NotFound."""
    _check(viewer)
    found = ArchiveOffer.objects.select_related("made_by", "answered_by").filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such offer.")
    return found
