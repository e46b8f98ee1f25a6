"""Answering a rumour: who may speak, whether it may be said, the holding line, the correction, and who asked.

What goes out goes out through publishing with its own approvals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.urls import reverse

from core import clock
from core.acting import action
from core.errors import NotPermitted, NotValid, TransitionNotAllowed
from core.typed import reason
from insights import queries_rumours as queries
from insights.actions import rumour_story as story
from insights.models import Rumour, RumourPost, Sighting
from moderation.actions import drafts
from moderation.models import Comment
from notices.actions import notify
from notices.models import Notice
from publishing.actions import judging, posts, templates
from publishing.models import Declaration, Post, PostTemplate
from staff.models import StaffMember
from staff.roles import Power


@action
def set_authority(*, actor: StaffMember, rumour: Rumour, authority: str, speaker: str = "") -> Rumour:
    """Who may speak on it. Raises NotPermitted, NotValid, TransitionNotAllowed (closed). Audits rumour.authority_set."""
    rumour = story.at_work(actor, rumour)
    speaker = " ".join(speaker.split())
    if authority not in Rumour.Authority.values:
        raise NotValid("Say who may speak on it.", field="authority")
    if len(speaker) > 160:
        raise NotValid("Name them in at most 160 characters.", field="speaker")
    if authority in (Rumour.Authority.SIO, Rumour.Authority.PARTNER) and not speaker:
        raise NotValid("Name the officer or the agency.", field="speaker")
    rumour.authority, rumour.speaker = authority, speaker
    rumour.save(update_fields=["authority", "speaker"])
    story.note(
        rumour,
        actor,
        "authority",
        f"Who may speak: {rumour.get_authority_display()}{f', {speaker}' if speaker else ''}.",
        "rumour.authority_set",
        details={"authority": authority},
    )
    return rumour


@action
def set_proceedings(*, actor: StaffMember, rumour: Rumour, proceedings: str) -> Rumour:
    """Whether proceedings are active. Where they are or nobody knows, a second person checks what may be said.

    Source: Contempt of Court Act 1981, s.2(3) and Schedule 1: from arrest, warrant or charge on, what creates a substantial
    risk of serious prejudice is contempt whatever was meant.
    Raises NotPermitted, NotValid, TransitionNotAllowed (closed). Audits rumour.legal_asked where one is asked for.
    """
    rumour = story.at_work(actor, rumour)
    if proceedings not in Rumour.Proceedings.values:
        raise NotValid("Say whether somebody is arrested or charged.", field="proceedings")
    rumour.proceedings = proceedings
    if proceedings == Rumour.Proceedings.NO:
        rumour.legal, rumour.legal_words, rumour.legal_by, rumour.legal_asked_by = "", "", None, None
    else:
        rumour.legal, rumour.legal_asked_by, rumour.legal_by = Rumour.Legal.ASKED, actor, None
    rumour.save(update_fields=["proceedings", "legal", "legal_words", "legal_by", "legal_asked_by"])
    says = f"Active proceedings: {rumour.get_proceedings_display().lower()}."
    if rumour.legal != Rumour.Legal.ASKED:
        story.note(rumour, actor, "legal", says, "rumour.legal_answered", details={"answer": "none needed"})
        return rumour
    story.note(rumour, actor, "legal", f"{says} A second person is asked.", "rumour.legal_asked")
    able = queries.who_may(rumour, *queries.CHECKS)
    _call(
        rumour,
        actor,
        [one for one in able if one.pk not in (actor.pk, rumour.judged_by_id)],
        "legal",
        f"Legal check of the rumour {rumour.reference}",
        "Somebody may be arrested or charged. Say whether it may be said.",
    )
    return rumour


@action
def answer_legal(*, actor: StaffMember, rumour: Rumour, answer: str, words: str) -> Rumour:
    """A second person says whether it may be said, and with what in mind.

    Raises NotPermitted (asked for it or judged the rumour; may not), NotValid, TransitionNotAllowed (nobody asked).
    Audits rumour.legal_answered.
    """
    rumour = story.locked(rumour)
    story.require_work(actor, rumour, *queries.CHECKS)
    if rumour.legal != Rumour.Legal.ASKED:
        raise TransitionNotAllowed("No legal check waits here. Read the page again.")
    if actor.pk in (rumour.legal_asked_by_id, rumour.judged_by_id):
        raise NotPermitted(
            "You asked for this check or judged the rumour, so somebody else has to answer it."
        )
    if answer not in (Rumour.Legal.CLEAR, Rumour.Legal.STOP):
        raise NotValid("Say whether it may be said.", field="answer")
    rumour.legal_words = reason(words, "Say what you looked at, and what must not be said.")
    rumour.legal, rumour.legal_by = answer, actor
    rumour.save(update_fields=["legal", "legal_words", "legal_by"])
    story.note(
        rumour,
        actor,
        "legal",
        f"Legal check: {rumour.get_legal_display().lower()}. {rumour.legal_words}",
        "rumour.legal_answered",
        details={"answer": str(answer)},
    )
    return rumour


@action
def ask_for_words(*, actor: StaffMember, rumour: Rumour) -> Rumour:
    """Command wants an answer out: communications are called to write it now. Audits rumour.words_asked.

    Raises NotPermitted, TransitionNotAllowed (closed).
    """
    rumour = story.locked(rumour)
    story.require_work(actor, rumour, *queries.WORKS)
    if rumour.state == Rumour.State.CLOSED:
        raise TransitionNotAllowed("It is closed. Open it again first.")
    told = [one for one in queries.who_may(rumour, Power.WRITE_POSTS) if one.pk != actor.pk]
    if not told:
        raise NotValid("Nobody may write posts there now. Ring the communications officer on call.")
    story.note(rumour, actor, "words_asked", "Communications are asked for words.", "rumour.words_asked")
    _call(
        rumour,
        actor,
        told,
        "words",
        f"Words are wanted on the rumour {rumour.reference}",
        "Begin from a holding statement: it is approved already.",
    )
    return rumour


@action
def draft_holding(
    *,
    actor: StaffMember,
    rumour: Rumour,
    template: PostTemplate,
    fills: Mapping[str, str],
    account_ids: Iterable[int],
) -> Post:
    """A holding statement of the library becomes a draft that answers it. Nothing leaves without publishing's approvals.

    Raises NotPermitted, NotValid (a blank is empty), TransitionNotAllowed (closed; the statement is not in use).
    Audits rumour.post_drafted.
    """
    rumour = story.opened(rumour)
    story.require_work(actor, rumour, Power.WRITE_POSTS)
    if template.kind != PostTemplate.Kind.HOLDING:
        raise NotValid("Choose a holding statement.", field="template")
    post = templates.start_from(actor=actor, template=template, fills=fills, account_ids=account_ids)
    return _link(rumour, actor, post, RumourPost.Kind.HOLDING)


@action
def draft_correction(
    *,
    actor: StaffMember,
    rumour: Rumour,
    words: str,
    account_ids: Iterable[int],
    urgent_why: str = "",
) -> Post:
    """The correction is a draft of publishing, urgent where somebody's life may depend on it.

    Raises NotPermitted, NotValid, TransitionNotAllowed (not judged, nobody may speak, the legal check is open or
    says no; closed). Audits rumour.post_drafted.
    """
    rumour = story.opened(rumour)
    story.require_work(actor, rumour, Power.WRITE_POSTS)
    if why := queries.why_no_correction(rumour):
        raise TransitionNotAllowed(why)
    if not words.strip():
        raise NotValid("Write the correction.", field="words")
    post = posts.draft_post(
        actor=actor, account_ids=account_ids, words=words, title=f"Correction, rumour {rumour.reference}"
    )
    if urgent_why.strip():
        post = judging.declare(
            actor=actor,
            post=post,
            version_seen=post.version,
            kind=Declaration.Kind.GENERAL,
            answers={},
            urgent_why=urgent_why,
        )
    return _link(rumour, actor, post, RumourPost.Kind.CORRECTION)


@action
def offer_replies(*, actor: StaffMember, rumour: Rumour, words: str) -> int:
    """Who asked whether it is so is offered an answer: a draft stands in each conversation, and a person sends it.

    Only where the actor may reply, the comment is public, open and in nobody else's hands, and its author is not blocked.
    A draft that stands is never written over. Raises NotPermitted, NotValid (no words). Answers how many.
    Audits rumour.replies_offered and comment.draft_begun for each.
    """
    rumour = story.opened(rumour)
    story.require_work(actor, rumour, Power.REPLY)
    if not queries.suggested_reply(rumour):
        raise TransitionNotAllowed("Somebody has to judge it first and write what is so: that is the answer.")
    if rumour.proceedings != Rumour.Proceedings.NO and rumour.legal != Rumour.Legal.CLEAR:
        raise TransitionNotAllowed("The legal check comes first: an answer to one is an answer to all.")
    words = words.replace("\r\n", "\n").strip()
    if not words or len(words) > 2000:
        raise NotValid("Write the answer, in at most 2,000 characters.", field="words")
    asked = Sighting.objects.filter(rumour=rumour, asks=True, comment_id__isnull=False)
    comments = Comment.objects.filter(pk__in=asked.values("comment_id")).select_related(
        "official_account", "commenter"
    )
    count = 0
    for comment in comments.order_by("pk")[: queries.MOST_OFFERED]:
        if queries.why_not_offer(actor, comment):
            continue
        drafts.keep_draft(actor=actor, comment=comment, text=words)
        count += 1
    if count:
        story.note(
            rumour,
            actor,
            "replies",
            f"{count} {'reply' if count == 1 else 'replies'} kept as drafts for those who asked.",
            "rumour.replies_offered",
            details={"count": count},
        )
    return count


def _call(
    rumour: Rumour, actor: StaffMember, to: Sequence[StaffMember], wanted: str, title: str, body: str
) -> None:
    """They are told what is wanted of them, anew each time that it is asked for."""
    notify(
        actor=actor,
        to=to,
        urgency=Notice.Urgency.SOON,
        title=title,
        body=body,
        link=reverse("insights:rumour", args=[rumour.pk]),
        key=f"rumour-{rumour.pk}-{wanted}-{int(clock.now().timestamp())}",
    )


def _link(rumour: Rumour, actor: StaffMember, post: Post, kind: RumourPost.Kind) -> Post:
    RumourPost.objects.create(rumour=rumour, post=post, kind=kind, by=actor, at=clock.now())
    story.note(
        rumour,
        actor,
        "post",
        f"{kind.label} drafted.",
        "rumour.post_drafted",
        details={"kind": kind.label.lower(), "post": post.pk},
    )
    return post
