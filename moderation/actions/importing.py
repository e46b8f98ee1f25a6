"""Past messages of another product: one batch, kept as dealt with. Nothing is triaged, nobody is alerted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.models import OfficialAccount
from accounts.queries import require_over_all
from audit.actions import record
from core import clock
from core.acting import action
from moderation import storable
from moderation.models import Comment, Commenter, Conversation, Revision
from staff.models import StaffMember
from staff.roles import Power

MARK = "imported"
"""In `Comment.triage_version`: triage has never looked at it, and the page says where it comes from."""
AT_ONCE = 1000


@action
def take_past(*, actor: StaffMember, messages: Sequence[Mapping[str, Any]]) -> list[Comment]:
    """Messages that were written and dealt with before they came here, in the order given.

    Each as smmp.moving.messages plans it. They stand as decided (ours as ours) at the time at which they were dealt
    with, so that their period runs from then, and as received when they were written, so that no clock, count or alarm
    takes them for new. Raises NotPermitted. Audits comments.imported with their ids for each official account.
    """
    require_over_all(actor, Power.MANAGE_REGISTER)
    accounts = OfficialAccount.objects.in_bulk({one["official_account"] for one in messages})
    authors = _authors(messages, accounts)
    threads = _threads(messages, accounts)
    now = clock.now()
    comments = [_comment(one, accounts, authors, threads) for one in messages]
    Comment.objects.bulk_create(comments, batch_size=AT_ONCE)
    Revision.objects.bulk_create(
        [Revision(comment=comment, number=1, text=comment.text, seen_at=now) for comment in comments],
        batch_size=AT_ONCE,
    )
    for pk, account in sorted(accounts.items()):
        ids = [comment.pk for comment in comments if comment.official_account_id == pk]
        record(
            actor=actor,
            event="comments.imported",
            subject=account,
            subject_name=account.name,
            official_account_id=pk,
            shown_ids=ids,
            details={"count": len(ids)},
        )
    return comments


def _comment(
    one: Mapping[str, Any],
    accounts: Mapping[int, OfficialAccount],
    authors: Mapping[tuple[str, str], Commenter],
    threads: Mapping[tuple[int, str], Conversation],
) -> Comment:
    account = accounts[one["official_account"]]
    at = datetime.fromisoformat(one["at"])
    return Comment(
        platform=account.platform,
        external_id=one["external_id"],
        official_account=account,
        conversation=threads[account.pk, _root(one)],
        commenter=authors[account.platform, one["author_id"]],
        parent_external_id=one["under"],
        text=storable.comment_text(one["text"]),
        private=one["private"],
        url=one["link"],
        posted_at=at,
        received_at=at,
        state=Comment.State.OURS if one["ours"] else Comment.State.DECIDED,
        decided_at=None if one["ours"] else datetime.fromisoformat(one["handled_at"]),
        triage_version=MARK,
    )


def _root(one: Mapping[str, Any]) -> str:
    if one["private"]:
        return f"private:{one['author_id']}"[:300]
    return one["under"] or one["external_id"]


def _authors(
    messages: Iterable[Mapping[str, Any]], accounts: Mapping[int, OfficialAccount]
) -> dict[tuple[str, str], Commenter]:
    wanted = {
        (accounts[one["official_account"]].platform, one["author_id"]): one
        for one in sorted(messages, key=lambda one: one["at"], reverse=True)
    }
    Commenter.objects.bulk_create(
        [
            Commenter(
                platform=platform,
                external_id=external_id,
                handle=one["author"][:200],
                name=one["author_name"][:300],
                first_seen_at=datetime.fromisoformat(one["at"]),
            )
            for (platform, external_id), one in sorted(wanted.items())
        ],
        batch_size=AT_ONCE,
        ignore_conflicts=True,
    )
    found = Commenter.objects.filter(
        platform__in={platform for platform, _ in wanted}, external_id__in={pk for _, pk in wanted}
    )
    return {(one.platform, one.external_id): one for one in found}


def _threads(
    messages: Iterable[Mapping[str, Any]], accounts: Mapping[int, OfficialAccount]
) -> dict[tuple[int, str], Conversation]:
    wanted: dict[tuple[int, str], Mapping[str, Any]] = {}
    for one in sorted(messages, key=lambda one: one["at"]):
        wanted[one["official_account"], _root(one)] = one
    Conversation.objects.bulk_create(
        [
            Conversation(
                official_account=accounts[pk],
                root_external_id=root,
                private=one["private"],
                last_comment_at=datetime.fromisoformat(one["at"]),
                # Whatever stood at the top is history: nobody fetches it.
                root_read_at=clock.now(),
            )
            for (pk, root), one in sorted(wanted.items(), key=lambda pair: pair[0])
        ],
        batch_size=AT_ONCE,
        ignore_conflicts=True,
    )
    found = Conversation.objects.filter(
        official_account__in=accounts, root_external_id__in={root for _, root in wanted}
    )
    return {(one.official_account_id, one.root_external_id): one for one in found}
