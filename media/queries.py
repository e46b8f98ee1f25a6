"""Reading files. The caller has checked that the viewer may see the record that uses the file."""

from __future__ import annotations

from collections.abc import Collection

from django.conf import settings
from django.core import signing
from django.urls import reverse

from core.errors import NotFound
from media import pictures, storage, vault
from media.models import File, SealedFile
from staff.models import StaffMember

LINK_LASTS_S = 300
FETCH_LASTS_S = 3600
"""How long a platform may fetch a picture of a post: Instagram fetches it when its container is made."""
_SALT = "media.show"
_FETCH_SALT = "media.fetch"


def content(file: File) -> bytes:
    """The bytes of a re-encoded copy. An original is sealed: asking for it is a mistake of ours."""
    if file.kind != File.Kind.COPY:
        raise ValueError("a sealed original is never served or sent")
    return storage.get(file.sha256)


def content_within(file: File, most_bytes: int) -> tuple[bytes, str]:
    """The bytes of a copy made small enough for a platform, and their type; 0 means no limit."""
    whole = content(file)
    fitted = pictures.within(whole, most_bytes)
    return fitted, file.content_type if fitted is whole else "image/jpeg"


def link_for(file: File, viewer: StaffMember) -> str:
    """An address that shows the file to this person, for LINK_LASTS_S. For pages after their own scope check."""
    token = signing.dumps({"file": file.pk, "viewer": viewer.pk}, salt=_SALT)
    return f"{reverse('media:show', args=[file.pk])}?t={token}"


def file_by_token(viewer: StaffMember, pk: int, token: str) -> File:
    """The file that an address of `link_for` names. Raises NotFound for a wrong, old or another's token."""
    try:
        named = signing.loads(token, salt=_SALT, max_age=LINK_LASTS_S)
    except signing.BadSignature:
        named = {}
    if named != {"file": pk, "viewer": viewer.pk}:
        raise NotFound("This picture's address has run out. Reload the page that showed it.")
    try:
        return File.objects.get(pk=pk, kind=File.Kind.COPY)
    except File.DoesNotExist:
        raise NotFound("This picture is not kept any more.") from None


def address_to_fetch(file: File, most_bytes: int) -> str:
    """Where a platform may fetch a picture that is being published, for FETCH_LASTS_S, and nobody else knows of.

    For pictures of a post that is on its way out alone: whoever has the address sees the picture.
    """
    token = signing.dumps({"file": file.pk, "most": most_bytes}, salt=_FETCH_SALT)
    return settings.PUBLIC_ADDRESS + reverse("media:fetch", args=[token])


def video_to_fetch(file: File) -> str:
    """As `address_to_fetch`, for a video, which is given out as it is stored."""
    return address_to_fetch(file, 0)


def is_video(file: File) -> bool:
    """Whether it moves."""
    return file.content_type.startswith("video/")


def fetched(token: str) -> tuple[bytes, str]:
    """The bytes and the type that an address of `address_to_fetch` stands for: a JPEG, or a video as it is stored.

    Raises NotFound for a forged or old address, and for a picture that is not kept any more.
    """
    gone = NotFound("There is nothing here, or not any more.")
    try:
        named = signing.loads(token, salt=_FETCH_SALT, max_age=FETCH_LASTS_S)
        file = File.objects.get(pk=named["file"], kind=File.Kind.COPY)
        if is_video(file):
            return content(file), file.content_type
        return pictures.as_jpeg(content(file), named["most"]), "image/jpeg"
    except (signing.BadSignature, File.DoesNotExist, KeyError, TypeError, storage.Damaged):
        raise gone from None


def received(sealed: SealedFile) -> bytes:
    """The bytes as they were received, for an exhibit. The caller has checked who asks, and audits it.

    Raises NotFound where the store or the keys do not have it whole.
    """
    try:
        return vault.get(
            sha256=sealed.sha256, address=sealed.stored_sha256, wrapped_key=bytes(sealed.wrapped_key)
        )
    except (storage.Damaged, vault.Unreadable):
        raise NotFound("This file cannot be read from the store. Tell your service administrator.") from None


def shown(sealed: SealedFile, *, covered: Collection[int] = ()) -> pictures.Picture:
    """A picture made anew from the sealed original, without anything but its pixels; kept nowhere.

    covered: squares of it that are black in what is answered (media.pictures).

    Raises NotFound (a video, or not to be read), NotValid (no picture that can be shown).
    """
    if not sealed.content_type.startswith("image/"):
        raise NotFound("This is a video, which is not shown here.")
    return pictures.reencode(received(sealed), covered=covered)
