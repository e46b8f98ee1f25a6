"""Reading the community guidelines: what is in force, what was, and what a draft would change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse

from accounts.queries import require
from core.errors import NotFound
from moderation.models import Clause, Guidelines, GuidelinesChange
from staff.models import StaffMember
from staff.roles import Power

CARRIED = ("slug", "title", "text", "title_cy", "text_cy", "position", "sensitive")
"""What of a clause goes over into the next version."""
WORDS = ("title", "text", "title_cy", "text_cy", "sensitive")


def in_force() -> Guidelines:
    """The version that counts now. There always is one."""
    return Guidelines.objects.get(state=Guidelines.State.IN_FORCE)


def to_come() -> Guidelines | None:
    """The version that is being written, or waits for its date; at most one."""
    return Guidelines.objects.filter(state__in=[Guidelines.State.DRAFT, Guidelines.State.APPROVED]).first()


def ready(row: Guidelines) -> bool:
    """Whether a draft says what is different, so that somebody can approve it."""
    return row.state == Guidelines.State.DRAFT and bool(row.changes)


def public(number: int) -> Guidelines:
    """A version that is in force or was. Raises NotFound for any other number."""
    found = Guidelines.objects.filter(
        number=number, state__in=[Guidelines.State.IN_FORCE, Guidelines.State.PAST]
    ).first()
    if found is None:
        raise NotFound("There are no guidelines of that number. The page of the present ones lists all.")
    return found


def published() -> QuerySet[Guidelines]:
    """Every version that is in force or was, the newest first."""
    return Guidelines.objects.filter(state__in=[Guidelines.State.IN_FORCE, Guidelines.State.PAST])


def clauses_of(version: Guidelines) -> QuerySet[Clause]:
    """The clauses of a version by their numbers, without those that were left out."""
    return Clause.objects.filter(guidelines=version, left_out=False).order_by("position", "id")


def version(viewer: StaffMember, number: int) -> Guidelines:
    """Any version, drafts too, for those who write them. Raises NotPermitted, NotFound."""
    require(viewer, Power.WRITE_GUIDELINES)
    found = Guidelines.objects.filter(number=number).select_related("drafted_by", "approved_by").first()
    if found is None:
        raise NotFound("There is no version of that number.")
    return found


def versions(viewer: StaffMember) -> QuerySet[Guidelines]:
    """All of them, the newest first. Raises NotPermitted."""
    require(viewer, Power.WRITE_GUIDELINES)
    return Guidelines.objects.select_related("drafted_by", "approved_by")


def clause(viewer: StaffMember, number: int, pk: int) -> Clause:
    """A clause of a version, for those who write them. Raises NotPermitted, NotFound."""
    found = Clause.objects.filter(guidelines=version(viewer, number), pk=pk).first()
    if found is None:
        raise NotFound("There is no such clause in this version.")
    return found


def history(row: Guidelines) -> QuerySet[GuidelinesChange]:
    """What was done to a version, first to last."""
    return GuidelinesChange.objects.filter(guidelines=row).select_related("by")


def changed_at(row: Guidelines) -> datetime:
    """When a version last changed: what somebody approves is bound to it."""
    last = GuidelinesChange.objects.filter(guidelines=row).order_by("-at", "-id").first()
    return last.at if last is not None else row.drafted_at


def writer_ids(row: Guidelines) -> set[int]:
    """Everybody who wrote some of it."""
    wrote = GuidelinesChange.objects.filter(guidelines=row, event__in=["begun", "changed"])
    return {pk for pk in wrote.values_list("by_id", flat=True) if pk is not None}


def address(row: Guidelines) -> str:
    """Where the public reads a version."""
    return reverse("moderation:guidelines_version", args=[row.number])


@dataclass(frozen=True)
class Difference:
    """One clause that is not as it was. `before` or `after` is None where it is new or left out."""

    before: Clause | None
    after: Clause | None

    @property
    def kind(self) -> str:
        if self.before is None:
            return "New"
        if self.after is None:
            return "Left out"
        return "Moved" if self.same_words else "Changed"

    @property
    def same_words(self) -> bool:
        return (
            self.before is not None
            and self.after is not None
            and all(getattr(self.before, name) == getattr(self.after, name) for name in WORDS)
        )


def differences(row: Guidelines, *, to: Guidelines | None = None) -> list[Difference]:
    """What a version changes against the one in force (or another), clause by clause in its own order."""
    before = {one.slug: one for one in clauses_of(to or in_force())}
    found: list[Difference] = []
    after: Sequence[Clause] = list(clauses_of(row))
    for one in after:
        was = before.pop(one.slug, None)
        difference = Difference(was, one)
        if was is None or not difference.same_words or was.position != one.position:
            found.append(difference)
    return found + [Difference(one, None) for one in before.values()]
