"""What retention must know of the register of official accounts and of grants."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.models import Impostor
from core.records import Found, Part, Person, RecordClass, Subject, named_in


def impostors(person: Person, most: int) -> Iterator[Found]:
    """Accounts that pretended to be the force, under their name or handle."""
    rows = Impostor.objects.filter(named_in(person, "handle", "name", "words", "url"))
    for one in rows.order_by("-pk")[:most]:
        yield Found(
            "accounts.impostor",
            one.pk,
            "Account that pretended to be the force",
            one.found_at,
            (("Handle", one.handle), ("Name", one.name), ("Address", one.url), ("What was told", one.words)),
        )


def snapshot_of_impostor(impostor: Impostor) -> list[tuple[str, str]]:
    """Where it stood, what was told of it, and what came of it."""
    return [
        ("Platform", impostor.platform),
        ("Handle", impostor.handle),
        ("Address", impostor.url),
        ("What was told", impostor.words),
        ("State", impostor.get_state_display()),
    ]


IMPOSTOR = Subject(
    "accounts.impostor",
    "Account that pretended to be the force",
    "accounts_impostor",
    parts=(Part("accounts_impostorstep", "impostor_id"),),
    on_account="{r}.alike_id = {a}",
    since="found_at",
    words="to_tsvector('english', concat_ws(' ', {r}.handle, {r}.name, {r}.url, {r}.words, {r}.snapshot)) "
    "@@ websearch_to_tsquery('english', {h}.words)",
    snapshot=snapshot_of_impostor,
)

CLASSES = (
    RecordClass(
        "official_account",
        "Kept until a person decides, after the official account was closed.",
        not_searched="The register of the force’s own accounts, and the staff who answer for them.",
    ),
    RecordClass(
        "credential",
        "Emptied when it is replaced or the official account is closed.",
        not_searched="Sealed secrets of the force, which are about nobody.",
    ),
    RecordClass(
        "impostor",
        "Reviewed by a person so long after it was over, and disposed of with each step; what was no impostor is erased at "
        "once.",
        about=impostors,
        subject=IMPOSTOR,
        begins=(("{r}.ended_at IS NOT NULL", "ended_at"),),
    ),
    RecordClass(
        "api_answer",
        "Swept each hour, a day after the answer.",
        not_searched="A day’s answers to programs, each of a record that is searched itself.",
    ),
)
