"""Nobody in who has not proved two factors."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme

from core import context
from core.actors import Actor
from core.errors import NotFound, NotPermitted
from core.middleware import refusal_page
from staff import devices, presence, queries, sessions, step_up, switching
from staff.actions import refusals

OPEN_ROUTES = frozenset(
    {
        # Signing in
        "staff:sign_in",
        "staff:sign_on",
        "staff:sign_on_back",
        "staff:signed_out_there",
        "staff:sign_out_there",
        "staff:sign_out",
        "staff:enrol",
        "staff:change_person",
        "staff:forgotten",
        "staff:new_password",
        "demo",
        # Whether the platform is well; /metrics asks for its own token
        "healthz",
        "readyz",
        "metrics",
        # What programs may ask of the API; it holds no data
        "api:schema",
        # The public
        "moderation:guidelines",
        "moderation:guidelines_version",
        "moderation_public:guidelines_embedded",
        "moderation_public:guidelines_data",
        "moderation:triage_record",
        "escalation_hooks:text_back",
        "moderation_public:why_hidden",
        "moderation_public:inquiry",
        "moderation_public:proved",
        "moderation_public:ask_again",
        "moderation_public:figures",
        "insights_public:figures",
        "accounts_public:list",
        "accounts_public:data",
        "accounts_public:table",
        "accounts_public:embedded",
        "accounts_public:check",
        "accounts_public:report",
        "accounts_public:reported",
        "publishing_public:appeals",
        "publishing_public:appeal",
        "publishing_public:appeal_picture",
        "moderation_public:tell",
        "moderation_public:told",
        "publishing_public:area",
        "publishing_public:feed",
        "publishing_public:updates",
        "publishing_public:updates_feed",
        "publishing_public:meeting",
        "publishing_public:you_said",
        "publishing_public:ask",
        "publishing_public:asked",
        "publishing_public:transcript",
        "accessibility",
        "privacy",
        "public_retention",
        "security_txt",
        # Platforms calling: their signature opens it
        "moderation_hooks:hook",
        # A platform that fetches a picture of a post by an address that we signed
        "media:fetch",
        # A calendar program, by a secret address that its person made and can revoke
        "publishing:feed",
        "exercise:home",
        "exercise:profile",
        "exercise:thread",
        "exercise:picture",
        # The connectors of exercise accounts, each with its own token
        "exercise:api_me",
        "exercise:api_posts",
        "exercise:api_post",
        "exercise:api_thread",
        "exercise:api_hidden",
        "exercise:api_blocked",
        "exercise:api_muted",
        "exercise:api_inbox",
        # The force's directory, with a key of its own
        "scim:service_provider_config",
        "scim:resource_types",
        "scim:resource_type",
        "scim:schemas",
        "scim:schema",
        "scim:users",
        "scim:search_users",
        "scim:user",
        "scim:groups",
        "scim:search_groups",
        "scim:group",
        "scim:search_all",
        "scim:nowhere",
    }
)
"""Routes that need no sign-in. Each of their views is marked @open_to_all too: one without the other
keeps the door shut."""

HALF_ROUTES = frozenset(
    {
        "staff:second_factor",
        "staff:set_up_second_factor",
        "staff:authenticator_picture",
        "staff:passkey_options",
        "staff:new_passkey_options",
        "staff:enrol_passkey",
    }
)
"""Routes for somebody whose password was right and whose second factor is still to come."""


NEVER_NEXT = ("staff:sign_in", "staff:sign_out", "staff:second_factor", "staff:step_up")
"""Pages that nobody is sent back to."""


LOCKED_ROUTES = frozenset(
    {
        "staff:sign_on_again",
        "staff:step_up",
        "staff:sign_out",
        "staff:lock_screen",
        "staff:passkey_options",
        "notices:alarm",
        "escalation:alarm",
        "demo_prove",
    }
)
"""What a locked screen still does: ask for the second factor, sign out, and sound the alarm."""

NEEDS_PASSKEY = (
    "Administering people and grants needs a passkey: a security key, or this device's own screen lock. "
    "Set one up here, then go on."
)


def _administers(view: Any) -> bool:
    return bool(set(queries.ADMINISTRATION) & set(getattr(view, "gate", ())))


class SignedInTwice:
    """Let a request through to its view when both factors stand behind it, or its route is open."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if getattr(request, "_signed_in_page", False):
            # The public's words stay out of the browser's store, also after signing out.
            response.setdefault("Cache-Control", "no-store")
        sessions.keep_mark(request, response)
        switching.keep(request, response)
        return response

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in OPEN_ROUTES and getattr(view, "gate", ()) == ("public",):
            return None
        if getattr(view, "gate", ()) == ("key",):
            return None  # no session opens it: the operation reads its key itself
        request._signed_in_page = True  # type: ignore[attr-defined]
        if not request.user.is_authenticated:
            return self._to_sign_in(request)
        if sentence := sessions.why_over(request):
            logout(request)
            messages.info(request, sentence)
            return self._to_sign_in(request)
        if getattr(view, "stays_inside", False) and not devices.policy(request).may_take_out:
            return refusal_page(
                request,
                NotPermitted(
                    "This is done on a force device on the force network alone: what it shows or makes must "
                    "not leave it. Nothing was changed."
                ),
            )
        if not sessions.is_whole(request):
            return None if name in HALF_ROUTES else self._to("staff:second_factor", request)
        if sessions.is_locked(request):
            if name in LOCKED_ROUTES:
                return None
            if locked := self._locked(request):
                return locked
        sessions.note_use(request)
        presence.note(request, request.user)
        if _administers(view) and not step_up.by_provider(request) and queries.lacks_passkey(request.user):  # type: ignore[arg-type]
            messages.info(request, NEEDS_PASSKEY)
            return self._to("staff:factors", request)
        if step_up.is_due(request, view, kwargs):
            if request.method == "POST":
                return step_up.prove_or_ask(request, back=_page_at_hand(request))
            return self._to("staff:step_up", request)
        return None

    def _locked(self, request: HttpRequest) -> HttpResponse | None:
        """What a locked screen answers; None once the code came with the form."""
        if request.htmx:  # type: ignore[attr-defined]
            # The page and what was typed stay as they are, under the curtain.
            response = HttpResponse(status=204)
            response["HX-Trigger"] = "screen-locked"
            return response
        if request.method == "POST":
            return step_up.prove_or_ask(request, back=_page_at_hand(request))
        return self._to("staff:step_up", request)

    def _to_sign_in(self, request: HttpRequest) -> HttpResponse:
        return self._to("staff:sign_in", request)

    def _to(self, route: str, request: HttpRequest) -> HttpResponse:
        where = reverse(route)
        if back := _page_at_hand(request):
            where += "?" + urlencode({"next": back})
        if request.htmx:  # type: ignore[attr-defined]
            response = HttpResponse(status=204)
            response["HX-Redirect"] = where
            patch_vary_headers(response, ["HX-Request"])
            return response
        return redirect(where)


