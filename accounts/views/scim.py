"""SCIM 2.0 for the force's directory (RFC 7644): people and groups, under /scim/v2.

A directory key stands in the Authorization header; sessions and cookies play no part, so there is
nothing for another site to ride on. DELETE means that somebody left: the row remains.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.http.request import RequestDataTooBig, UnreadablePostError
from pydantic import ValidationError
from scim2_models import (
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    Context,
    Error,
    ETag,
    Filter,
    InvalidFilterException,
    ListResponse,
    Meta,
    NotImplementedException,
    Patch,
    PayloadTooLargeException,
    Resource,
    ResourceType,
    Schema,
    SCIMException,
    SearchRequest,
    ServiceProviderConfig,
    Sort,
)

from accounts.actions import directory
from audit.actions import record_reading
from core import clock
from core.errors import ChangedSinceSeen, NotFound, NotPermitted, Refused, TooMany
from staff.actions import directory as keys
from staff.models import DirectoryKey
from staff.scim import filters, known, messages, resources
from staff.scim.known import ROOT
from staff.scim.resources import POLICY, Group, User

CONTENT_TYPE = "application/scim+json"
REQUESTS_PER_MINUTE = 1200
"""For one key and one web process: a directory's first full run is well below it."""

REFUSED = frozenset({400, 403, 404, 409, 412, 413, 501})
"""Answers to a change that leave an entry in the trail: nothing was done."""

Answer = tuple[int, Any]
Handler = Callable[..., HttpResponse]


