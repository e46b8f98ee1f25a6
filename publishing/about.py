"""What publishing holds about somebody: posts and appeals that name them, questions, engagements, and what left.

For requests under information law alone (retention.registry.about).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from core.records import Found, HeldFile, Person, named_in
from publishing.models import (
    Appeal,
    AppealPicture,
    Concern,
    Delivery,
    Engagement,
    Post,
    PostPicture,
    Question,
)


def posts(person: Person, most: int) -> Iterator[Found]:
    """Posts whose title or words name them, sent or not."""
    rows = Post.objects.filter(named_in(person, "title", "words", "variants__text")).distinct()
    for one in (
        rows.select_related("author").prefetch_related("pictures__file").order_by("-created_at")[:most]
    ):
        yield Found(
            "publishing.post",
            one.pk,
            "Post",
            one.published_at or one.created_at,
            (("Title", one.title), ("Words", one.words), ("State", one.get_state_display())),
            others=(one.author.called,),
            files=_pictures(one.pictures.all()),
        )


def appeals(person: Person, most: int) -> Iterator[Found]:
    """Public appeals that name them, with what they rest on."""
    named = named_in(
        person, "title", "basis_note", "risk_assessment", "family_consent", "conditions", "outcome_note"
    )
    rows = Appeal.objects.filter(named).select_related("owner").prefetch_related("pictures__file")
    for one in rows.order_by("-made_at")[:most]:
        yield Found(
            "publishing.appeal",
            one.pk,
            "Public appeal",
            one.made_at,
            (
                ("Title", one.title),
                ("Reference", one.force_reference),
                ("Why it is necessary", one.basis_note),
                ("Risk assessment", one.risk_assessment),
                ("Consent of the family", one.family_consent),
                ("Conditions", one.conditions),
                ("Outcome", one.outcome_note),
            ),
            others=(one.owner.called,),
            files=_pictures(one.pictures.all()),
        )


def _pictures(rows: Iterable[PostPicture | AppealPicture]) -> tuple[HeldFile, ...]:
    return tuple(
        HeldFile(
            "media.file",
            row.file.pk,
            row.file.sha256,
            row.file.content_type,
            f"Picture {number}: {row.alt_text}",
        )
        for number, row in enumerate(rows, start=1)
    )


def questions(person: Person, most: int) -> Iterator[Found]:
    """Questions at meetings and worries of a neighbourhood that they asked, or that name them."""
    for one in Question.objects.filter(named_in(person, "name", "words")).order_by("-asked_at")[:most]:
        yield Found(
            "publishing.question",
            one.pk,
            "Question at a meeting",
            one.asked_at,
            (("Name", one.name), ("Words", one.words)),
        )
    for row in Concern.objects.filter(named_in(person, "said", "action", "result")).order_by("-pk")[:most]:
        yield Found(
            "publishing.concern",
            row.pk,
            "Worry of a neighbourhood",
            row.raised_at,
            (("What was said", row.said), ("What is done", row.action), ("What came of it", row.result)),
        )


def engagements(person: Person, most: int) -> Iterator[Found]:
    """People and firms that the force worked with, by their name."""
    for one in Engagement.objects.filter(named_in(person, "who", "what", "result")).order_by("-asked_at")[
        :most
    ]:
        yield Found(
            "publishing.engagement",
            one.pk,
            "Engagement",
            one.asked_at,
            (("Who", one.who), ("What", one.what), ("What came of it", one.result)),
        )


def deliveries(person: Person, most: int) -> Iterator[Found]:
    """Answers of ours whose words name them; an answer to a comment is found with the comment as well."""
    rows = Delivery.objects.filter(named_in(person, "text"), kind=Delivery.Kind.REPLY)
    for one in rows.select_related("official_account", "author").order_by("-pk")[:most]:
        yield Found(
            "publishing.delivery",
            one.pk,
            "Answer of ours",
            one.due_at,
            (("Words", one.text), ("State", one.get_state_display())),
            others=(one.author.called,),
            where=one.official_account.name,
        )
