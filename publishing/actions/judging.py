"""What an author declares of a post, what the checks found in it, and whoever lets it go on all the same."""

from __future__ import annotations

from collections.abc import Mapping

from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.errors import ChangedSinceSeen, NotPermitted, NotValid, TransitionNotAllowed
from core.typed import reason
from publishing import queries
from publishing.actions import posts
from publishing.checks import judging, questions
from publishing.models import Declaration, FollowUp, Override, Post
from publishing.queries_checks import OVERRIDES_WITH
from staff.models import StaffMember
from staff.roles import Power


@action
def declare(
    *,
    actor: StaffMember,
    post: Post,
    version_seen: int,
    kind: str,
    answers: Mapping[str, str],
    urgent_why: str = "",
) -> Post:
    """Of what kind a post is, the answers to the checks' questions, and why it is urgent: a new version where it differs.

    answers: question -> answer; those that are not named stay as they were, those that the kind does not ask go.
    urgent_why: why somebody's life may depend on it; empty where it is not urgent.
    Raises NotPermitted, NotValid (the field is named), ChangedSinceSeen, TransitionNotAllowed. Audits post.edited.
    """
    if kind not in Declaration.Kind.values:
        raise NotValid("Choose of what kind the post is.", field="kind")
    urgent_why = " ".join(urgent_why.split())
    if len(urgent_why) > 300:
        raise NotValid("Say why it is urgent in at most 300 characters.", field="urgent_why")
    before = judging.declaration_of(post)
    kept = {str(slug): str(answer) for slug, answer in before.answers.items()}
    for slug, answer in answers.items():
        question = questions.BY_SLUG.get(slug)
        if question is None:
            raise NotValid("This is no question of the checks.")
        answer = " ".join(answer.split())
        if why := questions.what_is_wrong(question, answer):
            raise NotValid(why, field=question.field)
        kept[slug] = answer
    wanted = {
        slug: answer
        for slug, answer in sorted(kept.items())
        if answer and (not questions.BY_SLUG[slug].kinds or kind in questions.BY_SLUG[slug].kinds)
    }
    if (before.kind, before.answers, before.urgent_why) == (kind, wanted, urgent_why):
        return post
    with posts.new_version(actor=actor, post=post, version_seen=version_seen, why="Declared") as post:
        Declaration.objects.update_or_create(
            post=post,
            defaults={
                "kind": kind,
                "answers": wanted,
                "urgent_why": urgent_why,
                "declared_by": actor,
                "declared_at": clock.now(),
            },
        )
    return post


@action
def override(*, actor: StaffMember, post: Post, version_seen: int, slug: str, why: str) -> Override:
    """A check stops this post no longer, in exactly these words: two people approve it then.

    Only where the force's policy lets it, by whom it says, and by nobody who wrote some of it.
    Raises NotPermitted, NotValid (no reason), ChangedSinceSeen, TransitionNotAllowed (it stops nothing, or
    nobody may override it). Audits post.check_overridden.
    """
    post = Post.objects.select_for_update().get(pk=post.pk)
    if post.version != version_seen:
        raise ChangedSinceSeen(
            f"“{post.title}” was changed after you opened it: it is version {post.version} now. Read it again."
        )
    judged = judging.judge_now(post)
    stopping = [one for one in judged.stopping if one.slug == slug]
    finding = next((one for one in stopping if not one.override_by), stopping[0] if stopping else None)
    if finding is None or post.state not in (Post.State.DRAFT, Post.State.SUBMITTED):
        raise TransitionNotAllowed("This check does not stop the post as it stands. Reload the page.")
    power = OVERRIDES_WITH.get(finding.override_by)
    if power is None:
        raise TransitionNotAllowed(
            f"Nobody may override “{finding.name}”: the post has to change. {finding.do}"
        )
    for variant in queries.live_variants(post):
        require(actor, power, variant.official_account_id)
    if actor.pk in queries.writer_ids(post):
        raise NotPermitted("You have written some of this post, so somebody else has to override the check.")
    why = reason(why, "Say why the post may go on all the same.")
    made = Override.objects.create(
        post=post,
        version=post.version,
        content_hash=judged.content_hash,
        slug=slug,
        why=why,
        by=actor,
        at=clock.now(),
    )
    record(
        actor=actor,
        event="post.check_overridden",
        subject=post,
        subject_name=post.title,
        reason=why,
        details={"version": post.version, "check": finding.name},
    )
    return made


@action
def put_right(*, actor: StaffMember, follow_up: FollowUp, how: str) -> FollowUp:
    """What an urgent post was let go with has been put right, or need not be, and how.

    Raises NotPermitted, NotValid (not said how), TransitionNotAllowed (done already). Audits post.put_right.
    """
    row = FollowUp.objects.select_for_update().select_related("post").get(pk=follow_up.pk)
    for variant in queries.live_variants(row.post):
        require(actor, Power.WRITE_POSTS, variant.official_account_id)
    if row.done_at is not None:
        raise TransitionNotAllowed("This has been put right already.")
    row.done_how = reason(how, "Say what was done, or why it need not be.")
    row.done_at, row.done_by = clock.now(), actor
    row.save(update_fields=["done_at", "done_by", "done_how"])
    record(
        actor=actor,
        event="post.put_right",
        subject=row.post,
        subject_name=row.post.title,
        reason=row.done_how,
        details={"check": row.slug},
    )
    return row
