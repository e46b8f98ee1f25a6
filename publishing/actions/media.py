"""The video of a post, and the media library: whose a picture is, who agreed to it, until when, where it is used."""

from __future__ import annotations

from datetime import date

from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.errors import NotFound, NotValid, TransitionNotAllowed
from media.models import File
from media.queries import is_video
from publishing.actions import posts
from publishing.models import Asset, Post, PostPicture, PostVideo
from staff.models import StaffMember
from staff.roles import Power

MOST_PICTURES = 10


@action
def set_video(
    *,
    actor: StaffMember,
    post: Post,
    version_seen: int,
    file: File,
    title: str,
    alt_text: str,
    captions: str = "",
    no_captions_why: str = "",
) -> PostVideo:
    """The post has this video now, in place of one that it had: a new version.

    captions: WebVTT (publishing.captions). Without them, why: "no speech in it" is a reason.
    Raises NotPermitted, NotValid, ChangedSinceSeen, TransitionNotAllowed. Audits post.edited.
    """
    title, alt_text, no_captions_why = (" ".join(one.split()) for one in (title, alt_text, no_captions_why))
    if not is_video(file) or file.kind != File.Kind.COPY:
        raise NotValid("This file cannot be shown as a video.", field="video")
    if not alt_text:
        raise NotValid("Say what happens in the video, for people who cannot see it.", field="video_alt")
    if not captions and not no_captions_why:
        raise NotValid(
            "Choose a file with captions, or say why the video has none (for example: there is no speech in it).",
            field="captions",
        )
    with posts.new_version(actor=actor, post=post, version_seen=version_seen, why="Video added") as post:
        if PostPicture.objects.filter(post=post, removed_at=None).exists():
            raise NotValid("The post has pictures. A post has pictures or a video, not both.", field="video")
        PostVideo.objects.filter(post=post, removed_at=None).update(removed_at=clock.now())
        return PostVideo.objects.create(
            post=post,
            file=file,
            title=(title or post.title)[:100],
            alt_text=_within(alt_text, 1000, "video_alt"),
            captions=captions,
            no_captions_why="" if captions else _within(no_captions_why, 300, "no_captions_why"),
        )


@action
def remove_video(*, actor: StaffMember, post: Post, version_seen: int) -> Post:
    """The post has no video any more: a new version.

    Raises NotPermitted, NotFound, ChangedSinceSeen, TransitionNotAllowed. Audits post.edited.
    """
    with posts.new_version(actor=actor, post=post, version_seen=version_seen, why="Video removed") as post:
        if not PostVideo.objects.filter(post=post, removed_at=None).update(removed_at=clock.now()):
            raise NotFound("There is no video on the post any more.")
    return post


@action
def use_asset(*, actor: StaffMember, post: Post, version_seen: int, asset: Asset) -> Post:
    """A picture or video of the library stands on the post, with its alt text and captions: a new version.

    Raises NotPermitted, NotValid (it may not be used any more, ten pictures, pictures and a video),
    ChangedSinceSeen, TransitionNotAllowed. Audits post.edited.
    """
    asset = Asset.objects.select_for_update().select_related("file").get(pk=asset.pk)
    if asset.retired_at is not None or (asset.expires_on and asset.expires_on < clock.today()):
        raise NotValid(f"“{asset.title}” may not be used any more. Choose another one.", field="asset")
    why = f"From the library: {asset.title}"
    with posts.new_version(actor=actor, post=post, version_seen=version_seen, why=why) as post:
        pictures = PostPicture.objects.filter(post=post, removed_at=None)
        videos = PostVideo.objects.filter(post=post, removed_at=None)
        if is_video(asset.file):
            if pictures.exists():
                raise NotValid(
                    "A post has pictures or a video, not both. Remove the pictures first.", field="asset"
                )
            videos.update(removed_at=clock.now())
            PostVideo.objects.create(
                post=post,
                file=asset.file,
                title=asset.title[:100],
                alt_text=asset.alt_text,
                captions=asset.captions,
                no_captions_why="" if asset.captions else "There is no speech in it (library).",
                asset=asset,
            )
        else:
            count = pictures.count()
            if videos.exists():
                raise NotValid(
                    "A post has pictures or a video, not both. Remove the video first.", field="asset"
                )
            if count >= MOST_PICTURES:
                raise NotValid("A post holds at most ten pictures. Remove one first.", field="asset")
            PostPicture.objects.create(
                post=post, file=asset.file, alt_text=asset.alt_text, position=count, asset=asset
            )
    return post


