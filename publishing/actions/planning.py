"""When posts go out, and the secret addresses by which calendar programs read it."""

from __future__ import annotations

import secrets
from datetime import datetime

from accounts.models import Neighbourhood, OfficialAccount
from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import System
from core.errors import NotPermitted, NotValid
from publishing import queries
from publishing.actions import posts
from publishing.models import CalendarFeed, Post
from publishing.queries_calendar import digest_of
from staff.models import StaffMember, Team
from staff.roles import Power

READER = System("a calendar program")
MOST_FEEDS = 10


@action
def move_post(*, actor: StaffMember, post: Post, version_seen: int, publish_at: datetime | None) -> Post:
    """The post goes out at another time. Where it waited for approval or had it, it is sent for approval again.

    Raises NotPermitted, ChangedSinceSeen, NotValid (a check stops it), TransitionNotAllowed (it has gone
    out). Audits post.moved, besides post.edited and post.submitted.
    """
    before = Post.objects.get(pk=post.pk)
    texts, own = queries.words_by_account(before)
    moved = posts.edit_post(
        actor=actor,
        post=before,
        version_seen=version_seen,
        account_ids=texts,
        words=before.words,
        own_words=own,
        title=before.title,
        publish_at=publish_at,
    )
    if moved.version == before.version:
        return moved
    record(
        actor=actor,
        event="post.moved",
        subject=moved,
        subject_name=moved.title,
        details={
            "from": before.publish_at.isoformat() if before.publish_at else "on approval",
            "to": publish_at.isoformat() if publish_at else "on approval",
        },
    )
    if before.state in (Post.State.SUBMITTED, Post.State.APPROVED):
        return posts.submit_post(actor=actor, post=moved, version_seen=moved.version)
    return moved


@action
def make_feed(
    *,
    actor: StaffMember,
    name: str,
    official_account: OfficialAccount | None = None,
    team: Team | None = None,
    neighbourhood: Neighbourhood | None = None,
) -> tuple[CalendarFeed, str]:
    """A secret address for a calendar program, and its token, which is shown once and kept by nobody.

    It shows what its person may see at the moment it is read. Raises NotPermitted, NotValid (no name, too
    many). Audits calendar.feed_made.
    """
    require(actor, Power.SEE_POSTS)
    name = " ".join(name.split())
    if not name:
        raise NotValid("Say which program or device it is for, so that you know it again.", field="name")
    if len(name) > 80:
        raise NotValid("Name it in at most 80 characters.", field="name")
    if CalendarFeed.objects.filter(person=actor, revoked_at=None).count() >= MOST_FEEDS:
        raise NotValid(
            f"You have {MOST_FEEDS} addresses. Revoke one that you do not use first.", field="name"
        )
    token = secrets.token_urlsafe(32)
    made = CalendarFeed.objects.create(
        person=actor,
        name=name,
        digest=digest_of(token),
        official_account=official_account,
        team=team,
        neighbourhood=neighbourhood,
        made_at=clock.now(),
    )
    record(actor=actor, event="calendar.feed_made", subject=made, subject_name=name)
    return made, token


@action
def revoke_feed(*, actor: StaffMember, feed: CalendarFeed) -> CalendarFeed:
    """The address answers nobody any more. Revoking it twice changes nothing.

    Raises NotPermitted (somebody else's). Audits calendar.feed_revoked.
    """
    feed = CalendarFeed.objects.select_for_update().get(pk=feed.pk)
    if feed.person_id != actor.pk:
        raise NotPermitted("This calendar address is somebody else’s.")
    if feed.revoked_at is not None:
        return feed
    feed.revoked_at, feed.revoked_by = clock.now(), actor
    feed.save(update_fields=["revoked_at", "revoked_by"])
    record(actor=actor, event="calendar.feed_revoked", subject=feed, subject_name=feed.name)
    return feed


@action
def note_feed_read(*, actor: System = READER, feed: CalendarFeed) -> None:
    """That a program has read the address today, once a London day: programs ask all day long.

    Audits calendar.feed_read.
    """
    feed = CalendarFeed.objects.select_for_update().get(pk=feed.pk)
    if feed.read_at is not None and clock.in_london(feed.read_at).date() == clock.today():
        return
    feed.read_at = clock.now()
    feed.save(update_fields=["read_at"])
    record(
        actor=actor,
        event="calendar.feed_read",
        subject=feed,
        subject_name=feed.name,
        details={"person": feed.person_id},
    )
