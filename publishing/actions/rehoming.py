"""What somebody who has left wrote, queued, approved or was asked to approve goes to a named colleague.

What they queued is held at once: nobody who has left speaks for the force. The heir answers for it
from then on and releases or withdraws it; the words stay as they were and their history says who wrote them.
"""

from __future__ import annotations

from django.urls import reverse

from accounts.actions.handing_over import HANDOVER, hand_over
from accounts.queries import heirs
from core import clock
from core.acting import action
from core.actors import Actor
from publishing import queries
from publishing.actions import outbox
from publishing.models import Delivery, Post, PostChange
from staff.models import Departure, StaffMember
from staff.queries import departure_of
from staff.roles import Power


@action
def rehome_delivery(*, actor: Actor = HANDOVER, delivery: Delivery) -> bool:
    """A delivery that a leaver wrote or approved waits, held, for the person who answers for it now.

    A new author holds the author's power there and is not the approver; a new approver is whoever
    releases it (outbox.release). Safe to run twice; answers False where there was nothing to do.
    Audits delivery.held and staff.work_handed_over.
    """
    row = outbox.locked_with_post(delivery)
    if row.state not in (Delivery.State.SCHEDULED, Delivery.State.REJECTED):
        return False
    by_author = not row.author.active
    approvers = [one for one in (row.approver, row.first_approver) if one is not None]
    gone = row.author if by_author else next((one for one in approvers if not one.active), None)
    departure = departure_of(gone) if gone is not None and not gone.active else None
    if gone is None or departure is None or _handed_over(departure, row):
        return False
    name = row.official_account.name
    if by_author:
        barred = [one.pk for one in approvers]
        heir = _first(heirs(departure, outbox.POWER[row.kind], [row.official_account_id], excluding=barred))
        why = f"{gone.called}, who wrote it, has left. " + (
            f"{heir.called} answers for it now: look whether it is still right, then release or withdraw it."
            if heir is not None
            else f"Nobody else may do this on {name}, so it can only be withdrawn."
        )
        row.author = heir or row.author
    else:
        writers = queries.writer_ids(row.variant.post) if row.variant is not None else {row.author_id}
        heir = _first(
            heirs(
                departure,
                Power.APPROVE_POSTS,
                [row.official_account_id],
                excluding=writers | {row.author_id} | {one.pk for one in approvers},
            )
        )
        why = f"{gone.called}, who approved it, has left. " + (
            "Somebody else who may approve it has to release it."
            if heir is not None
            else f"Nobody else may approve posts on {name} at the moment."
        )
    if row.state == Delivery.State.SCHEDULED:
        outbox.hold(row, actor=actor, why=why)
    else:
        row.save(update_fields=["author"])
    hand_over(
        actor=actor,
        departure=departure,
        heir=heir,
        subject=row,
        subject_name=f"A {row.get_kind_display()} on {name}",
        what_next="Held. Look whether it is still right, then release or withdraw it."
        if row.state == Delivery.State.SCHEDULED
        else "The platform refused it. Mend the cause and try again, or withdraw it.",
        link=reverse("publishing:outbox"),
        official_account_id=row.official_account_id,
    )
    return True


@action
def rehome_post(*, actor: Actor = HANDOVER, post: Post) -> bool:
    """A post that a leaver wrote and that has not gone out is somebody else's to answer for.

    They hold the right to write on every official account that it goes to; one who leaves somebody
    else to approve it comes first. Safe to run twice. Audits staff.work_handed_over.
    """
    found = (
        Post.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("author")
        .filter(pk=post.pk, author__active=False, state__in=queries.UNFINISHED)
        .first()
    )
    departure = departure_of(found.author) if found is not None else None
    if found is None or departure is None or _handed_over(departure, found):
        return False
    ids = [variant.official_account_id for variant in queries.live_variants(found)]
    approved_by = list(found.approvals.filter(version=found.version).values_list("approver_id", flat=True))
    candidates = heirs(departure, Power.WRITE_POSTS, ids, excluding=approved_by)
    writers = queries.writer_ids(found)
    heir = next(
        (c for c in candidates if queries.approvers_for(ids, excluding=writers | {c.pk})), _first(candidates)
    )
    if heir is not None:
        found.author = heir
        found.save(update_fields=["author"])
        PostChange.objects.create(
            post=found,
            event="handed over",
            version=found.version,
            by=None,
            at=clock.now(),
            why=f"{departure.person.called} has left. {heir.called} answers for it now.",
        )
    hand_over(
        actor=actor,
        departure=departure,
        heir=heir,
        subject=found,
        subject_name=f"The post “{found.title}”",
        what_next={
            Post.State.DRAFT: "A draft. Go on with it, or withdraw it.",
            Post.State.SUBMITTED: "It waits for approval by somebody else. You answer for it now.",
        }.get(Post.State(found.state), "Approved. What has not gone out is held: release or withdraw it.")
        if heir is not None
        else "Nobody else may write on all its official accounts.",
        link=reverse("publishing:post", args=[found.pk]),
    )
    return True


@action
def rehome_approval(*, actor: Actor = HANDOVER, post: Post, leaver: StaffMember) -> bool:
    """A post whose approval was asked of a leaver is asked of their heir. Safe to run twice.

    Audits staff.work_handed_over.
    """
    found = (
        Post.objects.select_for_update(skip_locked=True)
        .filter(pk=post.pk, state=Post.State.SUBMITTED)
        .exclude(author=leaver)
        .first()
    )
    departure = departure_of(leaver)
    if found is None or departure is None or _handed_over(departure, found):
        return False
    ids = [variant.official_account_id for variant in queries.live_variants(found)]
    approved_by = {one.approver_id for one in queries.approvals(found)}
    heir = _first(
        heirs(departure, Power.APPROVE_POSTS, ids, excluding=queries.writer_ids(found) | approved_by)
    )
    hand_over(
        actor=actor,
        departure=departure,
        heir=heir,
        subject=found,
        subject_name=f"Approval of the post “{found.title}”",
        what_next="Read it, then approve or return it."
        if heir is not None
        else "Nobody else may approve it on all its official accounts.",
        link=reverse("publishing:post", args=[found.pk]),
    )
    return True


def _first(people: list[StaffMember]) -> StaffMember | None:
    return people[0] if people else None


def _handed_over(departure: Departure, subject: Post | Delivery) -> bool:
    return departure.handovers.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk).exists()
