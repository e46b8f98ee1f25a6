"""What a neighbourhood worried about, and what was done: topics, phrases, examples, worries, posts, rumours, and what changed.

Numbers of the neighbourhood's own official accounts are those of the pages of figures (insights.queries_figures), so
that both say the same; beside them stands what was written elsewhere and names a place of it (insights.models.AreaDay).
Words come from the comments as they are kept today: what is disposed of is in no example and no phrase any more.
Numbers and examples are of official accounts whose comments the viewer sees.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, Sum
from django.utils.safestring import SafeString

from accounts.models import Neighbourhood, OfficialAccount
from accounts.queries import account_ids
from core import clock
from core.errors import NotFound
from core.templatetags import show
from insights import area_words, charts, counting, queries_rumours, sentiment
from insights import queries_figures as figures
from insights.models import AreaDay, AreaMood, CommentDay, Rumour
from insights.phrases import Phrase, phrases
from insights.pictures.volume import REPLIES, sent
from insights.queries_figures import Period, Scope
from moderation.categories import Category
from moderation.models import Comment, IngestGap
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
LISTED = 10
EXAMPLES = 2
"""Comments that are shown of a topic, which say different things."""
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


def week(viewer: StaffMember, place: Neighbourhood, *, today: date | None = None) -> Week:
    """What changed in the last seven whole days. Days on which we were deaf are left out of the usual and said."""
    return _week(_scope(viewer, place), place, today)


def _week(scope: Scope | None, place: Neighbourhood, today: date | None = None) -> Week:
    until = (today or clock.today()) - DAYS
    since = until - 6 * DAYS
    begins = since - 28 * DAYS
    deaf = deaf_days(place, begins, until)
    first = _counted_since()
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
    counts = _raised(scope, place, begins, until).all
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


@dataclass(frozen=True)
class Raised:
    """(category, day) -> comments: to the neighbourhood's own official accounts, and elsewhere naming a place of it."""

    own: Counter[tuple[str, date]]
    elsewhere: Counter[tuple[str, date]]

    @property
    def all(self) -> Counter[tuple[str, date]]:
        return self.own + self.elsewhere


def raised(viewer: StaffMember, place: Neighbourhood, first: date, last: date) -> Raised:
    """What the area raised on these days, of official accounts that the viewer may see, and elsewhere."""
    return _raised(_scope(viewer, place), place, first, last)


def _raised(scope: Scope | None, place: Neighbourhood, first: date, last: date) -> Raised:
    own: dict[tuple[str, date], int] = {}
    if scope is not None:
        own = figures.received_by_category_and_day(scope, Period(first, last))
    rows = AreaDay.objects.filter(neighbourhood=place, day__gte=first, day__lte=last)
    named = {
        (category, day): number for category, day, number in rows.values_list("category", "day", "comments")
    }
    return Raised(Counter(own), Counter(named))


def _scope(viewer: StaffMember, place: Neighbourhood) -> Scope | None:
    """The neighbourhood's official accounts that the viewer may see; None where there are none."""
    try:
        return figures.scope(viewer, neighbourhood=place)
    except NotFound:
        return None


def _counted_since() -> date | None:
    """The first day of which anything is counted."""
    return CommentDay.objects.order_by("day").values_list("day", flat=True).first()


# A month


@dataclass(frozen=True)
class Topic:
    """A category in a month, and in the one before where that is known; `weeks`: its count week by week."""

    category: str
    name: str
    comments: int
    before: int | None
    weeks: list[int]
    drawing: SafeString
    """Day by day."""
    examples: list[Comment]


@dataclass(frozen=True)
class Done:
    """What was done in the month: worries by where they stand, posts, replies."""

    published: list[Concern]
    planned: list[Concern]
    worries_answered: int
    seen_to: int
    """Both in all; the lists stop at LISTED."""
    raised: int
    posts: list[tuple[Post, str]]
    """The latest, each with why it answers something; empty where it does not say."""
    posts_sent: int
    replies_sent: int
    decisions: int


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
    elsewhere: int
    """Of the comments: those on other official accounts that name a place of the neighbourhood."""
    says: str
    topics: list[Topic]
    weeks: list[date]
    phrases: list[Phrase]
    read: int
    """Comments whose words were read for the phrases."""
    done: Done
    rumours: list[tuple[Rumour, list[tuple[str, datetime]]]]
    """Each with what answered it in public, and when."""
    week: Week | None
    mood: Mood | None
    measured: dict[str, Any] | None
    deaf: int
    has_boundary: bool
    months: list[date]

    @property
    def own(self) -> int:
        """Of the comments: those to its own official accounts, as the pages of figures say."""
        return self.comments - self.elsewhere

    @property
    def beside(self) -> int:
        """Of the comments: those of none of the topics that are listed."""
        return self.comments - sum(one.comments for one in self.topics)


