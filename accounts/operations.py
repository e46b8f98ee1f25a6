"""What every operation of /api/v1 shares: keys, throttle, refusals as problem+json, idempotent writes.

An operation is a class with `get` or `post`, marked with the powers that open it (`needs`). It parses, calls the
same queries and actions as the pages, and shapes the answer. Cookies count for nothing here, so that no browser
can be made to act (no CSRF); a service acts by its key alone.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, ClassVar

from django.http import Http404
from django.utils.crypto import constant_time_compare
from django.utils.http import parse_etags
from django.utils.text import slugify
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import keys, queries
from accounts.actions import services
from accounts.models import ServiceActor
from core import clock
from core.errors import NotFound, NotPermitted, NotValid, Refused
from core.gate import keyed
from staff.roles import Power

A_MINUTE = 600
"""Requests of one key in a minute."""
LONGEST_TOKEN = 128
LARGEST_ID = 2**63 - 1


class Problem(serializers.Serializer):
    """A refusal, RFC 9457: `detail` is a sentence that says what is wrong and what to do."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    field = serializers.CharField(required=False, help_text="Which part of the request is meant.")


class ByKey(BaseAuthentication):
    """`Authorization: Bearer smmp_…`: a live key, from a network from which it is taken."""

    def authenticate(self, request: Request) -> tuple[ServiceActor, Any]:
        scheme, _, text = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        key = keys.read(text.strip()) if scheme.lower() == "bearer" else None
        if key is None:
            raise exceptions.AuthenticationFailed(
                "Send a key of a service identity: “Authorization: Bearer smmp_…”. A service administrator makes one."
            )
        source = request.META.get("REMOTE_ADDR", "")
        why = ""
        if key.revoked_at is not None or not key.service.member.active:
            why = "it was revoked"
        elif key.until <= clock.now():
            why = "it has run out"
        elif not keys.comes_from(key, source):
            why = "it came from a network from which it is not taken"
        used = services.note_use(key=key, source=source)
        if used > A_MINUTE:
            seconds = 60 - clock.now().second
            raise exceptions.Throttled(wait=seconds)
        if why:
            services.note_refused(key=key, why=why)
            raise exceptions.AuthenticationFailed(
                f"This key is not taken: {why}. Ask {key.service.owner.called}, who answers for {key.service}."
            )
        return keys.actor(key), key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class ByKeyInTheSchema(OpenApiAuthenticationExtension):
    """How the OpenAPI document names it."""

    target_class = "accounts.operations.ByKey"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A key of a service identity, made by a service administrator under Services.",
        }


class ProblemRenderer(JSONRenderer):
    media_type = "application/problem+json"


