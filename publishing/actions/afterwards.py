"""What went out and is looked at afterwards: a sample, an urgent post, a call; and what expired before anybody approved it."""

from __future__ import annotations

from django.urls import reverse

from accounts.queries import people_with, require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, Refused
from core.typed import reason
from notices.actions import notify
from notices.models import Notice
from publishing import queries, steps
from publishing.actions import corrections, posts
from publishing.actions import steps as step_actions
from publishing.checks import judging
from publishing.models import AfterLook, Approval, Correction, Delivery, FollowUp, Post
from publishing.queries_approval import barred_from, expired_key
from staff.models import StaffMember
from staff.roles import Power

APPROVALS = System("approvals")
Why, Verdict = AfterLook.Why, AfterLook.Verdict
STANDS = "to-be-corrected"
"""Slug of what is left for the author to put right after a look."""


@action
def decide(
    *,
    actor: StaffMember,
    look: AfterLook,
    verdict: str,
    said: str = "",
    words: str = "",
    withdraw_trust: bool = False,
) -> AfterLook:
    """An approver has looked at what went out: it is fine, or it is corrected or taken down by the ordinary way.

    A correction is asked for in the actor's name wherever the post stands and another person approves it; what cannot be
    corrected from here is left to the author, on the post's page. What has not left yet goes back to a draft.
    An urgent post that is fine has its second approval with it; a call that is fine is confirmed, and `said` is how.
    words: for "correct", the words that should stand wherever the post says the same; empty leaves it to the author. withdraw_trust: every post of
    the author needs approval beforehand from now on.
    Raises NotPermitted (wrote some of it, approved it before, or took the call), NotValid (the field is named),
    ChangedSinceSeen (decided by a colleague), TransitionNotAllowed (it is going out at this moment).
    Audits post.looked_at, and what follows.
    """
    post = posts.locked(look.post)
    row = (
        AfterLook.objects.select_for_update(of=("self",))
        .select_related("telephone", "decided_by")
        .get(pk=look.pk)
    )
    for variant in queries.live_variants(post):
        require(actor, Power.APPROVE_POSTS, variant.official_account_id)
    if row.verdict:
        who = row.decided_by.called if row.decided_by else "A colleague"
        raise ChangedSinceSeen(f"{who} has looked at it meanwhile: {row.get_verdict_display().lower()}.")
    if actor.pk in barred_from(row, post):
        raise NotPermitted(
            "You have written or approved some of this, or took the call, so a colleague looks at it."
        )
    if verdict not in Verdict.values:
        raise NotValid("Say what you think of it.", field="verdict")
    if verdict != Verdict.FINE or withdraw_trust:
        said = reason(said, "Say why, in a sentence: the author reads it.")
    elif row.why == Why.TELEPHONE:
        said = reason(said, "Say how you made sure: whom you asked, and when.")
    row.verdict, row.said = verdict, " ".join(said.split())[:500]
    row.decided_by, row.decided_at = actor, clock.now()
    if verdict != Verdict.FINE:
        _put_right(actor, post, verdict, words, row.said)
    elif row.why == Why.URGENT:
        Approval.objects.get_or_create(
            post=post,
            version=row.version,
            approver=actor,
            defaults={"content_hash": judging.content_hash_of(post), "at": clock.now()},
        )
    if withdraw_trust and steps.trusted(post.author):
        step_actions.withdraw_trust(actor=actor, person=post.author, why=row.said, look=row)
        row.trust_withdrawn = True
    row.save()
    record(
        actor=actor,
        event="post.looked_at",
        subject=post,
        subject_name=post.title,
        reason=row.said,
        details={
            "why": str(row.get_why_display()).lower(),
            "verdict": str(row.get_verdict_display()).lower(),
        },
    )
    if verdict != Verdict.FINE:
        notify(
            actor=actor,
            to=[post.author],
            urgency=Notice.Urgency.SOON,
            title=f"{row.get_verdict_display()}: {post.title}",
            body=f"{actor.called} looked at it: {row.said}",
            link=reverse("publishing:post", args=[post.pk]),
            key=f"look:{row.pk}:decided",
        )
    return row


