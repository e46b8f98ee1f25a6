"""What the desk holds about somebody: what they wrote, where others name them, tips, second looks, and measures against them.

For requests under information law alone (retention.registry.about): whoever asks there may search everything, restricted
comments among it, and is recorded.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet

from core.records import Found, HeldFile, Person, named_in
from moderation.models import Block, Comment, Inquiry, Reconsideration, Tip
from platforms import registry

COMMENTER = "moderation.commenter"
_NAMED = (
    "moderation_comment.id IN (SELECT w.comment_id FROM moderation_commentwords w "
    "WHERE w.words @@ phraseto_tsquery('english', %s))"
)
_LOOKED_AT = ("official_account", "commenter", "conversation")


def comments(person: Person, most: int) -> Iterator[Found]:
    """What they wrote, what we wrote to them in private, and every comment that names them."""
    ids = person.ids(COMMENTER)
    rows: dict[int, Comment] = {}
    if ids:
        found = Comment.objects.filter(commenter_id__in=ids).order_by("-received_at")[:most]
        rows |= {one.pk: one for one in _whole(found)}
        private = {one.conversation_id for one in rows.values() if one.private}
        ours = Comment.objects.filter(conversation_id__in=private, state=Comment.State.OURS)
        rows |= {one.pk: one for one in _whole(ours.order_by("-received_at")[:most])}
    for words in person.words:
        # Through the index of words: the newest of what it finds.
        named = Comment.objects.extra(where=[_NAMED], params=[words])  # noqa: S610 - the words are a parameter
        hits = named.order_by("-received_at")[:most]
        rows |= {one.pk: one for one in _whole(hits)}
    for one in list(rows.values())[:most]:
        yield _comment(one, ids)


def _whole(found: QuerySet[Comment]) -> QuerySet[Comment]:
    return found.select_related(*_LOOKED_AT).prefetch_related(
        "revisions", "notes__by", "decisions__delivery", "attachments__file"
    )


def _comment(one: Comment, ids: list[int]) -> Found:
    author = one.commenter
    handle = f"@{author.handle.lstrip('@')}"
    written = f"{author.name} ({handle})" if author.name else handle
    ours = one.state == Comment.State.OURS
    parts = [
        ("Written by", one.official_account.name if ours else written),
        ("Where", f"{'Private message' if one.private else 'Public comment'}, {one.official_account.name}"),
    ]
    revisions = list(one.revisions.all())
    if len(revisions) > 1:
        parts += [(f"Words, version {row.number}", row.text) for row in revisions]
    else:
        parts.append(("Words", one.text))
    if one.state == Comment.State.RESTRICTED:
        parts.append(("State", "Restricted: kept from sight"))
    others = [] if ours or author.pk in ids else [handle, author.handle, author.name]
    for note in one.notes.all():
        parts.append((f"Note of {note.at:%d %B %Y}", note.text))
        others.append(note.by.called)
    for decision in one.decisions.all():
        said = [decision.get_kind_display(), decision.why]
        if decision.delivery is not None:
            said.append(decision.delivery.text)
        parts.append((f"Decision of {decision.at:%d %B %Y}", ". ".join(text for text in said if text)))
    came = list(one.attachments.all())
    if came:
        kept = sum(row.file is not None for row in came)
        parts.append(("Pictures and files that came with it", f"{len(came)}, of which {kept} were kept"))
    return Found(
        label="moderation.comment",
        pk=one.pk,
        noun="Comment",
        at=one.posted_at,
        parts=tuple(parts),
        others=tuple(name for name in others if len(name) > 2),
        where=f"{one.official_account.name}, {registry.NAMES.get(one.platform, one.platform)}",
        files=tuple(
            HeldFile(
                "media.sealedfile",
                row.file.pk,
                row.file.sha256,
                row.file.content_type,
                f"{row.get_kind_display()} {row.number} that came with it"
                + (f": {row.alt_text}" if row.alt_text else ""),
            )
            for row in came
            if row.file is not None
        ),
    )


def tips(person: Person, most: int) -> Iterator[Found]:
    """What was told on an appeal that names them, or that they told: how to reach them stands with it."""
    if not person.words:
        return
    named = named_in(
        person, "words", "place", "when", "contact__name", "contact__telephone", "contact__email"
    )
    rows = Tip.objects.filter(named).select_related("appeal", "contact").prefetch_related("files__file")
    rows = rows.order_by("-received_at")[:most]
    for one in rows:
        contact = getattr(one, "contact", None)
        yield Found(
            label="moderation.tip",
            pk=one.pk,
            noun="Tip on an appeal",
            at=one.received_at,
            parts=(
                ("Appeal", one.appeal.reference),
                ("Words", one.words),
                ("When", one.when),
                ("Where", one.place),
                (
                    "Who told it",
                    " ".join([contact.name, contact.telephone, contact.email]) if contact else "",
                ),
            ),
            files=tuple(
                HeldFile(
                    "media.file",
                    row.file.pk,
                    row.file.sha256,
                    row.file.content_type,
                    f"Picture or video {number} that came with it",
                )
                for number, row in enumerate(one.files.all(), start=1)
            ),
        )


def second_looks(person: Person, most: int) -> Iterator[Found]:
    """That they asked why a comment of theirs is hidden, or that somebody looks again."""
    theirs = Comment.objects.filter(commenter_id__in=person.ids(COMMENTER)).values("pk")
    for asked in Inquiry.objects.filter(comment_id__in=theirs).order_by("-asked_at")[:most]:
        yield Found(
            "moderation.inquiry",
            asked.pk,
            "Question why a comment is hidden",
            asked.asked_at,
            (
                ("Comment", str(asked.comment_id)),
                ("Proved to be its author", "yes" if asked.proved_at else "no"),
            ),
        )
    for row in Reconsideration.objects.filter(comment_id__in=theirs).order_by("-asked_at")[:most]:
        yield Found(
            "moderation.reconsideration",
            row.pk,
            "Second look at a decision",
            row.asked_at,
            (
                ("Comment", str(row.comment_id)),
                ("What they wrote", row.words),
                ("What we answered", row.answer),
            ),
        )


def measures(person: Person, most: int) -> Iterator[Found]:
    """Blocks and mutes against them, with the clause and why they were lifted."""
    rows = Block.objects.filter(commenter_id__in=person.ids(COMMENTER)).select_related(
        "official_account", "clause", "by"
    )
    for one in rows.order_by("-at")[:most]:
        yield Found(
            "moderation.block",
            one.pk,
            "Block",
            one.at,
            (
                ("Under", one.clause.title),
                ("Until", f"{one.until:%d %B %Y}"),
                ("Done by hand because", one.by_hand_why),
                ("Lifted because", one.lifted_why),
            ),
            where=one.official_account.name,
        )
