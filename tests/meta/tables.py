"""Meta's own tables of edges, parameters and fields, as facebook-business carries them.

The library builds each request with a table of its parameters; with `pending=True` it hands the
request out instead of making it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from facebook_business.api import FacebookAdsApi, FacebookRequest
from facebook_business.session import FacebookSession

CLASSES = {
    "page": "page.Page",
    "post": "pagepost.PagePost",
    "comment": "comment.Comment",
    "video": "advideo.AdVideo",
    "photo": "photo.Photo",
    "conversation": "unifiedthread.UnifiedThread",
    "ig": "iguser.IGUser",
    "media": "igmedia.IGMedia",
    "igcomment": "igcomment.IGComment",
    "user": "user.User",
}
PAGING = {"fields", "limit", "after"}
"""Every edge takes these (Graph API "Paged Results"); the tables leave them out."""

MESSAGE_FIELDS = {"id", "created_time", "from", "to", "message", "attachments"}
NOT_IN_THE_TABLES: dict[tuple[str, str, str], set[str]] = {
    # Messenger Platform "Conversations API": a message is a node of its own.
    ("GET", "message", ""): set(),
    # Graph API reference "debug_token"; Facebook Login "Manually Build a Login Flow", "Long-Lived Access Tokens".
    ("GET", "debug_token", ""): {"input_token"},
    ("POST", "oauth", "access_token"): {
        "client_id",
        "client_secret",
        "redirect_uri",
        "code",
        "code_verifier",
        "grant_type",
        "fb_exchange_token",
    },
    # Instagram Platform reference "IG Container".
    ("GET", "container", ""): set(),
}
FILES_NOT_IN_THE_TABLES = {("page", "photos"), ("page", "videos")}
"""Pages API "Posts" and the Page Videos reference: a picture or video goes along as the file `source`."""
FIELDS_NOT_IN_THE_TABLES = {
    "message": MESSAGE_FIELDS,
    "container": {"id", "status", "status_code"},
    # Instagram Platform reference "IG User / Content Publishing Limit".
    "ContentPublishingLimitResponse": {"config", "quota_usage"},
}


COUNTED = ("/likes", "/comments", ".likes", ".comments")
"""Edges that give a total with summary(true): in the reference (Object Likes, Object Comments) and not in the tables."""


def load(kind: str) -> type:
    module, name = CLASSES[kind].split(".")
    return getattr(import_module(f"facebook_business.adobjects.{module}"), name)


@cache
def requests_of(cls: type) -> dict[tuple[str, str], FacebookRequest]:
    """(method, edge) -> the request that the library would make of a node of this class."""
    api = FacebookAdsApi(FacebookSession(access_token="unused"))
    node = cls("1", api=api)
    found = {}
    for name in dir(cls):
        if name.startswith(("api_", "create_", "get_", "delete_")):
            try:
                request = getattr(node, name)(pending=True)
            except (TypeError, SyntaxError):
                continue  # a helper that takes other arguments; one module of the library is no valid Python
            if isinstance(request, FacebookRequest):
                found[request._method, request._endpoint] = request
    return found


def complaints(
    *, method: str, kind: str, edge: str, params: Mapping[str, str], files: Mapping[str, Any]
) -> list[str]:
    """What the tables have against a call; nothing where it is as they say."""
    where = f"{method} {kind}/{edge}"
    given = {key: value for key, value in params.items() if key != "appsecret_proof"}
    if (method, kind, edge) in NOT_IN_THE_TABLES:
        unknown = given.keys() - PAGING - NOT_IN_THE_TABLES[method, kind, edge]
        found = [f"{where}: no parameter {name}" for name in sorted(unknown)]
        return found + _fields(where, None, kind, params.get("fields", ""))
    request = requests_of(load(kind)).get((method, edge))
    if request is None:
        return [f"{where}: no such call"]
    found = []
    for name, value in given.items():
        if name not in PAGING:
            found += _parameter(where, request, name, value)
    if (
        files
        and not request._allow_file_upload
        and (kind, edge, *files) not in {(*where, "source") for where in FILES_NOT_IN_THE_TABLES}
    ):
        found.append(f"{where}: takes no file")
    cls = load(kind) if not edge else request._target_class
    return found + _fields(where, cls, "", params.get("fields", ""))


def _parameter(where: str, request: FacebookRequest, name: str, value: str) -> list[str]:
    kind = request._param_checker._type_check_info.get(name)
    if name == "summary" and where.endswith(COUNTED):
        return [] if value in ("true", "false") else [f"{where}: summary may not be {value}"]
    if kind is None:
        return [f"{where}: no parameter {name}"]
    enums = request._param_checker._enum_data
    if kind in enums:
        # The tables write MESSENGER where the documents write messenger: Graph tells no case apart.
        allowed = {v.casefold() for v in enums[kind] if isinstance(v, str)}
        return [] if value.casefold() in allowed else [f"{where}: {name} may not be {value}"]
    fits = {
        "bool": lambda: value in ("true", "false"),
        "int": lambda: value.isdigit(),
        "unsigned int": lambda: value.isdigit(),
        "string": lambda: True,
        "Object": lambda: isinstance(json.loads(value), dict),
        "map": lambda: isinstance(json.loads(value), dict),
    }
    if kind.startswith("list"):
        listed = json.loads(value)
        if not isinstance(listed, list):
            return [f"{where}: {name} is not a list"]
        inner = re.fullmatch(r"list<(.*)>", kind)
        if inner and inner[1] in enums:
            allowed = {v for v in enums[inner[1]] if isinstance(v, str)}
            return [f"{where}: {name} may not hold {v}" for v in listed if v not in allowed]
        if inner and inner[1] == "int" and not all(isinstance(v, int) for v in listed):
            return [f"{where}: {name} holds what is no number"]
        return []
    check = fits.get(kind)
    if check is None:
        return [f"{where}: {name} is of the kind {kind}, which is not known here"]
    return [] if check() else [f"{where}: {name} is no {kind}: {value}"]


def _fields(where: str, cls: type | None, kind: str, text: str) -> list[str]:
    found = []
    for name, modifiers, inner in parse_fields(text):
        extra = FIELDS_NOT_IN_THE_TABLES.get(kind or getattr(cls, "__name__", ""), set())
        if name in extra:
            continue
        if cls is None or not hasattr(cls, "Field"):
            found.append(f"{where}: no field {name}")
            continue
        edge = requests_of(cls).get(("GET", name)) if hasattr(cls, "api_get") else None
        if edge is not None and (modifiers or inner):
            for modifier, value in modifiers.items():
                if modifier not in PAGING:
                    found += _parameter(f"{where}.{name}", edge, modifier, value)
            target = edge._target_class
            inner_kind = "message" if name == "messages" else ""
            found += _fields(f"{where}.{name}", None if inner_kind else target, inner_kind, inner)
        elif name not in {v for v in vars(cls.Field).values() if isinstance(v, str)}:
            found.append(f"{where}: no field {name}")
        elif inner:
            found += _inner(where, cls, name, inner)
    return found


def _inner(where: str, cls: type, name: str, inner: str) -> list[str]:
    kind = cls._field_types.get(name, "")
    module = kind.lower()
    try:
        target = getattr(import_module(f"facebook_business.adobjects.{module}"), kind)
    except (ImportError, AttributeError, ValueError):
        return [f"{where}: {name} has no fields of its own"] if kind not in ("Object", "") else []
    return _fields(f"{where}.{name}", target, "", inner)


def parse_fields(text: str) -> list[tuple[str, dict[str, str], str]]:
    """Graph's field expansion: "a,b.limit(5){c,d}" -> name, modifiers, the text in the braces."""
    found = []
    at = 0
    while at < len(text):
        match = re.compile(r"([a-z_0-9]+)((?:\.[a-z_]+\([^)]*\))*)").match(text, at)
        if match is None:
            raise ValueError(f"not a list of fields: {text[at:]}")
        at = match.end()
        inner = ""
        if at < len(text) and text[at] == "{":
            depth, start = 0, at
            while True:
                depth += {"{": 1, "}": -1}.get(text[at], 0)
                at += 1
                if depth == 0:
                    break
            inner = text[start + 1 : at - 1]
        found.append((match[1], dict(re.findall(r"\.([a-z_]+)\(([^)]*)\)", match[2])), inner))
        if at < len(text) and text[at] != ",":
            raise ValueError(f"not a list of fields: {text[at:]}")
        at += 1
    return found
