"""When a platform itself is down: several of its official accounts fail at once, and have done for a while.

Only what the platform answered, or did not, counts. An official account that nobody asked (no worker runs) says
nothing about its platform, and neither does one that is suspended or closed. The exercise network counts like any
other, so that it can be trained.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from accounts import continuity
from accounts.actions import outages
from accounts.models import OfficialAccount
from core import clock
from core.errors import TransitionNotAllowed
from moderation.models import IngestSource
from platforms import registry


def failing(*, for_minutes: int = 0) -> dict[str, list[IngestSource]]:
    """Platform -> the official accounts whose last tries all failed, since so many minutes ago or longer."""
    found: dict[str, list[IngestSource]] = {}
    rows = IngestSource.objects.filter(
        failures__gt=0,
        answered_at__lte=clock.now() - timedelta(minutes=for_minutes),
        official_account__status=OfficialAccount.Status.ACTIVE,
    )
    for source in rows.select_related("official_account").order_by("answered_at", "id"):
        found.setdefault(source.official_account.platform, []).append(source)
    return found


def watch() -> int:
    """Platforms that have come to be down are said to be, and those that answer again are not any more.

    Answers how many changed. What a person said, only a person takes back (accounts.actions.outages).
    """
    least, minutes = continuity.rule()
    live = {outage.platform: outage for outage in continuity.live_outages()}
    changed = 0
    for platform, sources in failing(for_minutes=minutes).items():
        if len(sources) >= least and platform not in live:
            changed += _raise(platform, sources, minutes)
    now = failing()
    for platform, outage in live.items():
        if outage.raised_by_id is None and len(now.get(platform, [])) < least:
            outages.end_outage(actor=outages.WATCH, outage=outage, why=_back(platform, now))
            changed += 1
    return changed


def _raise(platform: str, sources: list[IngestSource], minutes: int) -> int:
    names = ", ".join(source.official_account.name for source in sources[:3])
    more = f" and {len(sources) - 3} more" if len(sources) > 3 else ""
    why = f"{len(sources)} official accounts have failed for {minutes} minutes and longer: {names}{more}."
    try:
        outages.raise_outage(actor=outages.WATCH, platform=platform, why=why[: outages.WHY_AT_MOST])
    except TransitionNotAllowed:
        return 0  # a colleague was quicker
    return 1


def _back(platform: str, now: Mapping[str, list[IngestSource]]) -> str:
    still = len(now.get(platform, []))
    name = registry.NAMES.get(platform, platform)
    return f"{name} answers again{f'; {still} official account still fails' if still == 1 else ''}."