def month(viewer: StaffMember, slug: str, first: date) -> Month:
    """What a neighbourhood worried about in a month and what was done. Raises NotFound."""
    place = area(viewer, slug)
    today = clock.today()
    last = min(_end_of(first), today)
    before = clock.add_months(first, -1)
    scope = _scope(viewer, place)
    found_here = _raised(scope, place, first, last)
    counts = found_here.all
    earlier = _raised(scope, place, before, _end_of(before)).all
    since = _counted_since()
    known_before = since is not None and since <= before + 3 * DAYS
    by_topic, was = Counter[str](), Counter[str]()
    for (category, _), number in counts.items():
        by_topic[category] += number
    for (category, _), number in earlier.items():
        was[category] += number
    shown = [(one, n) for one, n in by_topic.most_common() if n and one in TOPICS][:TOPICS_SHOWN]
    weeks = _weeks(first, last)
    own, seen = accounts_in(place), account_ids(viewer, Power.SEE_COMMENTS)
    area_seen = area_words.within(place, seen, first, last, own=own)
    words = area_words.newest(area_seen, sorted(SHOWN_WORDS), READ)
    shown_words = [one for one, _ in shown if one in SHOWN_WORDS]
    examples = area_words.examples(area_seen, shown_words, words, EXAMPLES)
    shown_days, deaf = _days(first, _end_of(first)), deaf_days(place, first, last)
    topics = [
        Topic(
            one,
            Category(one).label,
            n,
            was[one] if known_before else None,
            [sum(counts.get((one, day), 0) for day in _days(w, min(w + 6 * DAYS, last))) for w in weeks],
            charts.small_columns(
                [counts.get((one, day), 0) for day in shown_days],
                gaps=[n for n, day in enumerate(shown_days) if day in deaf],
                wide=93,
                high=24,
            ),
            examples.get(one, []),
        )
        for one, n in shown
    ]
    usual = area_words.usual(area_seen, sorted(SHOWN_WORDS), READ)
    found = phrases([(one.author, one.text) for one in words], usual)
    done = _done(scope, place, first, last)
    rumours = queries_rumours.seen_on([pk for pk in own if pk in set(seen)], *counting.bounds(first, last))
    answers = queries_rumours.first_answers([one.pk for one in rumours])
    comments = sum(by_topic.values())
    return Month(
        place=place,
        first=first,
        last=last,
        so_far=last < _end_of(first),
        comments=comments,
        elsewhere=sum(found_here.elsewhere.values()),
        says=_says(place, comments, topics, done),
        topics=topics,
        weeks=weeks,
        phrases=found,
        read=len(words),
        done=done,
        rumours=[(one, answers.get(one.pk, [])) for one in rumours],
        week=_week(scope, place) if last == today else None,
        mood=_mood(place, first, last),
        measured=sentiment.kept(),
        deaf=len(deaf),
        has_boundary=bool(getattr(place, "details", None) and place.details.boundary),
        months=_months(today),
    )


def _says(place: Neighbourhood, comments: int, topics: Sequence[Topic], done: Done) -> str:
    if not comments:
        return f"Nobody wrote to us about {place.name} in this month, as far as we could read."
    named = [one for one in topics if one.category not in (Category.PRAISE, Category.QUESTION)][:3]
    most = ", ".join(f"{one.name.lower()} ({one.comments})" for one in named)
    about = f" most of what worried people was {most}." if named else " no topic stands out."
    did = [
        *([f"{done.worries_answered} worries were answered in public"] if done.worries_answered > 1 else []),
        *(["one worry was answered in public"] if done.worries_answered == 1 else []),
        *([f"{done.seen_to} {'is' if done.seen_to == 1 else 'are'} being seen to"] if done.seen_to else []),
        *([f"{show.counted(done.replies_sent, 'reply,replies')} went out"] if done.replies_sent else []),
        *([f"{show.counted(done.posts_sent, 'post')} went out"] if done.posts_sent else []),
    ]
    count = "One comment:" if comments == 1 else f"{comments:,} comments:"
    return f"{count}{about}" + (
        f" What was done: {'; '.join(did)}." if did else " Nothing is recorded as done yet."
    )


def _done(scope: Scope | None, place: Neighbourhood, first: date, last: date) -> Done:
    begins, ends = counting.bounds(first, last)
    worries = Concern.objects.filter(neighbourhood=place).select_related("owner")
    if not settings.DEMO:
        worries = worries.filter(exercise=False)
    answered = worries.filter(state=Concern.State.PUBLISHED, published_at__gte=begins, published_at__lt=ends)
    planned = worries.filter(state__in=[Concern.State.PLANNED, Concern.State.DONE], raised_at__lt=ends)
    events = figures.events(scope, Period(first, last), "sent", "decision") if scope is not None else {}
    posts = (
        Post.objects.filter(
            pk__in=Delivery.objects.filter(
                official_account_id__in=scope.account_ids if scope is not None else (),
                kind=Delivery.Kind.POST,
                state=Delivery.State.SENT,
                sent_at__gte=begins,
                sent_at__lt=ends,
                variant__isnull=False,
            ).values("variant__post_id")
        )
        .select_related("rumour_link__rumour")
        .annotate(of_worries=Count("concerns"))
        .order_by("-pk")
    )
    return Done(
        published=list(answered.order_by("-published_at")[:LISTED]),
        planned=list(planned.order_by("due_on", "pk")[:LISTED]),
        worries_answered=answered.count(),
        seen_to=planned.count(),
        raised=worries.filter(raised_at__gte=begins, raised_at__lt=ends).count(),
        posts=[(one, _why_answers(one)) for one in posts[:6]],
        posts_sent=sent(events, "post"),
        replies_sent=sent(events, *REPLIES),
        decisions=sum(n for (measure, _), n in events.items() if measure == "decision"),
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
