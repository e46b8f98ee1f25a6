"""The second factor asked for again, before what a walked-off session must not do (core.gate).

A page that is opened leads to the page that asks, which leads back. A form that is sent is held in
the answer itself: its fields stand in hidden inputs beside the code, and go to the same address
once more, so that nothing typed is lost, nothing is kept on the server, and no script is needed.
Files and secrets are never written into a page; the answer asks for them again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.utils.http import urlencode
from django_otp.models import Device

from core.errors import NotValid, Refused
from staff import queries, sessions
from staff.actions import passkeys, sign_in
from staff.models import SignOnIdentity
from staff.passkeys import address, works_here

FIELD = "second_factor"
PASSKEY = "passkey_proof"
"""The code, or the passkey's answer, that travels with a held form. No form of the platform may have fields
of these names."""

OF_CONDUCT = frozenset(
    f"accounts:{name}"
    for name in (
        "conduct",
        "decide_matter",
        "matter",
        "end_matter",
        "close_matter",
        "export_matter",
        "take_trail",
    )
)
"""Pages of professional standards, which no entry names that others read."""

CEREMONY = "ceremony"
"""Where the session keeps the number of the passkey ceremony that it began."""

SECRET = re.compile(r"(^|[-_])(password|again|present|secret|token|passphrase|pin|code)$")
"""Names of fields that are never written into a page; a prefix of Django's forms may stand before."""

LABELS = {
    "password": "New password",
    "again": "The new password once more",
    "present": "Present password",
    "secret": "Token or app password",
}


@dataclass(frozen=True)
class Asked:
    """A field that has to be given once more: a secret, or a file (then `was` is the file's name)."""

    name: str
    label: str
    was: str = ""
    several: bool = False


def is_due(request: HttpRequest, view: Any, arguments: dict[str, Any]) -> bool:
    """Whether this request must first prove the second factor again.

    Somebody who may not open the page at all is refused by its gate, without being asked.
    """
    if not _asks(request, view, arguments):
        return False
    gate = set(getattr(view, "gate", ())) - {"signed in"}
    return not gate or any(request.user.has_perm(f"accounts.{power}") for power in gate)


def _asks(request: HttpRequest, view: Any, arguments: dict[str, Any]) -> bool:
    if getattr(view, "fresh", False) or (
        request.method == "POST" and getattr(view, "fresh_to_change", False)
    ):
        return not sessions.is_fresh(request)
    when = getattr(view, "fresh_this_shift", None)
    if when is None or sessions.is_fresh_this_shift(request):
        return False
    try:
        return bool(when(request, **arguments))
    except Refused:
        # The view says it better.
        return False


def prove_or_ask(request: HttpRequest, *, back: str) -> HttpResponse | None:
    """Judge the code that came with a held form, or answer with the form held. None lets the form through."""
    if request.content_type == "application/json":
        return JsonResponse({"step_up": _address(back)}, status=403)
    if FIELD not in request.POST and PASSKEY not in request.POST:
        return _held(request, back=back, status=403)
    try:
        prove(request, page=_route(request))
    except Refused as refusal:
        return _held(request, back=back, status=refusal.status, wrong=refusal.sentence)
    without = request.POST.copy()
    for name in (FIELD, PASSKEY):
        without.pop(name, None)
    request.POST = without  # type: ignore[assignment]
    return None


def prove(request: HttpRequest, *, page: str) -> None:
    """The code or the passkey is right and the session fresh; raises NotValid or TooMany."""
    code = request.POST.get(FIELD, "")
    device: Device
    if given := request.POST.get(PASSKEY, ""):
        device = passkeys.prove(
            actor=request.user,  # type: ignore[arg-type]
            ceremony=request.session.pop(CEREMONY, None),
            given=given,
            right="staff.step_up_proved",
            wrong="staff.step_up_refused",
            page=page,
        )
    elif code.strip():
        device = sign_in.prove_again(actor=request.user, code=code[:64], page=page)  # type: ignore[arg-type]
    else:
        raise NotValid("Enter the six digits that the app shows now, or use your passkey.", field="code")
    sessions.prove_again(request, device)


def offered(request: HttpRequest) -> dict[str, Any]:
    """What a page that asks for a second factor must know: which ones the person has, and whether they work here."""
    held = queries.passkeys(request.user).exists()  # type: ignore[arg-type]
    return {
        "field": FIELD,
        "passkey_field": PASSKEY,
        "passkey": held and works_here(request),
        "passkey_elsewhere": held and not works_here(request) and address(),
        "app": queries.has_app(request.user)  # type: ignore[arg-type]
        and not (held and queries.must_have_passkey(request.user)),  # type: ignore[arg-type]
    }


def _held(request: HttpRequest, *, back: str, status: int, wrong: str = "") -> HttpResponse:
    held = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in {FIELD, PASSKEY, "csrfmiddlewaretoken"} and not SECRET.search(name)
    ]
    asked = [Asked(name, _label(name)) for name in request.POST if SECRET.search(name)]
    asked += [
        Asked(name, _label(name), ", ".join(file.name or "a file" for file in files), len(files) > 1)
        for name, files in request.FILES.lists()
    ]
    context = {
        "action": request.get_full_path(),
        "held": held,
        "asked": asked,
        "files": bool(request.FILES),
        "wrong": wrong,
        "back": back,
        **offered(request),
        **ways(request),
    }
    if not request.htmx:  # type: ignore[attr-defined]
        return render(request, "staff/step_up_held.html", context, status=status)
    # The page stays as it is; the question stands above it and sends the form as a whole page would.
    response = render(request, "staff/_step_up_held.html", context)
    response["HX-Retarget"] = "#notice"
    response["HX-Reswap"] = "innerHTML"
    return response


def ways(request: HttpRequest) -> dict[str, Any]:
    """How the person can prove themselves again: at the provider where they signed on by it, by a code
    where they have an app."""
    here = not by_provider(request)
    return {
        "sso": "" if here else settings.OIDC_NAME,
        "by_code": here or queries.has_app(request.user) or queries.passkeys(request.user).exists(),  # type: ignore[arg-type]
    }


def by_provider(request: HttpRequest) -> bool:
    """Whether both factors of this session were proved at the force's provider."""
    device = getattr(request.user, "otp_device", None)
    return bool(settings.OIDC_ISSUER) and isinstance(device, SignOnIdentity)


def _label(name: str) -> str:
    plain = name.rpartition("-")[2]
    return LABELS.get(plain, plain.replace("_", " ").capitalize())


def _route(request: HttpRequest) -> str:
    return _named(request.resolver_match.view_name) if request.resolver_match else ""


def _named(route: str) -> str:
    """How the trail calls a page before which the second factor was proved; nothing for one of conduct.

    Information security reads it, and must not learn that professional standards decided something.
    """
    return "" if route in OF_CONDUCT else route


def _address(back: str) -> str:
    return reverse("staff:step_up") + (f"?{urlencode({'next': back})}" if back else "")


def route_of(path: str) -> str:
    """The name of the route at one of our own addresses; empty where there is none."""
    try:
        return _named(resolve(path.partition("?")[0]).view_name)
    except Resolver404:
        return ""
