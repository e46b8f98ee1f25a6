"""Reading for "why was my comment hidden?": the public's own page, and the second looks that staff owe.

A platform hides silently: nobody is told. Whoever asks learns nothing, not even that there was such a
comment, before they have proved that they hold the handle that wrote it.
Source: APP social media, community guidelines (the public can read why comments are hidden).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from accounts.models import OfficialAccount
from accounts.queries import account_ids
from core import clock
from core.errors import NotFound
from moderation.models import Clause, Comment, Decision, Guidelines, Inquiry, Reconsideration, Withholding
from platforms.registry import NAMES
from staff.models import StaffMember
from staff.roles import Power

CODE_LENGTH = 8
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""No 0, O, 1 or I: people read the code off a screen and type it on a phone."""

CODE_LIVES = timedelta(hours=24)
PAGE_LIVES = timedelta(days=90)
"""How long the page answers after the proof: longer than a second look may take."""

MOST_PER_HOUR = 5
"""Questions from one source in an hour."""

REMIND_BEFORE = timedelta(days=3)

ANSWER_WITHIN_DAYS = 28
"""Calendar days for a second look, as forces set themselves for a complaint about quality of service."""


@dataclass(frozen=True)
class Answer:
    """What the author of a comment is told."""

    inquiry: Inquiry
    proved: bool
    state: str = ""
    """"hidden", "shown" or "gone" (we hold it no longer)."""
    decision: Decision | None = None
    withheld: bool = False
    second_look: Reconsideration | None = None
    may_ask: bool = False


def hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def addresses(link: str) -> set[str]:
    """The ways in which the platforms write one link: with and without its tail, its "www." or "m."."""
    parts = urlsplit(link.strip())
    host = re.sub(r"^(www|m|mobile)\.", "", parts.netloc.lower())
    path = parts.path.rstrip("/")
    found = set()
    for tail in ("", f"?{parts.query}" if parts.query else ""):
        for scheme in ("https", "http"):
            for prefix in ("", "www.", "m.", "mobile."):
                for slash in ("", "/"):
                    found.add(f"{scheme}://{prefix}{host}{path}{slash}{tail}")
    return found | {link.strip()}


_NAMES_A_COMMENT = ("reply_comment_id", "comment_id", "lc")
"""What names the comment in an address of Facebook (of an answer before what it answers) and of YouTube."""


def number_in(link: str) -> str:
    """The platform's own number of a comment, as the link holds it; empty where it holds none that is long enough.

    Links that people copy have tails that follow them about, or another host, and no address of ours is like that.
    """
    parts = urlsplit(link.strip())
    asked = parse_qs(parts.query)
    named = next((asked[name][0] for name in _NAMES_A_COMMENT if name in asked), "")
    number = named or parts.path.rstrip("/").rpartition("/")[2]
    return number if re.fullmatch(r"[\w.-]{8,120}", number, re.ASCII) else ""


def hidden_comment(link: str) -> Comment | None:
    """The comment at this address that was hidden from here at some time, or None."""
    there = Q(url__in=addresses(link))
    if number := number_in(link):
        # Facebook's numbers of comments begin with the number of the post.
        there |= Q(external_id=number) | Q(platform="facebook", external_id__endswith=f"_{number}")
    return (
        Comment.objects.filter(
            there, pk__in=Decision.objects.filter(kind=Decision.Kind.HIDE).values("comment")
        )
        .select_related("official_account")
        .order_by("pk")
        .first()
    )


def by_secret(secret: str) -> Inquiry:
    """The question whose page this is. Raises NotFound once its time is over."""
    found = (
        Inquiry.objects.filter(secret_hash=hash_of(secret), until__gt=clock.now())
        .select_related("official_account")
        .first()
    )
    if found is None:
        raise NotFound("This page has ended, or its address was not copied whole. Ask again below.")
    return found


