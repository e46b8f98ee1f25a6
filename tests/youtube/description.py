"""The API's own description, as the library carries it: what may be asked, and what an answer looks like."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from googleapiclient import discovery_cache


@cache
def document() -> dict[str, Any]:
    return json.loads(discovery_cache.get_static_doc("youtube", "v3"))


@cache
def methods() -> dict[str, dict[str, Any]]:
    """Each method by its name without the API's ("comments.list")."""
    return {
        f"{resource}.{name}": method
        for resource, one in document()["resources"].items()
        for name, method in one.get("methods", {}).items()
    }


def method_of(verb: str, path: str) -> str:
    """Which method a request calls; an upload by its own path. Empty for none."""
    for name, method in methods().items():
        uploads = {one["path"] for one in method.get("mediaUpload", {}).get("protocols", {}).values()}
        if method["httpMethod"] == verb and path in {"/" + method["path"], *uploads}:
            return name
    return ""


def faults_of_query(name: str, query: dict[str, list[str]]) -> list[str]:
    """What is wrong with the parameters of a call."""
    known = {**methods()[name]["parameters"], **document()["parameters"]}
    faults = [
        f"{name}: {key} is required" for key, one in known.items() if one.get("required") and key not in query
    ]
    for key, values in query.items():
        if key == "uploadType":
            continue  # of the upload protocol, in no list of parameters
        if key not in known:
            faults.append(f"{name}: there is no {key}")
            continue
        one = known[key]
        for value in (
            part for text in values for part in (text.split(",") if one.get("repeated") else [text])
        ):
            if "enum" in one and value not in one["enum"]:
                faults.append(f"{name}: {key} is never {value}")
            if one["type"] == "integer" and not int(one.get("minimum", 0)) <= int(value) <= int(
                one.get("maximum", value)
            ):
                faults.append(f"{name}: {key} is never {value}")
            if one["type"] == "boolean" and value not in {"true", "false"}:
                faults.append(f"{name}: {key} is never {value}")
    return faults


def faults_of_body(name: str, side: str, value: Any) -> list[str]:
    """What is wrong with the body of a call (side "request") or of its answer ("response")."""
    schema = methods()[name].get(side, {}).get("$ref")
    if schema is None:
        return [] if value is None else [f"{name}: there is no {side} body"]
    return _faults(schema, document()["schemas"][schema], value)


def _faults(where: str, schema: dict[str, Any], value: Any) -> list[str]:
    if "$ref" in schema:
        schema = document()["schemas"][schema["$ref"]]
    kind = schema.get("type")
    if kind == "object":
        if not isinstance(value, dict):
            return [f"{where} is no object"]
        properties = schema.get("properties")
        if properties is None:
            return []
        return [
            fault
            for key, one in value.items()
            for fault in (
                _faults(f"{where}.{key}", properties[key], one)
                if key in properties
                else [f"{where} has no {key}"]
            )
        ]
    if kind == "array":
        if not isinstance(value, list):
            return [f"{where} is no list"]
        return [fault for one in value for fault in _faults(where, schema["items"], one)]
    fits = {"string": str, "integer": int, "boolean": bool, "number": (int, float)}[kind]
    if not isinstance(value, fits):
        return [f"{where} is no {kind}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where} is never {value}"]
    if schema.get("format") == "date-time" and not re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value
    ):
        return [f"{where} is no time"]
    return []
