"""Which of our official accounts an export means."""

from __future__ import annotations

import re
from collections.abc import Iterable

from accounts.lookalikes import plain_link, read
from accounts.models import OfficialAccount
from platforms import registry

_BETWEEN = re.compile(r"[;|\n]+")
_PLATFORM = re.compile(r"^\s*([A-Za-z ]+)\s*[:/]\s*(\S.*)$")
_CALLED = {"twitter": "x", "fb": "facebook", "ig": "instagram", "google": "youtube"}


class Accounts:
    """The register by everything that an export may call one of them. One read."""

    def __init__(self) -> None:
        self.rows = list(OfficialAccount.objects.exclude(status=OfficialAccount.Status.CLOSED).order_by("id"))
        names = {name.lower(): slug for slug, name in registry.NAMES.items()}
        self.platforms = {**names, **{slug: slug for slug in registry.NAMES}, **_CALLED}

    def find(self, text: str, platform: str = "") -> tuple[OfficialAccount | None, str]:
        """The one that is meant, or why not: a handle, a name or a link; "X: @handle" where it is ambiguous."""
        text = text.strip()
        slug = self.platforms.get(platform.strip().lower(), "")
        if platform.strip() and not slug:
            return None, f"There is no platform “{platform[:40]}”."
        found = _PLATFORM.match(text) if "://" not in text else None
        if found and (named := self.platforms.get(found[1].strip().lower())):
            slug, text = named, found[2].strip()
        link = plain_link(text) if "://" in text else ""
        asked = read(text)
        slug = slug or asked.platform
        wanted = {text.casefold(), text.lstrip("@").casefold(), asked.handle.casefold()} - {""}
        rows = [
            one
            for one in self.rows
            if (not slug or one.platform == slug)
            and (
                one.handle.casefold() in wanted
                or one.name.casefold() in wanted
                or bool(link and one.profile_url and plain_link(one.profile_url) == link)
            )
        ]
        if not rows:
            return None, f"No official account here is called “{text[:60]}”."
        if len(rows) > 1:
            where = ", ".join(sorted({registry.NAMES.get(one.platform, one.platform) for one in rows}))
            return (
                None,
                f"“{text[:60]}” may be several ({where}). Write the platform before it, as in “X: @handle”.",
            )
        return rows[0], ""

    def find_all(self, text: str) -> tuple[list[OfficialAccount], list[str]]:
        """Each of several, separated by semicolons, bars or lines; and why any of them is none."""
        found, wrong = [], []
        for one in _pieces(text):
            account, why = self.find(one)
            if account is None:
                wrong.append(why)
            elif account not in found:
                found.append(account)
        return found, wrong


def _pieces(text: str) -> Iterable[str]:
    return [piece for piece in (piece.strip() for piece in _BETWEEN.split(text)) if piece]
