"""How well each official account is heard: which one is deaf, since when, why, and what is left to spend."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Q

from accounts.models import Allowance, Credential, OfficialAccount, PlatformLink
from accounts.queries import account_ids
from core import clock
from core.errors import NotFound
from moderation import budget, pace
from moderation.models import IngestGap, IngestSource, Quarantined
from platforms import registry
from platforms.contract import Capability
from staff.roles import Power

EXPIRES_SOON = timedelta(days=7)
GAPS_SHOWN = 50


@dataclass(frozen=True)
class Channel:
    """One official account as the health page shows it. `state`: "deaf", "care", "well" or "silent"."""

    account: OfficialAccount
    source: IngestSource | None
    state: str
    words: str
    since: datetime | None
    """Since when it is deaf."""
    allowances: list[Allowance]
    credential: Credential | None
    open_gaps: int
    """Gaps that are not filled yet."""
    set_aside: int

    @property
    def link(self) -> PlatformLink | None:
        """What the platform said of itself when the connection was last tested."""
        return PlatformLink.objects.filter(official_account=self.account).first()

    @property
    def calls(self) -> str:
        """Whether the platform calls us when something is written, as a sentence for when no call has come yet."""
        platform = self.account.platform
        kind = registry.connector_class(platform)
        if Capability.WEBHOOKS not in kind.capabilities:
            return kind.why_not.get(Capability.WEBHOOKS, "It calls nobody: it is asked in turns.")
        app = settings.PLATFORM_APPS.get(platform, {})
        if platform == "x" and not app.get("bearer"):
            return (
                "None: X calls only an address that the force’s app has registered, which needs the app’s own bearer "
                "token (SMMP_X_APP_BEARER, then manage.py webhooks x). It is asked in turns."
            )
        if not app.get("client_secret"):
            return "None: the force is not registered with the platform (docs/operations.md). It is asked in turns."
        return "None has come yet. It is asked in turns all the same."

    @property
    def mark(self) -> str:
        return {"deaf": "failed", "care": "held", "well": "ok"}.get(self.state, "closed")

    @property
    def budget_left(self) -> float | None:
        """The share left of the tightest allowance that reading uses; None where the platform says nothing."""
        return min((budget.left(allowance) for allowance in self.allowances), default=None)


def is_deaf(source: IngestSource, now: datetime | None = None) -> bool:
    """Whether the platform has not answered for longer than its pace allows."""
    at = now or clock.now()
    limit = timedelta(seconds=pace.deaf_after_s(source.official_account))
    return source.answered_at is not None and at - source.answered_at > limit


def deaf_unnoted() -> list[IngestSource]:
    """Deaf official accounts of which no gap stands open yet."""
    noted = IngestGap.objects.filter(ends_at=None).values("official_account_id")
    sources = IngestSource.objects.select_related("official_account").filter(
        official_account__status=OfficialAccount.Status.ACTIVE,
        answered_at__lt=clock.now() - timedelta(seconds=pace.DEAF_AFTER_AT_LEAST_S),
    )
    return [source for source in sources.exclude(official_account__in=noted) if is_deaf(source)]


def channels(viewer) -> list[Channel]:
    """Every official account that the viewer sees in the register and that is not closed; deaf ones first."""
    ids = account_ids(viewer, Power.SEE_REGISTER)
    accounts = (
        OfficialAccount.objects.filter(pk__in=ids)
        .exclude(status=OfficialAccount.Status.CLOSED)
        .select_related("ingest_source", "owner")
        .order_by("name")
    )
    order = {"deaf": 0, "care": 1, "well": 2, "silent": 3}
    return sorted(_channels(list(accounts)), key=lambda channel: order[channel.state])


def channel(viewer, pk: int) -> Channel:
    """One of them. Raises NotFound."""
    found = (
        OfficialAccount.objects.filter(pk=pk, pk__in=account_ids(viewer, Power.SEE_REGISTER))
        .select_related("ingest_source", "owner")
        .first()
        if pk < 2**63
        else None
    )
    if found is None:
        raise NotFound("There is no such official account, or you may not see it.")
    return _channels([found])[0]


def gaps(account: OfficialAccount) -> list[IngestGap]:
    """The gap ledger of one official account, newest first."""
    return list(IngestGap.objects.filter(official_account=account)[:GAPS_SHOWN])


def _channels(accounts: list[OfficialAccount]) -> list[Channel]:
    now = clock.now()
    ids = [account.pk for account in accounts]
    credentials = {
        credential.official_account_id: credential
        for credential in Credential.objects.filter(official_account__in=ids, replaced_at=None)
    }
    unfilled = dict(
        IngestGap.objects.filter(official_account__in=ids, filled_at=None)
        .values_list("official_account")
        .annotate(count=Count("id"))
        .order_by()
    )
    aside = dict(
        Quarantined.objects.filter(official_account__in=ids, settled_at=None)
        .values_list("official_account")
        .annotate(count=Count("id"))
        .order_by()
    )
    allowances: dict[int, list[Allowance]] = {}
    for allowance in Allowance.objects.filter(
        Q(resets_at=None) | Q(resets_at__gt=now), official_account__in=ids
    ):
        allowances.setdefault(allowance.official_account_id, []).append(allowance)
    return [
        _one(
            account,
            now,
            allowances.get(account.pk, []),
            credentials.get(account.pk),
            unfilled.get(account.pk, 0),
            aside.get(account.pk, 0),
        )
        for account in accounts
    ]


def _one(
    account: OfficialAccount,
    now: datetime,
    allowances: list[Allowance],
    credential: Credential | None,
    open_gaps: int,
    set_aside: int,
) -> Channel:
    source = getattr(account, "ingest_source", None)
    state, words, since = _state(account, source, credential, open_gaps, set_aside, now)
    return Channel(account, source, state, words, since, allowances, credential, open_gaps, set_aside)


def _state(
    account: OfficialAccount,
    source: IngestSource | None,
    credential: Credential | None,
    open_gaps: int,
    set_aside: int,
    now: datetime,
) -> tuple[str, str, datetime | None]:
    if account.status != OfficialAccount.Status.ACTIVE:
        return "silent", "Suspended: nothing is read", None
    if Capability.LISTEN not in registry.connector_class(account.platform).capabilities:
        return "silent", "Not read from here: comments are pasted or imported", None
    if source is None or source.answered_at is None:
        fault = source.fault if source is not None else ""
        return "deaf", fault or "The platform has never answered yet.", account.registered_at
    if is_deaf(source, now):
        return "deaf", source.fault or "Nobody asks the platform: no worker is running.", source.answered_at
    if source.failures:
        return "care", source.fault, None
    runs_out = credential.expires_at if credential is not None and not credential.renewable else None
    if runs_out is not None and runs_out < now + EXPIRES_SOON:
        return "care", "The token runs out soon and cannot be renewed: connect it again.", None
    if open_gaps:
        return "care", "It answers again; what was written meanwhile is still being read.", None
    if set_aside:
        return "care", "Some messages could not be read and wait for a person.", None
    return "well", "Heard", None
