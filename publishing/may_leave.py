"""What allowed a delivery, read again right before it leaves: why it may not go out, as a sentence for staff."""

from __future__ import annotations

from datetime import datetime

from accounts.models import OfficialAccount
from accounts.queries import may_on
from core import clock
from platforms import registry
from publishing import pairs, queries, steps, stopping
from publishing.checks import judging
from publishing.models import Correction, Delivery, Lockdown, Post
from retention.models import Hold
from staff.models import StaffMember
from staff.roles import Power

POWER: dict[str, Power] = {
    Delivery.Kind.POST: Power.WRITE_POSTS,
    Delivery.Kind.EDIT: Power.WRITE_POSTS,
    Delivery.Kind.DELETE: Power.WRITE_POSTS,
    Delivery.Kind.REPLY: Power.REPLY,
    Delivery.Kind.HIDE: Power.HIDE_COMMENTS,
    Delivery.Kind.UNHIDE: Power.HIDE_COMMENTS,
    Delivery.Kind.DELETE_COMMENT: Power.RESTRICT_COMMENTERS,
    Delivery.Kind.BLOCK: Power.RESTRICT_COMMENTERS,
    Delivery.Kind.UNBLOCK: Power.RESTRICT_COMMENTERS,
    Delivery.Kind.MUTE: Power.RESTRICT_COMMENTERS,
    Delivery.Kind.UNMUTE: Power.RESTRICT_COMMENTERS,
}
"""What the author must hold on the official account, when it is queued and again when it is sent."""

STOPPED = "A lockdown stopped it right before it left."


def why_not_now(delivery: Delivery, *, in_the_way: bool = True) -> str:
    """Why a due delivery may not go out, as a sentence for staff; empty when it may.

    Reads the present state of everything that allowed it, with the delivery locked.
    in_the_way: False where this transaction has read that no lockdown was and no hold is (publishing.actions.machinery).
    """
    now = clock.now()
    name = delivery.official_account.name
    if delivery.cut_off_at is not None and now > delivery.cut_off_at:
        return (
            f"It was due {wall_clock(delivery.due_at)} and could not go out by "
            f"{wall_clock(delivery.cut_off_at)}. Look whether it is still right, then release it."
        )
    if in_the_way and (passed := stopping.that_was_over(delivery)) is not None:
        return held_by(passed)
    if delivery.official_account.status != OfficialAccount.Status.ACTIVE:
        return (
            f"{name} is {delivery.official_account.get_status_display().lower()}, so nothing goes out on it."
        )
    author = delivery.author
    if not author.is_active:
        return has_left(author, "wrote")
    if not may_on(author, POWER[delivery.kind], delivery.official_account):
        return f"{author.called} may no longer do this on {name}. A colleague who may can write it anew."
    approver = delivery.approver
    if approver is not None:
        if approver.pk == author.pk:
            return "Author and approver are the same person."
        if not may_on(approver, Power.APPROVE_POSTS, delivery.official_account):
            return f"{approver.called}, who approved it, may no longer approve posts on {name}."
    if delivery.first_approver is not None and (why := _first_of_two(delivery, name)):
        return why
    if delivery.variant is not None:
        post = delivery.variant.post
        if why := _lacks(delivery, post):
            return why
        if post.state not in (Post.State.APPROVED, Post.State.PUBLISHED):
            return "Its post is no longer approved."
        if post.language and delivery.part == 1 and (why := pairs.why_not_now(post)):
            return why
    return _record_on_hold(delivery) if in_the_way else ""


def _first_of_two(delivery: Delivery, name: str) -> str:
    """Why a post that two had to approve may not go out: the first may no longer, or it is not what they approved."""
    first = delivery.first_approver
    if first is None or delivery.variant is None:
        return ""
    if not may_on(first, Power.APPROVE_POSTS, delivery.official_account):
        return f"{first.called}, who approved it first of two, may no longer approve posts on {name}."
    if delivery.kind != Delivery.Kind.POST or steps.requirement_of(delivery.variant.post) is not None:
        # What was required was kept, and is read with its content (_lacks).
        return ""
    post = delivery.variant.post
    if post.corrections.filter(state=Correction.State.DONE).exists():
        # Its words where it stands were changed by a correction, which was approved by itself.
        return ""
    content_hash = judging.content_hash_of(post)
    approved = {one.approver_id for one in queries.approvals(post) if one.content_hash == content_hash}
    if not {first.pk, delivery.approver_id} <= approved:
        return "It is not what two people approved. Edit it, which brings it back for approval."
    return ""


def _lacks(delivery: Delivery, post: Post) -> str:
    """Why what was required of a post or a correction is not there, read now with its content; empty where it is."""
    if delivery.kind == Delivery.Kind.POST:
        return steps.lacking(
            post, due_at=delivery.due_at, urgent=delivery.urgent, approved_by=delivery.approver_id
        )
    if delivery.approver is None:
        return "Nobody has approved it."
    found = Correction.objects.filter(delivery=delivery)
    correction = found.select_related("post", "standing__official_account").first()
    return steps.lacking_of_correction(correction) if correction is not None else ""


def _record_on_hold(delivery: Delivery) -> str:
    """A hold keeps a record as it stands: nothing is posted from it, hidden, shown again or deleted.

    An answer changes nothing that is held, and somebody at risk may be waiting for it.
    """
    if delivery.kind == Delivery.Kind.REPLY or delivery.subject_id is None:
        return ""
    hold = Hold.objects.filter(
        subject_type=delivery.subject_type, subject_id=delivery.subject_id, lifted_at=None
    ).first()
    if hold is None:
        return ""
    return f"There is a hold on “{hold.subject_name}” since {wall_clock(hold.placed_at)}. Lift the hold, then release it."


def has_left(person: StaffMember, did: str) -> str:
    """The sentence for a delivery whose author or approver has left."""
    return f"{person.called}, who {did} it, has left. Look whether it is still right, then release it."


def held_by(lockdown: Lockdown) -> str:
    """The sentence for what a lockdown has stopped."""
    return f"Held by the {lockdown.called} of {wall_clock(lockdown.started_at)}."


def by_hand(delivery: Delivery) -> str:
    """What is to be done on a platform that is worked by hand, as a sentence for whoever does it."""
    where = registry.NAMES[delivery.official_account.platform]
    act: dict[str, str] = {
        Delivery.Kind.POST: f"Publish it on {where}, then paste its link here.",
        Delivery.Kind.REPLY: f"Answer on {where} with these words, then paste the link of the answer here.",
        Delivery.Kind.HIDE: f"Hide the comment on {where}, then say so here.",
        Delivery.Kind.UNHIDE: f"Show the comment on {where} again, then say so here.",
        Delivery.Kind.EDIT: f"Change it on {where} to these words, then say so here.",
        Delivery.Kind.DELETE: f"Delete it on {where}, then say so here.",
    }
    return f"It is due. {act.get(delivery.kind, f'Do it on {where}, then say so here.')}"


def wall_clock(instant: datetime) -> str:
    """Day and time in London, e.g. "7 May at 09:05"."""
    london = clock.in_london(instant)
    return f"{london.day} {london:%B} at {london:%H:%M}"
