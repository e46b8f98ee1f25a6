"""Saved replies: written, changed and withdrawn in the browser, each change kept; put into somebody's draft."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TransitionNotAllowed
from moderation import saved_replies, wording
from moderation.actions import drafts
from moderation.categories import Category
from moderation.models import Comment, ReplyDraft, SavedReply, SavedReplyChange
from staff.models import StaffMember, Team
from staff.roles import Power

TITLE_LENGTH = 80
TEXT_LENGTH = 5000

_EVENTS = {
    "added": "saved_reply.added",
    "changed": "saved_reply.changed",
    "withdrawn": "saved_reply.withdrawn",
    "put back": "saved_reply.put_back",
}


@action
def add(
    *,
    actor: StaffMember,
    level: str,
    title: str,
    text: str,
    categories: Sequence[str] = (),
    team: Team | None = None,
) -> SavedReply:
    """Words to be used again: one's own, one's team's, or the force's.

    Raises NotPermitted (not one's team, or the force's without the right), NotValid. Audits saved_reply.added.
    """
    require(actor, Power.REPLY)
    if level not in SavedReply.Level.values:
        raise NotValid("Choose whose it is.", field="level")
    if level == SavedReply.Level.TEAM and team is None:
        raise NotValid("Choose the team whose it is.", field="team")
    row = SavedReply(
        level=level,
        owner=actor if level == SavedReply.Level.PERSONAL else None,
        team=team if level == SavedReply.Level.TEAM else None,
        version=0,
    )
    _refuse_unless_theirs(actor, row)
    _write(actor, row, title, text, categories, "added")
    return row


@action
def change(
    *,
    actor: StaffMember,
    reply: SavedReply,
    version: int,
    title: str,
    text: str,
    categories: Sequence[str] = (),
) -> SavedReply:
    """The saved reply reads otherwise from now on; drafts that it was put into stay as they are.

    version: the one that the actor saw. Raises NotPermitted, ChangedSinceSeen, TransitionNotAllowed (withdrawn),
    NotValid. Audits saved_reply.changed.
    """
    row = _locked(actor, reply)
    if row.version != version:
        raise ChangedSinceSeen(
            "Somebody has changed this saved reply since you opened it. Look at it as it reads now, then change it."
        )
    if row.withdrawn_at is not None:
        raise TransitionNotAllowed("This saved reply is withdrawn. Put it back first.")
    _write(actor, row, title, text, categories, "changed")
    return row


@action
def withdraw(*, actor: StaffMember, reply: SavedReply) -> SavedReply:
    """Nobody is offered it any more. Raises NotPermitted, TransitionNotAllowed. Audits saved_reply.withdrawn."""
    row = _locked(actor, reply)
    if row.withdrawn_at is not None:
        raise TransitionNotAllowed("This saved reply is withdrawn already.")
    row.withdrawn_at = clock.now()
    _write(actor, row, row.title, row.text, row.categories, "withdrawn")
    return row


@action
def put_back(*, actor: StaffMember, reply: SavedReply) -> SavedReply:
    """It is offered again. Raises NotPermitted, TransitionNotAllowed. Audits saved_reply.put_back."""
    row = _locked(actor, reply)
    if row.withdrawn_at is None:
        raise TransitionNotAllowed("This saved reply is not withdrawn.")
    row.withdrawn_at = None
    _write(actor, row, row.title, row.text, row.categories, "put back")
    return row


@action
def put_into_draft(
    *,
    actor: StaffMember,
    comment: Comment,
    reply: SavedReply,
    typed: str = "",
    incident_number: str = "",
    link: str = "",
) -> ReplyDraft | None:
    """Its words, with what is known filled in, stand in the actor's draft, after whatever they had typed.

    What nobody knows stays a gap, and keeps the reply from being sent (moderation.wording).
    Raises NotPermitted, TransitionNotAllowed (withdrawn meanwhile). Audits saved_reply.used.
    """
    require(actor, Power.REPLY, comment.official_account_id)
    row = SavedReply.objects.get(pk=reply.pk)
    if row.withdrawn_at is not None:
        raise TransitionNotAllowed(f"“{row.title}” was withdrawn meanwhile. Choose another one.")
    words = wording.fill(row.text, comment, incident_number=incident_number, link=link)
    before = typed.rstrip()
    record(
        actor=actor,
        event="saved_reply.used",
        subject=comment,
        subject_name=f"comment {comment.pk} on {comment.official_account.name}",
        official_account_id=comment.official_account_id,
        details={"reply": row.title, "version": row.version},
    )
    return drafts.keep_draft(actor=actor, comment=comment, text=f"{before}\n\n{words}" if before else words)


def _locked(actor: StaffMember, reply: SavedReply) -> SavedReply:
    row = SavedReply.objects.select_for_update().get(pk=reply.pk)
    _refuse_unless_theirs(actor, row)
    return row


def _refuse_unless_theirs(actor: StaffMember, row: SavedReply) -> None:
    if saved_replies.may_change(actor, row):
        return
    if row.level == SavedReply.Level.FORCE:
        label = str(Power.SET_REPLIES.label)
        raise NotPermitted(
            "The force’s saved replies are changed by communications approvers and desk supervisors. Make one of "
            "your own, or ask one of them.",
            power=label,
        )
    if row.level == SavedReply.Level.TEAM:
        raise NotPermitted("A team’s saved replies are written by its own members.")
    raise NotPermitted("This saved reply is a colleague’s own.")


def _write(
    actor: Actor, row: SavedReply, title: str, text: str, categories: Sequence[str], what: str
) -> None:
    title = " ".join(title.split())
    text = text.replace("\r\n", "\n").strip()
    if not title:
        raise NotValid("Give it a title by which colleagues find it.", field="title")
    if len(title) > TITLE_LENGTH:
        raise NotValid(f"Keep the title under {TITLE_LENGTH} characters.", field="title")
    if not text:
        raise NotValid("Write the words of the reply.", field="text")
    if len(text) > TEXT_LENGTH:
        raise NotValid(f"The reply is {len(text):,} characters long; {TEXT_LENGTH:,} fit.", field="text")
    if unknown := wording.unknown_gaps(text):
        known = ", ".join("{" + gap + "}" for gap in wording.GAPS)
        raise NotValid(f"Nobody can fill {unknown[0]}. The gaps that are filled are {known}.", field="text")
    row.title, row.text = title, text
    row.categories = [slug for slug in Category.values if slug in set(categories)]
    row.version += 1
    row.changed_at = clock.now()
    row.changed_by = actor if isinstance(actor, StaffMember) else None
    row.save()
    SavedReplyChange.objects.create(
        reply=row,
        version=row.version,
        what=what,
        title=row.title,
        text=row.text,
        categories=row.categories,
        by_name=actor.actor_name[:200],
        at=row.changed_at,
    )
    record(
        actor=actor,
        event=_EVENTS[what],
        subject=row,
        subject_name=row.title,
        details={"version": row.version, "whose": row.get_level_display()},
    )
