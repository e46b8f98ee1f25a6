"""Welsh and English: two posts that are approved and published together."""

from __future__ import annotations

from audit.actions import record
from core.acting import action
from core.errors import NotValid, TransitionNotAllowed
from publishing import pairs, queries
from publishing.actions import posts
from publishing.models import Post
from staff.models import StaffMember

_OTHER = {Post.Language.ENGLISH: Post.Language.WELSH, Post.Language.WELSH: Post.Language.ENGLISH}


@action
def write_pair(*, actor: StaffMember, post: Post, version_seen: int, language: str) -> Post:
    """A new draft for the same post in the other language, for the same official accounts and time.

    language: of the post that is there. From now on neither is approved or sent alone.
    Raises NotPermitted, NotValid, ChangedSinceSeen, TransitionNotAllowed. Audits post.drafted, post.edited
    and post.paired.
    """
    if language not in _OTHER:
        raise NotValid("Say whether this one is in English or in Welsh.", field="language")
    present = Post.objects.get(pk=post.pk)
    if pairs.other(present) is not None:
        raise TransitionNotAllowed("It has a pair already.")
    if present.state != Post.State.DRAFT:
        raise TransitionNotAllowed("Only a draft gets a pair. Edit it first, which makes it a draft again.")
    accounts = [v.official_account_id for v in queries.live_variants(present)]
    title = f"{present.title[:108]} ({_OTHER[Post.Language(language)].label})"
    made = posts.draft_post(actor=actor, account_ids=accounts, title=title, publish_at=present.publish_at)
    with posts.new_version(actor=actor, post=present, version_seen=version_seen, why="Paired") as one:
        one.language = language
    with posts.new_version(actor=actor, post=made, version_seen=made.version, why="Paired") as two:
        two.language = _OTHER[Post.Language(language)]
        if language == Post.Language.ENGLISH:
            two.pair = one
    if language == Post.Language.WELSH:
        one.pair = two
        one.save(update_fields=["pair"])
    record(
        actor=actor,
        event="post.paired",
        subject=one,
        subject_name=one.title,
        details={"with": two.title, "pair": two.pk},
    )
    return two


@action
def part_pair(*, actor: StaffMember, post: Post, version_seen: int) -> Post:
    """Each stands by itself again. Only while both are drafts.

    Raises NotPermitted, ChangedSinceSeen, TransitionNotAllowed. Audits post.edited and post.parted.
    """
    present = Post.objects.get(pk=post.pk)
    pair = pairs.other(present)
    if pair is None:
        raise TransitionNotAllowed("It has no pair any more.")
    if present.state != Post.State.DRAFT or pair.state != Post.State.DRAFT:
        raise TransitionNotAllowed(
            "They are on their way together. Edit one, which makes both drafts again, then part them."
        )
    with posts.new_version(actor=actor, post=present, version_seen=version_seen, why="Parted") as one:
        one.pair = None
    with posts.new_version(actor=actor, post=pair, version_seen=pair.version, why="Parted") as two:
        two.pair = None
    record(actor=actor, event="post.parted", subject=one, subject_name=one.title, details={"from": two.title})
    return one
