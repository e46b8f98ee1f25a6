"""What can be brought in, by kind: an explicit table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from smmp.models_moving import Import
from smmp.moving import compare, messages, pictures, posts, replies, staff
from smmp.moving.fields import Field, Step

Kind = Import.Kind


@dataclass(frozen=True)
class Plan:
    """One kind: who may bring it in, what is asked of each row, and what becomes of the rows."""

    needs: tuple[str, ...]
    fields: Sequence[Field]
    plan: Callable[..., list[Step]]
    says: str
    """What happens, in a sentence or two, on the page."""


KINDS: dict[str, Plan] = {
    Kind.STAFF: Plan(
        staff.NEEDS,
        staff.FIELDS,
        staff.plan,
        "Who does not work here yet is added; who does is left as they are. Taken back, those who have not signed in "
        "are recorded as leavers.",
    ),
    Kind.REPLIES: Plan(
        replies.NEEDS,
        replies.FIELDS,
        replies.plan,
        "They become the force’s saved replies. Taken back, they are withdrawn.",
    ),
    Kind.MEDIA: Plan(
        pictures.NEEDS,
        pictures.FIELDS,
        pictures.plan,
        "A ZIP file or several files, with one CSV among them that says what each picture or video is. They stand in "
        "the library. Taken back, they are taken out of it.",
    ),
    Kind.POSTS: Plan(
        posts.NEEDS,
        posts.FIELDS,
        posts.plan,
        "They become drafts of yours with their times, and need approval like any other: none is approved by coming "
        "in. Taken back, they are withdrawn.",
    ),
    Kind.MESSAGES: Plan(
        messages.NEEDS,
        messages.FIELDS,
        messages.plan,
        "They can be searched and are marked as imported. They come in as dealt with, as routine comments with the "
        "period that is left to them; no alarm and no triage looks at them. Taken back, they are deleted.",
    ),
    Kind.COMPARE: Plan(
        compare.NEEDS,
        compare.FIELDS,
        compare.plan,
        "Nothing is brought in: you see what the other product has that is not here, by its id on the platform.",
    ),
}


def files_of(kept: Import) -> dict[str, Any]:
    """What came along with the CSV, by name in small letters."""
    return dict(kept.files)
