"""Changing or deleting a post that stands on a platform: asked for, approved by somebody else, carried out.

The act leaves through the outbox like the post itself. What stood there before stays in the history.
"""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.queries import may, require
from audit.actions import record
from core import clock
from core.acting import action
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from core.typed import reason
from notices.actions import notify
from notices.models import Notice
from publishing import checks, queries, steps
from publishing.actions import outbox
from publishing.checks import judging
from publishing.models import Correction, CorrectionApproval, Delivery, Post, PostChange, Requirement
from publishing.workflow import CORRECTION
from staff.models import StaffMember
from staff.roles import Power

LONGEST_WORDS = 10_000
STORY: dict[str, str] = {Correction.Kind.EDIT: "change", Correction.Kind.DELETE: "deletion"}
"""How the post's story calls each: "change asked", "deletion approved"."""

WHY = "Say why, in a few words: it stands in the post’s story."


@action
def ask(
    *, actor: StaffMember, delivery: Delivery, kind: str, standing_seen: str, text: str = "", why: str
) -> Correction:
    """Other words for a post that stands on a platform, or its deletion, wait for somebody else's approval.

    delivery: that by which the post went out. standing_seen: its words there as the page showed them.
    Raises NotPermitted, NotValid (no reason, no or the same words, too long, nobody may approve it, or the
    platform cannot: what to do instead), TransitionNotAllowed (it does not stand there, or a correction
    of it is under way already). Audits post.correction_asked.
    """
    row = outbox.locked_with_post(delivery)
    require(actor, Power.WRITE_POSTS, row.official_account_id)
    if row.kind != Delivery.Kind.POST or row.state != Delivery.State.SENT or row.variant is None:
        raise TransitionNotAllowed("This does not stand on a platform, so there is nothing to correct there.")
    post = row.variant.post
    if queries.is_deleted(row):
        raise TransitionNotAllowed(f"It was deleted on {row.official_account.name} before.")
    chosen = Correction.Kind(kind) if kind in Correction.Kind.values else None
    if chosen is None:
        raise NotValid("Choose whether to change the words or to delete it.")
    if sentence := queries.why_not_correct(row, chosen):
        raise NotValid(sentence)
    why = reason(why, WHY)
    before = queries.standing_words(row)
    words = text.replace("\r\n", "\n").strip() if chosen == Correction.Kind.EDIT else ""
    if chosen == Correction.Kind.EDIT:
        if standing_seen.replace("\r\n", "\n").strip() != before.strip():
            raise TransitionNotAllowed(
                "Its words were changed after you opened this page. Read them as they stand now, then change them."
            )
        _check_words(row, words, before)
    approvers = queries.approvers_of(row, excluding={actor.pk})
    if not approvers:
        raise NotValid(
            f"Nobody may approve this on {row.official_account.name} who has written none of it. Ask your service "
            "administrator for an approver."
        )
    wanted = Correction(post=post, standing=row, kind=chosen, text_before=before, text=words)
    need = steps.need_of_correction(wanted)
    if len(approvers) < need.count or not steps.could_be_met(post, need, approvers):
        raise NotValid(
            f"This needs {need.in_words} ({', '.join(need.why)}), and those who may approve it on "
            f"{row.official_account.name} are not that. Ask your service administrator."
        )
    try:
        with transaction.atomic():
            correction = Correction.objects.create(
                post=post,
                standing=row,
                kind=chosen,
                text_before=before,
                text=words,
                why=why,
                asked_by=actor,
                asked_at=clock.now(),
            )
    except IntegrityError as fault:
        if "correction_one_open" not in str(fault):
            raise
        raise TransitionNotAllowed(
            "A correction of it is under way already. The post’s page shows it: let it be decided first."
        ) from None
    _note(correction, actor=actor, event="post.correction_asked", why=why)
    notify(
        actor=actor,
        to=steps.told(approvers, barred=queries.writer_ids(post) | {actor.pk}),
        urgency=Notice.Urgency.SOON,
        title=f"Waits for approval: {correction.get_kind_display()} on {row.official_account.name}",
        body=f"{actor.called} asks for it: {why} It needs {need.in_words}."[:600],
        link=reverse("publishing:approvals"),
        key=f"correction:{correction.pk}:asked",
    )
    return correction


@action
def approve(*, actor: StaffMember, correction: Correction) -> Correction:
    """The correction leaves through the outbox now, or waits for the others whom the steps and the checks ask for.

    Source: ASVS 2.3.5, two people; the trigger publishing_correction_two_people holds it too.
    Raises NotPermitted (no right there, asked for it, or wrote some of the post), TransitionNotAllowed
    (decided or approved by them already; whoever asked may post there no longer). Audits post.correction_approved and
    delivery.queued, or post.correction_approved_by_one while others are needed.
    """
    row = _to_decide(actor, correction)
    standing = row.standing
    state = CORRECTION.next(row.state, "approve")
    if not may(row.asked_by, Power.WRITE_POSTS, standing.official_account_id):
        raise TransitionNotAllowed(
            f"{row.asked_by.called}, who asked for it, may no longer post on {standing.official_account.name}. "
            "Return it, so that a colleague asks anew."
        )
    if sentence := queries.why_not_correct(standing, Correction.Kind(row.kind)):
        raise TransitionNotAllowed(sentence)
    if row.approvals.filter(approver=actor).exists():
        raise TransitionNotAllowed("You have approved it already. Somebody else gives the next approval.")
    content_hash = steps.hash_of_correction(row)
    CorrectionApproval.objects.create(
        correction=row, approver=actor, content_hash=content_hash, at=clock.now()
    )
    need = steps.need_of_correction(row)
    there = steps.given_to_correction(row)
    if not steps.meets(need, there):
        _note(row, actor=actor, event="post.correction_approved_by_one")
        _ask_others(row, actor=actor, needs=need.in_words)
        return row
    others = [one.hand for one in there if one.hand != actor.pk]
    row.delivery = outbox.queue(
        actor=actor,
        official_account=standing.official_account,
        kind=row.kind,
        author=row.asked_by,
        approver=actor,
        first_approver=StaffMember.objects.get(pk=others[-1]) if need.count > 1 and others else None,
        variant=standing.variant,
        subject=row.post,
        text=row.text,
        target_external_id=queries.standing_id(standing),
        why=row.why,
    )
    row.state, row.decided_by, row.decided_at = state, actor, clock.now()
    row.save()
    Requirement.objects.create(
        post=row.post,
        version=row.post.version,
        correction=row,
        content_hash=content_hash,
        at=clock.now(),
        **steps.as_data(need),
    )
    _note(row, actor=actor, event="post.correction_approved")
    return row


