"""What the desk does on the platform about somebody beside deciding on their comment: block, mute, delete.

Each goes through the outbox, for a reason that stands in the published guidelines, and is told to
the desk supervisors. Blocking and muting can be undone from the same place; deleting cannot.
"""

from __future__ import annotations

from accounts.queries import people_with, require
from core.acting import action
from core.errors import ChangedSinceSeen, NotValid, TransitionNotAllowed
from moderation import queries, restrictions
from moderation.models import Clause, Comment
from notices.actions import notify
from notices.models import Notice
from publishing.actions import outbox
from publishing.models import Delivery
from staff.models import StaffMember
from staff.roles import Power, Role


@action
def restrict(
    *, actor: StaffMember, comment: Comment, revision_number: int, kind: str, clause: Clause
) -> Delivery:
    """The commenter is blocked or muted on the platform, or the comment deleted there, under a clause.

    The comment still waits for its decision, and its words are kept as evidence.
    Raises NotPermitted, ChangedSinceSeen, TransitionNotAllowed (it is so already, or the comment is
    gone), NotValid (no published clause, our own words, or the platform cannot: what to do instead).
    Audits delivery.queued with the clause.
    """
    comment = _locked(actor, comment)
    if comment.revision_number != revision_number:
        raise ChangedSinceSeen(
            "The author has changed this comment since you read it. Nothing was done: read the new words first."
        )
    chosen = restrictions.of(kind)
    if chosen is None or chosen.undoes:
        raise NotValid("Choose whether to block, mute or delete.")
    reason = Clause.objects.filter(pk=clause.pk, published=True).first()
    if reason is None:
        raise NotValid(
            "Choose a clause of the published guidelines: there is no other reason.", field="clause"
        )
    if kind == Delivery.Kind.DELETE_COMMENT and comment.removed_at is not None:
        raise TransitionNotAllowed("This comment is gone from the platform already. Its words are kept.")
    if restrictions.in_force(comment, kind):
        raise TransitionNotAllowed(f"{chosen.done} already, or it is on its way.")
    delivery = _queue(actor, comment, chosen, why=f"Under “{reason.title}”")
    notify(
        actor=actor,
        to=[
            person
            for person in people_with(
                role=Role.DESK_SUPERVISOR, official_account_id=comment.official_account_id
            )
            if person.pk != actor.pk
        ],
        urgency=Notice.Urgency.FYI,
        title=f"{chosen.label} on {comment.official_account.name}, by {actor.called}",
        body=f"Under “{reason.title}”. Look at the comment; {chosen.told}",
        link=queries.address(comment),
        key=f"restriction-{delivery.pk}",
    )
    return delivery


@action
def lift(*, actor: StaffMember, comment: Comment, kind: str) -> Delivery:
    """The commenter can write again, or is shown to us again.

    Raises NotPermitted, TransitionNotAllowed (not blocked or muted by us, or on its way this moment),
    NotValid. Audits delivery.queued, or delivery.withdrawn where it had not left.
    """
    comment = _locked(actor, comment)
    chosen = restrictions.of(kind)
    if chosen is None or not chosen.undoes:
        raise NotValid("Choose what to undo.")
    standing = restrictions.in_force(comment, chosen.undoes)
    if standing is None:
        raise TransitionNotAllowed("There is nothing to undo: it is not in force from here.")
    if standing.state == Delivery.State.SCHEDULED:
        return outbox.withdraw(actor=actor, delivery=standing, why="Undone by the desk")
    if standing.state != Delivery.State.SENT:
        raise TransitionNotAllowed(
            f"The {standing.get_kind_display()} is on its way to the platform this moment. Wait for its outcome."
        )
    return _queue(actor, comment, chosen, why="Undone by the desk")


def _locked(actor: StaffMember, comment: Comment) -> Comment:
    Comment.objects.select_for_update().only("pk").get(pk=comment.pk)
    comment = Comment.objects.select_related("official_account", "conversation", "commenter").get(
        pk=comment.pk
    )
    require(actor, Power.RESTRICT_COMMENTERS, comment.official_account_id)
    if comment.state == Comment.State.OURS:
        raise NotValid("This was written by the official account itself.")
    return comment


def _queue(actor: StaffMember, comment: Comment, chosen: restrictions.Restriction, *, why: str) -> Delivery:
    if sentence := queries.why_not(comment, chosen.needs):
        raise NotValid(sentence)
    return outbox.queue(
        actor=actor,
        official_account=comment.official_account,
        kind=chosen.kind,
        author=actor,
        subject=comment,
        target_external_id=restrictions.target(comment, chosen.kind),
        root_external_id=comment.conversation.root_external_id,
        why=why,
    )
