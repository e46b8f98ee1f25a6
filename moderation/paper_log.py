"""A paper log typed afterwards: its lines read, and each laid beside what ingest and the outbox know by then.

CSV: a header row with direction (out or in), official_account, at and words, and if wanted who, link and approved_by.
Times are on London clocks ("28/11/2026 18:40") or ISO 8601 with a zone. Watches and people are inexact, so a line
counts as the same as something that says nearly the same within NEAR of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import OfficialAccount
from accounts.queries import account_ids
from core import clock, sheets
from core.errors import NotFound, NotValid
from moderation.by_hand import AHEAD, LONGEST_TEXT, instant
from moderation.models import Comment, NativePost, PaperLine
from publishing import fingerprint
from publishing.models import Delivery
from publishing.queries import PUBLISHED
from staff.models import StaffMember
from staff.roles import Power

NEEDED = ("direction", "official_account", "at", "words")
COLUMNS = (*NEEDED, "who", "link", "approved_by")
MOST_ROWS = 500
LARGEST_BYTES = 300_000
SHAPE = sheets.Shape("lines", MOST_ROWS, LARGEST_BYTES, known=COLUMNS, needed=NEEDED, others=True)
NEAR = timedelta(hours=2)
ALIKE = 90
"""Of 100: so like each other two texts are to be the same."""
LONG = 20
"""Characters from which on words tell who wrote them apart by themselves: “Thank you” does not."""
MOST_COMPARED = 20_000
SHOWN = 200
WATCHED_FOR = timedelta(days=14)
"""An open line is looked for so long; after that a person says what it was."""


@dataclass(frozen=True)
class Thing:
    """Something that ingest or the outbox knows, as a line is compared with it. kind: the name of its number on a line."""

    kind: str
    pk: int
    at: datetime
    plain: str
    url: str
    names: frozenset[str] = frozenset()
    """Out: empty. In: the handle and the name of its author."""


@dataclass
class Row:
    """One line of the file as it was read, and what would become of it."""

    line: int
    direction: str
    account: OfficialAccount
    at: datetime
    who: str
    words: str
    link: str
    approved_by: str
    found: Thing | None = None
    known: bool = False
    """The same line was imported before."""
    again: bool = False
    """In, where a person pastes: the same words of the same person are in the queue, by another line."""
    waits: int | None = None
    """Out: the delivery in the outbox that waits with the same words, and would go out a second time."""

    @property
    def digest(self) -> str:
        parts = (self.direction, self.at.isoformat(), self.who.casefold(), _plain(self.words), self.link)
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()

    @property
    def enters(self) -> bool:
        """Whether it goes into the queue: nothing else brings in what the public writes there."""
        return (
            self.direction == PaperLine.Direction.IN
            and self.account.by_hand
            and not (self.found or self.again)
        )

    @property
    def becomes(self) -> str:
        """What the import does with it, in words."""
        if self.known:
            return "Imported before: nothing is done"
        if self.waits is not None:
            return "Still waits in the outbox: withdraw it there, or it goes out a second time"
        if self.found is not None:
            return {
                "comment": "Is in the queue already: it is joined to that comment",
                "native_post": "Was seen on the platform: it is joined to that",
                "delivery": "Left through the outbox: it is joined to that",
            }[self.found.kind]
        if self.again:
            return "The same words of the same person are in the queue by another line: nothing is added"
        if self.enters:
            return "Goes into the queue"
        return "Not found yet: it is kept, and looked for"


def read(viewer: StaffMember, content: bytes) -> list[Row]:
    """Every line of a file, or none: each fault is told with its line. Raises NotValid."""
    accounts = _accounts(viewer)
    found: list[Row] = []
    faults: list[str] = []
    seen: set[tuple[int, str]] = set()
    for given in sheets.read(content, SHAPE):
        number = int(given[sheets.LINE])
        try:
            row = _row(number, given, accounts)
        except NotValid as refusal:
            faults.append(f"Line {number}: {refusal.sentence}")
            continue
        if (row.account.pk, row.digest) not in seen:
            seen.add((row.account.pk, row.digest))
            found.append(row)
    if faults:
        more = f" And {len(faults) - 5} more." if len(faults) > 5 else ""
        raise NotValid(" ".join(faults[:5]) + more + " Nothing was imported.", field="file")
    return found


def _accounts(viewer: StaffMember) -> dict[str, OfficialAccount]:
    """By each way to write them: the name, the handle where it is one alone, and platform:handle."""
    named: dict[str, list[OfficialAccount]] = {}
    for account in OfficialAccount.objects.filter(pk__in=account_ids(viewer, Power.REPLY)):
        handle = account.handle.casefold().lstrip("@")
        for name in {account.name.casefold(), handle, f"{account.platform}:{handle}"}:
            named.setdefault(name, []).append(account)
    return {name: accounts[0] for name, accounts in named.items() if len(accounts) == 1}


def _row(line: int, given: dict[str, str], accounts: dict[str, OfficialAccount]) -> Row:
    direction = given["direction"].casefold()
    if direction not in PaperLine.Direction.values:
        raise NotValid("Say “out” for what we published, “in” for what the public wrote.")
    name = given["official_account"].casefold().replace("@", "")
    if name not in accounts:
        raise NotValid(
            "There is no such official account, you do not answer on it, or several are called so: write "
            "platform:handle, such as x:wealdshirepolice."
        )
    words, link = given["words"], given["link"]
    if not words and not link:
        raise NotValid("Give the words, or the link.")
    if len(words) > LONGEST_TEXT:
        raise NotValid("Those are more than 20,000 characters.")
    if len(link) > 290 or (link and not link.startswith(("https://", "http://"))):
        raise NotValid("Give a link that begins with https://, up to 290 characters.")
    try:
        at = instant(given["at"])
    except NotValid as refusal:
        raise NotValid(refusal.sentence) from None
    if at > clock.now() + AHEAD:
        raise NotValid("That time is yet to come.")
    who = " ".join(given["who"].split()).lstrip("@")
    if direction == PaperLine.Direction.IN and accounts[name].by_hand and not (who and words):
        raise NotValid("Give who wrote it, and the words: nobody else brings it into the queue.")
    if len(who) > 200:
        raise NotValid("Give the name in at most 200 characters.")
    return Row(line, direction, accounts[name], at, who, words, link, given["approved_by"][:120])


def lay_beside(rows: Sequence[Row]) -> None:
    """Each row gets `found`, `known` and `waits`. Nothing is found twice, neither here nor by an earlier line."""
    known = set(
        PaperLine.objects.filter(
            official_account__in={row.account.pk for row in rows}, digest__in=[row.digest for row in rows]
        ).values_list("official_account_id", "digest")
    )
    groups: dict[tuple[int, str], list[Row]] = {}
    for row in rows:
        row.known = (row.account.pk, row.digest) in known
        if not row.known:
            groups.setdefault((row.account.pk, row.direction), []).append(row)
    for alike in groups.values():
        account, direction = alike[0].account, alike[0].direction
        times = [row.at for row in alike]
        things = _things(direction, account, min(times) - NEAR, max(times) + NEAR)
        waiting = _waiting(account) if direction == PaperLine.Direction.OUT else []
        pasted = account.by_hand and direction == PaperLine.Direction.IN
        entered: list[Thing] = []
        if pasted:
            entered = _things(direction, account, min(times) - NEAR, max(times) + NEAR, joined=True)
        for row in sorted(alike, key=lambda one: one.at):
            row.found = _nearest(things, row.at, row.who, row.words, row.link)
            if row.found is not None:
                things.remove(row.found)
                entered.append(row.found)
                continue
            row.waits = next((one.pk for one in waiting if _same(row.words, row.link, one)), None)
            row.again = pasted and any(
                row.who.casefold() in one.names
                for one in entered
                if abs(one.at - row.at) <= NEAR and _same(row.words, row.link, one)
            )
            if row.enters:
                entered.append(
                    Thing("comment", 0, row.at, _plain(row.words), row.link, frozenset({row.who.casefold()}))
                )


def find(line: PaperLine) -> Thing | None:
    """What a line that is kept turned out to be, the nearest in time; None where nothing is like it."""
    things = _things(line.direction, line.official_account, line.at - NEAR, line.at + NEAR)
    return _nearest(things, line.at, line.who, line.words, line.link)


def _things(
    direction: str, account: OfficialAccount, since: datetime, until: datetime, *, joined: bool = False
) -> list[Thing]:
    """What is known of that time: what no line is joined to yet, or with `joined` all of it."""
    if direction == PaperLine.Direction.IN:
        comments = (
            Comment.objects.filter(official_account=account, posted_at__range=(since, until))
            .exclude(state=Comment.State.OURS)
            .exclude(pk__in=[] if joined else _joined("comment_id", account))
            .order_by("posted_at", "id")
            .values_list("pk", "posted_at", "text", "url", "commenter__handle", "commenter__name")
        )
        return [
            Thing("comment", pk, at, _plain(text), url, frozenset({handle.casefold(), name.casefold()}))
            for pk, at, text, url, handle, name in comments[:MOST_COMPARED]
        ]
    sent = (
        Delivery.objects.filter(
            official_account=account,
            kind__in=PUBLISHED,
            state=Delivery.State.SENT,
            sent_at__range=(since, until),
        )
        .exclude(pk__in=_joined("delivery_id", account))
        .values_list("pk", "sent_at", "text", "external_url")
    )
    found = [
        Thing("delivery", pk, at or since, _plain(text), url) for pk, at, text, url in sent[:MOST_COMPARED]
    ]
    native = (
        NativePost.objects.filter(official_account=account, posted_at__range=(since, until))
        .exclude(pk__in=_joined("native_post_id", account))
        .values_list("pk", "posted_at", "text", "url")
    )
    return found + [
        Thing("native_post", pk, at, _plain(text), url) for pk, at, text, url in native[:MOST_COMPARED]
    ]


def _joined(name: str, account: OfficialAccount):  # type: ignore[no-untyped-def]
    return PaperLine.objects.filter(official_account=account, **{f"{name}__isnull": False}).values(name)


def _waiting(account: OfficialAccount) -> list[Thing]:
    waiting = Delivery.objects.filter(
        official_account=account, kind__in=PUBLISHED, state=Delivery.State.SCHEDULED
    ).order_by("due_at", "id")
    return [
        Thing("delivery", pk, at, _plain(text), "")
        for pk, at, text in waiting.values_list("pk", "due_at", "text")[:MOST_COMPARED]
    ]


def _nearest(things: Iterable[Thing], at: datetime, who: str, words: str, link: str) -> Thing | None:
    near = (
        one
        for one in things
        if abs(one.at - at) <= NEAR
        and _same(words, link, one)
        and (not one.names or len(_plain(words)) >= LONG or not who or who.casefold() in one.names)
    )
    return min(near, key=lambda one: abs(one.at - at), default=None)


def _same(words: str, link: str, thing: Thing) -> bool:
    if link and thing.url and link.rstrip("/") == thing.url.rstrip("/"):
        return True
    plain = _plain(words)
    if not plain or not thing.plain:
        return False
    if plain == thing.plain:
        return True
    # Comparing letter by letter is dear, so only what shares most of its words is compared so.
    mine, theirs = set(plain.split()), set(thing.plain.split())
    if len(mine & theirs) * 2 < max(len(mine), len(theirs)):
        return False
    return fingerprint.likeness(plain, thing.plain) >= ALIKE


def _plain(words: str) -> str:
    return fingerprint.normalised(words).casefold()


# What is kept


def lines(viewer: StaffMember) -> list[PaperLine]:
    """Lines of official accounts on which the viewer answers; what nobody has found first, then the latest."""
    rows = PaperLine.objects.filter(official_account__in=account_ids(viewer, Power.REPLY))
    rows = rows.select_related("official_account", "imported_by", "settled_by")
    still = list(rows.filter(state=PaperLine.State.OPEN)[:SHOWN])
    return still + list(rows.exclude(state=PaperLine.State.OPEN)[:SHOWN])


def line(viewer: StaffMember, pk: int) -> PaperLine:
    """One of them. Raises NotFound."""
    row = (
        PaperLine.objects.select_related("official_account")
        .filter(pk=pk, official_account__in=account_ids(viewer, Power.REPLY))
        .first()
    )
    if row is None:
        raise NotFound("There is no such line, or you do not answer on its official account.")
    return row


def looked_for() -> Iterable[PaperLine]:
    """Lines that are still looked for: for the clock."""
    return PaperLine.objects.filter(
        state=PaperLine.State.OPEN, imported_at__gte=clock.now() - WATCHED_FOR
    ).select_related("official_account")[:200]
