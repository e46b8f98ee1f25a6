"""What cases hold about somebody: cases with what they wrote, and cases that name them.

For requests under information law alone (retention.registry.about). What is private to one team is not searched here:
that team is asked.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q

from core.records import Found, Person, named_in
from escalation.models import Case

COMMENTER = "moderation.commenter"


def cases(person: Person, most: int) -> Iterator[Found]:
    """Cases with a comment of theirs, and those that name them: the log, and what was referred where that is not private."""
    theirs = Q(evidence__comment__commenter_id__in=person.ids(COMMENTER))
    named = named_in(person, "title", "place", "outcome", "log__text")
    rows = Case.objects.filter(theirs | named).distinct().order_by("-opened_at")
    for one in rows.select_related("official_account").prefetch_related("log", "referrals__kind")[:most]:
        log = list(one.log.all())
        parts = [
            ("Case", one.reference),
            ("Title", one.title),
            ("Place", one.place),
            ("Outcome", one.outcome),
        ]
        parts.append(("Log", "\n".join(f"{line.at:%d %B %Y %H:%M}: {line.text}" for line in log)))
        for referral in one.referrals.all():
            if not referral.kind.private:
                said = [*referral.told, *referral.outcome]
                parts.append(
                    (
                        f"{referral.kind.title}, {referral.reference}",
                        "\n".join(f"{row.name}: {row.text}" for row in said),
                    )
                )
        yield Found(
            "escalation.case",
            one.pk,
            "Case",
            one.opened_at,
            tuple(parts),
            others=tuple({line.by_name for line in log if line.by_name}),
            where=one.official_account.name,
        )
