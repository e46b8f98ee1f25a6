"""Going somewhere by name: the list behind Ctrl-K, which is a page of its own where there is no JavaScript."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.queries import authority
from core.gate import signed_in
from moderation import queries
from smmp.frame import Frame, address_of
from staff.roles import Power

LONGEST = 100


@dataclass(frozen=True)
class Somewhere:
    """A place that this person may open."""

    address: str
    name: str
    says: str
    glyph: str

    def matches(self, words: str) -> bool:
        """Whether every word stands somewhere in its name or what is said of it."""
        text = f"{self.name} {self.says}".casefold()
        return all(word in text for word in words.casefold().split())


@signed_in
@require_safe
def go_to(request: HttpRequest) -> HttpResponse:
    """Pages and official accounts that the person may open; `q` narrows them. The palette takes them as a part."""
    words = request.GET.get("q", "")[:LONGEST]
    pages, accounts = _pages(request), _accounts(request)
    if getattr(request, "htmx", False) and not request.htmx.history_restore_request:  # type: ignore[attr-defined]
        return render(request, "smmp/_go.html", {"pages": pages, "accounts": accounts})
    found = [one for one in (*pages, *accounts) if one.matches(words)]
    return render(request, "smmp/go.html", {"found": found, "words": words})


def _pages(request: HttpRequest) -> list[Somewhere]:
    frame = Frame(request)
    pages = [Somewhere(one.address, one.name, one.says, one.glyph) for one in frame.entries]
    may = authority(request)
    if may.holds(Power.SEE_COMMENTS):
        desk = address_of("moderation:desk")
        pages += [
            Somewhere(
                address_of("moderation:search"),
                "Search comments",
                "Words, a phrase, a handle, a day",
                "search",
            ),
            Somewhere(address_of("moderation:views"), "Saved views", "Filters of the queue", "filter"),
            *(
                Somewhere(f"{desk}?{urlencode({'queue': slug})}", f"Queue: {title}", "At the desk", "tray")
                for slug, title in (("mine", "Mine"), ("unclaimed", "Unclaimed"), ("open", "All open"))
            ),
        ]
    if Power.MANAGE_REGISTER in may.over_all:
        pages.append(
            Somewhere(
                address_of("moderation:places"),
                "Places",
                "Names that lead comments to neighbourhoods",
                "book",
            )
        )
    pages.append(Somewhere(frame.profile, "My profile", "Look, keys, second factor", "person"))
    return pages


def _accounts(request: HttpRequest) -> list[Somewhere]:
    """Official accounts: their comments for whoever reads them."""
    if not authority(request).holds(Power.SEE_COMMENTS):
        return []
    desk = address_of("moderation:desk")
    return [
        Somewhere(
            f"{desk}?{urlencode({'queue': f'account-{one.pk}'})}", one.name, "Its open comments", "tray"
        )
        for one in queries.accounts_in_sight(request.user)  # type: ignore[arg-type]
    ]
