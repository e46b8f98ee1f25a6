"""An entry of the register as programs have it: through the API, and as what a change is told by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accounts.coverage import coverages_of
from accounts.models import Mandate, OfficialAccount
from accounts.public import as_listed
from accounts.queries import register
from platforms import registry
from staff.models import StaffMember


def entries(accounts: Iterable[OfficialAccount]) -> dict[int, dict[str, Any]]:
    """By id; JSON-ready. Names no staff: who owns and runs an account stays on the pages."""
    rows = list(accounts)
    hours = coverages_of(rows)
    return {row.pk: _entry(row, as_listed(row, hours[row.pk]).watched) for row in rows}


def seen_by(viewer: StaffMember) -> dict[int, dict[str, Any]]:
    """What a program may see of the register, by id."""
    return entries(register(viewer).select_related("neighbourhood", "mandate"))


def everything() -> dict[int, dict[str, Any]]:
    """The whole register, for comparing it with what programs were last told."""
    return entries(OfficialAccount.objects.select_related("neighbourhood", "mandate").order_by("id"))


def _entry(row: OfficialAccount, watched: str) -> dict[str, Any]:
    of: Mandate | None = getattr(row, "mandate", None)
    return {
        "id": row.pk,
        "platform": row.platform,
        "platform_name": registry.NAMES.get(row.platform, row.platform),
        "handle": row.handle,
        "name": row.name,
        "purpose": row.purpose,
        "profile_url": row.profile_url,
        "status": row.status,
        "exercise": row.exercise,
        "neighbourhood": row.neighbourhood.name if row.neighbourhood else None,
        "kind": of.kind if of else None,
        "audience": of.audience if of else "",
        "run": of.run if of else Mandate.Run.RUN,
        "verified": of.verified if of else Mandate.Verified.UNKNOWN,
        "read": watched,
    }
