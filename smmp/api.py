"""What of /api/v1 belongs to no room: how the platform is, the OpenAPI document, and a page that shows it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import hooks
from accounts.operations import Operation, operation
from core.errors import NotFound
from core.gate import open_to_all, signed_in
from escalation import api_referrals
from smmp import pulse
from smmp.health import OLDEST_BEAT_S
from staff.roles import Power


class PartShown(serializers.Serializer):
    name = serializers.CharField()
    ready = serializers.BooleanField()
    age_s = serializers.FloatField(allow_null=True, help_text="Seconds since its last sign of life.")


class HealthShown(serializers.Serializer):
    ready = serializers.BooleanField()
    parts = PartShown(many=True)


class Health(Operation):
    """Whether the parts of the platform are alive."""

    needs = {"GET": (Power.SEE_HEALTH,)}

    @operation("How the platform is", HealthShown)
    def get(self, request: Request) -> Response:
        ages = pulse.ages_s()
        parts = [
            {"name": name, "ready": name in ages and ages[name] <= oldest, "age_s": ages.get(name)}
            for name, oldest in OLDEST_BEAT_S.items()
        ]
        return Response({"ready": all(part["ready"] for part in parts), "parts": parts})


@extend_schema(exclude=True)
class Nowhere(Operation):
    """Whatever else is asked under /api/v1: a program gets its refusal as JSON, not as a page."""

    def get(self, request: Request, rest: str) -> Response:
        raise NotFound("There is no such address in the API. /api/v1/schema lists them.")

    post = put = patch = delete = get


def document() -> dict[str, Any]:
    """The OpenAPI document of /api/v1."""
    made = SchemaGenerator(urlconf="smmp.api_schema_urls").get_schema(request=None, public=True)
    return {**made, "x-webhooks": {**api_referrals.WEBHOOKS, **hooks.WEBHOOKS}}


@open_to_all
@require_safe
def schema(request: HttpRequest) -> JsonResponse:
    """The OpenAPI document. It holds no data of the force."""
    return JsonResponse(document())


@signed_in
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The same for people: every operation with what it takes and who may."""
    found = document()
    operations = [
        {
            "method": method.upper(),
            "path": path,
            "summary": about.get("summary", ""),
            "takes": _fields(found, about),
            "query": [
                parameter
                for parameter in about.get("parameters", [])
                if parameter["in"] in ("query", "header")
            ],
        }
        for path, methods in found["paths"].items()
        for method, about in methods.items()
    ]
    return render(request, "smmp/api_docs.html", {"operations": operations, "about": found["info"]})


def _fields(found: dict[str, Any], about: dict[str, Any]) -> list[dict[str, Any]]:
    body = about.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    name = body.get("$ref", "").rpartition("/")[2]
    shape = found["components"]["schemas"].get(name, {})
    wanted = shape.get("required", [])
    return [
        {"name": field, "required": field in wanted, "says": about_it.get("description", "")}
        for field, about_it in shape.get("properties", {}).items()
    ]
