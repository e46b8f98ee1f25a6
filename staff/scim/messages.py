"""What the directory sends, read within bounds: bodies, people, groups, patches, searches."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar

from pydantic import ValidationError
from scim2_models import (
    Context,
    InvalidFilterException,
    InvalidSyntaxException,
    InvalidValueException,
    PatchOp,
    PayloadTooLargeException,
    Resource,
    SearchRequest,
)

from staff.scim.filters import LONGEST
from staff.scim.known import WORK
from staff.scim.resources import POLICY, Group, User

R = TypeVar("R", bound=Resource)

LARGEST_BODY_BYTES = 1024 * 1024
DEEPEST = 12
"""Levels of objects and lists in a body."""
MOST_OPERATIONS = 1000
MOST_MEMBERS = 5000
PAGE_MOST = 200


@cache
def kind_for(message: Any, model: Any) -> Any:
    """A kind of message for one resource, e.g. ListResponse[User], made once: nobody else holds on to what pydantic makes."""
    return message[model]


def body_of(content: bytes) -> dict[str, Any]:
    """A JSON object of texts that a database can keep, no deeper and no larger than anybody needs.

    Raises PayloadTooLargeException, InvalidSyntaxException or InvalidValueException.
    """
    if len(content) > LARGEST_BODY_BYTES:
        raise PayloadTooLargeException(detail="A request has at most 1 MB.")
    try:
        body = json.loads(content, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise InvalidSyntaxException(detail="The body is not JSON.") from None
    if not isinstance(body, dict):
        raise InvalidSyntaxException(detail="The body is not a JSON object.")
    _check(body)
    return body


def _no_number(name: str) -> None:
    raise ValueError(name)


def _check(body: Any) -> None:
    level = [body]
    for _ in range(DEEPEST):
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            return
    raise InvalidSyntaxException(detail=f"The body nests more than {DEEPEST} levels.")


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    if isinstance(value, list):
        return value
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise InvalidValueException(detail="A text holds half a character.") from None
        if "\x00" in value:
            raise InvalidValueException(detail="A text holds a character that no text has.")
    return []


def user_from(body: dict[str, Any], context: Context, *, active: bool = True) -> User:
    """A person as the directory sends one to create or to replace; `active` where it does not say.

    Raises pydantic's ValidationError.
    """
    return User.model_validate(_filled(body, active), scim_ctx=context, scim_policy=POLICY)


def group_from(body: dict[str, Any], context: Context) -> Group:
    """A group as the directory sends one to create or to replace. Raises pydantic's ValidationError."""
    members = _member(body, "members")
    if isinstance(members, list) and len(members) > MOST_MEMBERS:
        raise PayloadTooLargeException(detail=f"A group has at most {MOST_MEMBERS:,} members.")
    return Group.model_validate(body, scim_ctx=context, scim_policy=POLICY)


def _filled(body: dict[str, Any], active: bool) -> dict[str, Any]:
    """The name from its parts, and the address from the user name, where the directory gives only those."""
    filled = dict(body)
    if not _member(body, "displayName"):
        name = _member(body, "name")
        parts = name if isinstance(name, dict) else {}
        whole = _member(parts, "formatted") or " ".join(
            part for key in ("givenName", "familyName") if isinstance(part := _member(parts, key), str)
        )
        if isinstance(whole, str) and whole.strip():
            filled = {key: value for key, value in filled.items() if key.lower() != "displayname"}
            filled["displayName"] = whole.strip()
    user_name = _member(body, "userName")
    if not _member(body, "emails") and isinstance(user_name, str) and "@" in user_name:
        filled = {key: value for key, value in filled.items() if key.lower() != "emails"}
        filled["emails"] = [{"value": user_name, "type": WORK}]
    return filled if _member(filled, "active") is not None else {**filled, "active": active}


def _member(body: dict[str, Any], name: str) -> Any:
    return next((value for key, value in body.items() if key.lower() == name.lower()), None)


def patch_from(body: dict[str, Any], model: type[R]) -> Callable[[R], R]:
    """A patch as a function from a resource to the patched one.

    Op names count in any case, a removal may list what it removes in its value, and texts such as
    "False" are truths, as Entra ID sends them. Raises pydantic's ValidationError or SCIMException, here
    or when it is applied.
    """
    operations = _member(body, "Operations")
    if isinstance(operations, list):
        body = {key: value for key, value in body.items() if key.lower() != "operations"}
        body["Operations"] = [one for operation in operations for one in _single(operation)]
        if len(body["Operations"]) > MOST_OPERATIONS:
            raise PayloadTooLargeException(detail=f"A patch has at most {MOST_OPERATIONS:,} operations.")
    message = kind_for(PatchOp, model).model_validate(
        body, scim_ctx=Context.RESOURCE_PATCH_REQUEST, scim_policy=POLICY
    )

    def patched(resource: R) -> R:
        message.patch(resource, scim_policy=POLICY)
        return resource

    return patched


def _single(operation: Any) -> list[Any]:
    """A removal that lists many values, as one removal for each: a filter of them all would nest too deep."""
    if isinstance(operation, dict):
        op, value = _member(operation, "op"), _member(operation, "value")
        if isinstance(op, str) and op.lower() == "remove" and isinstance(value, list) and len(value) > 1:
            rest = {key: item for key, item in operation.items() if key.lower() != "value"}
            return [{**rest, "value": [item]} for item in value]
    return [operation]


def search_from(query: Mapping[str, Any], model: type[R]) -> SearchRequest[R]:
    """Filter, sorting, page and wanted attributes of a listing. Raises pydantic's ValidationError."""
    if len(str(query.get("filter", ""))) > LONGEST:
        raise InvalidFilterException(detail=f"A filter has at most {LONGEST:,} characters.")
    known = {
        "filter",
        "sortBy",
        "sortOrder",
        "startIndex",
        "count",
        "attributes",
        "excludedAttributes",
    }
    asked = {key: value for key, value in query.items() if key in known and value != ""}
    if any(len(str(asked.get(key, ""))) > 9 for key in ("startIndex", "count")):
        raise InvalidValueException(detail="startIndex and count are whole numbers of at most nine digits.")
    found: SearchRequest[R] = kind_for(SearchRequest, model).model_validate(asked, scim_policy=POLICY)
    return found


__all__ = [
    "LARGEST_BODY_BYTES",
    "PAGE_MOST",
    "ValidationError",
    "body_of",
    "group_from",
    "kind_for",
    "patch_from",
    "search_from",
    "user_from",
]