class Operation(APIView):
    """One address of the API. `needs`: method -> the powers, one of which opens it; none: any live key."""

    authentication_classes: ClassVar = [ByKey]
    permission_classes: ClassVar[list[Any]] = []
    parser_classes: ClassVar = [JSONParser]
    renderer_classes: ClassVar = [JSONRenderer]
    needs: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., Any]:
        return keyed(super().as_view(**initkwargs))

    @property
    def service(self) -> ServiceActor:
        return self.request.user  # type: ignore[return-value]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if any(isinstance(value, int) and value > LARGEST_ID for value in kwargs.values()):
            raise NotFound("There is nothing under that number.")
        wanted = self.needs.get(request.method or "", ())
        if wanted and not any(queries.may(self.service, power) for power in wanted):
            words = "” or “".join(Power(power).label for power in wanted)
            raise NotPermitted(
                f"{self.service.name} may not do this: it needs the right “{words}”. Ask a service administrator.",
                power=words.replace("” or “", " or "),
            )

    def handle_exception(self, exc: Exception) -> Response:
        answer = _problem(exc)
        if answer is None:
            raise exc
        answer.exception = True
        if isinstance(exc, exceptions.AuthenticationFailed | exceptions.NotAuthenticated):
            answer["WWW-Authenticate"] = ByKey().authenticate_header(self.request)
        if isinstance(exc, exceptions.MethodNotAllowed):
            answer["Allow"] = ", ".join(self.allowed_methods)
        return answer

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Any:
        final = super().finalize_response(request, response, *args, **kwargs)
        if response.exception:
            final.accepted_renderer = ProblemRenderer()
            final.accepted_media_type = ProblemRenderer.media_type
            final.content_type = ProblemRenderer.media_type
        final["Cache-Control"] = "private, no-cache" if final.has_header("ETag") else "no-store"
        return final

    # For operations

    def given(self, form: type[serializers.Serializer]) -> dict[str, Any]:
        """What the request says, checked: its query for GET, its body otherwise. Raises ValidationError."""
        data = self.request.query_params if self.request.method == "GET" else self.request.data
        if not isinstance(data, Mapping):
            raise NotValid("Send a JSON object.")
        if self.request.method == "GET" and (
            empty := [name for name in form().fields if data.get(name) == ""]
        ):
            raise NotValid(f"“{empty[0]}” is empty. Say something there, or leave it out.", field=empty[0])
        read = form(data=data)
        read.is_valid(raise_exception=True)
        return dict(read.validated_data)

    def tagged(self, body: Any) -> Response:
        """The answer with an ETag of what it says; 304 without a body for a program that has it already (RFC 9110)."""
        etag = f'"{hashlib.sha256(JSONRenderer().render(body)).hexdigest()[:32]}"'
        asked = parse_etags(self.request.headers.get("If-None-Match", ""))
        if "*" in asked or etag in {one.removeprefix("W/") for one in asked}:
            return Response(status=304, headers={"ETag": etag})
        return Response(body, headers={"ETag": etag})

    def once(self, given: Mapping[str, Any], act: Callable[[], tuple[int, Any]]) -> Response:
        """Do it once for the Idempotency-Key, and answer the same request with the same answer for a day.

        The same key with another request is refused (422), and so is one whose first request is still being
        done (409): whether that one came through has to be looked at, it is never done a second time.
        """
        token = self.request.headers.get("Idempotency-Key", "")
        if not re.fullmatch(rf"[!-~]{{8,{LONGEST_TOKEN}}}", token):
            raise NotValid(
                "Send the header Idempotency-Key with 8 to 128 visible characters of your own, new for each thing to be done.",
                field="Idempotency-Key",
            )
        asked = json.dumps([self.request.method, self.request.path, given], sort_keys=True, default=str)
        request_hash = hashlib.sha256(asked.encode()).hexdigest()
        kept, new = services.begin_answer(key=self.service.api_key, token=token, request_hash=request_hash)
        if not new:
            return _again(kept, request_hash)
        try:
            status, body = act()
        except (Refused, exceptions.APIException):
            services.drop_answer(kept=kept)
            raise
        # Kept as it leaves, so that dates and times are the same when it is answered again.
        body = json.loads(JSONRenderer().render(body))
        services.keep_answer(kept=kept, status=status, body=body)
        return Response(body, status=status)


def _again(kept: Any, request_hash: str) -> Response:
    if not constant_time_compare(kept.request_hash, request_hash):
        raise NotValid(
            "This Idempotency-Key was used for another request. Take a new one for each thing to be done.",
            field="Idempotency-Key",
        )
    if kept.status is None:
        raise _UnderWay(
            "The first request with this Idempotency-Key is being done or did not come to its end. Look whether it "
            "was done before you ask with a new key."
        )
    return Response(kept.body, status=kept.status, headers={"Idempotent-Replayed": "true"})


class _UnderWay(Refused):
    """The same request is being done at this moment, or its end is not known."""