def _ask_others(row: Correction, *, actor: StaffMember, needs: str) -> None:
    done = set(row.approvals.values_list("approver_id", flat=True))
    notify(
        actor=actor,
        to=steps.told(
            queries.approvers_of(row.standing, excluding={row.asked_by_id} | done),
            barred=queries.writer_ids(row.post) | done,
        ),
        urgency=Notice.Urgency.SOON,
        title=f"Waits for another approval: {row.get_kind_display()} on {row.standing.official_account.name}",
        body=f"{actor.called} approved it. It needs {needs}.",
        link=reverse("publishing:approvals"),
        key=f"correction:{row.pk}:another:{len(done)}",
    )


@action
def send_back(*, actor: StaffMember, correction: Correction, why: str) -> Correction:
    """The post stays as it stands, and whoever asked is told why.

    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed. Audits post.correction_returned.
    """
    row = _to_decide(actor, correction)
    why = reason(why, "Say why not, so that whoever asked knows what to do.")
    row.state = CORRECTION.next(row.state, "return")
    row.decided_by, row.decided_at, row.decided_why = actor, clock.now(), why
    row.save()
    _note(row, actor=actor, event="post.correction_returned", why=why)
    notify(
        actor=actor,
        to=[row.asked_by],
        urgency=Notice.Urgency.SOON,
        title=f"Returned to you: {row.get_kind_display()} on {row.standing.official_account.name}",
        body=why,
        link=reverse("publishing:post", args=[row.post_id]),
        key=f"correction:{row.pk}:returned",
    )
    return row


@action
def withdraw(*, actor: StaffMember, correction: Correction) -> Correction:
    """The post stays as it stands: it is no longer asked for. After the approval the outbox takes it back.

    Raises NotPermitted, TransitionNotAllowed. Audits post.correction_withdrawn.
    """
    row = _locked(correction)
    require(actor, Power.WRITE_POSTS, row.standing.official_account_id)
    row.state = CORRECTION.next(row.state, "withdraw")
    row.save(update_fields=["state"])
    _note(row, actor=actor, event="post.correction_withdrawn")
    return row


def _to_decide(actor: StaffMember, correction: Correction) -> Correction:
    """Locked for the yes or the no of somebody who may give it: who approves there, and has no part in it."""
    row = _locked(correction)
    require(actor, Power.APPROVE_POSTS, row.standing.official_account_id)
    if actor.pk == row.asked_by_id or actor.pk in queries.writer_ids(row.post):
        raise NotPermitted("You have written some of this post or asked for this, so somebody else decides.")
    return row


def _locked(correction: Correction) -> Correction:
    """The post first, as everywhere."""
    Post.objects.select_for_update().only("pk").get(pk=correction.post_id)
    return (
        Correction.objects.select_for_update(of=("self",))
        .select_related("post", "asked_by", "standing__official_account", "standing__variant")
        .get(pk=correction.pk)
    )


def _check_words(row: Delivery, words: str, before: str) -> None:
    if not words:
        raise NotValid(
            "Write the words that should stand there. To take the post away, delete it.", field="text"
        )
    if len(words) > LONGEST_WORDS:
        raise NotValid(f"The words are longer than {LONGEST_WORDS:,} characters.", field="text")
    if words == before.strip():
        raise NotValid("These are the words that stand there already.", field="text")
    size = checks.size(row.official_account, words)
    if size.over and size.most is not None:
        raise NotValid(
            f"{size.used - size.most:,} characters too long: {row.platform_name} takes {size.most:,}.",
            field="text",
        )
    if row.variant is not None and (added := judging.stops_added(row.variant, before, words)):
        raise NotValid(
            " ".join(f"{one.name}: {one.sentence} {one.do}".strip() for one in added[:3]), field="text"
        )


def _note(correction: Correction, *, actor: StaffMember, event: str, why: str = "") -> None:
    standing = correction.standing
    PostChange.objects.create(
        post=correction.post,
        event=f"{STORY[correction.kind]} {'seconded' if event.endswith('_by_one') else event.rpartition('_')[2]}",
        version=correction.post.version,
        by=actor,
        at=clock.now(),
        why=why,
        texts={str(standing.official_account_id): correction.text} if correction.text else {},
    )
    record(
        actor=actor,
        event=event,
        subject=correction.post,
        subject_name=correction.post.title,
        official_account_id=standing.official_account_id,
        reason=why,
        details={"kind": correction.get_kind_display(), "on": standing.official_account.name},
    )
