"""Posts that come again: each occurrence is a row of its own, with an approval of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta
from itertools import islice

from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.errors import NotValid, TransitionNotAllowed
from publishing import pairs, queries, times
from publishing.actions import posts
from publishing.models import Post, PostPicture, PostTag, PostVideo, Series
from staff.models import StaffMember
from staff.roles import Power

MOST = 60
"""Occurrences made at once; a year of every week."""


def dates(
    *, every: str, weekdays: Sequence[int], first_on: date, last_on: date, most: int = MOST + 1
) -> list[date]:
    """The days of a series. A month without its day (the 31st) leaves it out."""
    weekly = every == Series.Every.WEEK
    found = (
        day
        for day in _days(first_on, last_on)
        if (day.weekday() in weekdays if weekly else day.day == first_on.day)
    )
    return list(islice(found, most))


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)


@action
def repeat_post(
    *,
    actor: StaffMember,
    post: Post,
    version_seen: int,
    every: str,
    weekdays: Sequence[int],
    at: time,
    first_on: date,
    last_on: date,
) -> Series:
    """The draft comes again: it is the first occurrence, and each other day gets a draft with the same content.

    at: on London wall clocks, so that 18:00 stays 18:00 when the clocks change. first_on, last_on: London days.
    Raises NotPermitted, NotValid (no days, too many, a time that does not exist on one of them),
    ChangedSinceSeen, TransitionNotAllowed (no draft, in a series or a pair). Audits series.made, and each post.
    """
    present = Post.objects.get(pk=post.pk)
    if present.state != Post.State.DRAFT:
        raise TransitionNotAllowed("Only a draft comes again. Edit it first, which makes it a draft again.")
    if present.series_id is not None:
        raise TransitionNotAllowed("It belongs to a series already.")
    if pairs.other(present) is not None:
        raise TransitionNotAllowed("It has a pair in the other language. Part them first, and repeat each.")
    if every not in Series.Every.values:
        raise NotValid("Choose how often it comes.", field="every")
    if every == Series.Every.WEEK and not (weekdays and set(weekdays) <= set(range(7))):
        raise NotValid("Choose the days of the week.", field="weekdays")
    if last_on < first_on:
        raise NotValid("The last day lies before the first.", field="last_on")
    days = dates(every=every, weekdays=weekdays, first_on=first_on, last_on=last_on)
    if len(days) < 2:
        raise NotValid("That is less than two days. Choose more days, or a later last day.", field="last_on")
    if len(days) > MOST:
        raise NotValid(f"That is more than {MOST} posts. Choose an earlier last day.", field="last_on")
    instants = [times.from_wall_clock(f"{day.isoformat()}T{at:%H:%M}", field="at") for day in days]
    texts, own = queries.words_by_account(present)
    if not texts:
        raise NotValid("Choose at least one official account first.")
    series = Series.objects.create(
        title=present.title,
        every=every,
        weekdays=sorted(set(weekdays)) if every == Series.Every.WEEK else [],
        at=at,
        first_on=days[0],
        last_on=days[-1],
        made_by=actor,
        made_at=clock.now(),
    )
    with posts.new_version(actor=actor, post=present, version_seen=version_seen, why="Comes again") as first:
        first.publish_at, first.series, first.occurs_on = instants[0], series, days[0]
    for day, instant in zip(days[1:], instants[1:], strict=True):
        made = posts.draft_post(
            actor=actor,
            account_ids=texts,
            words=present.words,
            own_words=own,
            title=present.title,
            publish_at=instant,
        )
        with posts.new_version(actor=actor, post=made, version_seen=1, why="Of a series") as copy:
            _copy_beside(first, copy)
            copy.series, copy.occurs_on = series, day
    record(
        actor=actor,
        event="series.made",
        subject=series,
        subject_name=series.title,
        details={"posts": len(days), "from": days[0].isoformat(), "to": days[-1].isoformat()},
    )
    return series


def _copy_beside(source: Post, copy: Post) -> None:
    """Everything of a post but its words and times."""
    copy.reply_control, copy.as_thread, copy.language = (
        source.reply_control,
        source.as_thread,
        source.language,
    )
    copy.template = source.template
    for picture in queries.pictures(source):
        PostPicture.objects.create(
            post=copy,
            file=picture.file,
            alt_text=picture.alt_text,
            position=picture.position,
            asset_id=picture.asset_id,
        )
    if (video := queries.video(source)) is not None:
        PostVideo.objects.create(
            post=copy,
            file=video.file,
            title=video.title,
            alt_text=video.alt_text,
            captions=video.captions,
            no_captions_why=video.no_captions_why,
            asset=video.asset,
        )
    for tag_id in PostTag.objects.filter(post=source, removed_at=None).values_list("tag_id", flat=True):
        PostTag.objects.create(post=copy, tag_id=tag_id, added_at=clock.now())


@action
def end_series(*, actor: StaffMember, series: Series, why: str) -> Series:
    """It comes no more: every occurrence that has not gone out is withdrawn, what went out stays.

    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed (ended already; one is going out this
    moment). Audits series.ended, and post.withdrawn for each.
    """
    require(actor, Power.PLAN_POSTS)
    series = Series.objects.select_for_update().get(pk=series.pk)
    if series.ended_at is not None:
        raise TransitionNotAllowed("This series has ended already.")
    why = " ".join(why.split())
    if not why or len(why) > 500:
        raise NotValid("Say why it ends, in at most 500 characters.", field="why")
    open_states = (Post.State.DRAFT, Post.State.SUBMITTED, Post.State.APPROVED)
    left = list(Post.objects.filter(series=series, state__in=open_states).order_by("id"))
    for post in left:
        posts.withdraw_post(actor=actor, post=post, why=f"The series has ended: {why}"[:500])
    series.ended_at, series.ended_by, series.ended_why = clock.now(), actor, why
    series.save(update_fields=["ended_at", "ended_by", "ended_why"])
    record(
        actor=actor,
        event="series.ended",
        subject=series,
        subject_name=series.title,
        reason=why,
        details={"withdrawn": len(left)},
    )
    return series
