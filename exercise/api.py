"""The JSON API of the exercise network, for the connectors of official profiles.

A bearer token says who calls; every answer is JSON, refusals too: {"error": kind, "message": sentence}.
Sessions and cookies play no part, so there is nothing for another site to ride on.
"""

from __future__ import annotations

import base64
import binascii
import json
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from core.actors import System
from core.errors import NotValid, Refused
from core.gate import open_to_all
from exercise import actions, limits, queries
from exercise.models import Message, Profile

LARGEST_BODY_BYTES = 12 * 1024 * 1024
SLOW_S = 2.0
RETRY_AFTER_S = 30
_LARGEST_NUMBER = 2**63 - 1
Handler = Callable[..., tuple[int, Any]]
_KINDS = {403: "not_permitted", 404: "not_found", 409: "conflict", 422: "not_valid", 429: "too_many"}


class BodyTooLarge(Refused):
    """More was sent than any message needs."""

    status = 413


def endpoint(**methods: Handler) -> Callable[..., HttpResponse]:
    """One address: who calls is checked, the weather is applied, refusals become JSON."""

    @csrf_exempt
    @open_to_all
    def view(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        profile = queries.profile_of(token.strip()) if scheme.lower() == "bearer" else None
        if profile is None:
            response = _refusal(401, "not_signed_in", "Send the bearer token of an official profile.")
            response["WWW-Authenticate"] = 'Bearer realm="exercise network"'
            return response
        handler = methods.get((request.method or "").lower())
        if handler is None:
            response = _refusal(405, "wrong_method", f"This address does not answer {request.method}.")
            response["Allow"] = ", ".join(sorted(name.upper() for name in methods))
            return response
        return _in_weather(profile.weather, request, lambda: _answer(handler, request, profile, kwargs))

    return view


def _in_weather(weather: str, request: HttpRequest, answer: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer as the profile's weather lets it through (Profile.Weather)."""
    kinds = Profile.Weather
    changing = request.method != "GET"
    if weather == kinds.GATEWAY:
        return HttpResponse("<html><body><h1>502 Bad Gateway</h1></body></html>", status=502)
    if weather == kinds.LIMITED:
        limited = _refusal(429, "too_many", "Slow down.")
        limited["Retry-After"] = str(RETRY_AFTER_S)
        return limited
    if weather == kinds.REFUSING and changing:
        return _refusal(403, "not_permitted", "This profile may not write at the moment.")
    if weather == kinds.SLOW:
        time.sleep(SLOW_S)
    response = answer()
    if weather == kinds.LOST and changing and response.status_code < 300:
        return _refusal(500, "fault", "Something went wrong.")
    return response


def _answer(handler: Handler, request: HttpRequest, profile: Profile, kwargs: dict[str, Any]) -> HttpResponse:
    try:
        status, body = handler(request, profile, **kwargs)
    except Refused as refusal:
        return _refusal(refusal.status, _KINDS.get(refusal.status, "refused"), refusal.sentence)
    return JsonResponse(body, status=status)


def _refusal(status: int, kind: str, sentence: str) -> JsonResponse:
    return JsonResponse({"error": kind, "message": sentence}, status=status)


# What the addresses do


def who_am_i(request: HttpRequest, profile: Profile) -> tuple[int, Any]:
    return 200, {
        **_author(profile),
        "limits": {
            "post_length": limits.POST_LENGTH,
            "reply_length": limits.REPLY_LENGTH,
            "pictures": limits.PICTURES,
            "picture_bytes": limits.PICTURE_BYTES,
            "alt_text_length": limits.ALT_TEXT_LENGTH,
        },
    }


def publish(request: HttpRequest, profile: Profile) -> tuple[int, Any]:
    body = _body(request)
    message, new = actions.publish(
        actor=_speaker(profile),
        profile=profile,
        key=_text(body, "key"),
        text=_text(body, "text"),
        reply_to=_reference(body, "reply_to"),
        private_to=_reference(body, "private_to"),
        pictures=_pictures(body),
    )
    return (201 if new else 200), as_read(message, profile)


def find(request: HttpRequest, profile: Profile) -> tuple[int, Any]:
    """The post under a key; without one the newest posts of the profile, newest first."""
    key = request.GET.get("key", "")
    if not key:
        return 200, {"messages": [as_read(post, profile) for post in queries.newest_posts(profile)]}
    found = queries.by_key(profile, key) if "\x00" not in key else None
    return 200, {"messages": [as_read(found, profile)] if found else []}


def show(request: HttpRequest, profile: Profile, pk: int) -> tuple[int, Any]:
    return 200, as_read(queries.message(profile, _within(pk)), profile)


def delete(request: HttpRequest, profile: Profile, pk: int) -> tuple[int, Any]:
    message = queries.message(profile, _within(pk))
    return 200, as_read(actions.delete(actor=_speaker(profile), message=message, by=profile), profile)


def set_hidden(request: HttpRequest, profile: Profile, pk: int) -> tuple[int, Any]:
    hidden = _body(request).get("hidden")
    if not isinstance(hidden, bool):
        raise NotValid("“hidden” must be true or false.")
    act = actions.hide if hidden else actions.unhide
    message = act(actor=_speaker(profile), profile=profile, message=queries.message(profile, _within(pk)))
    return 200, as_read(message, profile)


def excluded(request: HttpRequest, profile: Profile, pk: int, kind: str) -> tuple[int, Any]:
    """Whether the profile has blocked, or muted, somebody; a PUT says which it shall be."""
    person = queries.person(profile, _within(pk))
    if request.method == "PUT":
        wanted = _body(request).get("excluded")
        if not isinstance(wanted, bool):
            raise NotValid("“excluded” must be true or false.")
        act = actions.exclude if wanted else actions.readmit
        act(actor=_speaker(profile), profile=profile, person=person, kind=kind)
    return 200, {"excluded": queries.is_excluded(profile, person, kind)}


def inbox(request: HttpRequest, profile: Profile) -> tuple[int, Any]:
    since, limit = _number(request, "since", 0), _number(request, "limit", queries.PAGE)
    limit = max(1, min(limit, queries.PAGE))
    found = queries.inbox(profile, since=since, limit=limit + 1)
    page = found[:limit]
    return 200, {
        "messages": [as_read(message, profile) for message in page],
        "position": str(page[-1].changed_seq if page else since),
        "more": len(found) > limit,
    }


def thread(request: HttpRequest, profile: Profile, pk: int) -> tuple[int, Any]:
    after, limit = _number(request, "after", 0), _number(request, "limit", queries.PAGE)
    limit = max(1, min(limit, queries.PAGE))
    found = queries.thread(profile, _within(pk), after=after, limit=limit + 1)
    page = found[:limit]
    return 200, {
        "messages": [as_read(message, profile) for message in page],
        "after": str(page[-1].pk if page else after),
        "more": len(found) > limit,
    }


# Reading what was sent


def _body(request: HttpRequest) -> dict[str, Any]:
    """The JSON object that was sent. Read from the stream: Django's own limit for forms is smaller
    than four pictures."""
    content = request.read(LARGEST_BODY_BYTES + 1)
    if len(content) > LARGEST_BODY_BYTES:
        raise BodyTooLarge("A message with its pictures may be at most 12 MB.")
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        raise NotValid("What was sent is not JSON.") from None
    if not isinstance(body, dict):
        raise NotValid("Send a JSON object.")
    return body


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise NotValid(f"“{name}” must be text.", field=name)
    return value


def _reference(body: dict[str, Any], name: str) -> int | None:
    value = body.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not value.isascii() or not value.isdigit() or len(value) > 18:
        raise NotValid(f"“{name}” must be the id of something on this network.", field=name)
    return int(value)


def _pictures(body: dict[str, Any]) -> list[actions.NewPicture]:
    pictures = body.get("pictures") or []
    if not isinstance(pictures, list) or not all(isinstance(picture, dict) for picture in pictures):
        raise NotValid("“pictures” must be a list of pictures.", field="pictures")
    if len(pictures) > limits.PICTURES:
        raise NotValid(f"A message holds at most {limits.PICTURES} pictures.", field="pictures")
    try:
        return [
            actions.NewPicture(
                content=base64.b64decode(_text(picture, "content_base64"), validate=True),
                content_type=_text(picture, "content_type"),
                alt_text=_text(picture, "alt_text") if "alt_text" in picture else "",
            )
            for picture in pictures
        ]
    except (binascii.Error, ValueError):
        raise NotValid("A picture is not in base64.", field="pictures") from None


def _number(request: HttpRequest, name: str, default: int) -> int:
    value = request.GET.get(name, "")
    if not value:
        return default
    if not value.isascii() or not value.isdigit() or len(value) > 18:
        raise NotValid(f"“{name}” must be a whole number.", field=name)
    return int(value)


def _within(pk: int) -> int:
    """An id that the database can hold; a larger one is nobody's."""
    return min(pk, _LARGEST_NUMBER)


# What is answered


def _speaker(profile: Profile) -> System:
    return System(f"@{profile.handle} on the exercise network")


def _author(profile: Profile) -> dict[str, Any]:
    return {
        "id": str(profile.pk),
        "handle": profile.handle,
        "name": profile.name,
        "official": profile.official,
    }


def as_read(message: Message, profile: Profile) -> dict[str, Any]:
    """A message as one official profile reads it. Deleted words are not given out any more."""
    ours = message.author_id == profile.pk
    gone = message.deleted_at is not None
    address = settings.EXERCISE_ADDRESS + reverse("exercise:thread", args=[message.root_id or message.pk])
    if message.root_id is not None:
        address += f"#m{message.pk}"
    return {
        "id": str(message.pk),
        "seq": str(message.changed_seq),
        "url": "" if message.private_to_id else address,
        "author": _author(message.author),
        "by_us": ours,
        "key": message.key if ours else "",
        "text": "" if gone else message.text,
        "created_at": message.created_at.isoformat(),
        "edited_at": message.edited_at.isoformat() if message.edited_at else None,
        "deleted": gone,
        "removed_by": message.removed_by if gone else "",
        "hidden": message.hidden_at is not None,
        "held": message.held_why,
        "private": message.private_to_id is not None,
        "private_to": str(message.private_to_id) if message.private_to_id else None,
        "reply_to": str(message.parent_id) if message.parent_id else None,
        "root": str(message.root_id) if message.root_id else None,
        "pictures": []
        if gone
        else [
            {
                "url": settings.EXERCISE_ADDRESS + reverse("exercise:picture", args=[picture.pk]),
                "alt_text": picture.alt_text,
            }
            for picture in message.pictures.all()
        ],
    }