def unproved(limit: int = 500) -> list[Inquiry]:
    """Questions that wait for their code."""
    return list(
        Inquiry.objects.filter(proved_at=None, comment_id__isnull=False, until__gt=clock.now()).order_by(
            "until"
        )[:limit]
    )


def sent_from_the_handle(inquiry: Inquiry) -> Comment | None:
    """A message with the code, by who wrote the comment in question, received since it was asked.

    Spaces, dashes and case do not matter. A code that somebody else copied proves nothing.
    """
    if inquiry.comment_id is None:
        return None
    author = Comment.objects.filter(pk=inquiry.comment_id).values("commenter")
    wanted = re.sub(r"\W", "", inquiry.code).casefold()
    for comment in Comment.objects.filter(commenter__in=author, received_at__gte=inquiry.asked_at).order_by(
        "-received_at"
    )[:200]:
        if wanted in re.sub(r"[\W_]", "", comment.text).casefold():
            return comment
    return None


def hide_of(comment_id: int | None) -> Decision | None:
    """The last decision to hide this comment, with its clause."""
    if comment_id is None:
        return None
    return (
        Decision.objects.filter(comment_id=comment_id, kind=Decision.Kind.HIDE)
        .select_related("clause", "comment", "by", "revision")
        .order_by("-at", "-id")
        .first()
    )


def is_hidden_anew(row: Reconsideration) -> bool:
    """Whether the comment is hidden now by another decision than the one that is looked at again."""
    standing = hide_of(row.comment_id)
    return standing is not None and standing.pk != row.decision_id and standing.comment.hidden_at is not None


def standing_withholding(decision: Decision) -> Withholding | None:
    return Withholding.objects.filter(decision_id=decision.pk, lifted_at=None).select_related("by").first()


def answer(inquiry: Inquiry) -> Answer:
    """What this page says now. It holds none of the comment's words: the address may be passed on."""
    if inquiry.proved_at is None or inquiry.comment_id is None:
        return Answer(inquiry, proved=False)
    second_look = Reconsideration.objects.filter(comment_id=inquiry.comment_id).order_by("-id").first()
    decision = hide_of(inquiry.comment_id)
    if decision is None:
        return Answer(inquiry, proved=True, state="gone", second_look=second_look)
    if decision.comment.hidden_at is None:
        return Answer(inquiry, proved=True, state="shown", decision=decision, second_look=second_look)
    return Answer(
        inquiry,
        proved=True,
        state="hidden",
        decision=decision,
        withheld=standing_withholding(decision) is not None,
        second_look=second_look,
        may_ask=second_look is None or second_look.decision_id != decision.pk,
    )


def places_to_write() -> list[tuple[str, OfficialAccount]]:
    """Official accounts to which a code can be sent, each after the name of its platform."""
    found = OfficialAccount.objects.filter(_counted(), status=OfficialAccount.Status.ACTIVE)
    return sorted(
        ((NAMES.get(account.platform, account.platform), account) for account in found),
        key=lambda pair: (pair[0], pair[1].name),
    )


# Staff


def second_looks(viewer: StaffMember, *, closed: bool = False, limit: int = 100) -> list[Reconsideration]:
    """What waits for a second look, the most overdue first; or what was answered, the newest first."""
    ids = account_ids(viewer, Power.LOOK_AGAIN)
    rows = Reconsideration.objects.filter(official_account__in=ids).select_related(
        "official_account", "clause", "decided_by", "answered_by"
    )
    if closed:
        return list(rows.exclude(state=Reconsideration.State.OPEN).order_by("-answered_at")[:limit])
    return list(rows.filter(state=Reconsideration.State.OPEN)[:limit])


def waiting_for(viewer: StaffMember) -> QuerySet[Reconsideration]:
    """Open second looks that this person may answer: not at decisions of their own."""
    return Reconsideration.objects.filter(
        Q(decided_by=None) | ~Q(decided_by=viewer),
        official_account__in=account_ids(viewer, Power.LOOK_AGAIN),
        state=Reconsideration.State.OPEN,
    )


