"""Scheduled posts of another product become drafts: nothing that comes in is approved, and nothing goes out by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.queries import account_ids
from core import clock
from publishing.actions.posts import LONGEST_WORDS
from smmp.moving.accounts import Accounts
from smmp.moving.fields import Field, Step, faults, instant, key_of
from staff.models import StaffMember
from staff.roles import Power

NEEDS = (Power.PLAN_POSTS,)
FIELDS = (
    Field(
        "words",
        "Words",
        True,
        also=("message", "text", "content", "caption", "post", "post text", "body"),
        most=LONGEST_WORDS,
    ),
    Field(
        "accounts",
        "Official accounts",
        True,
        help="Handle, name or link; several with semicolons between them.",
        also=("account", "profile", "profiles", "social network", "social profile", "channel", "network"),
        most=1000,
    ),
    Field(
        "at",
        "When it goes out",
        help="On London clocks, or with a zone. Without it the draft has no time.",
        also=("scheduled time", "date", "send time", "scheduled at", "publish date", "scheduled date"),
        most=40,
    ),
    Field("title", "Title", also=("name", "campaign"), most=120),
    Field("id", "Its id there", also=("post id", "message id"), most=300),
)


def plan(rows: Sequence[Mapping[str, str]], *, actor: StaffMember, files: Mapping[str, Any]) -> list[Step]:
    """What each row comes to. Two reads for however many."""
    register, mine = Accounts(), set(account_ids(actor, Power.WRITE_POSTS))
    now, seen = clock.now(), set()
    steps = []
    for row in rows:
        line = int(row["line"])
        wrong = faults(FIELDS, row)
        found, why = register.find_all(row["accounts"])
        wrong += why
        wrong += [
            f"You may not write posts on {one.name}. Ask for a grant, or leave it out."
            for one in found
            if one.pk not in mine
        ]
        at = instant(row["at"]) if row["at"] else None
        if row["at"] and at is None:
            wrong.append("The time is none such as 28/11/2026 18:40.")
        elif at is not None and at <= now:
            wrong.append("Its time has passed. Bring it in as a past message, or leave it out.")
        ids = sorted(one.pk for one in found)
        key = key_of("post", row["id"] or row["words"], row["at"], ",".join(map(str, ids)))
        if key in seen:
            wrong.append("The same post stands in an earlier row.")
        seen.add(key)
        what = row["title"] or row["words"][:60] or "no words"
        if wrong:
            steps.append(Step(line, what, "refused", wrong))
            continue
        when = f"{clock.in_london(at):%-d %B %Y %H:%M}" if at else "no time"
        steps.append(
            Step(
                line,
                what,
                "new",
                [f"It becomes a draft of yours for {', '.join(one.name for one in found)}, {when}."],
                key,
                {
                    "accounts": ids,
                    "words": row["words"],
                    "title": row["title"],
                    "at": at.isoformat() if at else "",
                },
            )
        )
    return steps
