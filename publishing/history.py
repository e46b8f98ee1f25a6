"""What a post was at one version, in words for people, so that two versions can be laid beside each other."""

from __future__ import annotations

from publishing import captions, queries, times
from publishing.checks import questions
from publishing.models import Declaration, Post, PostChange, PostTag


def content_of(post: Post) -> dict[str, str]:
    """Everything that a version fixes besides the words: a name for people -> what it is, in words."""
    content = {
        "Goes out": times.in_words(post.publish_at) if post.publish_at else "on approval",
        "Called": post.title,
    }
    if post.reply_control:
        content["Who may reply"] = post.get_reply_control_display()
    if post.as_thread:
        content["Too long for a platform"] = "goes out there as a thread"
    if post.language:
        content["Language"] = post.get_language_display()
    for number, picture in enumerate(queries.pictures(post), start=1):
        content[f"Picture {number}"] = f"{picture.file.name}: {picture.alt_text}"
        content[f"Picture {number}, file"] = picture.file.sha256
    video = queries.video(post)
    if video is not None:
        content["Video"] = f"{video.title}: {video.alt_text}"
        content["Video, file"] = video.file.sha256
        content["Captions"] = (
            captions.spoken(video.captions) if video.captions else f"none, because: {video.no_captions_why}"
        )
    content |= declared_of(post)
    campaigns = PostTag.objects.filter(post=post, removed_at=None).values_list("tag__name", flat=True)
    if names := sorted(campaigns):
        content["Campaigns"] = ", ".join(names)
    return content


def declared_of(post: Post) -> dict[str, str]:
    """Of what kind its author said that it is, and what they answered to the checks."""
    declared = Declaration.objects.filter(post=post).first()
    if declared is None:
        return {}
    content = {"What kind of post": declared.get_kind_display()}
    if declared.urgent_why:
        content["Urgent"] = declared.urgent_why
    for question in questions.QUESTIONS:
        if answer := declared.answers.get(question.slug):
            content[question.label] = questions.in_words(question, str(answer))
    return content


def as_of(change: PostChange) -> dict[str, str]:
    """What was kept of a version; nothing of one made before this was kept."""
    return {str(name): str(value) for name, value in change.content.items()}
