"""Platforms calling us: kept before it is answered, and then the poller is woken. Nothing else comes of it."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from core.errors import NotFound
from core.gate import open_to_all
from moderation.actions import hooks
from platforms import registry
from platforms.contract import PermanentFault


@csrf_exempt
@open_to_all
@require_http_methods(["GET", "POST"])
def hook(request: HttpRequest, platform: str) -> HttpResponse:
    """A platform checks our address (GET), or says that there is news (POST, signed over its very bytes).

    200 only after what it said is committed; so a call that is answered otherwise comes again. 403 for
    what the platform did not sign, 404 where it calls nobody or the force is not registered with it.
    """
    webhook = registry.webhook(platform)
    secret = settings.PLATFORM_APPS.get(platform, {}).get("client_secret", "")
    if webhook is None or not secret:
        raise NotFound("No platform calls this address.")
    if request.method == "GET":
        try:
            answer = webhook.challenge(request.GET.dict(), secret=secret)
        except PermanentFault as refusal:
            return _plain(refusal.sentence, 403)
        return _plain(answer, 200, "application/json" if answer.startswith("{") else "text/plain")
    body = request.body
    if not webhook.genuine(dict(request.headers), body, secret=secret):
        return _plain("This call does not bear the platform's signature.", 403)
    said = webhook.said(body)
    hooks.take_call(
        actor=hooks.HOOKS,
        platform=platform,
        body=body,
        said=said,
        event_id=webhook.event_ids(body),
        account_ids=webhook.account_ids(said),
        of_own_posts=webhook.OF_OWN_POSTS,
    )
    return _plain("Kept.", 200)


def _plain(words: str, status: int, kind: str = "text/plain") -> HttpResponse:
    return HttpResponse(words, status=status, content_type=f"{kind}; charset=utf-8")
