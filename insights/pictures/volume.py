"""What came and what went: by day, hour, category, platform and official account."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import OfficialAccount
from core import clock
from insights import charts
from insights import queries_figures as figures
from insights.charts import Line, Picture
from insights.pictures.reading import Reading
from insights.queries_figures import category_title, change
from moderation.categories import HIGH_RISK
from platforms import registry

REPLIES = ("reply", "private_reply")
SHOWN = 12
"""Categories that stand in a picture; the others stand together in the last row."""


def sent(events: dict[tuple[str, str], int], *kinds: str) -> int:
    """How many of these kinds of delivery left."""
    return sum(events.get(("sent", kind), 0) for kind in kinds)


def in_and_out(r: Reading) -> Picture:
    """What came in and what was answered and posted, by day; within one day by the hour."""
    received = r.now.total.received
    replies = sent(r.events, *REPLIES)
    says = (
        (
            f"{r.words(received)} came in, {change(received, r.before.received)} than in the period before; "
            f"{r.many(replies, 'reply', 'replies')} and {r.many(sent(r.events, 'post'), 'post', 'posts')} went out."
        )
        .replace("the same than", "the same as")
        .replace("none before than in the period before", "none in the period before")
    )
    if r.period.days == 1:
        return _by_the_hour(r, says)
    days = r.days
    out = {day: sum(r.sent_by_day.get(kind, {}).get(day, 0) for kind in (*REPLIES, "post")) for day in days}
    lines = [
        Line("Came in", {day: counts.received for day, counts in r.now.by_day.items()}),
        Line("Went out", out, "b"),
        Line(
            "Came in, the period before",
            {day: r.before.by_day[r.moved(day)] for day in days if r.moved(day) in r.before.by_day},
            "before",
        ),
    ]
    return charts.lines(
        "in-and-out", "In and out", says, days, lines, gaps=r.gaps.days, tell=r.number, note=gap_note(r)
    )


def _by_the_hour(r: Reading, says: str) -> Picture:
    """One day, hour by hour as the clocks had them: 23 or 25 where they changed, a gap where nothing could be read, and
    nothing for what is still to come.
    """
    came = {hour: counts.received for hour, counts in figures.hours_of(r.scope, r.period).items()}
    start, end = r.period.bounds
    hours = [start + timedelta(hours=n) for n in range(round((end - start) / timedelta(hours=1)))]
    named = [f"{clock.in_london(hour):%H:00}" for hour in hours]
    now = clock.now()

    def told(hour: datetime) -> int | str | None:
        if hour > now:
            return None
        return "gap" if hour in r.gaps.hours else came.get(hour, 0)

    return charts.columns(
        "in-and-out",
        "In and out",
        says,
        ("Hour", "Came in"),
        r.tell(
            (f"{name} {clock.in_london(hour):%Z}" if named.count(name) > 1 else name, told(hour))
            for name, hour in zip(named, hours, strict=True)
        ),
        gaps=[n for n, hour in enumerate(hours) if hour in r.gaps.hours],
        axis=("00", "06", "12", "18", "24"),
        note=gap_note(r),
    )


def gap_note(r: Reading) -> str:
    """What to know of what could not be read; empty where everything was."""
    if not r.gaps.minutes:
        return ""
    hours = max(1, round(r.gaps.minutes / 60))
    still = f" {r.gaps.still} cannot be read at this moment." if r.gaps.still else ""
    return (
        f"Official accounts could not be read for {hours:,} hours altogether; what is missing for it is not counted "
        f"as nothing.{still}"
    )


def categories(r: Reading) -> Picture:
    """What people wrote about, against the period before."""
    by = list(r.now.by_category.items())
    rows = [
        (
            category_title(slug),
            counts.received,
            r.before.by_category.get(slug, 0),
            counts.open,
            r.share(counts.in_time, counts.judged),
        )
        for slug, counts in by[:SHOWN]
    ]
    if by[SHOWN:]:
        rest = sum((counts for _, counts in by[SHOWN + 1 :]), by[SHOWN][1])
        earlier = sum(r.before.by_category.get(slug, 0) for slug, _ in by[SHOWN:])
        rows.append(
            (
                "All other categories",
                rest.received,
                earlier,
                rest.open,
                r.share(rest.in_time, rest.judged),
            )
        )
    told = [row for row in by if row[0] != "none"]
    if not by:
        says = "Nothing came in."
    elif not told:
        says = "Nothing that came in was of a particular category."
    else:
        slug, counts = told[0]
        says = (
            f"Most of what was about something was {category_title(slug).lower()}: {r.words(counts.received)} of "
            f"{r.words(r.now.total.received)}."
        )
    return charts.bars(
        "categories",
        "What people wrote about",
        says,
        ("Category", "Received", "Period before", "Still open", "In time"),
        r.tell(rows),
    )


def changes(r: Reading) -> Picture:
    """Which categories grew and shrank most against the period before."""
    slugs = {*r.now.by_category, *r.before.by_category} - {"none"}
    rows = []
    for slug in slugs:
        now = r.now.by_category[slug].received if slug in r.now.by_category else 0
        was = r.before.by_category.get(slug, 0)
        if now != was:
            rows.append((category_title(slug), now, was, now - was))
    rows.sort(key=lambda row: (-abs(row[3]), row[0]))
    if not rows:
        says = "Nothing changed against the period before."
    else:
        says = " ".join(
            f"{title}: {change(now, was)} ({now:,} after {was:,})." for title, now, was, _ in rows[:3]
        )
    return charts.table(
        "changes",
        "What changed",
        says,
        ("Category", "Received", "Period before", "Difference"),
        [(title, now, was, f"{difference:+,}") for title, now, was, difference in rows[:10]],
    )


def high_risk(r: Reading) -> Picture:
    """What might be about life and limb, by day."""
    days = r.days
    per_day = dict.fromkeys(days, 0)
    for (slug, day), n in r.now.by_category_and_day.items():
        if slug in HIGH_RISK and day in per_day:
            per_day[day] += n
    total = sum(per_day.values())
    was = sum(received for slug, received in r.before.by_category.items() if slug in HIGH_RISK)
    return charts.lines(
        "high-risk",
        "High-risk categories",
        f"{total:,} of what came in stands in a high-risk category, against {was:,} in the period before.",
        days,
        [Line("High-risk", per_day, "late")],
        gaps=r.gaps.days,
    )


def platforms(r: Reading) -> Picture:
    """The mix of channels: what came and went on each platform, and how much of it answered the public."""
    on: dict[str, list[int]] = {}
    for account in r.scope.accounts:
        row = on.setdefault(account.platform, [0, 0, 0, 0])
        counts = r.now.by_account.get(account.pk)
        events = r.by_account.get(account.pk, {})
        row[0] += 1
        row[1] += counts.received if counts else 0
        row[2] += sent(events, "reply")
        row[3] += sent(events, "post")
    rows = [
        (
            registry.NAMES.get(platform, platform),
            came,
            str(accounts) if r.public else accounts,
            posts,
            replies,
            r.share(replies, posts + replies),
        )
        for platform, (accounts, came, replies, posts) in on.items()
    ]
    rows.sort(key=lambda row: (-row[1], row[0]))
    replies, posts = sum(row[4] for row in rows), sum(row[3] for row in rows)
    answering = r.share(replies, replies + posts)
    return charts.bars(
        "platforms",
        "The mix of channels",
        f"{charts.percent(answering)} of what was said in public answered somebody."
        if answering is not None
        else "Too little was said in public to tell how much of it answered somebody.",
        ("Platform", "Received", "Official accounts", "Posts", "Public replies", "Answering"),
        r.tell(rows),
    )


def accounts(r: Reading) -> Picture:
    """Each official account: what came, what is open, how fast."""
    rows = []
    for account in sorted(r.scope.accounts, key=lambda one: -_came(r, one)):
        counts = r.now.by_account.get(account.pk)
        events = r.by_account.get(account.pk, {})
        rows.append(
            (
                f"{account.name} ({registry.NAMES.get(account.platform, account.platform)})",
                counts.received if counts else 0,
                counts.open if counts else 0,
                counts.median if counts else "nothing yet",
                r.share(counts.in_time, counts.judged) if counts else None,
                sent(events, *REPLIES),
                sent(events, "post"),
            )
        )
    silent = sum(row[1] == 0 for row in rows)
    return charts.bars(
        "accounts",
        "By official account",
        f"{r.many(len(rows), 'official account', 'official accounts')}; {silent:,} of them received nothing."
        if rows
        else "No official account is in sight.",
        ("Official account", "Received", "Still open", "Median", "In time", "Replies", "Posts"),
        rows,
    )


def _came(r: Reading, account: OfficialAccount) -> int:
    counts = r.now.by_account.get(account.pk)
    return counts.received if counts else 0
