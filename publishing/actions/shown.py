"""How long a post that pictures somebody stands, and telling its author before it comes down."""

from __future__ import annotations

from datetime import date, timedelta

from django.urls import reverse

from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from core.typed import reason
from notices.actions import notify
from notices.models import Notice
from publishing import queries, queries_appeals
from publishing.models import LongerShown, Post, PostChange, TakeDown
from staff.models import StaffMember
from staff.roles import Power

TAKE_DOWNS = System("take-downs")
TOLD_BEFORE = timedelta(days=3)
LONGEST_EXTENSION = timedelta(days=366)


@action
def show_longer(*, actor: StaffMember, post: Post, until: date | None, why: str) -> LongerShown:
    """A post that pictures somebody stands until another day, because an approver says why.

    Raises NotPermitted (may not approve it, or wrote some of it), NotValid (no reason, a day that is not later or
    too far), TransitionNotAllowed (it is coming down already, or stands nowhere). Audits post.shown_longer.
    """
    post = Post.objects.select_for_update().get(pk=post.pk)
    for variant in queries.live_variants(post):
        require(actor, Power.APPROVE_POSTS, variant.official_account_id)
    if actor.pk in queries.writer_ids(post):
        raise NotPermitted(
            "You have written some of this post, so somebody else decides that it stands longer."
        )
    why = reason(why, "Say why it is still necessary to show them.")
    if TakeDown.objects.filter(standing__variant__post=post).exists():
        raise TransitionNotAllowed(
            "It is being taken down already. Write a new post where it is needed again."
        )
    now_until = queries_appeals.until(post)
    today = clock.today()
    if until is None or until <= max(today, now_until or today):
        raise NotValid("Choose a day later than the one on which it comes down now.", field="until")
    if until > today + LONGEST_EXTENSION:
        raise NotValid(f"It stands at most {LONGEST_EXTENSION.days} days longer.", field="until")
    made = LongerShown.objects.create(post=post, until=until, why=why, by=actor, at=clock.now())
    PostChange.objects.create(
        post=post, event="shown longer", version=post.version, by=actor, at=clock.now(), why=why
    )
    record(
        actor=actor,
        event="post.shown_longer",
        subject=post,
        subject_name=post.title,
        reason=why,
        details={"until": until.isoformat()},
    )
    return made


def tell_before(*, actor: Actor = TAKE_DOWNS) -> int:
    """Whoever wrote a post that pictures somebody is told some days before it comes down. Answers how many posts."""
    told = 0
    for post, until in queries_appeals.coming_down(TOLD_BEFORE):
        notify(
            actor=actor,
            to=queries_appeals.who_answers_for(post),
            urgency=Notice.Urgency.SOON,
            title=f"Comes down on {until:%-d %B}: {post.title}",
            body="It pictures somebody. An approver can let it stand longer and says why.",
            link=reverse("publishing:shown"),
            key=f"post:{post.pk}:down:{until}",
        )
        told += 1
    return told