def endpoint(**methods: Handler) -> Callable[..., HttpResponse]:
    """One address: the key is proved, its pace is checked, and refusals become SCIM errors."""

    def view(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            key = _key(request)
        except _NoKey as refusal:
            response = _error(401, refusal.sentence)
            response["WWW-Authenticate"] = 'Bearer realm="SCIM"'
            return response
        except TooMany as refusal:
            return _slow_down(refusal)
        response = answered(request, key, **kwargs)
        if request.method != "GET" and response.status_code in REFUSED:
            record_reading(
                actor=key,
                event="input.refused",
                details={
                    "what": f"a change to the directory ({request.method})",
                    "status": response.status_code,
                },
            )
        return response

    def answered(request: HttpRequest, key: DirectoryKey, **kwargs: Any) -> HttpResponse:
        try:
            handler = methods.get((request.method or "").lower())
            if handler is None:
                response = _error(405, f"This address does not answer {request.method}.")
                response["Allow"] = ", ".join(sorted(name.upper() for name in methods))
                return response
            return handler(request, key, **kwargs)
        except ValidationError as wrong:
            return _said(Error.from_validation_errors(wrong)[0])
        except SCIMException as wrong:
            return _said(wrong.to_error())
        except ChangedSinceSeen as refusal:
            return _error(412, refusal.sentence)
        except keys.Taken as refusal:
            return _error(409, refusal.sentence, "uniqueness")
        except TooMany as refusal:
            return _slow_down(refusal)
        except Refused as refusal:
            invalid = refusal.status == 422
            return _error(
                400 if invalid else refusal.status, refusal.sentence, "invalidValue" if invalid else ""
            )

    return view


def _slow_down(refusal: TooMany) -> HttpResponse:
    response = _error(429, refusal.sentence)
    response["Retry-After"] = "60"
    return response


class _NoKey(NotPermitted):
    """The caller has no key that works."""


def _key(request: HttpRequest) -> DirectoryKey:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > 200:
        raise _NoKey("Send the directory key as a bearer token.")
    try:
        key = keys.prove_key(token=token, source=request.META.get("REMOTE_ADDR", ""))
    except NotPermitted as refusal:
        raise _NoKey(refusal.sentence) from None
    slot = f"scim:{key.pk}:{int(clock.now().timestamp() // 60)}"
    cache.add(slot, 0, timeout=120)
    if cache.incr(slot) > REQUESTS_PER_MINUTE:
        raise TooMany(f"At most {REQUESTS_PER_MINUTE:,} requests a minute. Go on in a minute.")
    return key


def _respond(status: int, body: Any, *, version: str = "", location: str = "") -> HttpResponse:
    content = b"" if body is None else json.dumps(body).encode()
    response = HttpResponse(content, status=status, content_type=CONTENT_TYPE)
    response["Cache-Control"] = "no-store"
    if version:
        response["ETag"] = version
    if location:
        response["Location"] = location
    return response


def _error(status: int, sentence: str, kind: str = "") -> HttpResponse:
    return _said(Error(status=status, scim_type=kind or None, detail=sentence))


def _said(error: Error) -> HttpResponse:
    return _respond(error.status or 400, error.model_dump())


def _body(request: HttpRequest) -> dict[str, Any]:
    if int(request.META.get("CONTENT_LENGTH") or 0) > messages.LARGEST_BODY_BYTES:
        raise PayloadTooLargeException(detail="A request has at most 1 MB.")
    try:
        return messages.body_of(request.body)
    except (RequestDataTooBig, UnreadablePostError):
        raise PayloadTooLargeException(detail="A request has at most 1 MB.") from None


def _shown(
    request: HttpRequest, resource: User | Group, context: Context, *, status: int = 200
) -> HttpResponse:
    asked = _asked(request, type(resource))
    meta = resource.meta or Meta()
    return _respond(
        status,
        resource.model_dump(scim_ctx=context, response_parameters=asked, scim_policy=POLICY),
        version=str(meta.version or ""),
        location=str(meta.location or ""),
    )


def _asked(request: HttpRequest, model: type[Resource]) -> SearchRequest:
    return messages.search_from(request.GET.dict(), model)


def _read(key: DirectoryKey, what: str, count: int) -> None:
    record_reading(
        actor=key, event="directory.read", subject_name=what, details={"count": count, "what": what}
    )


# People


def list_users(request: HttpRequest, key: DirectoryKey) -> HttpResponse:
    """Staff members whom the directory may know of."""
    return _list(request.GET.dict(), key, User)


def search_users(request: HttpRequest, key: DirectoryKey) -> HttpResponse:
    """The same, asked in the body, so that no name stands in an address (RFC 7644 3.4.3)."""
    return _list(_body(request), key, User)


def create_user(request: HttpRequest, key: DirectoryKey) -> HttpResponse:
    """Somebody of the directory works here."""
    user = messages.user_from(_body(request), Context.RESOURCE_CREATION_REQUEST)
    made = directory.add_user(actor=key, user=user)
    return _shown(request, made, Context.RESOURCE_CREATION_RESPONSE, status=201)


def show_user(request: HttpRequest, key: DirectoryKey, pk: str) -> HttpResponse:
    """One staff member."""
    return _one(request, key, pk, known.people(), resources.user_of, "people")


def replace_user(request: HttpRequest, key: DirectoryKey, pk: str) -> HttpResponse:
    """The person as sent: what is left out is emptied, but for whether they work here."""
    body = _body(request)

    def replaced(present: User) -> User:
        context = Context.RESOURCE_REPLACEMENT_REQUEST
        return _replaced(messages.user_from(body, context, active=bool(present.active)), present)

    return _change_user(request, key, pk, replaced)


def patch_user(request: HttpRequest, key: DirectoryKey, pk: str) -> HttpResponse:
    """Parts of a person. `active` false records a leaver."""
    return _change_user(request, key, pk, messages.patch_from(_body(request), User))


def _change_user(
    request: HttpRequest, key: DirectoryKey, pk: str, change: Callable[[User], User]
) -> HttpResponse:
    changed = directory.change_user(actor=key, pk=_number(pk), change=change, seen=_seen(request))
    return _shown(request, changed, Context.RESOURCE_REPLACEMENT_RESPONSE)


def remove_user(request: HttpRequest, key: DirectoryKey, pk: str) -> HttpResponse:
    """The person has left."""
    directory.remove_user(actor=key, pk=_number(pk), seen=_seen(request))
    return _respond(204, None)


# Groups


def list_groups(request: HttpRequest, key: DirectoryKey) -> HttpResponse:
    """The teams that the directory keeps."""
    return _list(request.GET.dict(), key, Group)


def search_groups(request: HttpRequest, key: DirectoryKey) -> HttpResponse:
    """The same, asked in the body."""
    return _list(_body(request), key, Group)


def create_group(request: HttpRequest, key: DirectoryKey) -> HttpResponse:
    """A team that the directory keeps from now on."""
    group = messages.group_from(_body(request), Context.RESOURCE_CREATION_REQUEST)
    made = directory.add_team_group(actor=key, group=group)
    return _shown(request, made, Context.RESOURCE_CREATION_RESPONSE, status=201)


def show_group(request: HttpRequest, key: DirectoryKey, pk: str) -> HttpResponse:
    """One team with who is in it."""
    return _one(request, key, pk, known.groups(), resources.group_of, "groups")


def replace_group(request: HttpRequest, key: DirectoryKey, pk: str) -> HttpResponse:
    """The group as sent: name, id and every member."""
    sent = messages.group_from(_body(request), Context.RESOURCE_REPLACEMENT_REQUEST)
    return _change_group(request, key, pk, lambda present: _replaced(sent, present))


def patch_group(request: HttpRequest, key: DirectoryKey, pk: str) -> HttpResponse:
    """Parts of a group: its name, or who joins and who leaves."""
    return _change_group(request, key, pk, messages.patch_from(_body(request), Group))


def _change_group(
    request: HttpRequest, key: DirectoryKey, pk: str, change: Callable[[Group], Group]
) -> HttpResponse:
    changed = directory.change_team_group(actor=key, pk=_number(pk), change=change, seen=_seen(request))
    return _shown(request, changed, Context.RESOURCE_REPLACEMENT_RESPONSE)


def remove_group(request: HttpRequest, key: DirectoryKey, pk: str) -> HttpResponse:
    """The directory no longer keeps the group."""
    directory.remove_team_group(actor=key, pk=_number(pk), seen=_seen(request))
    return _respond(204, None)


# What both have in common


def _replaced(sent: Any, present: Any) -> Any:
    sent.replace(present)
    return sent


def _number(pk: str) -> int:
    if not (pk.isascii() and pk.isdigit() and len(pk) < 16):
        raise NotFound("The directory knows of no such resource here.")
    return int(pk)


def _seen(request: HttpRequest) -> str:
    return request.headers.get("If-Match", "")[:500]


def _one(request, key, pk, known, as_resource, what) -> HttpResponse:
    found = known.filter(pk=_number(pk)).first()
    if found is None:
        raise NotFound("The directory knows of no such resource here.")
    resource = as_resource(found)
    versions = [part.strip() for part in request.headers.get("If-None-Match", "").split(",")]
    if resource.meta.version in versions:
        return _respond(304, None, version=resource.meta.version)
    _read(key, what, 1)
    return _shown(request, resource, Context.RESOURCE_QUERY_RESPONSE)


def _list(asked_for: Mapping[str, Any], key: DirectoryKey, model: Any) -> HttpResponse:
    asked = messages.search_from(asked_for, model)
    known, columns, as_resource, what = _LISTS[model]
    rows = filters.with_columns(known(), columns)
    if asked.filter is not None:
        rows = rows.filter(filters.condition(asked.filter.ast, columns))
    descending = asked.sort_order == SearchRequest.SortOrder.descending
    rows = rows.order_by(*filters.order(str(asked.sort_by or "id"), columns, descending=descending))
    total = rows.count()
    start = (asked.start_index or 1) - 1
    size = min(messages.PAGE_MOST if asked.count is None else asked.count, messages.PAGE_MOST)
    page = [as_resource(row) for row in rows[start : start + size]] if size else []
    _read(key, what, len(page))
    answer = messages.kind_for(ListResponse, model)(
        total_results=total, start_index=start + 1, items_per_page=len(page), resources=page
    )
    shown = answer.model_dump(
        scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=asked, scim_policy=POLICY
    )
    return _respond(200, {**shown, "Resources": shown.get("Resources", [])})


_LISTS: dict[Any, tuple[Callable, dict[str, filters.Column], Callable, str]] = {
    User: (known.people, filters.PEOPLE, resources.user_of, "people"),
    Group: (known.groups, filters.GROUPS, resources.group_of, "groups"),
}


# What the service can do


def service_provider_config(request: HttpRequest, key: DirectoryKey) -> HttpResponse:
    """What of the standard is spoken here."""
    config = ServiceProviderConfig(
        patch=Patch(supported=True),
        bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
        filter=Filter(supported=True, max_results=messages.PAGE_MOST),
        change_password=ChangePassword(supported=False),
        sort=Sort(supported=True),
        etag=ETag(supported=True),
        authentication_schemes=[
            AuthenticationScheme(
                type=AuthenticationScheme.Type.oauthbearertoken,
                name="Directory key",
                description="A bearer key that a service administrator makes under Staff, Directory.",
                spec_uri="https://www.rfc-editor.org/info/rfc6750",
                primary=True,
            )
        ],
    )
    config.meta = _meta("ServiceProviderConfig", "/ServiceProviderConfig")
    return _respond(200, config.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE))


