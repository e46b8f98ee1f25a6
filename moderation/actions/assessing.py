"""THRIVE on a comment: a short look at the risk, dated and signed, repeated as things change."""

from __future__ import annotations

from collections.abc import Mapping

from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.errors import ChangedSinceSeen, NotValid
from moderation import thrive
from moderation.models import Comment, Thrive
from staff.models import StaffMember
from staff.roles import Power


@action
def assess(*, actor: StaffMember, comment: Comment, revision_number: int, said: Mapping[str, str]) -> Thrive:
    """One person's assessment stands with the comment, and goes with it into its case.

    said: what there is to say of each element that the force asks (moderation.thrive); one is enough.
    Source: College of Policing, vulnerability-related risks: assessed early, and again as things change.
    Raises NotPermitted, ChangedSinceSeen, NotValid (nothing said, or too long). Audits comment.assessed.
    """
    Comment.objects.select_for_update().only("pk").get(pk=comment.pk)
    comment = Comment.objects.select_related("official_account").get(pk=comment.pk)
    require(actor, Power.WORK_COMMENTS, comment.official_account_id)
    if comment.revision_number != revision_number:
        raise ChangedSinceSeen(
            "The author has changed this comment since you read it. Read the new words, then assess it."
        )
    answers = {
        one.slug: said[one.slug].strip() for one in thrive.elements() if said.get(one.slug, "").strip()
    }
    if not answers:
        raise NotValid("Say something of at least one of them: a few words are enough.", field="threat")
    for slug, words in answers.items():
        if len(words) > thrive.LONGEST:
            raise NotValid(
                f"{slug.capitalize()} is {len(words):,} characters long; {thrive.LONGEST:,} fit.", field=slug
            )
    row = Thrive.objects.create(
        comment=comment, revision_number=comment.revision_number, by=actor, at=clock.now(), answers=answers
    )
    record(
        actor=actor,
        event="comment.assessed",
        subject=comment,
        subject_name=f"comment {comment.pk} on {comment.official_account.name}",
        official_account_id=comment.official_account_id,
        details={"revision": comment.revision_number, "said": list(answers)},
    )
    return row
