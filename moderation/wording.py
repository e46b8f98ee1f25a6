"""The words of replies: gaps that saved replies leave, and who may be named with an @.

A gap stands in curly brackets. What is known fills it when a saved reply is put into the box; what stays open
keeps the reply from being sent.
"""

from __future__ import annotations

import re

from django.utils.text import get_text_list

from accounts.models import OfficialAccount
from core.errors import NotValid
from moderation.models import Comment, Commenter
from platforms import registry
from publishing.mentions import named_people

GAPS = {
    "first name": "the first name, as the platform shows it",
    "official account": "the name of the official account",
    "neighbourhood": "the neighbourhood of the official account",
    "incident number": "the number of the incident, which you give",
    "link": "an address, which you give",
}
"""Every gap by its name, with what fills it."""

_GAP = re.compile(r"\{[^{}\n]{0,60}\}|\[[A-Z][A-Z _-]{1,30}\]")


def open_gaps(text: str) -> list[str]:
    """The gaps that nothing has filled, as they stand in the text, each once."""
    return list(dict.fromkeys(_GAP.findall(text)))


def refuse_gaps(text: str) -> None:
    """Raises NotValid while a gap is open: the public never reads “{incident number}”."""
    if gaps := open_gaps(text):
        raise NotValid(
            f"The reply still has {get_text_list(gaps, 'and')} in it. Write what belongs there, or take it out, then send it.",
            field="reply_text",
        )


def unknown_gaps(text: str) -> list[str]:
    """Gaps in a saved reply of which nobody knows what fills them."""
    return [gap for gap in open_gaps(text) if gap[1:-1].strip().casefold() not in GAPS]


def fill(text: str, comment: Comment, *, incident_number: str = "", link: str = "") -> str:
    """The saved reply with its gaps filled as far as is known; the rest stay open for whoever writes."""
    account = comment.official_account
    known = {
        "first name": first_name(comment.commenter),
        "official account": account.name,
        "neighbourhood": account.neighbourhood.name if account.neighbourhood else "",
        "incident number": " ".join(incident_number.split()),
        "link": link.strip(),
    }

    def filled(gap: re.Match[str]) -> str:
        return known.get(gap[0][1:-1].strip().casefold(), "") or gap[0]

    return _GAP.sub(filled, text)


def first_name(commenter: Commenter) -> str:
    """What somebody seems to be called, by the name that the platform shows; empty where that is no name."""
    first = (commenter.name.split() or [""])[0]
    bare = first.replace("-", "").replace("’", "").replace("'", "")
    return first if bare.isalpha() and 2 <= len(first) <= 30 and not first.isupper() else ""


def refuse_strangers(comment: Comment, text: str) -> None:
    """Raises NotValid where the reply names, or shows a post of, somebody who has not written to us on that channel.

    Named by a third party is not having written.
    Source: APP social media: victims and witnesses are not contacted who have not engaged with the force there.
    """
    for handle in named_people(text):
        if _wrote_to_us(comment, handle):
            continue
        raise NotValid(
            f"@{handle} has not written to us on {registry.NAMES.get(comment.platform, comment.platform)}: being named "
            "by somebody else is not writing to us, and nobody is spoken to out of the blue. Write the name "
            "without the @ and without a link to their post, or leave it out.",
            field="reply_text",
        )


def _wrote_to_us(comment: Comment, handle: str) -> bool:
    ours = OfficialAccount.objects.filter(platform=comment.platform).values_list("handle", flat=True)
    known = {comment.commenter.handle.casefold(), *(one.casefold() for one in ours)}
    if handle.casefold() in known or handle.casefold() in {one.split("@")[0] for one in known}:
        return True
    people = Commenter.objects.filter(platform=comment.platform, handle__iexact=handle)
    return (
        Comment.objects.filter(commenter__in=people, official_account_id=comment.official_account_id)
        .exclude(state=Comment.State.OURS)
        .exists()
    )
