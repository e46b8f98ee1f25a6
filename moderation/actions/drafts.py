"""Replies as they are being typed, kept so that nothing typed is lost."""

from __future__ import annotations

from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from moderation.actions.desk import LEASE
from moderation.models import Comment, Decision, ReplyDraft, ReplyRequest
from publishing.models import Delivery
from staff.models import StaffMember
from staff.roles import Power

DRAFT_LENGTH = 20_000
"""Kept of one draft; longer than any platform takes."""


@action
def keep_draft(*, actor: StaffMember, comment: Comment, text: str) -> ReplyDraft | None:
    """What this person has typed is kept, and comes back in the box; an emptied box keeps nothing.

    A comment that the person has stays theirs while they type. Colleagues do not see the draft. Words that are on
    their way as a reply are none: on a slow line the last keeping arrives after "Send", and would call them unsent.
    Raises NotPermitted. Audits comment.draft_begun for the first words only.
    """
    comment = Comment.objects.select_for_update().get(pk=comment.pk)
    require(actor, Power.REPLY, comment.official_account_id)
    if comment.claimed_by_id == actor.pk:
        comment.claimed_until = clock.now() + LEASE
        comment.save(update_fields=["claimed_until"])
    text = text.replace("\r\n", "\n").replace("\x00", "")[:DRAFT_LENGTH]
    if not text.strip() or _is_out(actor, comment, text.strip()):
        ReplyDraft.objects.filter(comment=comment, by=actor).delete()
        return None
    draft, begun = ReplyDraft.objects.update_or_create(
        comment=comment, by=actor, defaults={"text": text, "saved_at": clock.now()}
    )
    if begun:
        record(
            actor=actor,
            event="comment.draft_begun",
            subject=comment,
            subject_name=f"comment {comment.pk}",
            official_account_id=comment.official_account_id,
        )
    return draft


def _is_out(actor: StaffMember, comment: Comment, text: str) -> bool:
    """Whether these words were sent by this person on this comment, or wait for somebody's yes."""
    sent = Decision.objects.filter(comment=comment, kind=Decision.Kind.REPLY, by=actor, delivery__text=text)
    asked = ReplyRequest.objects.filter(
        comment=comment, asked_by=actor, state=ReplyRequest.State.ASKED, text=text
    )
    return sent.exclude(delivery__state__in=Delivery.CAME_TO_NOTHING).exists() or asked.exists()
