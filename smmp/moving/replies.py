"""Saved replies of another product become the force's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from moderation import wording
from moderation.actions.saved_replies import TEXT_LENGTH, TITLE_LENGTH
from moderation.models import SavedReply
from smmp.moving.fields import Field, Step, faults, key_of
from staff.models import StaffMember
from staff.roles import Power

NEEDS = (Power.SET_REPLIES,)
FIELDS = (
    Field(
        "title",
        "Title",
        True,
        also=("name", "reply name", "shortcut", "template name", "subject"),
        most=TITLE_LENGTH,
    ),
    Field(
        "text",
        "Words",
        True,
        help="Gaps that are filled here: " + ", ".join("{" + gap + "}" for gap in wording.GAPS) + ".",
        also=("reply", "body", "message", "content", "text", "response"),
        most=TEXT_LENGTH,
    ),
)


def plan(rows: Sequence[Mapping[str, str]], *, actor: StaffMember, files: Mapping[str, Any]) -> list[Step]:
    """What each row comes to."""
    titles = Counter(row["title"].casefold() for row in rows)
    here = {
        (title.casefold(), text.strip())
        for title, text in SavedReply.objects.filter(
            level=SavedReply.Level.FORCE, withdrawn_at=None
        ).values_list("title", "text")
    }
    steps = []
    for row in rows:
        text = row["text"].replace("\r\n", "\n").strip()
        wrong = faults(FIELDS, row)
        if titles[row["title"].casefold()] > 1:
            wrong.append("This title stands in more than one row.")
        if unknown := wording.unknown_gaps(text):
            wrong.append(f"Nobody here can fill {unknown[0][:60]}. Write one of our gaps, or none.")
        line, what = int(row["line"]), row["title"][:80] or "no title"
        if wrong:
            steps.append(Step(line, what, "refused", wrong))
        elif (row["title"].casefold(), text) in here:
            steps.append(Step(line, what, "known", ["The force has these words under this title already."]))
        else:
            steps.append(
                Step(
                    line,
                    what,
                    "new",
                    ["It becomes one of the force’s saved replies."],
                    key_of("reply", row["title"], text),
                    {"title": row["title"], "text": text},
                )
            )
    return steps