class RefusalsInTrail:
    """Leave an entry in the trail where somebody was refused for lack of permission, whatever the answer looks like.

    A page (403), the sentence alone (htmx, 200) and a sentence beside a form (422) count alike, for people and
    for services. So does an address with a number under which there is nothing for them (404): somebody who
    walks through numbers stands out. Who is not signed in with both factors leaves their own entries at the
    sign-in. Source: ASVS 5.0, 16.3.2.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = getattr(request, "resolver_match", None)
        if match is None or response.status_code >= 500:
            return response
        refused = context.refusals()
        missed = bool(match.kwargs) and (
            response.status_code == 404 or isinstance(getattr(request, "refused_with", None), NotFound)
        )
        if (refused or missed) and isinstance(who := request.user, Actor):
            refusals.note(
                who=who,
                event=_kept_apart(match.func, who) or ("access.refused" if refused else "access.not_found"),
                route=match.view_name,
                power=refused[-1].power if refused else "",
            )
        return response


def _kept_apart(view: Any, who: Any) -> str:
    """The event for professional standards at their own pages: nobody else reads that they were there."""
    power = "handle_conduct"
    own = power in getattr(view, "gate", ()) and who.has_perm(f"accounts.{power}")
    return "conduct.refused" if own else ""


def _page_at_hand(request: HttpRequest) -> str:
    """The page to come back to: never a part of a page, never an address that only takes a form."""
    if request.htmx:  # type: ignore[attr-defined]
        address = request.headers.get("HX-Current-URL", "")
    elif request.method in {"GET", "HEAD"}:
        address = request.build_absolute_uri()
    else:
        address = request.headers.get("Referer", "")
    return safe_next(request, address)


def safe_next(request: HttpRequest, address: str) -> str:
    """A path of our own to go to after signing in; empty for anything else, another site above all."""
    if (
        not address
        or len(address) > 2000
        or not url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()})
    ):
        return ""
    parts = urlsplit(address)
    # Built anew from its path, so that no scheme or host of the address survives.
    path = "/" + parts.path.lstrip("/\\")
    if path in {"/", *(reverse(name) for name in NEVER_NEXT)}:
        return ""
    return f"{path}?{parts.query}" if parts.query else path
