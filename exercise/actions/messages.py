"""Writing, editing, hiding and deleting on the exercise network.

Every change takes a number from one sequence, so that a poll can ask for all that changed since
the last number it saw. Two writers could take 7 and 8 and commit 8 first: a poll between the two
commits would read 8, go on from there and never see 7. So writers take turns (`_next_change`):
the lock is held to the end of the transaction, and numbers become visible in their order. A
training network writes little enough for turns to cost nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import Q

from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor, System
from core.errors import NotFound, NotPermitted, NotValid, Refused
from exercise import limits
from exercise.authority import require_trainer
from exercise.models import Exclusion, Message, Picture, Profile

_TURNS = 7_351_001


@dataclass(frozen=True)
class NewPicture:
    """An image to stand on a message."""

    content: bytes = field(repr=False)
    content_type: str
    alt_text: str = ""


@action
def publish(
    *,
    actor: Actor,
    profile: Profile,
    key: str,
    text: str,
    reply_to: int | None = None,
    private_to: int | None = None,
    pictures: Sequence[NewPicture] = (),
    at: datetime | None = None,
) -> tuple[Message, bool]:
    """An official profile's post, reply or private message stands on the network, once per key.

    Returns the message and whether it is new: the same key again gives what stands there already.
    at: when it reads as written; now by default, never later.
    Raises NotValid (too long, no words, a key used for other words, a private message answered in
    public), NotFound (what it answers is gone). Audits exercise.published.
    """
    _require_profile(actor, profile)
    if not key or len(key) > limits.KEY_LENGTH:
        raise NotValid(f"Give a key of 1 to {limits.KEY_LENGTH} characters.", field="key")
    limits.storable(key, field="key")
    most = limits.POST_LENGTH if reply_to is None and private_to is None else limits.REPLY_LENGTH
    text = limits.words(text, most=most, may_be_empty=bool(pictures))
    if len(pictures) > limits.PICTURES:
        raise NotValid(f"A message holds at most {limits.PICTURES} pictures.", field="pictures")
    for picture in pictures:
        limits.picture(picture.content, picture.content_type)
        if len(limits.storable(picture.alt_text, field="pictures")) > limits.ALT_TEXT_LENGTH:
            raise NotValid(
                f"Alternative text is at most {limits.ALT_TEXT_LENGTH} characters.", field="pictures"
            )
    number = _next_change()
    standing = Message.objects.filter(author=profile, key=key).first()
    if standing is not None:
        if (standing.text, standing.parent_id, standing.private_to_id) != (text, reply_to, private_to):
            raise AlreadyUsed("This key was already used for another message.")
        return standing, False
    parent = _answerable(profile, reply_to)
    receiver = _receiver(profile, private_to)
    if parent is not None and parent.private_to_id is not None:
        others = {parent.author_id, parent.private_to_id} - {profile.pk}
        if receiver is None or receiver.pk not in others:
            raise NotValid(
                "That message was private: answer it privately, to who wrote it.", field="private_to"
            )
    message = Message.objects.create(
        author=profile,
        text=text,
        parent=parent,
        root=_root(parent),
        private_to=receiver,
        key=key,
        mentions=limits.mentions(text),
        created_at=min(at, clock.now()) if at else clock.now(),
        changed_seq=number,
    )
    Picture.objects.bulk_create(
        Picture(message=message, content=p.content, content_type=p.content_type, alt_text=p.alt_text)
        for p in pictures
    )
    record(actor=actor, event="exercise.published", subject=message, subject_name=str(profile))
    return message, True


@action
def write_as_public(
    *,
    actor: Actor,
    handle: str,
    name: str,
    text: str,
    under: Message | None = None,
    private_to: Profile | None = None,
    at: datetime | None = None,
    held: str = "",
    pictures: Sequence[NewPicture] = (),
) -> Message:
    """A member of the public says something: under a message, privately to an official profile, or at large.

    The profile is made on its first words; later ones keep the name it was made with.
    held: why the network's own filter keeps it from the public until the official profile shows it.
    Raises NotPermitted (not a trainer), NotValid (handle or text not allowed, an official handle),
    NotFound (what it answers is gone), KeptAway (the official profile has blocked them). Audits
    exercise.written_as_public.
    """
    require_trainer(actor)
    handle, name = limits.handle(handle), limits.name(name)
    text = limits.words(text, most=limits.PUBLIC_LENGTH, may_be_empty=bool(pictures))
    for picture in pictures:
        limits.picture(picture.content, picture.content_type)
    if private_to is not None and not private_to.official:
        raise NotValid("Private messages go to official profiles alone.", field="private_to")
    number = _next_change()
    author, _ = Profile.objects.get_or_create(
        handle=handle, defaults={"name": name, "created_at": clock.now()}
    )
    if author.official:
        raise NotValid(f"@{handle} is an official profile: nobody else writes as it.", field="handle")
    parent = _answerable(author, under.pk if under is not None else None)
    if parent is not None and parent.private_to_id is not None and private_to is None:
        raise NotValid("That message was private: answer it privately.", field="private_to")
    _refuse_if_kept_away(author, parent, private_to)
    message = Message.objects.create(
        author=author,
        text=text,
        parent=parent,
        root=_root(parent),
        private_to=private_to,
        mentions=limits.mentions(text),
        created_at=min(at, clock.now()) if at else clock.now(),
        hidden_at=clock.now() if held else None,
        held_why=held[:40],
        changed_seq=number,
    )
    Picture.objects.bulk_create(
        Picture(message=message, content=p.content, content_type=p.content_type, alt_text=p.alt_text)
        for p in pictures
    )
    record(actor=actor, event="exercise.written_as_public", subject=message, subject_name=str(author))
    return message


@action
def edit(*, actor: Actor, message: Message, text: str, at: datetime | None = None) -> Message:
    """A member of the public changes their words. Everybody sees the new ones, marked as edited.

    Raises NotPermitted, NotValid, NotFound (it is gone). Audits exercise.edited.
    """
    require_trainer(actor)
    text = limits.words(text, most=limits.PUBLIC_LENGTH)
    number = _next_change()
    message = _standing(message.pk)
    if message.author.official:
        raise NotPermitted("The words of an official profile are not edited here.")
    message.text = text
    message.mentions = sorted({*message.mentions, *limits.mentions(text)})
    message.edited_at = min(at, clock.now()) if at else clock.now()
    message.changed_seq = number
    message.save(update_fields=["text", "mentions", "edited_at", "changed_seq"])
    record(actor=actor, event="exercise.edited", subject=message, subject_name=str(message.author))
    return message


@action
def delete(
    *, actor: Actor, message: Message, by: Profile | None = None, removed_by: str = "author"
) -> Message:
    """A message, its pictures and what hangs under it are no longer shown. Twice is no fault.

    by: the official profile whose connector asks; it deletes what it wrote, and replies under its own
    posts. Without it, a trainer deletes as the member of the public who wrote it, or (removed_by "platform") as the network
    itself; empty where the network says nothing of who it was.
    Raises NotPermitted. Audits exercise.deleted.
    """
    number = _next_change()
    message = (
        Message.objects.select_for_update(of=("self",)).select_related("author", "root").get(pk=message.pk)
    )
    if by is not None:
        _require_profile(actor, by)
        root = message.root if message.private_to_id is None else None
        if message.author_id != by.pk and (root is None or root.author_id != by.pk):
            raise NotPermitted(
                "A profile deletes only what it wrote itself, and replies under its own posts."
            )
    else:
        require_trainer(actor)
        if message.author.official:
            raise NotPermitted("An official profile's message is deleted through its own connector.")
    if message.deleted_at is None:
        message.deleted_at = clock.now()
        message.removed_by = removed_by[:8]
        if by is not None:
            message.removed_by = "author" if message.author_id == by.pk else "us"
        message.changed_seq = number
        message.save(update_fields=["deleted_at", "removed_by", "changed_seq"])
        record(actor=actor, event="exercise.deleted", subject=message, subject_name=str(message.author))
    return message


@action
def hide(*, actor: Actor, profile: Profile, message: Message) -> Message:
    """A reply in a thread of the profile's own is no longer shown to the public. Twice is no fault.

    Raises NotPermitted (not in a thread of the profile's), NotFound (it is gone).
    Audits exercise.hidden.
    """
    number = _next_change()
    message = _in_own_thread(actor, profile, message)
    if message.hidden_at is None:
        message.hidden_at = clock.now()
        message.changed_seq = number
        message.save(update_fields=["hidden_at", "changed_seq"])
        record(actor=actor, event="exercise.hidden", subject=message, subject_name=str(profile))
    return message


@action
def unhide(*, actor: Actor, profile: Profile, message: Message) -> Message:
    """A hidden reply is shown to the public again. Twice is no fault.

    Raises NotPermitted (not in a thread of the profile's), NotFound (it is gone).
    Audits exercise.unhidden.
    """
    number = _next_change()
    message = _in_own_thread(actor, profile, message)
    if message.hidden_at is not None:
        message.hidden_at = None
        message.held_why = ""
        message.changed_seq = number
        message.save(update_fields=["hidden_at", "held_why", "changed_seq"])
        record(actor=actor, event="exercise.unhidden", subject=message, subject_name=str(profile))
    return message


@action
def exclude(*, actor: Actor, profile: Profile, person: Profile, kind: str) -> Exclusion:
    """The person can no longer write to the official profile (block), or is not shown to it (mute). Twice is no fault.

    Raises NotPermitted. Audits exercise.excluded.
    """
    _require_profile(actor, profile)
    _next_change()
    standing = Exclusion.objects.filter(official=profile, person=person, kind=kind, until=None).first()
    if standing is not None:
        return standing
    row = Exclusion.objects.create(
        official=profile, person=person, kind=Exclusion.Kind(kind), since=clock.now()
    )
    record(actor=actor, event="exercise.excluded", subject=row, subject_name=str(person))
    return row


@action
def readmit(*, actor: Actor, profile: Profile, person: Profile, kind: str) -> None:
    """The person can write again, or is shown again. Twice is no fault.

    Raises NotPermitted. Audits exercise.readmitted.
    """
    _require_profile(actor, profile)
    row = (
        Exclusion.objects.select_for_update()
        .filter(official=profile, person=person, kind=kind, until=None)
        .first()
    )
    if row is None:
        return
    row.until = clock.now()
    row.save(update_fields=["until"])
    record(actor=actor, event="exercise.readmitted", subject=row, subject_name=str(person))


class KeptAway(Refused):
    """The official profile has blocked whoever wants to write to it."""

    status = 403


class AlreadyUsed(Refused):
    """A key was sent again with other words than the first time."""


def _next_change() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TURNS])
        cursor.execute("SELECT nextval('exercise_change_seq')")
        return cursor.fetchone()[0]


def _require_profile(actor: Actor, profile: Profile) -> None:
    if not isinstance(actor, System) or not profile.official:
        raise NotPermitted("Only an official profile's own connector speaks for it.")


def _refuse_if_kept_away(author: Profile, parent: Message | None, private_to: Profile | None) -> None:
    root = _root(parent)
    to = {private_to.pk} if private_to is not None else set()
    if root is not None:
        to.add(root.author_id)
    if Exclusion.objects.filter(
        official_id__in=to, person=author, kind=Exclusion.Kind.BLOCK, until=None
    ).exists():
        raise KeptAway(f"@{author.handle} is blocked there and cannot write under its posts or to it.")


def _standing(pk: int) -> Message:
    message = (
        Message.objects.select_for_update(of=("self",))
        .select_related("author")
        .filter(Q(root=None) | Q(root__deleted_at=None), pk=pk, deleted_at=None)
        .first()
    )
    if message is None:
        raise NotFound("There is no such message, or it was deleted.")
    return message


def _answerable(author: Profile, pk: int | None) -> Message | None:
    """The message that is answered. A private one between others answers as if it were not there."""
    if pk is None:
        return None
    message = _standing(pk)
    if message.private_to_id is not None and author.pk not in (message.author_id, message.private_to_id):
        raise NotFound("There is no such message, or it was deleted.")
    return message


def _receiver(author: Profile, pk: int | None) -> Profile | None:
    if pk is None:
        return None
    receiver = Profile.objects.filter(pk=pk).exclude(pk=author.pk).first()
    if receiver is None:
        raise NotFound("There is nobody of that id to write to.")
    return receiver


def _root(parent: Message | None) -> Message | None:
    return None if parent is None else (parent.root or parent)


def _in_own_thread(actor: Actor, profile: Profile, message: Message) -> Message:
    _require_profile(actor, profile)
    message = _standing(message.pk)
    if message.private_to_id is not None or message.root is None or message.root.author_id != profile.pk:
        raise NotPermitted("A profile hides only replies under its own posts.")
    return message
