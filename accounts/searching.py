"""Looking on the platforms for accounts that look like ours: when, for which words, and what of it is a finding.

What the platform's search shows is compared in memory and forgotten, but for what claims to be the force: a handle or a
name like one of ours or the force's own, or a copy of our picture. Accounts of private people are not collected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.crypto import salted_hmac

from accounts import impostors, likeness_of_pictures
from accounts.models import Allowance, Credential, OfficialAccount, PlatformLink, ProfilePicture
from accounts.public import brands
from core import clock
from media import fetching
from platforms import registry
from platforms.contract import Capability, Connector, FoundAccount

EVERY = timedelta(hours=24)
SELDOM = {"x": timedelta(days=7)}
"""Platforms that charge for each account that a search shows, and how often they are searched instead."""
LATER = timedelta(hours=1)
LEASE = timedelta(minutes=15)
MOST_SEARCHES = 6
"""Searches of one platform in one go."""
MOST_PICTURES = 30
"""Pictures that are fetched for one platform in one go."""
BUDGET = 0.7
"""Share of any allowance of the account above which nobody is searched for: listening and answering go first."""


@dataclass(frozen=True)
class Finding:
    """One account that looks like us, and why."""

    account: FoundAccount
    alike: OfficialAccount | None
    why: str
    picture_differs: int | None


@dataclass(frozen=True)
class Searched:
    """What a search of a platform came to. pictures: how our own look there, by official account."""

    seen: int
    findings: Sequence[Finding]
    pictures: dict[int, str]


def platforms_to_search() -> list[str]:
    """Platforms whose connector can search, and on which an active account of ours is connected."""
    live = (
        OfficialAccount.objects.filter(status=OfficialAccount.Status.ACTIVE, exercise=False)
        .filter(pk__in=Credential.objects.filter(replaced_at=None).values("official_account"))
        .values_list("platform", flat=True)
    )
    return sorted({slug for slug in live if _can_search(slug)})


def _can_search(slug: str) -> bool:
    try:
        return Capability.SEARCH_ACCOUNTS in registry.connector_class(slug).capabilities
    except KeyError:
        return False


def account_to_search_with(platform: str) -> OfficialAccount | None:
    """One of ours there with room in its allowances: the one that has used least; None where none has."""
    rows = OfficialAccount.objects.filter(
        platform=platform, status=OfficialAccount.Status.ACTIVE, exercise=False
    ).filter(pk__in=Credential.objects.filter(replaced_at=None).values("official_account"))
    used: dict[int, float] = {row.pk: 0.0 for row in rows}
    for allowance in Allowance.objects.filter(official_account__in=used, resets_at__gt=clock.now()):
        pk = allowance.official_account_id
        used[pk] = max(used[pk], allowance.share_used)
    free = sorted((row for row in rows if used[row.pk] < BUDGET), key=lambda row: (used[row.pk], row.pk))
    return free[0] if free else None


def words_for(platform: str) -> list[str]:
    """What is searched for: the force's names, then the names of our accounts there."""
    names = OfficialAccount.objects.filter(
        platform=platform, exercise=False, status=OfficialAccount.Status.ACTIVE
    ).values_list("name", flat=True)
    return list(dict.fromkeys([*brands(), *sorted(names)]))[:MOST_SEARCHES]


def key_of(platform: str, handle: str) -> str:
    """A keyed hash by which an account is known again although nothing of it is kept."""
    return salted_hmac(
        "accounts.impostor", f"{platform}\n{handle.strip().lstrip('@').casefold()}", algorithm="sha256"
    ).hexdigest()


def search(
    platform: str,
    connector: Connector,
    words: Iterable[str],
    *,
    fetch: Callable[[str], bytes] | None = None,
) -> Searched:
    """Ask the platform, and compare. Never within a transaction. Raises the platform's faults.

    fetch: how a picture is had; by default from the public internet, guarded (media.fetching).
    """
    found: dict[str, FoundAccount] = {}
    for one in words:
        for account in connector.search_accounts(one):
            found.setdefault(account.external_id, account)
    rows = {row.pk: row for row in OfficialAccount.objects.filter(platform=platform, exercise=False)}
    handles = {row.handle.lstrip("@").casefold(): row for row in rows.values()}
    links = {
        link.external_id: rows[link.official_account_id]
        for link in PlatformLink.objects.filter(official_account__in=rows).exclude(external_id="")
    }
    # A handle may be recorded without its server; what the platform calls an account tells for sure.
    mine = {
        account.external_id: row
        for account in found.values()
        if (row := links.get(account.external_id) or handles.get(account.handle.casefold())) is not None
    }
    pictures = _Pictures(fetch or _fetched)
    known = dict(
        ProfilePicture.objects.filter(official_account__in=rows).values_list("official_account_id", "seen_as")
    )
    for external_id, row in mine.items():
        if seen := pictures.seen_as(found[external_id]):
            known[row.pk] = seen
    findings = []
    for account in found.values():
        if account.external_id in mine:
            continue
        alike, why = impostors.closest(account.handle, account.name, platform)
        if why == "ours":
            continue
        least = _least(pictures.seen_as(account), known) if known else None
        if least is not None and least[1] <= likeness_of_pictures.ALIKE:
            alike = alike or rows[least[0]]
            why = f"{why} It shows our picture." if why else "It shows our picture."
        if why:
            findings.append(Finding(account, alike, why, least[1] if least else None))
    return Searched(len(found), findings, known)


def _least(seen: str, known: dict[int, str]) -> tuple[int, int] | None:
    """Which of our pictures it is most like, and in how many bits it differs."""
    if not seen:
        return None
    return min(
        ((pk, likeness_of_pictures.differs(seen, mine)) for pk, mine in known.items()), key=lambda one: one[1]
    )


class _Pictures:
    """Pictures of a search, each fetched once, and no more than MOST_PICTURES of them."""

    def __init__(self, fetch: Callable[[str], bytes]) -> None:
        self.fetch, self.left = fetch, MOST_PICTURES
        self.known: dict[str, str] = {}

    def seen_as(self, account: FoundAccount) -> str:
        """As a hash; empty where there is none, it cannot be had, or enough were fetched."""
        if not account.picture:
            return ""
        if account.picture not in self.known:
            if self.left <= 0:
                return ""
            self.left -= 1
            try:
                self.known[account.picture] = likeness_of_pictures.seen_as(self.fetch(account.picture))
            except fetching.NotFetched:
                self.known[account.picture] = ""
        return self.known[account.picture]


def _fetched(address: str) -> bytes:
    return fetching.fetch(address, most_bytes=likeness_of_pictures.MOST_BYTES).content


def next_time(platform: str, now: datetime) -> datetime:
    """When a platform is searched again."""
    return now + SELDOM.get(platform, EVERY)
