"""A question of an approver to the author of a post that waits, and the answer: neither changes a word of it."""

from __future__ import annotations

from django.urls import reverse

from accounts.queries import require
from audit.actions import record
from core import clock
from core.acting import action
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from core.typed import reason
from notices.actions import notify
from notices.models import Notice
from publishing import queries
from publishing.actions import posts
from publishing.models import Post, PostQuestion
from staff.models import StaffMember
from staff.roles import Power


@action
def ask(*, actor: StaffMember, post: Post, question: str) -> PostQuestion:
    """The author of a post that waits is asked something; the post waits on.

    Raises NotPermitted (no right to approve it everywhere it goes), NotValid, TransitionNotAllowed (it does not wait).
    Audits post.asked.
    """
    post = posts.locked(post)
    for variant in queries.live_variants(post):
        require(actor, Power.APPROVE_POSTS, variant.official_account_id)
    if post.state != Post.State.SUBMITTED:
        raise TransitionNotAllowed(
            f"This post is {post.get_state_display().lower()}, so its author is asked nothing. Reload the page."
        )
    if actor.pk == post.author_id:
        raise NotPermitted("This post is yours: a colleague asks.")
    try:
        question = reason(question, "Write what you want to know.")
    except NotValid as refusal:
        raise NotValid(refusal.sentence, field="question") from None
    made = PostQuestion.objects.create(
        post=post, version=post.version, question=question, asked_by=actor, asked_at=clock.now()
    )
    record(actor=actor, event="post.asked", subject=post, subject_name=post.title)
    notify(
        actor=actor,
        to=[post.author],
        urgency=Notice.Urgency.SOON,
        title=f"A question about your post: {post.title}",
        body=f"{actor.called} asks before they approve it. It waits meanwhile.",
        link=f"{reverse('publishing:post', args=[post.pk])}#questions",
        key=f"post:{post.pk}:question:{made.pk}",
    )
    return made


@action
def answer(*, actor: StaffMember, question: PostQuestion, words: str) -> PostQuestion:
    """Whoever asked reads the answer, and so does everybody who may approve the post.

    Raises NotPermitted, NotValid, TransitionNotAllowed (answered already). Audits post.answered.
    """
    row = (
        PostQuestion.objects.select_for_update()
        .select_related("post__author", "asked_by")
        .get(pk=question.pk)
    )
    for variant in queries.live_variants(row.post):
        require(actor, Power.WRITE_POSTS, variant.official_account_id)
    if row.answered_at is not None:
        raise TransitionNotAllowed("This has been answered already.")
    try:
        row.answer = reason(words, "Write your answer.")
    except NotValid as refusal:
        raise NotValid(refusal.sentence, field="answer") from None
    row.answered_by, row.answered_at = actor, clock.now()
    row.save(update_fields=["answer", "answered_by", "answered_at"])
    record(actor=actor, event="post.answered", subject=row.post, subject_name=row.post.title)
    notify(
        actor=actor,
        to=[row.asked_by],
        urgency=Notice.Urgency.SOON,
        title=f"Answered: your question about {row.post.title}",
        body=f"{actor.called} answered. The post waits for you.",
        link=f"{reverse('publishing:post', args=[row.post_id])}#questions",
        key=f"post-question:{row.pk}:answered",
    )
    return row
