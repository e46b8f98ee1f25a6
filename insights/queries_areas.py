"""What a neighbourhood worried about, and what was done: topics, phrases, examples, worries, posts, rumours, and what changed.

Numbers come from insights.models.AreaDay, words from the comments as they are kept today: what is disposed of is in no
example and no phrase any more. Examples are those of official accounts whose comments the viewer sees.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum

from accounts.models import Neighbourhood, OfficialAccount
from accounts.queries import account_ids
from core import clock
from core.errors import NotFound
from insights import counting, queries_rumours, sentiment
from insights.models import AreaDay, AreaMood, Rumour
from insights.phrases import Phrase, phrases
from moderation.categories import Category
from moderation.models import Comment, Decision, IngestGap, Place
from publishing import queries_concerns
from publishing.models import Concern, Delivery, Post
from staff.models import StaffMember
from staff.roles import Power

TOPICS = (
    Category.ASB,
    Category.CRIME_REPORT,
    Category.TRAFFIC,
    Category.VIOLENCE_IN_PROGRESS,
    Category.INCITEMENT_DISORDER,
    Category.HATE_CRIME,
    Category.MISSING_PERSON,
    Category.COMPLAINT_ABOUT_POLICE,
    Category.MISINFORMATION,
    Category.QUESTION,
    Category.INFORMATION_REQUEST,
    Category.PRAISE,
)
"""What is counted as a topic. The others are about one person at risk, or about nothing, and are no topic of an area."""
DISORDER = (Category.INCITEMENT_DISORDER, Category.VIOLENCE_IN_PROGRESS, Category.ASB)
SHOWN_WORDS = frozenset(
    {
        Category.ASB,
        Category.CRIME_REPORT,
        Category.TRAFFIC,
        Category.COMPLAINT_ABOUT_POLICE,
        Category.QUESTION,
        Category.INFORMATION_REQUEST,
        Category.PRAISE,
        Category.NONE,
    }
)
"""Whose comments give phrases and examples: nothing hateful, nothing about somebody at risk, nobody who was named."""
READ = 800
"""Comments whose words are read for phrases, the newest, here and elsewhere each."""
TOPICS_SHOWN = 6
BAR_WIDTH, BAR_HEIGHT = 5, 24
MONTHS_BACK = 12
DAYS = timedelta(days=1)


def areas(viewer: StaffMember) -> list[Neighbourhood]:
    """The neighbourhoods whose comments the viewer may see."""
    return queries_concerns.areas(viewer, Power.SEE_COMMENTS)


def area(viewer: StaffMember, slug: str) -> Neighbourhood:
    """One of them. Raises NotFound."""
    found = next((one for one in areas(viewer) if one.slug == slug), None)
    if found is None:
        raise NotFound("There is no such neighbourhood, or it is not one of yours.")
    return found


def accounts_in(place: Neighbourhood) -> list[int]:
    """Official accounts of the neighbourhood, exercises left out but in a demonstration."""
    found = OfficialAccount.objects.filter(neighbourhood=place)
    if not settings.DEMO:
        found = found.filter(exercise=False)
    return list(found.order_by("pk").values_list("pk", flat=True))


# What changed


@dataclass(frozen=True)
class Change:
    """A sentence that says what is more or less than usual; `up` for its sign, which is never alone."""

    says: str
    up: bool


@dataclass(frozen=True)
class Week:
    """The last seven whole days beside the four weeks before: what changed, or why that cannot be said."""

    since: date
    until: date
    changes: list[Change]
    says: str
    """Where nothing changed, or nothing can be said."""


LEAST_NEWS = 8
"""Fewer comments in a week are no news, whatever they were before."""
TIMES_CHANCE = 2.5
"""So many standard deviations of a count (its square root) a week differs before it is news."""
USUAL_DAYS = 14
"""So many of the 28 days before have to be known, or nothing is compared."""


def week(place: Neighbourhood, *, today: date | None = None) -> Week:
    """What changed in the last seven whole days. Days on which we were deaf are left out of the usual and said."""
    until = (today or clock.today()) - DAYS
    since = until - 6 * DAYS
    begins = since - 28 * DAYS
    deaf = deaf_days(place, begins, until)
    first = AreaDay.objects.order_by("day").values_list("day", flat=True).first()
    known = [
        day
        for back in range(28)
        if (day := since - (back + 1) * DAYS) not in deaf and first is not None and day >= first
    ]
    if any(since <= day <= until for day in deaf):
        return Week(
            since,
            until,
            [],
            "We could not read every official account of this area in these days, so they are not compared.",
        )
    if len(known) < USUAL_DAYS:
        return Week(since, until, [], "There are not yet two weeks before it to compare with.")
    counts = _counts(place, begins, until)
    changes = []
    for topic in TOPICS:
        now = sum(counts.get((topic, since + n * DAYS), 0) for n in range(7))
        usual = 7 * sum(counts.get((topic, day), 0) for day in known) / len(known)
        if change := _change(Category(topic).label, now, usual):
            changes.append((abs(now - usual), change))
    changes.sort(key=lambda one: -one[0])
    return Week(
        since,
        until,
        [one for _, one in changes[:4]],
        "" if changes else "Nothing differs from the four weeks before by more than chance would make it.",
    )


def _change(name: str, now: int, usual: float) -> Change | None:
    if max(now, usual) < LEAST_NEWS or abs(now - usual) < TIMES_CHANCE * math.sqrt(max(usual, 1)):
        return None
    if now > usual:
        return (
            Change(f"{name}: {now} comments, about {usual:.0f} in a usual week.", True)
            if (now >= 1.5 * usual)
            else None
        )
    return (
        Change(f"{name}: {now} comments, fewer than the about {usual:.0f} of a usual week.", False)
        if now <= 0.6 * usual
        else None
    )


def deaf_days(place: Neighbourhood, first: date, last: date) -> set[date]:
    """London days on which an official account of the area was deaf for an hour or more, and that were not read since."""
    begins, ends = counting.bounds(first, last)
    now = clock.now()
    rows = IngestGap.objects.filter(
        official_account_id__in=accounts_in(place), filled_at=None, begins_at__lt=ends
    ).filter(Q(ends_at=None) | Q(ends_at__gt=begins))
    found: set[date] = set()
    for row in rows:
        until = min(row.ends_at or now, ends)
        if until - row.begins_at < timedelta(hours=1):
            continue
        day = max(clock.in_london(row.begins_at).date(), first)
        while day <= min(clock.in_london(until).date(), last):
            found.add(day)
            day += DAYS
    return found


def _counts(place: Neighbourhood, first: date, last: date) -> dict[tuple[str, date], int]:
    rows = AreaDay.objects.filter(neighbourhood=place, day__gte=first, day__lte=last)
    return {
        (category, day): number for category, day, number in rows.values_list("category", "day", "comments")
    }


# A month


@dataclass(frozen=True)
class Topic:
    """A category in a month, and in the one before where that is known; `weeks`: its count week by week."""

    category: str
    name: str
    comments: int
    before: int | None
    weeks: list[int]
    bars: list[tuple[int, float, float]]
    """Day by day: where its bar stands, from where down, and how tall, in a picture of BAR_WIDTH a day and BAR_HEIGHT."""
    examples: list[Comment]


@dataclass(frozen=True)
class Done:
    """What was done in the month: worries by where they stand, posts, replies."""

    published: list[Concern]
    planned: list[Concern]
    raised: int
    posts: list[tuple[Post, str]]
    """The latest, each with why it answers something; empty where it does not say."""
    posts_sent: int
    replies_sent: int
    answered: int
    """Comments on which somebody decided."""


@dataclass(frozen=True)
class Mood:
    """Shares of comments by how they sounded, in per cent, and of how many."""

    read: int
    pleased: int
    neutral: int
    displeased: int


@dataclass(frozen=True)
class Month:
    """Everything on the page of a neighbourhood and month."""

    place: Neighbourhood
    first: date
    last: date
    so_far: bool
    comments: int
    says: str
    topics: list[Topic]
    weeks: list[date]
    phrases: list[Phrase]
    read: int
    """Comments whose words were read for the phrases."""
    done: Done
    rumours: list[Rumour]
    week: Week | None
    mood: Mood | None
    measured: dict[str, Any] | None
    deaf: int
    has_boundary: bool
    months: list[date]


def month(viewer: StaffMember, slug: str, first: date) -> Month:
    """What a neighbourhood worried about in a month and what was done. Raises NotFound."""
    place = area(viewer, slug)
    today = clock.today()
    last = min(_end_of(first), today)
    before = clock.add_months(first, -1)
    counts = _counts(place, first, last)
    earlier = _counts(place, before, _end_of(before))
    known_before = AreaDay.objects.filter(day__lte=before + 3 * DAYS).exists()
    by_topic, was = Counter[str](), Counter[str]()
    for (category, _), number in counts.items():
        by_topic[category] += number
    for (category, _), number in earlier.items():
        was[category] += number
    shown = [(one, n) for one, n in by_topic.most_common() if n and one in TOPICS][:TOPICS_SHOWN]
    weeks = _weeks(first, last)
    examples = _examples(viewer, place, [one for one, _ in shown], first, last)
    topics = [
        Topic(
            one,
            Category(one).label,
            n,
            was[one] if known_before else None,
            [sum(counts.get((one, day), 0) for day in _days(w, min(w + 6 * DAYS, last))) for w in weeks],
            _bars([counts.get((one, day), 0) for day in _days(first, last)]),
            examples.get(one, []),
        )
        for one, n in shown
    ]
    found, read = _phrases(viewer, place, first, last)
    done = _done(viewer, place, first, last)
    accounts = accounts_in(place)
    begins, ends = counting.bounds(first, last)
    comments = sum(by_topic.values())
    return Month(
        place=place,
        first=first,
        last=last,
        so_far=last < _end_of(first),
        comments=comments,
        says=_says(place, comments, topics, done),
        topics=topics,
        weeks=weeks,
        phrases=found,
        read=read,
        done=done,
        rumours=queries_rumours.of_area(viewer, accounts, begins, ends),
        week=week(place) if last == today else None,
        mood=_mood(place, first, last),
        measured=sentiment.kept(),
        deaf=len(deaf_days(place, first, last)),
        has_boundary=bool(getattr(place, "details", None) and place.details.boundary),
        months=_months(today),
    )


def _bars(counts: Sequence[int]) -> list[tuple[int, float, float]]:
    most = max([*counts, 1])
    tall = [round(BAR_HEIGHT * count / most, 1) for count in counts]
    return [(BAR_WIDTH * n, round(BAR_HEIGHT - one, 1), one) for n, one in enumerate(tall) if one]


def _says(place: Neighbourhood, comments: int, topics: Sequence[Topic], done: Done) -> str:
    if not comments:
        return f"Nobody wrote to us about {place.name} in this month, as far as we could read."
    named = [one for one in topics if one.category not in (Category.PRAISE, Category.QUESTION)][:3]
    most = ", ".join(f"{one.name.lower()} ({one.comments})" for one in named)
    about = f" most of what worried people was {most}." if named else " no topic stands out."
    did = [
        *([f"{len(done.published)} worries were answered in public"] if len(done.published) > 1 else []),
        *(["one worry was answered in public"] if len(done.published) == 1 else []),
        *([f"{len(done.planned)} are being seen to"] if done.planned else []),
        *([f"{done.replies_sent} replies went out"] if done.replies_sent else []),
    ]
    count = "One comment:" if comments == 1 else f"{comments:,} comments:"
    return f"{count}{about}" + (
        f" What was done: {'; '.join(did)}." if did else " Nothing is recorded as done yet."
    )


def _examples(
    viewer: StaffMember, place: Neighbourhood, topics: Sequence[str], first: date, last: date
) -> dict[str, list[Comment]]:
    """Two of each topic, the newest, that the viewer may see and that stand in public."""
    found: dict[str, list[Comment]] = defaultdict(list)
    for topic in topics:
        if topic in SHOWN_WORDS:
            rows = _in(place, first, last, account_ids(viewer, Power.SEE_COMMENTS)).filter(category=topic)
            found[topic] = list(rows.select_related("official_account").order_by("-received_at")[:2])
    return found


def _in(place: Neighbourhood, first: date, last: date, ids: Sequence[int]) -> QuerySet[Comment]:
    """Public comments that count for an area, of these official accounts."""
    begins, ends = counting.bounds(first, last)
    own = [pk for pk in accounts_in(place) if pk in set(ids)]
    named = list(Place.objects.filter(neighbourhood=place).values_list("pk", flat=True))
    return (
        counting.of_the_public()
        .filter(
            Q(official_account_id__in=own) | Q(official_account_id__in=ids, named_places__overlap=named),
            received_at__gte=begins,
            received_at__lt=ends,
            private=False,
            removed_at=None,
            hidden_at=None,
            held_why="",
        )
        .exclude(text="")
    )


def _phrases(viewer: StaffMember, place: Neighbourhood, first: date, last: date) -> tuple[list[Phrase], int]:
    ids = account_ids(viewer, Power.SEE_COMMENTS)
    here = list(
        _in(place, first, last, ids)
        .filter(category__in=SHOWN_WORDS)
        .order_by("-received_at")
        .values_list("commenter_id", "text")[:READ]
    )
    begins, _ = counting.bounds(first, last)
    own = accounts_in(place)
    before = (
        counting.of_the_public()
        .filter(private=False, category__in=SHOWN_WORDS, received_at__gte=begins - timedelta(days=62))
        .filter(Q(received_at__lt=begins) | ~Q(official_account_id__in=own))
        .filter(official_account_id__in=ids)
        .order_by("-received_at")
        .values_list("commenter_id", "text")[:READ]
    )
    return phrases(here, before), len(here)


def _done(viewer: StaffMember, place: Neighbourhood, first: date, last: date) -> Done:
    begins, ends = counting.bounds(first, last)
    accounts = accounts_in(place)
    worries = Concern.objects.filter(neighbourhood=place).select_related("owner")
    if not settings.DEMO:
        worries = worries.filter(exercise=False)
    sent = Delivery.objects.filter(
        official_account_id__in=accounts,
        state=Delivery.State.SENT,
        sent_at__gte=begins,
        sent_at__lt=ends,
    )
    posts = list(
        Post.objects.filter(
            pk__in=sent.filter(kind=Delivery.Kind.POST, variant__isnull=False).values("variant__post_id")
        )
        .select_related("rumour_link__rumour")
        .annotate(of_worries=Count("concerns"))
        .order_by("-pk")
    )
    return Done(
        published=list(
            worries.filter(
                state=Concern.State.PUBLISHED, published_at__gte=begins, published_at__lt=ends
            ).order_by("-published_at")[:10]
        ),
        planned=list(
            worries.filter(
                state__in=[Concern.State.PLANNED, Concern.State.DONE], raised_at__lt=ends
            ).order_by("due_on", "pk")[:10]
        ),
        raised=worries.filter(raised_at__gte=begins, raised_at__lt=ends).count(),
        posts=[(one, _why_answers(one)) for one in posts[:6]],
        posts_sent=len(posts),
        replies_sent=sent.filter(kind=Delivery.Kind.REPLY).count(),
        answered=Decision.objects.filter(
            comment__official_account_id__in=accounts, at__gte=begins, at__lt=ends
        )
        .values("comment_id")
        .distinct()
        .count(),
    )


def _why_answers(post: Post) -> str:
    link = getattr(post, "rumour_link", None)
    if link is not None:
        return f"{link.get_kind_display()} on rumour {link.rumour.reference}"
    return "answers a worry" if getattr(post, "of_worries", 0) else ""


def _mood(place: Neighbourhood, first: date, last: date) -> Mood | None:
    """How the comments sounded, where it was measured how well that is told, and 30 at least were read."""
    if sentiment.kept() is None:
        return None
    rows = AreaMood.objects.filter(neighbourhood=place, day__gte=first, day__lte=last)
    sums = rows.aggregate(p=Sum("pleased"), n=Sum("neutral"), d=Sum("displeased"))
    counts = [sums["p"] or 0, sums["n"] or 0, sums["d"] or 0]
    read = sum(counts)
    if read < 30:
        return None
    return Mood(read, *(round(100 * one / read) for one in counts))


# Days


def _end_of(first: date) -> date:
    return clock.add_months(first, 1) - DAYS


def _days(first: date, last: date) -> list[date]:
    return [first + n * DAYS for n in range((last - first).days + 1)]


def _weeks(first: date, last: date) -> list[date]:
    """Sevens of days from the first of the month on; the last may be shorter."""
    return [first + n * 7 * DAYS for n in range((last - first).days // 7 + 1)]


def _months(today: date) -> list[date]:
    return [clock.add_months(today.replace(day=1), -back) for back in range(MONTHS_BACK)]


def month_of(text: str) -> date:
    """ "2026-11" as its first day, within the months that are shown; the present one for anything else."""
    shown = _months(clock.today())
    return next((one for one in shown if f"{one:%Y-%m}" == text), shown[0])
