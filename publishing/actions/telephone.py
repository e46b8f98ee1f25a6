"""The yes of somebody who is not at a screen: an SIO, gold or the force incident manager, on the telephone."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TransitionNotAllowed
from publishing import pairs, queries, steps
from publishing.actions import posts
from publishing.models import AfterLook, Post, TelephoneApproval
from publishing.workflow import POST
from staff.models import StaffMember
from staff.roles import Power

LONGEST_AGO = timedelta(hours=12)
"""A call of longer ago is made anew: nobody remembers the words."""


@action
def record_call(
    *,
    actor: StaffMember,
    post: Post,
    version_seen: int,
    name: str,
    function: str,
    known_by: str,
    known_as: str,
    read_out: bool,
    said_at: datetime | None = None,
    pair_version_seen: int | None = None,
) -> TelephoneApproval:
    """An approval by telephone counts as another person's, for exactly the words that were read out.

    Recorded by whoever took the call, who has written none of the post and approves it besides in no case. It is to be
    confirmed afterwards. known_as: the collar or warrant number, or the number on which they were called back.
    said_at: when they said so; now by default. pair_version_seen: of its pair in the other language, read out too.

    Source: APP engagement and communication: the SIO or gold approves statements in high-profile cases.
    Raises NotPermitted (wrote some of it; may not see it), NotValid (the field is named), ChangedSinceSeen,
    TransitionNotAllowed (it does not wait, or the same person's yes stands there). Audits post.approved_by_telephone,
    and post.approved or post.approved_by_one.
    """
    post = posts.locked(post)
    variants = list(queries.live_variants(post))
    for variant in variants:
        require(actor, Power.SEE_POSTS, variant.official_account_id)
    if actor.pk in queries.writer_ids(post):
        raise NotPermitted(
            "You have written some of this post, so somebody else takes the call: the digital desk can, at any hour."
        )
    if post.version != version_seen:
        raise ChangedSinceSeen(
            f"“{post.title}” was changed after you opened it: it is version {post.version} now. Read out the words "
            "as they stand, and ask again."
        )
    POST.next(post.state, "approve")
    now = clock.now()
    if post.publish_at is not None and post.publish_at < now:
        raise NotValid("Its time has passed. Its author gives it another one first; then read it out again.")
    said_at = said_at or now
    who = _checked(post, name, function, known_by, known_as, said_at, now)
    if not read_out:
        raise NotValid("Read the words out as they stand, then tick that you did.", field="read_out")
    judged = posts.must_pass(post, on_approval=True)
    posts.authors_may_still(post, variants)
    if TelephoneApproval.objects.filter(
        post=post, version=post.version, name__iexact=who, function=function
    ).exists():
        raise TransitionNotAllowed(f"The approval of {who} is recorded already.")
    made = TelephoneApproval.objects.create(
        post=post,
        version=post.version,
        content_hash=judged.content_hash,
        name=who,
        function=function,
        known_by=known_by,
        known_as=" ".join(known_as.split()),
        said_at=said_at,
        recorded_by=actor,
        recorded_at=now,
    )
    hours = steps.in_force().telephone_within_hours
    AfterLook.objects.create(
        post=post,
        version=post.version,
        why=AfterLook.Why.TELEPHONE,
        telephone=made,
        asked_at=now,
        due_at=now + timedelta(hours=hours),
    )
    record(
        actor=actor,
        event="post.approved_by_telephone",
        subject=post,
        subject_name=post.title,
        details={
            "version": post.version,
            "by": made.called,
            "known_by": made.get_known_by_display().lower(),
            "content_hash": made.content_hash,
        },
    )
    pair = pairs.must_agree(post)
    gone = posts.go_on(actor=actor, post=post, variants=variants, judged=judged)
    if pair is not None and pair.state == Post.State.SUBMITTED and pair_version_seen is not None:
        recorded = pair.telephone_approvals.filter(version=pair.version, name__iexact=who, function=function)
        if not recorded.exists():
            record_call(
                actor=actor,
                post=pair,
                version_seen=pair_version_seen,
                name=name,
                function=function,
                known_by=known_by,
                known_as=known_as,
                read_out=read_out,
                said_at=said_at,
                pair_version_seen=post.version,
            )
    if gone:
        posts.tell_approved(post, actor=actor)
    else:
        posts.ask_others(post, actor=actor, by=f"{made.called} approved it; {actor.called} took the call.")
    return made


def _checked(
    post: Post, name: str, function: str, known_by: str, known_as: str, said_at: datetime, now: datetime
) -> str:
    """The name as it is kept. Raises NotValid with the field."""
    who = " ".join(name.split())
    if not who or len(who) > 120:
        raise NotValid("Give the name of whoever approved it, in at most 120 characters.", field="name")
    writers = StaffMember.objects.filter(pk__in=queries.writer_ids(post))
    if who.casefold() in {one.casefold() for person in writers for one in (person.name, person.called)}:
        raise NotValid(
            "This person has written some of the post, so somebody else approves it.", field="name"
        )
    if function not in TelephoneApproval.Function.values:
        raise NotValid("Choose as what they approve it.", field="function")
    if known_by not in TelephoneApproval.Known.values:
        raise NotValid("Say how you know that it is them.", field="known_by")
    known = " ".join(known_as.split())
    if not known or len(known) > 40:
        raise NotValid(
            "Give their collar or warrant number, or the number on which you called them back.",
            field="known_as",
        )
    if said_at > now or said_at < now - LONGEST_AGO:
        raise NotValid("Give the time of the call: within the last 12 hours, and not to come.", field="said")
    return who
