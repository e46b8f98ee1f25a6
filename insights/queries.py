"""Reading alerts: for information security, open ones first. Each look at one is in the trail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from accounts.queries import require
from audit.queries import KINDS as RECORDS
from audit.queries import span_around
from core.errors import NotFound
from insights.kinds import KINDS, Kind, Number
from insights.models import Alert, AlertRule
from staff.models import StaffMember
from staff.roles import Power

PAGE_LENGTH = 50
SHELVES = {"open": "Open", "closed": "Closed", "exercise": "Exercises"}


def alerts(viewer: StaffMember, shelf: str = "open", *, before: int | None = None) -> list[Alert]:
    """Alerts of one shelf, one more than a page holds. Raises NotPermitted.

    Those of exercises lie apart, except in a demonstration, where there are no others.
    """
    require(viewer, Power.SEE_AUDIT)
    found = Alert.objects.select_related("claimed_by", "closed_by").order_by("-id")
    if shelf == "exercise":
        found = found.filter(exercise=True)
    else:
        found = found.filter(pk__in=_real())
        closed = found.filter(state=Alert.State.CLOSED)
        found = closed if shelf == "closed" else found.exclude(state=Alert.State.CLOSED)
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found[: PAGE_LENGTH + 1])


def _real() -> QuerySet[Alert]:
    return Alert.objects.all() if settings.DEMO else Alert.objects.filter(exercise=False)


def open_count() -> int:
    """How many real alerts wait or are looked into, counted up to 100."""
    return _real().exclude(state=Alert.State.CLOSED).order_by()[:100].count()


def oldest_open() -> datetime | None:
    """Since when the oldest real alert waits."""
    waiting = _real().exclude(state=Alert.State.CLOSED).order_by("raised_at")
    return waiting.values_list("raised_at", flat=True).first()


def alert(viewer: StaffMember, pk: int) -> Alert:
    """One alert. Raises NotPermitted, NotFound."""
    require(viewer, Power.SEE_AUDIT)
    found = Alert.objects.select_related("claimed_by", "closed_by").filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such alert.")
    return found


def leads(found: Alert) -> dict[str, Any]:
    """Where to look on: the person's night or day in the trail, and the record that it is about."""
    return {
        "span": span_around(found.last_at),
        "record_kind": RECORDS.get(found.subject_type, "").replace(" ", "-"),
        "emergency": found.subject_id if found.subject_type == "accounts.breakglass" else "",
        "changes": list(found.changes.all()),
    }


def rules(viewer: StaffMember) -> list[tuple[str, Kind, AlertRule | None, list[tuple[str, Number, int]]]]:
    """Every kind with its numbers as they hold now. Raises NotPermitted."""
    require(viewer, Power.SET_SAFEGUARDS)
    held = {rule.kind: rule for rule in AlertRule.objects.select_related("set_by")}
    return [
        (
            slug,
            kind,
            held.get(slug),
            [
                (
                    name,
                    number,
                    held[slug].numbers.get(name, number.default) if slug in held else number.default,
                )
                for name, number in kind.numbers.items()
            ],
        )
        for slug, kind in KINDS.items()
    ]
