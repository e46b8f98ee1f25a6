"""While two products run side by side: what the other one has of an official account, and this one has not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.models import Credential, OfficialAccount
from moderation.models import Comment, IngestGap, NativePost
from publishing.models import Delivery
from smmp.moving.accounts import Accounts
from smmp.moving.fields import Field, Step, faults, instant, key_of
from staff.models import StaffMember
from staff.roles import Power

NEEDS = (Power.MANAGE_REGISTER,)
FIELDS = (
    Field(
        "id",
        "Its id on the platform",
        True,
        also=("message id", "comment id", "post id", "native id", "remote id", "external id"),
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
        "at", "When it was written", also=("date", "time", "created at", "posted at", "timestamp"), most=40
    ),
)


def plan(rows: Sequence[Mapping[str, str]], *, actor: StaffMember, files: Mapping[str, Any]) -> list[Step]:
    """Each row: "known" where it is here, "missing" where it is not, with what is known of why. Six reads."""
    register = Accounts()
    ids = {row["id"] for row in rows if row["id"]}
    here = set(Comment.objects.filter(external_id__in=ids).values_list("platform", "external_id"))
    for rows_here in (Delivery.objects, NativePost.objects):
        here |= set(
            rows_here.filter(external_id__in=ids).values_list("official_account__platform", "external_id")
        )
    begun: dict[int, datetime] = {}
    for pk, stored_at in Credential.objects.order_by("-number").values_list(
        "official_account_id", "stored_at"
    ):
        begun[pk] = stored_at
    gaps = list(IngestGap.objects.filter(filled_at=None))
    steps = []
    for row in rows:
        line, what = int(row["line"]), row["id"] or "no id"
        wrong = faults(FIELDS, row)
        account, why = register.find(row["account"], row["platform"]) if row["account"] else (None, "")
        wrong += [why] if why else []
        at = instant(row["at"]) if row["at"] else None
        if row["at"] and at is None:
            wrong.append("The time is none such as 28/11/2026 18:40.")
        if wrong or account is None:
            steps.append(Step(line, what, "refused", wrong))
        elif (account.platform, row["id"]) in here:
            steps.append(Step(line, what, "known", [f"It is here, on {account.name}."]))
        else:
            steps.append(
                Step(line, what, "missing", [_why(account, at, begun, gaps)], key_of("compare", what))
            )
    return steps


def _why(
    account: OfficialAccount, at: datetime | None, begun: Mapping[int, datetime], gaps: Sequence[IngestGap]
) -> str:
    since = begun.get(account.pk)
    if since is None:
        return f"{account.name} is not connected here, so nothing of it is read."
    if at is None:
        return f"It is not here; the file does not say when it was written on {account.name}."
    if at < since:
        return f"It was written before {account.name} was connected here."
    for gap in gaps:
        if (
            gap.official_account_id == account.pk
            and gap.begins_at <= at
            and (not gap.ends_at or at <= gap.ends_at)
        ):
            return f"{account.name} was not read at that time: a gap is noted."
    return f"{account.name} was read at that time: it was deleted before it was read, or it was missed. Look at it."
