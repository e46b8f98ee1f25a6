"""A 24-hour log: lines come in, are read by a person without who and where, and become posts for approval."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import NotValid, TransitionNotAllowed
from notices.actions import notify
from notices.models import Notice
from publishing import queries as posts_read
from publishing import queries_campaigns as queries
from publishing import stripping
from publishing.actions import campaigns, posts
from publishing.models import Campaign, Delivery, LogLine, LogSummary, Post
from publishing.workflow_campaigns import LINE
from staff.models import StaffMember

MOST_AT_ONCE = 2000
LONGEST_KEY = 100
MORNINGS = System("the morning of a log")


@dataclass(frozen=True)
class Line:
    """A line as it comes: its words, when it happened, and what whoever sends it calls it."""

    words: str
    happened_at: datetime | None = None
    key: str = ""


@dataclass(frozen=True)
class Taken:
    """How many lines were new, and how many had come before."""

    new: int
    seen: int


@action
def take_lines(*, actor: StaffMember, campaign: Campaign, lines: Sequence[Line], source: str) -> Taken:
    """Lines of the control room wait to be read. What came before, by its key or word for word, comes in once.

    All of them or none. Raises NotPermitted, NotValid (nothing, too many, a line without words or too long: the
    sentence names it by its number), TransitionNotAllowed (no log, or over). Audits log.lines_taken.
    """
    campaign = campaigns.locked(actor, campaign)
    _must_take(campaign)
    if not lines:
        raise NotValid("There is no line in it.", field="words")
    if len(lines) > MOST_AT_ONCE:
        raise NotValid(f"That is {len(lines):,} lines. Send at most {MOST_AT_ONCE:,} at once.", field="words")
    now = clock.now()
    made = {
        row.key: row
        for row in (_row(campaign, number, one, source, now) for number, one in enumerate(lines, 1))
    }
    before = campaign.lines.count()
    LogLine.objects.bulk_create(made.values(), ignore_conflicts=True)
    new = campaign.lines.count() - before
    record(
        actor=actor,
        event="log.lines_taken",
        subject=campaign,
        subject_name=campaign.name,
        details={"new": new, "seen": len(lines) - new, "from": str(LogLine.Source(source).label)},
    )
    return Taken(new, len(lines) - new)


def _must_take(campaign: Campaign) -> None:
    if campaign.kind != Campaign.Kind.LOG:
        raise TransitionNotAllowed("Lines come into a 24-hour log, and this campaign is none.")
    if campaign.state in queries.OVER:
        raise TransitionNotAllowed("This log is over and takes no more lines.")


def _row(campaign: Campaign, number: int, line: Line, source: str, now: datetime) -> LogLine:
    words = " ".join(line.words.replace("\x00", "").split())
    if not words:
        raise NotValid(f"Line {number} has no words.", field="words")
    if len(words) > stripping.LONGEST:
        raise NotValid(
            f"Line {number} is {len(words):,} characters long; {stripping.LONGEST:,} fit.", field="words"
        )
    key = line.key.strip()
    if len(key) > LONGEST_KEY:
        raise NotValid(f"The key of line {number} is longer than {LONGEST_KEY} characters.", field="key")
    said = f"{line.happened_at.isoformat() if line.happened_at else ''}\n{words}"
    return LogLine(
        campaign=campaign,
        key=f"k:{key}"[:LONGEST_KEY] if key else f"w:{hashlib.sha256(said.encode()).hexdigest()}",
        source=source,
        happened_at=line.happened_at,
        came=words,
        came_at=now,
    )


@action
def read_line(
    *, actor: StaffMember, line: LogLine, words: str, why_stays: str = "", send: bool = True
) -> Post:
    """The line, as a person wrote it anew, is a post that waits for somebody else's approval; what came is gone.

    why_stays: needed where something in the words still tells who somebody is or where they live.
    send: False keeps it a draft, where a check wants an answer that the page of the post asks for.
    Raises NotPermitted, NotValid (no words, somebody may be known from them, a check stops it),
    TransitionNotAllowed (read already, the log is over). Audits log.line_read, post.drafted, post.submitted.
    """
    campaign = campaigns.locked(actor, line.campaign)
    _must_take(campaign)
    line = LogLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
    state = LINE.next(line.state, "read")
    words, why_stays = words.replace("\r\n", "\n").strip(), " ".join(why_stays.split())
    if not words:
        raise NotValid("Write what is to go out, or pass the line over.", field="words")
    still = stripping.look(words, queries.places())
    if still and not why_stays:
        raise NotValid(
            f"{'; '.join(one.says for one in still[:3])}. Take it out, or say below why it may stay.",
            field="words",
        )
    if len(why_stays) > 500:
        raise NotValid("Say why it may stay in at most 500 characters.", field="why_stays")
    post = campaigns.draft_for(
        actor=actor, campaign=campaign, words=_with_hashtag(words, campaign), title=_title(campaign, line)
    )
    if send:
        post = posts.submit_post(actor=actor, post=post, version_seen=post.version, tell=False)
        _tell_approvers(actor, campaign, post)
    line.state, line.post, line.came = state, post, ""
    line.read_by, line.read_at, line.why = actor, clock.now(), why_stays if still else ""
    line.save(update_fields=["state", "post", "came", "read_by", "read_at", "why"])
    record(
        actor=actor,
        event="log.line_read",
        subject=line,
        subject_name=f"line {line.pk} of {campaign.name}",
        reason=line.why,
        details={"post": post.pk, "still_found": [one.kind for one in still]},
    )
    return post


def _with_hashtag(words: str, campaign: Campaign) -> str:
    if campaign.hashtag is None or campaign.hashtag.name.casefold() in words.casefold():
        return words
    return f"{words} {campaign.hashtag.name}"


def _title(campaign: Campaign, line: LogLine) -> str:
    at = f", {clock.in_london(line.happened_at):%H:%M}" if line.happened_at else f", line {line.pk}"
    return f"{campaign.name}{at}"


def _tell_approvers(actor: StaffMember, campaign: Campaign, post: Post) -> None:
    """Whoever may approve hears of the log once an hour, not of each of its lines."""
    notify(
        actor=actor,
        to=posts_read.approvers(post),
        urgency=Notice.Urgency.SOON,
        title=f"Lines of “{campaign.name}” wait for approval",
        body="They stand on the page of the log, where several can be approved at once.",
        link=reverse("publishing:log", args=[campaign.pk]),
        key=f"log:{campaign.pk}:waits:{clock.now():%Y%m%d%H}",
    )


@action
def skip_line(*, actor: StaffMember, line: LogLine, why: str = "") -> LogLine:
    """The line never goes out, and its words are gone.

    Raises NotPermitted, NotValid, TransitionNotAllowed (read already). Audits log.line_passed_over.
    """
    campaign = campaigns.locked(actor, line.campaign)
    line = LogLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
    line.state = LINE.next(line.state, "skip")
    why = " ".join(why.split())
    if len(why) > 500:
        raise NotValid("Say why in at most 500 characters.", field="why")
    line.came, line.why, line.read_by, line.read_at = "", why, actor, clock.now()
    line.save(update_fields=["state", "came", "why", "read_by", "read_at"])
    record(
        actor=actor,
        event="log.line_passed_over",
        subject=line,
        subject_name=f"line {line.pk} of {campaign.name}",
        reason=why,
    )
    return line


@action
def count_morning(
    *, actor: Actor = MORNINGS, campaign: Campaign, since: datetime, until: datetime
) -> LogSummary | None:
    """What a log sent in the day until this morning is counted once, and its owner is told.

    None where somebody else has counted it. Audits log.morning_counted.
    """
    campaign = Campaign.objects.select_for_update(of=("self",)).select_related("owner").get(pk=campaign.pk)
    morning = clock.in_london(until).date()
    if campaign.summaries.filter(morning=morning).exists():
        return None
    rows = queries.deliveries_in(campaign)
    out = rows.filter(state=Delivery.State.SENT, sent_at__gte=since, sent_at__lt=until)
    held = rows.filter(state=Delivery.State.SCHEDULED).exclude(held_why="")
    made = LogSummary.objects.create(
        campaign=campaign,
        morning=morning,
        since=since,
        until=until,
        out=out.values("variant__post").distinct().count(),
        held=held.values("variant__post").distinct().count(),
        passed_over=campaign.lines.filter(
            state=LogLine.State.SKIPPED, read_at__gte=since, read_at__lt=until
        ).count(),
        made_at=clock.now(),
    )
    record(
        actor=actor,
        event="log.morning_counted",
        subject=campaign,
        subject_name=campaign.name,
        details={"out": made.out, "held": made.held},
    )
    notify(
        actor=actor,
        to=[campaign.owner],
        urgency=Notice.Urgency.FYI,
        title=f"{made.out:,} posts of “{campaign.name}” went out until this morning",
        body=f"{made.held:,} are held, {made.passed_over:,} lines were passed over.",
        link=reverse("publishing:log", args=[campaign.pk]),
        key=f"log:{campaign.pk}:morning:{morning.isoformat()}",
    )
    return made
