"""The ten security minimums of the APP for each official account: what stands recorded, and why that does not do.

Source: APP social media, "Security", minimum standards. Nothing here asks a platform: what people recorded counts, for
as long as it is fresh. Knows of no scorecard; the account's own page and the scorecard both read it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse

from accounts.models import (
    ConnectedApp,
    Credential,
    DepartureStep,
    Mandate,
    NativeAdministrator,
    OfficialAccount,
    SecurityCheck,
)
from core import clock

CHECK_AFTER = timedelta(days=90)
"""What somebody saw on the platform counts as fresh so long; then it is looked at again."""
CONSULT_AFTER = timedelta(days=365)

MET, PARTLY, NOT_MET = "met", "partly", "not_met"
LABELS = {MET: "Met", PARTLY: "Partly met", NOT_MET: "Not met"}
MARKS = {MET: "ok", PARTLY: "review", NOT_MET: "failed"}

Check = SecurityCheck


@dataclass(frozen=True)
class Cell:
    """How one official account stands to one minimum. `why`: the reason for the gap; `address`: where it is mended."""

    slug: str
    state: str
    why: str
    address: str

    @property
    def label(self) -> str:
        return LABELS[self.state]

    @property
    def mark(self) -> str:
        """The state of the same look, as pages draw states."""
        return MARKS[self.state]


@dataclass(frozen=True)
class Sight:
    """What is recorded of one official account."""

    account: OfficialAccount
    mandate: Mandate | None
    check: SecurityCheck | None
    connected: bool
    administrators: tuple[NativeAdministrator, ...]
    apps: tuple[ConnectedApp, ...]
    open_steps: int
    """What is still to be done on it by hand because somebody left."""
    consulted: SecurityCheck | None
    """The latest check that communications and information security made together."""

    @property
    def stale(self) -> str:
        """That nobody has looked for too long, as a sentence; empty where somebody has."""
        if self.check is None:
            return "Nobody has recorded a look at it yet."
        if self.check.at < clock.now() - CHECK_AFTER:
            return f"Last looked at on {clock.in_london(self.check.at):%-d %B %Y}, over {CHECK_AFTER.days} days ago."
        return ""

    def security(self) -> str:
        return reverse("accounts:security_of", args=[self.account.pk])

    def page(self) -> str:
        return reverse("accounts:account", args=[self.account.pk])


Judged = tuple[str, str]


def _seen(sight: Sight, what: str, gap: str, *, good: tuple[str, ...] = (Check.Seen.YES,)) -> Judged:
    """What the last check says of this, by how it was answered and how old it is. good: the answers that will do."""
    if sight.check is None:
        return NOT_MET, sight.stale
    answer = getattr(sight.check, what)
    if answer == Check.Seen.UNKNOWN:
        return NOT_MET, "Whoever looked could not see it."
    if answer not in good:
        return NOT_MET, gap
    return (PARTLY, sight.stale) if sight.stale else (MET, "")


def _consultation(sight: Sight) -> Judged:
    if sight.consulted is not None and sight.consulted.at >= clock.now() - CONSULT_AFTER:
        return MET, ""
    if sight.check is not None:
        return PARTLY, "Communications and information security have not looked at it together within a year."
    return NOT_MET, "Communications and information security have never looked at it together."


def _platform(sight: Sight) -> Judged:
    if sight.account.by_hand:
        return PARTLY, "The platform lets no program in: people post by hand, and record it here."
    return (
        (MET, "")
        if sight.connected
        else (NOT_MET, "It is not connected, so nobody’s acts on it are recorded.")
    )


def _password(sight: Sight) -> Judged:
    if sight.mandate is None or not sight.mandate.vault_entry:
        return NOT_MET, "Where the vault keeps its password is not recorded."
    return _seen(sight, "password", "Its password is short, used elsewhere, or not in the vault.")


def _two_factor(sight: Sight) -> Judged:
    if sight.check is not None and sight.check.factor == Check.Factor.MESSAGE:
        return PARTLY, "Codes by text or e-mail can be taken over: use a security key or an app."
    return _seen(
        sight, "factor", "Two-factor authentication is off.", good=(Check.Factor.KEY, Check.Factor.APP)
    )


def _alerts(sight: Sight) -> Judged:
    return _seen(sight, "alerts", "Alerts of new sign-ins are off, or reach nobody in the force.")


def _apps(sight: Sight) -> Judged:
    if lacking := [app for app in sight.apps if app.lacks]:
        return NOT_MET, f"{lacking[0].name} is connected with {lacking[0].lacks}."
    return _seen(sight, "apps", "Programs are connected there that the register does not know.")


def _personal(sight: Sight) -> Judged:
    if sight.mandate is None or not sight.mandate.mailbox:
        return NOT_MET, "No address of the shared mailbox register is recorded."
    return _seen(
        sight,
        "personal",
        "Personal addresses or devices are used beyond what is allowed.",
        good=(Check.Personal.NONE, Check.Personal.NAMED),
    )


def _off_network(sight: Sight) -> Judged:
    check = sight.check
    if sight.mandate is None:
        return NOT_MET, "Its rules for devices are not recorded."
    if not sight.mandate.force_device_only and not sight.mandate.off_network:
        return NOT_MET, "It may be used elsewhere, and nobody is named who may."
    if check is not None and sight.mandate.force_device_only and check.elsewhere == Check.Elsewhere.CLEAN:
        return PARTLY, "It is used off the network, though the rule says force devices only."
    return _seen(
        sight,
        "elsewhere",
        "It stays signed in, or a secret of it is kept, on a device off the network.",
        good=(Check.Elsewhere.NEVER, Check.Elsewhere.CLEAN),
    )


def _devices(sight: Sight) -> Judged:
    return _seen(sight, "devices", "Unknown or redundant devices are still signed in.")


def _leavers(sight: Sight) -> Judged:
    gone = [one for one in sight.administrators if one.person is not None and not one.person.active]
    if gone:
        return NOT_MET, f"{gone[0].name}, who administers it on the platform, has left."
    if sight.open_steps:
        return NOT_MET, "Steps after somebody left are not signed yet."
    if not sight.administrators:
        return NOT_MET, "Nobody has noted who administers it on the platform."
    if min(one.checked_at for one in sight.administrators) < clock.now() - CHECK_AFTER:
        return PARTLY, f"Who administers it there was last looked at over {CHECK_AFTER.days} days ago."
    return MET, ""


def _programs(sight: Sight) -> str:
    return sight.page() if any(app.lacks for app in sight.apps) else sight.security()


def _administrators(sight: Sight) -> str:
    return reverse("accounts:administrators", args=[sight.account.pk])


@dataclass(frozen=True)
class Minimum:
    """One of the ten: its short head, what it asks for in our own words, and how it is judged."""

    slug: str
    head: str
    says: str
    judge: Callable[[Sight], Judged]
    where: Callable[[Sight], str]


MINIMUMS: tuple[Minimum, ...] = (
    Minimum(
        "consultation",
        "Looked at together",
        "Communications and information security consult each other regularly, and follow the NCSC",
        _consultation,
        Sight.security,
    ),
    Minimum(
        "platform",
        "Run from here",
        "It is run from the management platform, for access control and a trail",
        _platform,
        Sight.page,
    ),
    Minimum(
        "password",
        "Password",
        "A long password used nowhere else, or a passkey, kept safely",
        _password,
        Sight.security,
    ),
    Minimum("two_factor", "Second factor", "Two-factor authentication is on", _two_factor, Sight.security),
    Minimum("alerts", "Sign-in alerts", "Alerts of new sign-ins are on", _alerts, Sight.security),
    Minimum(
        "apps", "Other programs", "Only programs that are critically needed are connected", _apps, _programs
    ),
    Minimum(
        "personal",
        "Personal address or device",
        "Personal addresses and devices are used within limits only",
        _personal,
        Sight.security,
    ),
    Minimum(
        "off_network",
        "Off the network",
        "Nothing stays signed in, and no secret is kept, on devices off the network",
        _off_network,
        Sight.security,
    ),
    Minimum("devices", "Devices", "Unknown and redundant devices are signed out", _devices, Sight.security),
    Minimum(
        "leavers",
        "Movers and leavers",
        "Whoever moves or leaves loses their role there, above all after a professional standards departure",
        _leavers,
        _administrators,
    ),
)


def cells(sight: Sight) -> tuple[Cell, ...]:
    """How one official account stands to each of the ten, in their order."""
    found = []
    for one in MINIMUMS:
        state, why = one.judge(sight)
        found.append(Cell(one.slug, state, why, one.where(sight)))
    return tuple(found)


def sights(accounts: Iterable[OfficialAccount]) -> list[Sight]:
    """What is recorded of each of these. Six reads for however many, given `select_related("mandate")`."""
    accounts = list(accounts)
    ids = [account.pk for account in accounts]
    checks, consulted = latest(ids), latest(ids, together=True)
    connected = set(
        Credential.objects.filter(official_account__in=ids, replaced_at=None).values_list(
            "official_account_id", flat=True
        )
    )
    administrators: dict[int, list[NativeAdministrator]] = {}
    for admin in NativeAdministrator.objects.filter(official_account__in=ids, removed_at=None).select_related(
        "person"
    ):
        administrators.setdefault(admin.official_account_id, []).append(admin)
    apps: dict[int, list[ConnectedApp]] = {}
    for app in ConnectedApp.objects.filter(official_account__in=ids, removed_at=None):
        apps.setdefault(app.official_account_id, []).append(app)
    steps: dict[int, int] = {}
    for pk in DepartureStep.objects.filter(official_account__in=ids, signed_at=None).values_list(
        "official_account_id", flat=True
    ):
        if pk is not None:
            steps[pk] = steps.get(pk, 0) + 1
    return [
        Sight(
            account,
            getattr(account, "mandate", None),
            checks.get(account.pk),
            account.pk in connected,
            tuple(administrators.get(account.pk, ())),
            tuple(apps.get(account.pk, ())),
            steps.get(account.pk, 0),
            consulted.get(account.pk),
        )
        for account in accounts
    ]


def latest(ids: Iterable[int], *, together: bool = False) -> dict[int, SecurityCheck]:
    """The last look at each of these official accounts; with `together`, the last that two sides took."""
    rows = SecurityCheck.objects.filter(official_account__in=ids)
    if together:
        rows = rows.filter(together_with__isnull=False)
    return {
        row.official_account_id: row
        for row in rows.order_by("official_account_id", "-at", "-id").distinct("official_account_id")
    }


def history(account: OfficialAccount, *, most: int = 20) -> list[SecurityCheck]:
    """The looks at one official account, the latest first."""
    rows = SecurityCheck.objects.filter(official_account=account)
    return list(rows.select_related("by", "together_with").order_by("-at", "-id")[:most])
