"""Past messages of another product: they come in as decided, with the period that is left to them, and raise nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from core import clock
from moderation.models import Comment
from retention.models import ScheduleRow
from retention.periods import due_on
from smmp.moving.accounts import Accounts
from smmp.moving.fields import Field, Step, faults, instant, key_of, yes
from staff.models import StaffMember
from staff.roles import Power

NEEDS = (Power.MANAGE_REGISTER,)
RECORD_CLASS = "routine_comment"
LONGEST_TEXT = 20_000
IN = {"", "in", "incoming", "received", "inbound", "public"}
OUT = {"out", "outgoing", "sent", "outbound", "ours", "reply"}
FIELDS = (
    Field(
        "id",
        "Its id on the platform",
        help="With it, the same message is never there twice, also where the platform still shows it.",
        also=("message id", "comment id", "native id", "remote id", "external id", "permalink id"),
        most=290,
    ),
    Field(
        "account",
        "Official account",
        True,
        also=("profile", "social profile", "recipient", "network account", "page"),
    ),
    Field("platform", "Platform", also=("network", "social network", "channel", "source"), most=60),
    Field(
        "author", "Handle of who wrote it", True, also=("from", "username", "screen name", "user", "sender")
    ),
    Field("author_id", "Id of who wrote it", also=("author id", "user id", "sender id"), most=290),
    Field("author_name", "Name of who wrote it", also=("display name", "full name", "author name")),
    Field("text", "Words", True, also=("message", "content", "body", "comment"), most=LONGEST_TEXT),
    Field(
        "at",
        "When it was written",
        True,
        also=("date", "time", "created at", "posted at", "timestamp"),
        most=40,
    ),
    Field(
        "direction",
        "Direction",
        help="“In” for what the public wrote (also where it is empty), “out” for what we answered.",
        also=("type", "message type", "sent or received"),
        most=40,
    ),
    Field("private", "Private", help="Yes or no.", also=("visibility", "is private", "dm"), most=40),
    Field(
        "under",
        "Id of the post that it stands under",
        also=("parent id", "post id", "thread id", "in reply to"),
        most=290,
    ),
    Field("link", "Its link", also=("url", "permalink", "message url"), most=290),
    Field(
        "handled_at",
        "When it was dealt with",
        help="Its period begins then; where it is empty, when it was written.",
        also=("closed at", "completed at", "resolved at", "handled"),
        most=40,
    ),
)


def plan(rows: Sequence[Mapping[str, str]], *, actor: StaffMember, files: Mapping[str, Any]) -> list[Step]:
    """What each row comes to. Four reads for however many."""
    register = Accounts()
    schedule = ScheduleRow.objects.get(slug=RECORD_CLASS)
    here = _here(rows)
    seen: set[str] = set()
    return [_step(row, register, schedule, here, seen) for row in rows]


def _here(rows: Sequence[Mapping[str, str]]) -> set[tuple[str, str]]:
    ids = {row["id"] for row in rows if row["id"]}
    return set(Comment.objects.filter(external_id__in=ids).values_list("platform", "external_id"))


def _step(
    row: Mapping[str, str],
    register: Accounts,
    schedule: ScheduleRow,
    here: set[tuple[str, str]],
    seen: set[str],
) -> Step:
    now = clock.now()
    wrong = faults(FIELDS, row)
    account, why = register.find(row["account"], row["platform"]) if row["account"] else (None, "")
    wrong += [why] if why else []
    at = instant(row["at"]) if row["at"] else None
    handled = instant(row["handled_at"]) if row["handled_at"] else at
    if row["at"] and at is None:
        wrong.append("The time is none such as 28/11/2026 18:40.")
    if row["handled_at"] and handled is None:
        wrong.append("The time at which it was dealt with is none such as 28/11/2026 18:40.")
    if at is not None and at > now + timedelta(minutes=15):
        wrong.append("It was written in time to come.")
    if at is not None and handled is not None and not at <= handled <= now + timedelta(minutes=15):
        wrong.append("It was dealt with before it was written, or in time to come.")
    direction, private = row["direction"].lower(), yes(row["private"])
    if direction not in IN | OUT:
        wrong.append(f"“{row['direction'][:40]}” is no direction. Write in or out.")
    if private is None:
        wrong.append(f"“{row['private'][:40]}” says neither that it was private nor that it was not.")
    if row["link"] and not row["link"].startswith(("https://", "http://")):
        wrong.append("The link is no address that begins with https://.")
    if "\x00" in "".join(row.values()):
        wrong.append("It holds a character that no text has.")
    ours = direction in OUT
    trigger = at if ours else handled
    last = due_on(schedule, clock.in_london(trigger).date()) if trigger is not None and not wrong else None
    if last is not None and last < clock.today():
        wrong.append(f"Its period was over on {last:%-d %B %Y}: it has to be disposed of, so it stays out.")
    line = int(row["line"])
    what = row["id"] or f"line {line}"
    if wrong or account is None or at is None or trigger is None or last is None:
        return Step(line, what, "refused", wrong)
    author_id = row["author_id"] or f"imported:{row['author'].lstrip('@').casefold()}"
    key = key_of(
        "message",
        account.platform,
        *([row["id"]] if row["id"] else [str(account.pk), author_id, at.isoformat(), row["text"]]),
    )
    if key in seen:
        return Step(line, what, "refused", ["The same message stands in an earlier row."])
    seen.add(key)
    if row["id"] and (account.platform, row["id"]) in here:
        return Step(line, what, "known", ["It is here already, read from the platform or brought in."])
    return Step(
        line,
        what,
        "new",
        [f"It is kept for {account.name} until the end of {last:%-d %B %Y}."],
        key,
        {
            "external_id": row["id"] or f"imported:{key[:40]}",
            "official_account": account.pk,
            "author": row["author"].lstrip("@"),
            "author_id": author_id,
            "author_name": row["author_name"],
            "text": row["text"],
            "at": at.isoformat(),
            "handled_at": trigger.isoformat(),
            "ours": ours,
            "private": bool(private),
            "under": row["under"],
            "link": row["link"],
        },
    )