def _problem(exc: Exception) -> Response | None:
    """The refusal as RFC 9457 has it; None for a fault of ours."""
    headers = {}
    if isinstance(exc, Refused):
        status, detail, field = exc.status, exc.sentence, getattr(exc, "field", None)
    elif isinstance(exc, exceptions.ValidationError):
        status, (field, detail) = 422, _first(exc.detail)
    elif isinstance(exc, Http404):
        status, detail, field = 404, "There is no such address or record.", None
    elif isinstance(exc, exceptions.Throttled):
        wait = int(exc.wait or 60)
        status, field = 429, None
        detail = (
            f"This key has asked {A_MINUTE} times within a minute. Wait {wait} seconds and go on more slowly."
        )
        headers["Retry-After"] = str(wait)
    elif isinstance(exc, exceptions.APIException):
        status, detail, field = exc.status_code, str(exc.detail), None
    else:
        return None
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **({"field": field} if field else {}),
    }
    return Response(body, status=status, headers=headers)


def _first(detail: Any, field: str = "") -> tuple[str, str]:
    """The first thing that is wrong, and where."""
    if isinstance(detail, dict):
        name, inner = next(iter(detail.items()))
        return _first(inner, field if name == "non_field_errors" else str(name))
    if isinstance(detail, list):
        return _first(detail[0], field)
    return field, str(detail)


# What the OpenAPI document says of operations

_REFUSALS = {
    400: "What was sent is not JSON.",
    401: "No key, or one that is not taken.",
    403: "The service may not do this.",
    404: "There is no such thing, or it is not one that the service may know of.",
    409: "It cannot be done now: somebody else was first, or it changed since it was read.",
    415: "Send application/json.",
    422: "What was sent cannot be used; `field` says which part.",
    429: "Too many requests; Retry-After says when to go on.",
    406: "Only application/json is answered.",
}


def operation(
    summary: str,
    answer: Any,
    *,
    takes: type[serializers.Serializer] | None = None,
    query: type[serializers.Serializer] | None = None,
    status: int = 200,
    example: dict[str, Any] | None = None,
) -> Callable[[Any], Any]:
    """Describe one operation in the OpenAPI document. takes: a body, with which an Idempotency-Key is wanted."""
    parameters: list[Any] = [query] if query else []
    if takes is not None:
        parameters.append(
            OpenApiParameter(
                "Idempotency-Key",
                {"type": "string", "minLength": 8, "maxLength": LONGEST_TOKEN, "pattern": "^[!-~]+$"},  # type: ignore[arg-type]
                OpenApiParameter.HEADER,
                required=True,
                description="Your own name for this one thing to be done. Repeated within a day, it is done once.",
            )
        )
    responses: dict[Any, Any] = {status: answer}
    for code, words in _REFUSALS.items():
        responses[(code, ProblemRenderer.media_type)] = OpenApiResponse(Problem, description=words)
    examples = [OpenApiExample(summary, value=example, request_only=True)] if example else []
    return extend_schema(
        operation_id=slugify(summary).replace("-", "_"),
        summary=summary,
        request=takes,
        responses=responses,
        parameters=parameters,
        examples=examples,
    )


class Moment(serializers.DateTimeField):
    """An instant with its offset, of a year that can be meant."""

    def to_internal_value(self, value: Any) -> datetime:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d[Tt ]\S+([Zz]|[+-]\d\d:\d\d)", str(value)):
            raise serializers.ValidationError(
                "Give an instant with its offset, such as 2026-11-22T03:00:00Z."
            )
        if not 2000 <= int(str(value)[:4]) <= 2200:
            raise serializers.ValidationError("Give a year from 2000 to 2200.")
        return super().to_internal_value(value).astimezone(UTC)


class Cursor(serializers.Serializer):
    """Which page."""

    before = serializers.IntegerField(
        required=False, min_value=1, max_value=LARGEST_ID, help_text="`next` of the page before."
    )


def page_of(item: type[serializers.Serializer]) -> type[serializers.Serializer]:
    """A page of such things: `items`, and `next` to ask the following page with, or null at the end."""
    return type(
        f"PageOf{item.__name__}",
        (serializers.Serializer,),
        {
            "items": item(many=True),
            "next": serializers.CharField(allow_null=True, help_text="Ask with ?before= this."),
        },
    )
