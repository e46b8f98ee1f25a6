"""A comment or a message that is a request under information law is taken in as one, and nothing is typed again."""

from __future__ import annotations

from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.errors import NotFound, NotValid
from moderation.models import Comment
from platforms import registry
from retention.actions import rights
from retention.actions.rights import COMMENT, Intake
from retention.models import RightsRequest
from staff.models import StaffMember
from staff.roles import Power


@action
def take_in(*, actor: StaffMember, comment: Comment, kind: str) -> RightsRequest:
    """Whoever wrote it asks for what is held about them, or for information: it is on the board from its own day on.

    The day of receipt is the day on which the platform says that it was written (a request is received when it reaches
    the force, on any channel). What they wrote, and will write, is held. The comment stays where it stands, so that they
    are thanked. The same comment gives the request that is there already.
    Raises NotPermitted, NotValid, NotFound (withheld). Audits request.taken_in and comment.taken_as_request.
    """
    require(actor, Power.SEE_COMMENTS, comment.official_account_id)
    comment = (
        Comment.objects.select_for_update(of=("self",))
        .select_related("commenter", "official_account")
        .get(pk=comment.pk)
    )
    if comment.state == Comment.State.RESTRICTED:
        raise NotFound("There is no such comment, or it is not one that you may see.")
    if comment.state == Comment.State.OURS:
        raise NotValid("That is an answer of ours. Take in what was asked.", field="kind")
    author = comment.commenter
    handle = f"@{author.handle.lstrip('@')}"
    made = rights.receive(
        actor=actor,
        intake=Intake(
            kind=kind,
            received_on=min(clock.in_london(comment.posted_at).date(), clock.today()),
            requester=author.name or handle,
            contact=f"{handle} on {registry.NAMES.get(comment.platform, comment.platform)}",
            wanted=comment.text.strip() or "As in the pictures that came with it",
            channel=RightsRequest.Channel.MESSAGE if comment.private else RightsRequest.Channel.COMMENT,
            official_account=comment.official_account,
            commenter_id=author.pk,
            origin_type=COMMENT,
            origin_id=comment.pk,
        ),
    )
    record(
        actor=actor,
        event="comment.taken_as_request",
        subject=comment,
        subject_name=f"comment {comment.pk}",
        official_account_id=comment.official_account_id,
        shown_ids=[comment.pk],
        details={"request": made.reference, "kind": made.kind},
    )
    return made
