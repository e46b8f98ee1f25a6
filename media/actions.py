"""Storing files: the original sealed away, the re-encoded copy for people and platforms."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import NotPermitted, NotValid
from media import pictures, storage, vault, videos
from media.fetching import Fetched
from media.models import File, Leaving, SealedFile
from staff.models import StaffMember
from staff.roles import Power

MOST_REMOVED = 5_000


class Upload(Protocol):
    """A file as Django's upload handlers give it: its size is known before it is read."""

    @property
    def size(self) -> int | None: ...

    def read(self, num_bytes: int = ...) -> bytes: ...


def store_image(*, actor: Actor, upload: Upload, name: str) -> File:
    """A picture is kept twice: the original, sealed and never served, and a copy without metadata.

    Answers the copy. The bytes reach the disk before the rows that name them: a row never points
    at nothing, and bytes without a row are harmless. The same picture twice is stored once.
    Raises NotPermitted, or NotValid for what is no picture or too large. Audits file.stored.
    """
    return _keep(
        actor=actor,
        upload=upload,
        name=name,
        what="picture",
        most_bytes=pictures.MOST_BYTES,
        too_large="Make it smaller",
        copied=pictures.reencode,
    )


def store_video(*, actor: Actor, upload: Upload, name: str) -> File:
    """A video is kept twice, as a picture is: sealed as it came, and without place, times and devices.

    Raises NotPermitted, or NotValid for what is no MP4 or MOV, too large or too long. Audits file.stored.
    """
    return _keep(
        actor=actor,
        upload=upload,
        name=name,
        what="video",
        most_bytes=videos.MOST_BYTES,
        too_large="Make it shorter or smaller",
        copied=videos.clean,
    )


def _keep(
    *,
    actor: Actor,
    upload: Upload,
    name: str,
    what: str,
    most_bytes: int,
    too_large: str,
    copied: Callable[[bytes], pictures.Picture | videos.Video],
) -> File:
    if isinstance(actor, StaffMember) and not actor.has_perm(f"accounts.{Power.WRITE_POSTS}"):
        raise NotPermitted(
            f"You may not store {what}s: it needs the right “{Power.WRITE_POSTS.label}”. "
            "Ask your service administrator."
        )
    if upload.size is not None and upload.size > most_bytes:
        raise NotValid(
            f"The {what} is larger than {most_bytes // (1024 * 1024)} MB. {too_large} and try again.",
            field=what,
        )
    content = upload.read(most_bytes + 1)
    copy = copied(content)
    sealed_at, copied_at = storage.put(content), storage.put(copy.content)
    return _record_both(
        actor=actor,
        name=_plain_name(name),
        original=(sealed_at, len(content)),
        copy=(copied_at, copy),
    )


_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "video/mp4": "mp4", "video/quicktime": "mov"}


@action
def _record_both(
    *, actor: Actor, name: str, original: tuple[str, int], copy: tuple[str, pictures.Picture | videos.Video]
) -> File:
    now = clock.now()
    by = actor if isinstance(actor, StaffMember) else None
    sealed = File.objects.create(
        sha256=original[0],
        kind=File.Kind.ORIGINAL,
        name=name,
        content_type="application/octet-stream",
        size_bytes=original[1],
        stored_by=by,
        stored_at=now,
    )
    stem = name.rpartition(".")[0] or name
    made = File.objects.create(
        sha256=copy[0],
        kind=File.Kind.COPY,
        name=f"{stem}.{_ENDINGS[copy[1].content_type]}",
        content_type=copy[1].content_type,
        size_bytes=len(copy[1].content),
        width=copy[1].width,
        height=copy[1].height,
        original=sealed,
        stored_by=by,
        stored_at=now,
    )
    record(
        actor=actor,
        event="file.stored",
        subject=made,
        # Not its name: whoever sent it chose that, and the trail outlives the file.
        subject_name=f"file {made.sha256[:12]}",
        details={"sha256": made.sha256, "original_sha256": sealed.sha256, "bytes": sealed.size_bytes},
    )
    return made