@action
def add_asset(
    *,
    actor: StaffMember,
    file: File,
    title: str,
    alt_text: str,
    rights: str,
    consent: str,
    credit: str = "",
    consent_note: str = "",
    expires_on: date | None = None,
    captions: str = "",
) -> Asset:
    """A picture or video is in the library, for everybody who writes posts.

    expires_on: the last London day on which it may go out. Raises NotPermitted, NotValid. Audits asset.added.
    """
    require(actor, Power.PLAN_POSTS)
    title, alt_text, credit, consent_note = (
        " ".join(one.split()) for one in (title, alt_text, credit, consent_note)
    )
    if not title:
        raise NotValid("Name it, so that colleagues find it.", field="title")
    if not alt_text:
        raise NotValid("Say what it shows, for people who cannot see it.", field="alt_text")
    if rights not in Asset.Rights.values:
        raise NotValid("Say whose it is.", field="rights")
    if consent not in Asset.Consent.values:
        raise NotValid("Say whether somebody can be recognised, and whether they agreed.", field="consent")
    if rights != Asset.Rights.OURS and not credit:
        raise NotValid("Name whose it is, as it has to be credited.", field="credit")
    if consent != Asset.Consent.NOT_NEEDED and not consent_note:
        raise NotValid("Say where the consent or the reasons are kept.", field="consent_note")
    if expires_on is not None and expires_on < clock.today():
        raise NotValid("That day has passed. Give the last day on which it may be used.", field="expires_on")
    if file.kind != File.Kind.COPY:
        raise NotValid("This file cannot be shown.", field="file")
    made = Asset.objects.create(
        title=_within(title, 120, "title"),
        file=file,
        alt_text=_within(alt_text, 1000, "alt_text"),
        captions=captions if is_video(file) else "",
        rights=rights,
        credit=_within(credit, 200, "credit"),
        consent=consent,
        consent_note=_within(consent_note, 300, "consent_note"),
        expires_on=expires_on,
        added_by=actor,
        added_at=clock.now(),
    )
    record(
        actor=actor,
        event="asset.added",
        subject=made,
        subject_name=made.title,
        details={"rights": rights, "consent": consent, "expires_on": str(expires_on or "")},
    )
    return made


@action
def retire_asset(*, actor: StaffMember, asset: Asset, why: str) -> Asset:
    """It may not be used any more, and what is planned with it stops at its checks. It stays in what went out.

    Raises NotPermitted, NotValid (no reason), TransitionNotAllowed (out already). Audits asset.retired.
    """
    require(actor, Power.PLAN_POSTS)
    asset = Asset.objects.select_for_update().get(pk=asset.pk)
    if asset.retired_at is not None:
        raise TransitionNotAllowed(f"“{asset.title}” was taken out of the library already.")
    why = " ".join(why.split())
    if not why:
        raise NotValid("Say why: consent withdrawn, licence ended, out of date.", field="why")
    asset.retired_at, asset.retired_by, asset.retired_why = clock.now(), actor, _within(why, 300, "why")
    asset.save(update_fields=["retired_at", "retired_by", "retired_why"])
    record(actor=actor, event="asset.retired", subject=asset, subject_name=asset.title, reason=why)
    return asset


def _within(words: str, longest: int, field: str) -> str:
    if len(words) > longest:
        raise NotValid(f"Say it in at most {longest:,} characters.", field=field)
    return words
