"""By what anybody can tell that an account is ours: what each platform offers, how to get it, and whether it holds now.

What the product can look at itself it looks at (rel=me, a domain as the handle); an official mark is recorded by whoever
saw it (Mandate.verified). Instructions name the platform's own page: they change, so that page is what counts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.urls import reverse

from accounts.models import OfficialAccount, PlatformLink, ProofCheck
from accounts.public import listing
from accounts.queries import require
from media import fetching
from staff.models import StaffMember
from staff.roles import Power

Kind = ProofCheck.Kind
BLUESKY_RESOLVER = "https://public.api.bsky.app"


@dataclass(frozen=True)
class Way:
    """One way of proof that a platform offers. `kind`: which the product checks itself; empty where it cannot."""

    name: str
    steps: tuple[str, ...]
    source: str
    kind: str = ""


_MARK = "When it is there, record it under “Change what is recorded”: Verified by the platform."
WAYS: dict[str, tuple[Way, ...]] = {
    "mastodon": (
        Way(
            "Link back from our own page (rel=me)",
            (
                "Record the address of the profile (such as https://police.example/@wealdshire) under “Change what is "
                "recorded”: our public list then links to it with rel=me.",
                "On Mastodon: Preferences, Public profile, Verification or Extra fields. Enter the address of our public list "
                "as the content of a field, and save.",
                "Mastodon reads our page and shows the field in green. Then look here whether it holds.",
            ),
            "https://docs.joinmastodon.org/user/profile/#verification",
            Kind.REL_ME,
        ),
    ),
    "bluesky": (
        Way(
            "Our own domain as its handle",
            (
                "Choose a name under a domain of the force, such as social.wealdshire.example.",
                "On Bluesky: Settings, Account, Handle, “I have my own domain”. Copy the DID that it shows.",
                "Have whoever runs the domain put the DID into a DNS record _atproto.NAME (TXT, “did=…”), or into the file "
                "/.well-known/atproto-did of that name.",
                "Press “Verify” on Bluesky, change the handle here too, and look here whether it holds.",
            ),
            "https://bsky.social/about/blog/4-28-2023-domain-handle-tutorial",
            Kind.DOMAIN,
        ),
        Way(
            "Official mark",
            (
                "Bluesky and its trusted verifiers give a blue mark to notable and authentic accounts, by a form of their own.",
                _MARK,
            ),
            "https://bsky.social/about/blog/04-21-2025-verification",
        ),
    ),
    "x": (
        Way(
            "Official mark",
            (
                "The grey mark is for governmental and multilateral organisations. Apply from the official account itself, "
                "with the force’s own e-mail domain and website in its profile.",
                "The profile must be complete and link to the force’s website; keep the answer with the account’s record.",
                _MARK,
            ),
            "https://help.x.com/en/rules-and-policies/profile-labels",
        ),
    ),
    "facebook": (
        Way(
            "Official mark",
            (
                "A full-access administrator of the page applies with the form for a verified badge, with a document of the force.",
                "The page has its official address, telephone number and website filled in.",
                _MARK,
            ),
            "https://www.facebook.com/help/1288173394636262",
        ),
    ),
    "instagram": (
        Way(
            "Official mark",
            (
                "In the app, signed in as the official account: Settings, Account type and tools, Request verification, with a "
                "document of the force.",
                "Link the account to the force’s Facebook page first: one review then serves both.",
                _MARK,
            ),
            "https://help.instagram.com/854227311295302",
        ),
    ),
    "youtube": (
        Way(
            "Official mark",
            (
                "A channel may apply once it has 100,000 subscribers; before that, put the force’s website into the channel’s "
                "links and name the channel on our public list.",
                _MARK,
            ),
            "https://support.google.com/youtube/answer/3046484",
        ),
    ),
}


@dataclass(frozen=True)
class Shown:
    """One way as the page shows it: how to get it, and what the last look found."""

    way: Way
    last: ProofCheck | None


def ways(viewer: StaffMember, account: OfficialAccount) -> list[Shown]:
    """What the account's platform offers. Raises NotPermitted."""
    require(viewer, Power.SEE_REGISTER)
    latest: dict[str, ProofCheck] = {}
    for one in account.proof_checks.select_related("checked_by").order_by("checked_at", "id"):
        latest[one.kind] = one
    return [Shown(way, latest.get(way.kind)) for way in WAYS.get(account.platform, ())]


def offers(account: OfficialAccount, kind: str) -> bool:
    """Whether the product can look at this kind of proof for the account."""
    return bool(kind) and any(way.kind == kind for way in WAYS.get(account.platform, ()))


def public_page() -> str:
    """The page that a profile links to."""
    return f"{settings.PUBLIC_ADDRESS}{reverse('accounts_public:list')}"


@dataclass(frozen=True)
class Found:
    """Whether it holds, and what was found in a sentence with the next step."""

    holds: bool
    says: str


def look(account: OfficialAccount, kind: str) -> Found:
    """Ask the platform, from outside, as anybody may. Never within a transaction; what comes is bounded and hostile."""
    try:
        return _rel_me(account) if kind == Kind.REL_ME else _domain(account)
    except fetching.NotFetched as fault:
        return Found(False, f"It could not be looked at: {fault.sentence} Try again later.")


def _rel_me(account: OfficialAccount) -> Found:
    listed = next((one for one in listing().accounts if one.pk == account.pk), None)
    if listed is None:
        return Found(False, "It does not stand on our public list, so our page cannot link to it.")
    if not listed.url.startswith("https://"):
        return Found(False, "No address of its profile is recorded, so our page does not link to it.")
    name, _, server = account.handle.lstrip("@").partition("@")
    server = server or urlsplit(listed.url).hostname or ""
    said = _json(fetching.read(f"https://{server}/api/v1/accounts/lookup?{urlencode({'acct': name})}"))
    page = public_page()
    for field in said.get("fields", []) if isinstance(said.get("fields"), list) else []:
        if not isinstance(field, dict):
            continue
        links = _links(str(field.get("value", ""))[:2000])
        if any(_same(link, page) for link in links):
            if field.get("verified_at"):
                return Found(True, f"{server} shows the link to our list as verified.")
            return Found(
                False,
                f"The profile links to our list, and {server} has not verified it. Save the profile there once more.",
            )
    return Found(False, f"The profile on {server} has no field with the address of our list ({page}).")


def _domain(account: OfficialAccount) -> Found:
    handle = account.handle.lstrip("@").lower()
    if "." not in handle or handle.endswith((".bsky.social", ".bsky.team")):
        return Found(False, "Its handle is one of Bluesky’s own, not of a domain of the force.")
    said = _json(
        fetching.read(
            f"{BLUESKY_RESOLVER}/xrpc/com.atproto.identity.resolveHandle?{urlencode({'handle': handle})}"
        )
    )
    did = str(said.get("did", ""))
    if not did.startswith("did:"):
        return Found(False, f"The domain {handle} names no account.")
    link = PlatformLink.objects.filter(official_account=account).first()
    if link is None or not link.external_id.startswith("did:"):
        return Found(
            True, f"The domain {handle} names an account. Connect ours here, so that it can be compared."
        )
    if link.external_id != did:
        return Found(False, f"The domain {handle} names another account than the one that is connected here.")
    return Found(True, f"The domain {handle} names this very account.")


def _json(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found += [value for name, value in attrs if name == "href" and value]


def _links(text: str) -> list[str]:
    anchors = _Anchors()
    anchors.feed(text)
    return anchors.found or [text.strip()]


def _same(one: str, other: str) -> bool:
    return one.strip().rstrip("/").casefold() == other.rstrip("/").casefold()
