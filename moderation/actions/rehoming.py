"""What somebody who has left was working on at the desk goes to a named colleague."""

from __future__ import annotations

from accounts.actions.handing_over import HANDOVER, hand_over
from accounts.queries import heirs
from core import clock
from core.acting import action
from core.actors import Actor
from moderation import queries
from moderation.actions.desk import LEASE
from moderation.models import Comment, ReplyDraft
from staff.queries import departure_of
from staff.roles import Power


@action
def rehome_claim(*, actor: Actor = HANDOVER, comment: Comment) -> bool:
    """A comment that a leaver has is their heir's for 15 minutes, with what they had begun to write.

    Where nobody may work on it, it is free for everybody at once. Safe to run twice; answers False
    where there was nothing to do. Audits staff.work_handed_over.
    """
    found = (
        Comment.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("claimed_by", "official_account")
        .filter(pk=comment.pk, claimed_by__active=False)
        .first()
    )
    leaver = found.claimed_by if found is not None else None
    departure = departure_of(leaver) if leaver is not None else None
    if found is None or departure is None:
        return False
    heir = next(iter(heirs(departure, Power.WORK_COMMENTS, [found.official_account_id])), None)
    if found.state != Comment.State.OPEN:
        heir = None
    found.claimed_by = heir
    found.claimed_until = clock.now() + LEASE if heir is not None else None
    found.save(update_fields=["claimed_by", "claimed_until"])
    if departure.handovers.filter(subject_type="moderation.comment", subject_id=found.pk).exists():
        return True
    if heir is not None and not ReplyDraft.objects.filter(comment=found, by=heir).exists():
        ReplyDraft.objects.filter(comment=found, by=leaver).update(by=heir)
    hand_over(
        actor=actor,
        departure=departure,
        heir=heir,
        subject=found,
        subject_name=f"{found.get_category_display()}, {found.official_account.name}",
        what_next="The comment is yours for 15 minutes. Decide on it, or release it."
        if heir is not None
        else "Nobody else may work on it at the moment. It is free in the queue.",
        link=queries.address(found),
        official_account_id=found.official_account_id,
    )
    return True