def _put_right(actor: StaffMember, post: Post, verdict: str, words: str, why: str) -> None:
    """Asks for what has to become of it wherever it stands; what never left is a draft again."""
    sent = Delivery.objects.filter(variant__post=post, kind=Delivery.Kind.POST, state=Delivery.State.SENT)
    standing = [
        one for one in sent.select_related("official_account", "variant__post") if not queries.is_deleted(one)
    ]
    if post.state == Post.State.APPROVED:
        if standing:
            posts.withdraw_post(actor=actor, post=post, why=why)
        else:
            posts.take_back_to_draft(actor=actor, post=post, why=why)
            return
    left = []
    for row in standing:
        own = row.variant is not None and (row.variant.parts or row.variant.text != post.words)
        if verdict == Verdict.CORRECT and (own or not words.strip()):
            # A thread, or words of its own: what is right for the others need not be right there.
            left.append(f"{row.official_account.name}: correct it. {why}")
            continue
        kind = Correction.Kind.EDIT if verdict == Verdict.CORRECT else Correction.Kind.DELETE
        try:
            corrections.ask(
                actor=actor,
                delivery=row,
                kind=kind,
                standing_seen=queries.standing_words(row),
                text=words,
                why=why,
            )
        except Refused as refusal:
            left.append(f"{row.official_account.name}: {refusal.sentence}")
    if left:
        FollowUp.objects.get_or_create(
            post=post,
            slug=STANDS,
            done_at=None,
            defaults={"sentence": " ".join(left)[:500], "made_at": clock.now()},
        )


@action
def climb(*, actor: Actor = APPROVALS, look: AfterLook) -> bool:
    """A look that is overdue reaches more people: first all who approve there, then duty command. Safe to run twice.

    Answers whether anybody was told. Audits post.look_overdue.
    """
    row = (
        AfterLook.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("post")
        .filter(pk=look.pk)
    )
    found = row.first()
    if found is None or found.verdict:
        return False
    now = clock.now()
    again_at = found.due_at + (found.due_at - found.asked_at)
    wanted = 0 if now < found.due_at else 1 if now < again_at else 2
    if found.climbed >= wanted:
        return False
    ids = [one.official_account_id for one in queries.live_variants(found.post)]
    if wanted == 1:
        to = queries.approvers_for(ids, excluding=barred_from(found, found.post))
        to = steps.told(to)
        urgency = Notice.Urgency.SOON
    else:
        to = list(
            {
                p.pk: p for pk in ids for p in people_with(Power.ACKNOWLEDGE_CASES, official_account_id=pk)
            }.values()
        )
        urgency = Notice.Urgency.PAGE if found.why == Why.URGENT else Notice.Urgency.SOON
    found.climbed = wanted
    found.save(update_fields=["climbed"])
    notify(
        actor=actor,
        to=to,
        urgency=urgency,
        title=f"Overdue: nobody has looked at {found.post.title}",
        body=f"{found.get_why_display()}. It was due at {clock.in_london(found.due_at):%H:%M}.",
        link=reverse("publishing:afterwards")
        if wanted == 1
        else reverse("publishing:post", args=[found.post_id]),
        key=f"look:{found.pk}:climbed:{wanted}",
    )
    record(
        actor=actor,
        event="post.look_overdue",
        subject=found.post,
        subject_name=found.post.title,
        details={"told": len(to)},
    )
    return True


@action
def tell_expired(*, actor: Actor = APPROVALS, post: Post) -> bool:
    """The time of a post passed while it waited: its author and those who may approve it are told, once.

    Audits notice.given. Answers whether anybody was told.
    """
    found = Post.objects.select_for_update(skip_locked=True, of=("self",)).select_related("author")
    row = found.filter(pk=post.pk, state=Post.State.SUBMITTED, publish_at__lt=clock.now()).first()
    if row is None:
        return False
    told = notify(
        actor=actor,
        to=[row.author, *steps.told(queries.approvers(row), barred=queries.writer_ids(row))],
        urgency=Notice.Urgency.SOON,
        title=f"Not approved in time: {row.title}",
        body="It does not go out by itself. Give it another time, or withdraw it.",
        link=reverse("publishing:expired"),
        key=expired_key(row),
    )
    return bool(told)
