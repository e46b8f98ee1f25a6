"""Checks that a post endangers no officer and no operation, and leads nobody where they do not want to go."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import regex

from publishing.checks.prepared import Policy, Prepared
from publishing.checks.registry import ADVICE, LINKS, SECURITY, STOP, Found, check

_OPSEC = "College of Policing APP, Social media; NCSC, Social media: protecting what you publish (review before publishing)"
_LINKS_SOURCE = "NCSC, Social media: protecting what you publish; GCS, accessible social media campaigns: one link, and say where it leads"
OURS = ("police.uk", "gov.uk", "nhs.uk", "gov.wales", "llyw.cymru", "gov.scot", "crimestoppers-uk.org")
"""Sites that need no listing, with what is under them."""
SHORTENERS = frozenset(
    [
        "bit.ly",
        "tinyurl.com",
        "goo.gl",
        "ow.ly",
        "buff.ly",
        "t.co",
        "is.gd",
        "v.gd",
        "lnkd.in",
        "rb.gy",
        "cutt.ly",
        "tiny.cc",
        "shorturl.at",
        "rebrand.ly",
        "bl.ink",
        "s.id",
        "t.ly",
        "dlvr.it",
        "fb.me",
        "youtu.be",
        "wp.me",
        "trib.al",
        "soo.gd",
        "qr.ae",
        "shor.by",
        "linktr.ee",
    ]
) - {"youtu.be", "fb.me", "linktr.ee"}
_NOW = regex.compile(
    r"\b(?:(?:officers|teams?|units?|colleagues|we) (?:are|are all|are out|have just arrived) (?:currently|now|right now|still|at this moment)?\s?"
    r"(?:at|in|outside|on|searching|executing|carrying out)|(?:currently|right now|at this moment),? (?:at|in|outside|searching|executing)|"
    r"warrants? (?:is|are) being executed|(?:firearms|surveillance|plain[- ]clothes|undercover) (?:officers|teams?) (?:are|in))\b",
    regex.IGNORECASE,
)
_COLLAR = regex.compile(
    r"\b(?:(?:collar|shoulder|warrant) (?:number|no\.?)s? ?\d*|(?:PC|DC|DS|PS|PCSO) ?\d{3,5})\b",
    regex.IGNORECASE,
)
_COVERT = regex.compile(
    r"\b(?:covert|undercover|surveillance|plain[- ]clothes|source handl\w+)\b", regex.IGNORECASE
)


@check(
    slug="live-location",
    name="Where officers are",
    group=SECURITY,
    level=STOP,
    source=_OPSEC,
    sentence="Nothing says where officers are now, or how they work there, unless whoever leads it agreed.",
)
def live_location(post: Prepared, policy: Policy) -> Iterator[Found]:
    if post.kind != "live":
        if hit := _NOW.search(post.everything_said):
            yield Found(
                f"“{hit[0]}” says where officers are at this moment.",
                "Say it when they have left, or ask whoever leads it and choose “Something that is happening now”.",
                level=ADVICE,
            )
        return
    live = post.answer("live")
    if not live:
        yield Found(
            "Say whether it tells where officers are now.",
            "Answer the question under “What kind of post”.",
            asks=("live",),
        )
    elif live == "yes":
        yield Found(
            "It says where officers are now or how they work, and whoever leads it has not agreed.",
            "Ask them, or say it later.",
            asks=("live",),
        )
    elif live == "agreed" and not post.answer("live_by"):
        yield Found(
            "Whoever leads it and agreed is not named.", "Write down their rank and name.", asks=("live_by",)
        )


@check(
    slug="media-shows",
    name="What a picture gives away",
    group=SECURITY,
    level=STOP,
    source=_OPSEC + "; College of Policing APP, Images and footage",
    sentence="No picture shows a face, a number plate, a house number, a child or a covert officer’s collar number that may not be shown.",
)
def media_shows(post: Prepared, policy: Policy) -> Iterator[Found]:
    if not post.has_media:
        return
    shows = post.answer("shows")
    if not shows:
        what = "a picture" if post.pictures else "the video"
        yield Found(
            f"Does {what} show a face, a number plate, a house number or a child? Be sure that it may be shown.",
            "Answer the question under “What kind of post”.",
            level=ADVICE if post.kind in ("general", "joint") else STOP,
            asks=("shows",),
        )
    elif shows == "must_not":
        yield Found(
            "It shows somebody or something that has to be blurred first.",
            "Put a blurred picture in its place, then change the answer.",
            asks=("shows",),
        )
    elif shows == "may" and not post.answer("shows_why"):
        yield Found(
            "Why it may be shown is missing.", "Write down consent or another ground.", asks=("shows_why",)
        )


@check(
    slug="collar-number",
    name="Collar numbers",
    group=SECURITY,
    level=STOP,
    source=_OPSEC,
    sentence="No collar number is given of somebody who works covertly.",
)
def collar_number(post: Prepared, policy: Policy) -> Iterator[Found]:
    hit = _COLLAR.search(post.everything_said)
    if hit is None:
        return
    covert = _COVERT.search(post.everything_said) or hit[0][:2].upper() in ("DC", "DS")
    yield Found(
        f"“{hit[0]}” can be traced to one officer.",
        "Take it out: it may be somebody who works covertly." if covert else "Be sure that it is wanted.",
        level=STOP if covert else ADVICE,
    )


def _host(link: str) -> str:
    try:
        return (urlsplit(link).hostname or "").removeprefix("www.").casefold()
    except ValueError:
        return ""


def _under(host: str, domains: frozenset[str] | tuple[str, ...]) -> bool:
    return any(host == domain or host.endswith("." + domain) for domain in domains)


@check(
    slug="short-links",
    name="Shortened links",
    group=LINKS,
    level=STOP,
    source=_LINKS_SOURCE,
    sentence="A link shows where it leads: none is shortened.",
)
def short_links(post: Prepared, policy: Policy) -> Iterator[Found]:
    for link in post.links:
        host = _host(link)
        if host in SHORTENERS and not _under(host, policy.domains):
            yield Found(
                f"{link} hides where it leads.",
                "Put the address itself there; platforms count every link alike.",
            )


@check(
    slug="link-site",
    name="Where links lead",
    group=LINKS,
    level=ADVICE,
    source=_LINKS_SOURCE,
    sentence="Links lead to sites that the force has approved; police, government and NHS sites are.",
)
def link_site(post: Prepared, policy: Policy) -> Iterator[Found]:
    for link in post.links:
        host = _host(link)
        if host in SHORTENERS or _under(host, OURS) or _under(host, policy.domains):
            continue
        yield Found(
            f"{host or link} is not on the list of approved sites.",
            "Open it and see what is there, or have it put on the list.",
        )


@check(
    slug="link-number",
    name="One link",
    group=LINKS,
    level=ADVICE,
    source=_LINKS_SOURCE,
    sentence="A post has one link.",
)
def link_number(post: Prepared, policy: Policy) -> Iterator[Found]:
    if len(post.links) > 1:
        yield Found(f"It has {len(post.links)} links.", "Keep the one that people need.")
