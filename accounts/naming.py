"""The force's rules for names and profiles of official accounts, and which of them one breaks.

Source: APP social media, "Social media policy": accounts are named and branded so that the public knows them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import Mandate, NamingRule, OfficialAccount
from core.errors import NotFound

Kind = NamingRule.Kind


@dataclass(frozen=True)
class Face:
    """What the public sees of an official account. `bio` and `has_picture`: as somebody read them there."""

    platform: str
    handle: str
    name: str
    bio: str
    has_picture: bool | None

    @classmethod
    def of(cls, account: OfficialAccount | None, mandate: Mandate | None) -> Face:
        """Of an official account with what is recorded of it, or of one that is wanted."""
        named = account or mandate
        assert named is not None
        return cls(
            named.platform,
            named.handle,
            named.name,
            mandate.bio if mandate else "",
            mandate.has_picture if mandate else None,
        )


def rules() -> list[NamingRule]:
    """The rules that stand now."""
    return list(NamingRule.objects.filter(ended_at=None))


def rule(pk: int) -> NamingRule:
    """One rule, whether or not it still stands. Raises NotFound."""
    found = NamingRule.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such rule. Reload the page.")
    return found


def broken(rules: Iterable[NamingRule], face: Face) -> list[str]:
    """A sentence for each rule that is broken there."""
    return [
        sentence
        for rule in rules
        if (not rule.platforms or face.platform in rule.platforms) and (sentence := _fault(rule, face))
    ]


def _fault(rule: NamingRule, face: Face) -> str:
    text = _plain(rule.text)
    name, handle, bio = _plain(face.name), _plain(face.handle), _plain(face.bio)
    match rule.kind:
        case Kind.NAME_BEGINS:
            return "" if name.startswith(text) else f"The name does not begin with “{rule.text}”."
        case Kind.NAME_HAS:
            return "" if text in name else f"The name does not contain “{rule.text}”."
        case Kind.HANDLE_HAS:
            return "" if text in handle else f"The handle does not contain “{rule.text}”."
        case Kind.FORBIDDEN:
            where = [
                word
                for word, said in (("name", name), ("handle", handle), ("profile", bio))
                if _has(said, text)
            ]
            return f"“{rule.text}” stands in the {' and the '.join(where)}." if where else ""
        case Kind.BIO_HAS:
            if not bio:
                return f"Nobody has noted its profile, which must say “{rule.text}”."
            return "" if text in bio else f"The profile does not say “{rule.text}”."
        case Kind.PICTURE:
            if face.has_picture is None:
                return "Nobody has noted whether it has a profile picture."
            return "" if face.has_picture else "It has no profile picture."
    return ""


def _has(said: str, text: str) -> bool:
    """Whether the text stands there: short ones as a word of their own, so that “mod” is not found in “modern”."""
    if len(text) > 4:
        return text in said
    words = "".join(sign if sign.isalnum() else " " for sign in said).split()
    return text in words


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
