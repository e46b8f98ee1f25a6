"""Storing files: the original sealed away, the re-encoded copy for people and platforms."""

from __future__ import annotations

import re
from typing import Protocol

from audit.actions import record
from core import clock
from core.acting import action
from core.actors import Actor
from core.errors import NotPermitted, NotValid
from media import pictures, storage
from media.models import File
from staff.models import StaffMember
from staff.roles import Power


class Upload(Protocol):
    """A file as Django's upload handlers give it: its size is known before it is read."""

    size: int | None

    def read(self, num_bytes: int = ...) -> bytes: ...


def store_image(*, actor: Actor, upload: Upload, name: str) -> File:
    """A picture is kept twice: the original, sealed and never served, and a copy without metadata.

    Answers the copy. The bytes reach the disk before the rows that name them: a row never points
    at nothing, and bytes without a row are harmless. The same picture twice is stored once.
    Raises NotPermitted, or NotValid for what is no picture or too large. Audits file.stored.
    """
    if isinstance(actor, StaffMember) and not actor.has_perm(f"accounts.{Power.WRITE_POSTS}"):
        raise NotPermitted(
            f"You may not store pictures: it needs the right “{Power.WRITE_POSTS.label}”. "
            "Ask your service administrator."
        )
    if upload.size is not None and upload.size > pictures.MOST_BYTES:
        raise NotValid(
            f"The picture is larger than {pictures.MOST_BYTES // (1024 * 1024)} MB. Make it smaller and try again.",
            field="picture",
        )
    content = upload.read(pictures.MOST_BYTES + 1)
    copy = pictures.reencode(content)
    sealed_at, copied_at = storage.put(content), storage.put(copy.content)
    return _record_image(
        actor=actor,
        name=_plain_name(name),
        original=(sealed_at, len(content)),
        copy=(copied_at, copy),
    )


@action
def _record_image(
    *, actor: Actor, name: str, original: tuple[str, int], copy: tuple[str, pictures.Picture]
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
        name=f"{stem}.{'png' if copy[1].content_type == 'image/png' else 'jpg'}",
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
        subject_name=made.name,
        details={"sha256": made.sha256, "original_sha256": sealed.sha256, "bytes": sealed.size_bytes},
    )
    return made


@action
def note_view(*, actor: StaffMember, file: File) -> None:
    """That somebody opened the file stands in the trail before it is answered. Audits file.viewed."""
    record(actor=actor, event="file.viewed", subject=file, subject_name=file.name)


def _plain_name(name: str) -> str:
    """A name without folders, control characters or direction marks, at most 120 characters."""
    last = re.split(r"[/\\]", name)[-1]
    plain = re.sub(r"[^\w .()-]", "", last).strip(" .")[:120]
    return plain or "picture"
