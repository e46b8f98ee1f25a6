"""What a post is besides its words: who may reply, whether it may be a thread, its language, its campaigns; tags."""

from __future__ import annotations

import re
from collections.abc import Iterable

from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.errors import NotValid, TransitionNotAllowed
from publishing import pairs
from publishing.actions import posts
from publishing.models import Post, PostTag, Tag
from staff.models import StaffMember
from staff.roles import Power

HASHTAG = re.compile(r"^#[^\W_]\w{1,58}$")


@action
def set_options(
    *,
    actor: StaffMember,
    post: Post,
    version_seen: int,
    reply_control: str = "",
    as_thread: bool = False,
    language: str = "",
    campaign_ids: Iterable[int] = (),
) -> Post:
    """Who may reply, whether long words become a thread, its language and campaigns: a new version where it differs.

    Raises NotPermitted, NotValid, ChangedSinceSeen, TransitionNotAllowed. Audits post.edited.
    """
    if reply_control and reply_control not in Post.ReplyControl.values:
        raise NotValid("Choose who may reply.", field="reply_control")
    if language and language not in Post.Language.values:
        raise NotValid("Choose the language.", field="language")
    wanted = set(campaign_ids)
    known = Tag.objects.filter(pk__in=wanted, kind=Tag.Kind.CAMPAIGN)
    if known.count() != len(wanted):
        raise NotValid("Choose campaigns from the list.", field="campaigns")
    present = set(PostTag.objects.filter(post=post, removed_at=None).values_list("tag_id", flat=True))
    now = Post.objects.get(pk=post.pk)
    if (now.reply_control, now.as_thread, now.language) == (
        reply_control,
        as_thread,
        language,
    ) and wanted == present:
        return now
    if pairs.other(now) is not None and language != now.language:
        raise NotValid(
            "It has a pair in the other language. Part them before its language changes.", field="language"
        )
    with posts.new_version(actor=actor, post=post, version_seen=version_seen, why="") as post:
        post.reply_control, post.as_thread, post.language = reply_control, as_thread, language
        PostTag.objects.filter(post=post, removed_at=None).exclude(tag_id__in=wanted).update(
            removed_at=clock.now()
        )
        for pk in sorted(wanted - present):
            PostTag.objects.create(post=post, tag_id=pk, added_at=clock.now())
    return post


@action
def add_tag(*, actor: StaffMember, kind: str, name: str, about: str = "") -> Tag:
    """A hashtag or a campaign is there for everybody who writes.

    A hashtag has a capital for each word, so that screen readers say the words (GCS, accessible social media).
    Raises NotPermitted, NotValid. Audits tag.added.
    """
    require(actor, Power.PLAN_POSTS)
    name, about = " ".join(name.split()), " ".join(about.split())
    if kind not in Tag.Kind.values:
        raise NotValid("Choose whether it is a hashtag or a campaign.", field="kind")
    if kind == Tag.Kind.HASHTAG:
        name = f"#{name.lstrip('#')}"
        if not HASHTAG.match(name):
            raise NotValid(
                "A hashtag is letters and digits without blanks, such as #SaltmereViaduct.", field="name"
            )
        if len(name) > 11 and name[1:] in (name[1:].lower(), name[1:].upper()):
            raise NotValid(
                "Give each word of the hashtag a capital, such as #SaltmereViaduct: screen readers then say the words.",
                field="name",
            )
    if not name or len(name) > 60:
        raise NotValid("Give it a name of at most 60 characters.", field="name")
    if len(about) > 300:
        raise NotValid("Say what it is for in at most 300 characters.", field="about")
    if Tag.objects.filter(kind=kind, name__iexact=name, retired_at=None).exists():
        raise NotValid(f"{name} is there already.", field="name")
    made = Tag.objects.create(kind=kind, name=name, about=about, added_by=actor, added_at=clock.now())
    record(actor=actor, event="tag.added", subject=made, subject_name=name, details={"kind": kind})
    return made


@action
def retire_tag(*, actor: StaffMember, tag: Tag) -> Tag:
    """It is offered no more; posts that have it keep it.

    Raises NotPermitted, TransitionNotAllowed (retired already). Audits tag.retired.
    """
    require(actor, Power.PLAN_POSTS)
    tag = Tag.objects.select_for_update().get(pk=tag.pk)
    if tag.retired_at is not None:
        raise TransitionNotAllowed(f"{tag.name} is not offered any more already.")
    tag.retired_at, tag.retired_by = clock.now(), actor
    tag.save(update_fields=["retired_at", "retired_by"])
    record(actor=actor, event="tag.retired", subject=tag, subject_name=tag.name)
    return tag