def seal_made(*, actor: Actor, content: bytes, content_type: str) -> SealedFile:
    """What was made here to be given out is kept as it was made, encrypted, and never changed.

    The bytes reach the disk before the row that names them. Audits file.sealed where it is new.
    """
    sha256, address, wrapped_key = vault.keep(content)
    return _record_sealed(
        actor=actor,
        sealed=SealedFile(
            sha256=sha256,
            stored_sha256=address,
            wrapped_key=wrapped_key,
            content_type=content_type,
            size_bytes=len(content),
            received_at=clock.now(),
        ),
    )


def seal_received(*, actor: Actor, received: Fetched) -> SealedFile:
    """What was fetched from elsewhere is kept as it came, encrypted. The same bytes again are the same file.

    The bytes reach the disk before the row that names them. Audits file.sealed where it is new.
    """
    sha256, address, wrapped_key = vault.keep(received.content)
    return _record_sealed(
        actor=actor,
        sealed=SealedFile(
            sha256=sha256,
            stored_sha256=address,
            wrapped_key=wrapped_key,
            content_type=received.content_type,
            size_bytes=len(received.content),
            received_at=clock.now(),
        ),
    )


@action
def _record_sealed(*, actor: Actor, sealed: SealedFile) -> SealedFile:
    kept, new = SealedFile.objects.get_or_create(
        sha256=sealed.sha256,
        defaults={
            "stored_sha256": sealed.stored_sha256,
            "wrapped_key": sealed.wrapped_key,
            "content_type": sealed.content_type,
            "size_bytes": sealed.size_bytes,
            "received_at": sealed.received_at,
        },
    )
    if new:
        record(
            actor=actor,
            event="file.sealed",
            subject=kept,
            subject_name=f"file {kept.sha256[:12]}",
            details={"sha256": kept.sha256, "bytes": kept.size_bytes},
        )
    return kept


@action
def wrap_anew(*, actor: Actor) -> int:
    """Every sealed file's key is under the newest installation key. Returns how many were wrapped anew.

    Raises NotValid where one cannot be opened; nothing is changed then. Audits file.keys_rotated.
    """
    done = 0
    for sealed in SealedFile.objects.select_for_update().order_by("pk"):
        if vault.under_newest(bytes(sealed.wrapped_key)):
            continue
        try:
            wrapped = vault.wrap_anew(bytes(sealed.wrapped_key))
        except vault.Unreadable:
            raise NotValid(
                f"{sealed} was sealed with a key that is no longer configured. Put that key back behind the new "
                "one; nothing was changed."
            ) from None
        SealedFile.objects.filter(pk=sealed.pk).update(wrapped_key=wrapped)
        done += 1
    record(actor=actor, event="file.keys_rotated", subject_name="sealed files", details={"count": done})
    return done


@action
def remove_left(*, actor: Actor, older_than_s: int = storage.YOUNG_S) -> int:
    """Bytes whose last row was disposed of are gone from the store. Answers how many. Safe to repeat.

    What another row names stays; what was stored within the hour waits, except where nobody can be storing anything.
    Audits file.bytes_removed.
    """
    lines = list(Leaving.objects.select_for_update(skip_locked=True).order_by("pk")[:MOST_REMOVED])
    addresses = [one.address for one in lines]
    named = set(File.objects.filter(sha256__in=addresses).values_list("sha256", flat=True))
    named |= set(
        SealedFile.objects.filter(stored_sha256__in=addresses).values_list("stored_sha256", flat=True)
    )
    over = [
        one.pk
        for one in lines
        if one.address in named or storage.remove(one.address, older_than_s=older_than_s)
    ]
    Leaving.objects.filter(pk__in=over).delete()
    removed = sum(one.address not in named for one in lines if one.pk in set(over))
    if removed:
        record(
            actor=actor,
            event="file.bytes_removed",
            subject_name="file store",
            details={"count": removed},
        )
    return removed


@action
def note_view(*, actor: StaffMember, file: File) -> None:
    """That somebody opened the file stands in the trail before it is answered. Audits file.viewed."""
    record(actor=actor, event="file.viewed", subject=file, subject_name=f"file {file.sha256[:12]}")


def _plain_name(name: str) -> str:
    """A name without folders, control characters or direction marks, at most 120 characters."""
    last = re.split(r"[/\\]", name)[-1]
    plain = re.sub(r"[^\w .()-]", "", last).strip(" .")[:120]
    return plain or "picture"