def resource_types(request: HttpRequest, key: DirectoryKey, name: str = "") -> HttpResponse:
    """The two kinds of resource."""
    kinds = []
    for model in (User, Group):
        kind = ResourceType.from_resource(model)
        kind.meta = _meta("ResourceType", f"/ResourceTypes/{kind.id}")
        kinds.append(kind)
    return _discovered(request, ResourceType, kinds, name)


def schemas(request: HttpRequest, key: DirectoryKey, name: str = "") -> HttpResponse:
    """The attributes that are kept of each."""
    found = []
    for model in (User, Group):
        schema = model.to_schema()
        schema.meta = _meta("Schema", f"/Schemas/{schema.id}")
        found.append(schema)
    return _discovered(request, Schema, found, name)


def search_all(request: HttpRequest, key: DirectoryKey) -> HttpResponse:
    """People and groups in one list: not spoken here."""
    raise NotImplementedException(detail="Search people and groups each at their own address.")


def nowhere(request: HttpRequest, key: DirectoryKey, rest: str = "") -> HttpResponse:
    """An address that the service does not have."""
    raise NotFound("There is no such address here.")


def _meta(kind: str, path: str) -> Meta:
    return Meta(resource_type=kind, location=f"{settings.PUBLIC_ADDRESS}{ROOT}{path}")


def _discovered(request: HttpRequest, model: Any, found: list[Any], name: str) -> HttpResponse:
    if "filter" in request.GET:
        raise _Unfiltered
    if name:
        for one in found:
            if str(one.id).lower() == name.lower():
                return _respond(200, one.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE))
        raise NotFound("There is no such schema or kind of resource here.")
    answer = messages.kind_for(ListResponse, model)(
        total_results=len(found), start_index=1, items_per_page=len(found), resources=found
    )
    return _respond(200, answer.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE))


class _Unfilterable(InvalidFilterException):
    """RFC 7644 section 4: discovery is refused with 403 where a filter is given."""

    status = 403
    scim_type = ""


_Unfiltered = _Unfilterable(detail="What the service can do is not filtered.")
