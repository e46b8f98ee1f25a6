"""Pictures and videos that came with comments: noted, kept as received, sealed where they may show child abuse.

Fetching stands between these actions (moderation.fetching). Nothing here shows a file to anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.urls import reverse

from accounts.queries import people_with, require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from media.fetching import NotFetched
from media.models import SealedFile
from moderation import attachments as kept
from moderation import storable
from moderation.actions import welfare
from moderation.models import Attachment, ChildSeal, Comment
from notices.actions import notify
from notices.models import Notice
from platforms.contract import Attachment as Incoming
from staff.models import StaffMember
from staff.roles import Power

LEASE = timedelta(minutes=3)
"""Longer than one file can take (media.fetching)."""
WAITS_S = (10, 60, 300, 1800, 7200)
"""After so many seconds it is tried again; after the last try it counts as gone."""
MOST_OF_A_COMMENT = 20


def of(comment: Comment, incoming: Sequence[Incoming]) -> list[Attachment]:
    """What came with a comment, as it will be noted. Addresses that cannot be one are noted as refused."""
    now = clock.now()
    made = []
    for number, one in enumerate(incoming[:MOST_OF_A_COMMENT], start=1):
        address = storable.text(one.address)
        fits = bool(address) and len(address) <= 2000
        made.append(
            Attachment(
                comment=comment,
                number=number,
                kind=one.kind if one.kind in Attachment.Kind.values else Attachment.Kind.OTHER,
                address=address if fits else "",
                alt_text=storable.text(one.alt_text, at_most=1000),
                state=Attachment.State.WAITING if fits else Attachment.State.REFUSED,
                why="" if fits else "The platform gave no address that can be one.",
                next_try_at=now if fits else None,
                settled_at=None if fits else now,
            )
        )
    return made


def note_again(*, comment: Comment, incoming: Sequence[Incoming]) -> None:
    """A known comment came again: what is new with it is noted, and what still waits has its newest address.

    Part of taking it in, under the comment's lock: platforms sign addresses anew with each answer.
    """
    known = {one.number: one for one in comment.attachments.all()}
    for offered in of(comment, incoming):
        held = known.get(offered.number)
        if held is None:
            offered.save(force_insert=True)
        elif held.state == Attachment.State.WAITING and offered.address and held.address != offered.address:
            Attachment.objects.filter(pk=held.pk, state=Attachment.State.WAITING).update(
                address=offered.address
            )


def claim_due(*, actor: Actor) -> Attachment | None:
    """The next attachment to be fetched is this worker's for LEASE, or None.

    What somebody has sealed is fetched all the same: its evidence would be gone.
    """
    now = clock.now()
    due = Attachment.objects.filter(state=Attachment.State.WAITING, next_try_at__lte=now)
    for pk in due.order_by("next_try_at", "id").values_list("pk", flat=True)[:20]:
        if Attachment.objects.filter(pk=pk, state=Attachment.State.WAITING, next_try_at__lte=now).update(
            next_try_at=now + LEASE
        ):
            return Attachment.objects.select_related("comment__official_account").get(pk=pk)
    return None


@action
def note_kept(*, actor: Actor, attachment: Attachment, file: SealedFile) -> Attachment:
    """It was received and lies sealed in the store. A file that is under a seal elsewhere is sealed here too.

    Audits attachment.kept.
    """
    row = _locked(attachment)
    if row.state != Attachment.State.WAITING:
        return row
    row.state, row.file, row.settled_at, row.why = Attachment.State.KEPT, file, clock.now(), ""
    row.kind = Attachment.Kind.IMAGE if file.content_type.startswith("image/") else Attachment.Kind.VIDEO
    row.save(update_fields=["state", "file", "settled_at", "why", "kind"])
    # Sealed by its comment before it came: from now on the seal covers the file wherever it stands.
    ChildSeal.objects.filter(attachment=row, lifted_at=None, file=None).update(file=file)
    _note(actor, row, "attachment.kept", {"sha256": file.sha256, "bytes": file.size_bytes})
    return row


@action
def note_not_had(*, actor: Actor, attachment: Attachment, fault: NotFetched) -> Attachment:
    """It could not be had: tried again later, or settled with the reason. Audits attachment.not_kept when settled."""
    row = _locked(attachment)
    if row.state != Attachment.State.WAITING:
        return row
    row.tries += 1
    row.why = fault.sentence[:200]
    states = {
        NotFetched.GONE: Attachment.State.GONE,
        NotFetched.TOO_BIG: Attachment.State.TOO_BIG,
        NotFetched.REFUSED: Attachment.State.REFUSED,
    }
    settled = states.get(fault.kind)
    if settled is None and row.tries > len(WAITS_S):
        settled = Attachment.State.GONE
    if settled is None:
        row.next_try_at = clock.now() + timedelta(seconds=WAITS_S[row.tries - 1])
    else:
        row.state, row.settled_at = settled, clock.now()
        _note(actor, row, "attachment.not_kept", {"why": row.get_state_display()})
    row.save(update_fields=["state", "why", "tries", "next_try_at", "settled_at"])
    return row


@action
def seal(*, actor: StaffMember, comment: Comment) -> list[ChildSeal]:
    """A picture with this comment may be an indecent image of a child: from this second nobody sees any of them.

    No preview, no copy, no export, for whoever sealed it too. The online child abuse team is told, without
    a picture and without a word of the comment. Nothing on the platform is changed. Source: Protection of
    Children Act 1978 s.1. Raises NotPermitted, TransitionNotAllowed (nothing came with it, or all is sealed).
    Audits attachment.sealed.
    """
    require(actor, Power.SEE_COMMENTS, comment.official_account_id)
    rows = list(
        Attachment.objects.select_for_update(of=("self",))
        .select_related("comment__official_account")
        .filter(comment_id=comment.pk)
        .order_by("pk")
    )
    sealed = {one.attachment_id for one in ChildSeal.objects.filter(attachment__in=rows, lifted_at=None)}
    open_rows = [row for row in rows if row.pk not in sealed]
    if not open_rows:
        raise TransitionNotAllowed(
            "Everything that came with this comment is sealed already."
            if rows
            else "No picture came with this comment, so there is nothing to seal. Escalate the comment instead."
        )
    seals = []
    for row in open_rows:
        seals.append(ChildSeal.objects.create(attachment=row, file_id=row.file_id, by=actor, at=clock.now()))
        _note(actor, row, "attachment.sealed")
    team = people_with(Power.OPEN_SEALED)
    notify(
        actor=actor,
        to=[person for person in team if person.pk != actor.pk],
        urgency=Notice.Urgency.PAGE,
        title="A picture was sealed: it may be an indecent image of a child",
        body=f"By {actor.called}, on {rows[0].comment.official_account.name}. Nobody but your team can open it.",
        link=reverse("moderation:sealed"),
        key=f"child-seal:{seals[0].pk}",
    )
    return seals


@action
def open_sealed(*, actor: StaffMember, child_seal: ChildSeal, why: str) -> ChildSeal:
    """Somebody of the online child abuse team is about to see a sealed picture: it stands in the trail first.

    Raises NotPermitted, NotValid (no reason). Audits attachment.opened.
    """
    _require_team(actor)
    if not why.strip():
        raise NotValid(
            "Say why you open it: the reference of the investigation, or the assessment.", field="why"
        )
    row = _locked_seal(child_seal)
    _note(actor, row.attachment, "attachment.opened", {"why": why.strip()[:300]})
    return row


@action
def lift_seal(*, actor: StaffMember, child_seal: ChildSeal, why: str) -> ChildSeal:
    """The online child abuse team says that it is no such image: the desk sees it again.

    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed (lifted already). Audits attachment.unsealed.
    """
    _require_team(actor)
    if not why.strip():
        raise NotValid("Say why the seal is lifted, in a few words.", field="why")
    row = _locked_seal(child_seal)
    if row.lifted_at is not None:
        raise TransitionNotAllowed("This seal has been lifted already.")
    row.lifted_by, row.lifted_at, row.lifted_why = actor, clock.now(), why.strip()[:300]
    row.save(update_fields=["lifted_by", "lifted_at", "lifted_why"])
    _note(actor, row.attachment, "attachment.unsealed", {"why": row.lifted_why})
    return row


@action
def note_viewed(*, actor: StaffMember, attachment: Attachment) -> None:
    """That somebody looked at a picture stands in the trail before it is answered. Audits attachment.viewed.

    It counts for their own welfare. Raises TransitionNotAllowed where it was sealed meanwhile.
    """
    _refuse_sealed(_locked(attachment))
    _note(actor, attachment, "attachment.viewed")
    welfare.note_picture(actor=actor, attachment_id=attachment.pk)


@action
def take_exhibit(*, actor: StaffMember, attachment: Attachment, to: str) -> Attachment:
    """The file as it was received leaves the platform as an exhibit, for somebody who is named.

    Raises NotPermitted, NotValid (nobody named, not kept), TransitionNotAllowed (sealed). Audits
    attachment.exhibited with its SHA-256.
    """
    require(actor, Power.ACKNOWLEDGE_CASES, attachment.comment.official_account_id)
    if not to.strip():
        raise NotValid("Say for whom and for which case it is taken.", field="to")
    row = _locked(attachment)
    _refuse_sealed(row)
    if row.file is None:
        raise NotValid("It was not kept, so there is nothing to take.", field="to")
    _note(actor, row, "attachment.exhibited", {"to": to.strip()[:200], "sha256": row.file.sha256})
    return row


def _locked(attachment: Attachment) -> Attachment:
    return (
        Attachment.objects.select_for_update(of=("self",))
        .select_related("comment__official_account", "file")
        .get(pk=attachment.pk)
    )


def _locked_seal(child_seal: ChildSeal) -> ChildSeal:
    return (
        ChildSeal.objects.select_for_update(of=("self",))
        .select_related("attachment__comment__official_account", "attachment__file")
        .get(pk=child_seal.pk)
    )


def _refuse_sealed(attachment: Attachment) -> None:
    if kept.is_sealed(attachment):
        raise TransitionNotAllowed(
            "This is sealed: it may be an indecent image of a child. Only the online child abuse team can open it."
        )


def _require_team(actor: StaffMember) -> None:
    if not actor.has_perm(f"accounts.{Power.OPEN_SEALED}"):
        raise NotPermitted("Only the online child abuse team opens what is sealed, or lifts a seal.")


def _note(actor: Actor, attachment: Attachment, event: str, details: dict | None = None) -> None:
    comment = attachment.comment
    record(
        actor=actor,
        event=event,
        subject=attachment,
        subject_name=f"{attachment.get_kind_display().lower()} {attachment.number} of comment {comment.pk}",
        official_account_id=comment.official_account_id,
        shown_ids=[comment.pk],
        details=details,
    )