def falling_due() -> list[Reconsideration]:
    """Open ones that are due within REMIND_BEFORE, or overdue, of which nobody was told since that began."""
    today = clock.today()
    rows = Reconsideration.objects.filter(
        state=Reconsideration.State.OPEN, due_on__lte=today + REMIND_BEFORE
    )[:200]
    return [row for row in rows if _unsaid(row, today)]


def _unsaid(row: Reconsideration, today: date) -> bool:
    if row.reminded_at is None:
        return True
    return row.due_on < today and clock.in_london(row.reminded_at).date() <= row.due_on


def second_look(viewer: StaffMember, pk: int) -> Reconsideration:
    """One second look in the viewer's scope. Raises NotFound."""
    found = (
        Reconsideration.objects.filter(pk=pk, official_account__in=account_ids(viewer, Power.LOOK_AGAIN))
        .select_related("official_account", "clause", "decided_by", "answered_by", "inquiry")
        .first()
    )
    if found is None:
        raise NotFound("There is no such second look, or it is on an official account that you do not see.")
    return found


# The yearly figures


@dataclass(frozen=True)
class Line:
    """One line of the figures: how often, under what, where."""

    what: str
    channel: str
    count: int

    @property
    def shown(self) -> str:
        """Small numbers could point at a person: they are told as "fewer than 5"."""
        return f"{self.count:,}" if self.count >= LEAST_SHOWN else f"fewer than {LEAST_SHOWN}"


LEAST_SHOWN = 5


@dataclass(frozen=True)
class Figures:
    """What was hidden and looked at again in one calendar year (London)."""

    year: int
    hidden: list[Line]
    looked_at_again: list[Line]


def years() -> list[int]:
    """The years for which there are figures, newest first; the present one always."""
    this = clock.today().year
    first = (
        Decision.objects.filter(kind=Decision.Kind.HIDE)
        .filter(_counted("comment__official_account__"))
        .order_by("at")
        .values_list("at", flat=True)
        .first()
    )
    return list(range(this, (clock.in_london(first).year if first else this) - 1, -1))


def figures(year: int) -> Figures:
    """How often, in that year, a comment was hidden, by clause and platform, and what second looks came to.

    A comment that was hidden twice counts twice. Exercises do not count, but where the whole
    installation is a demonstration.
    """
    begins = datetime(year, 1, 1, tzinfo=clock.LONDON)
    ends = datetime(year + 1, 1, 1, tzinfo=clock.LONDON)
    hides = (
        Decision.objects.filter(kind=Decision.Kind.HIDE, at__gte=begins, at__lt=ends)
        .filter(_counted("comment__official_account__"))
        .values_list("clause__slug", "comment__platform")
        .annotate(n=Count("pk"))
        .order_by("-n", "clause__slug")
    )
    # A clause is one clause whatever its words were: it is called as it was called last.
    titles = dict(
        Clause.objects.filter(guidelines__state__in=[Guidelines.State.IN_FORCE, Guidelines.State.PAST])
        .order_by("guidelines__number")
        .values_list("slug", "title")
    )
    looks = (
        Reconsideration.objects.filter(asked_at__gte=begins, asked_at__lt=ends)
        .filter(_counted("official_account__"))
        .values_list("state", "official_account__platform")
        .annotate(n=Count("pk"))
        .order_by("-n", "state")
    )
    names = dict(Reconsideration.State.choices)
    return Figures(
        year,
        [
            Line(titles.get(clause, "No clause is on record"), NAMES.get(platform, platform), n)
            for clause, platform, n in hides
        ],
        [Line(str(names[state]), NAMES.get(platform, platform), n) for state, platform, n in looks],
    )


def _counted(account: str = "") -> Q:
    """Real official accounts; in a demonstration those of the exercise network too. account: the way to them."""
    return Q() if settings.DEMO else Q(**{f"{account}exercise": False})
