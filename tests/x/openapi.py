"""X's own OpenAPI document as a judge of requests and answers. It is not part of this repository.

`SMMP_X_OPENAPI` names it, or it lies in ../shared/reference; tests that need it say so where it is absent.
Sources: https://docs.x.com/openapi.json (2.167), OpenAPI 3.0.0.
"""

from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

BESIDE = Path(__file__).parents[2].parent
PLACES = [BESIDE / "shared/reference/x-openapi.json", BESIDE.parent / "shared/reference/x-openapi.json"]
ABSENT = "X's OpenAPI document is not here (SMMP_X_OPENAPI names it)"
METHODS = ("get", "post", "put", "delete")
NOT_IN_IT = frozenset({"/2/oauth2/token"})
"""Described in prose only: docs.x.com, "OAuth 2.0 Authorization Code Flow with PKCE"."""


def place() -> Path | None:
    """Where the document lies; None where it does not."""
    named = os.environ.get("SMMP_X_OPENAPI")
    return next((p for p in ([Path(named)] if named else PLACES) if p.is_file()), None)


@cache
def document() -> Document:
    found = place()
    if found is None:
        raise LookupError(ABSENT)
    return Document(json.loads(found.read_text()))


class Document:
    """Complaints about requests and answers; an empty list where there are none."""

    def __init__(self, raw: dict[str, Any]) -> None:
        self.raw = raw
        self.version = raw["info"]["version"]
        self._open = Registry().with_resource("urn:x", Resource.opaque(_modern(raw, closed=False)))
        self._closed = Registry().with_resource("urn:x", Resource.opaque(_modern(raw, closed=True)))
        self._templates = sorted(raw["paths"], key=lambda path: path.count("{"))

    def request(self, method: str, path: str, query: str, kind: str, body: Any) -> list[str]:
        """What the document has against a request. `body`: its JSON, or the fields of a multipart form."""
        template = self._template(method, path)
        if template is None:
            return [f"{method} {path} is not in the document"]
        operation = self.raw["paths"][template][method.lower()]
        known = {p["name"]: p for p in map(self._resolved, operation.get("parameters", []))}
        complaints = []
        given = parse_qs(query, keep_blank_values=True)
        for name, values in given.items():
            if name not in known or known[name]["in"] != "query":
                complaints.append(f"{method} {template} takes no query parameter {name}")
                continue
            complaints += self._judged(known[name]["schema"], _typed(known[name]["schema"], values[0]), name)
        for name, parameter in known.items():
            if parameter.get("required") and parameter["in"] == "query" and name not in given:
                complaints.append(f"{method} {template} lacks {name}")
        for name, value in self._path_values(template, path).items():
            complaints += self._judged(known[name]["schema"], value, name)
        content = operation.get("requestBody", {}).get("content", {})
        if body is None:
            if operation.get("requestBody", {}).get("required"):
                complaints.append(f"{method} {template} lacks its body")
            return complaints
        if kind not in content:
            return [*complaints, f"{method} {template} takes no {kind}"]
        schema = content[kind]["schema"]
        if kind == "multipart/form-data":
            body = {
                key: int(value)
                if self._property(schema, key).get("type") == "integer" and value.isdigit()
                else value
                for key, value in body.items()
            }
        return complaints + self._judged(schema, body, "body")

    def answer(self, method: str, path: str, status: int, body: Any) -> list[str]:
        """What the document has against an answer of the stand-in."""
        template = self._template(method, path)
        if template is None:
            return [f"{method} {path} is not in the document"]
        responses = self.raw["paths"][template][method.lower()]["responses"]
        if str(status) in responses:
            schema = responses[str(status)]["content"]["application/json"]["schema"]
            return self._judged(schema, body, f"answer to {method} {template}", closed=True)
        if 200 <= status < 300:
            return [f"{method} {template} does not answer {status}"]
        if isinstance(body, dict) and body.get("type") == "about:blank":
            # What X answers without a problem type of its own; the document lists only those with one.
            absent = {"title", "detail", "status"} - body.keys()
            return [f"a problem without {absent}"] if absent else []
        schema = responses["default"]["content"]["application/problem+json"]["schema"]
        return self._judged(schema, body, f"problem of {method} {template}")

    def _template(self, method: str, path: str) -> str | None:
        for template in self._templates:
            pattern = re.sub(r"\{[^}]+\}", "[^/]+", template)
            if re.fullmatch(pattern, path) and method.lower() in self.raw["paths"][template]:
                return template
        return None

    @staticmethod
    def _path_values(template: str, path: str) -> dict[str, str]:
        names = re.findall(r"\{([^}]+)\}", template)
        found = re.fullmatch(re.sub(r"\{[^}]+\}", "([^/]+)", template), path)
        return dict(zip(names, found.groups(), strict=True)) if found else {}

    def _resolved(self, part: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in part:
            found: Any = self.raw
            for step in part["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            part = found
        return part

    def _property(self, schema: dict[str, Any], key: str) -> dict[str, Any]:
        return self._resolved(self._resolved(schema).get("properties", {}).get(key, {}))

    def _judged(self, schema: Any, value: Any, what: str, *, closed: bool = False) -> list[str]:
        registry = self._closed if closed else self._open
        validator = Draft202012Validator(_modern(schema, closed=closed), registry=registry)
        return [f"{what}: {e.json_path} {e.message[:300]}" for e in validator.iter_errors(value)]


def _typed(schema: dict[str, Any], value: str) -> Any:
    if schema.get("type") == "integer" and value.isdigit():
        return int(value)
    return value.split(",") if schema.get("type") == "array" else value


def _modern(part: Any, *, closed: bool) -> Any:
    """OpenAPI 3.0 as JSON Schema: `nullable`, references into the document, and (closed) no unnamed fields."""
    if isinstance(part, list):
        return [_modern(one, closed=closed) for one in part]
    if not isinstance(part, dict):
        return part
    if isinstance(part.get("$ref"), str):
        return {"$ref": "urn:x" + part["$ref"]}
    made = {
        key: _modern(value, closed=closed)
        for key, value in part.items()
        if key not in ("nullable", "example")
    }
    if part.get("nullable") is True:
        if isinstance(made.get("type"), str):
            made["type"] = [made["type"], "null"]
            if "enum" in made:
                made["enum"] = [*made["enum"], None]
        else:
            made = {"anyOf": [made, {"type": "null"}]}
    if closed and isinstance(part.get("properties"), dict) and part.get("type") == "object":
        made.setdefault("additionalProperties", False)
    return made
