"""The addresses of the directory, mounted at /scim/v2/.

Their views are named here and imported when a directory first asks: what they stand on (scim2-models) takes a second
or more, at each start of a program that hardly ever hears from a directory.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path
from django.views.decorators.csrf import csrf_exempt

from core.gate import open_to_all


def endpoint(**methods: str) -> Callable[..., HttpResponse]:
    """One address, by the views of `accounts.views.scim` that answer its methods."""

    @functools.cache
    def answering() -> Callable[..., HttpResponse]:
        scim = import_module("accounts.views.scim")
        return scim.endpoint(**{method: getattr(scim, name) for method, name in methods.items()})

    @csrf_exempt
    @open_to_all
    def view(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return answering()(request, **kwargs)

    return view


app_name = "scim"
urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "ServiceProviderConfig",
        endpoint(get="service_provider_config"),
        name="service_provider_config",
    ),
    path("ResourceTypes", endpoint(get="resource_types"), name="resource_types"),
    path("ResourceTypes/<str:name>", endpoint(get="resource_types"), name="resource_type"),
    path("Schemas", endpoint(get="schemas"), name="schemas"),
    path("Schemas/<str:name>", endpoint(get="schemas"), name="schema"),
    path("Users", endpoint(get="list_users", post="create_user"), name="users"),
    path("Users/.search", endpoint(post="search_users"), name="search_users"),
    path(
        "Users/<str:pk>",
        endpoint(get="show_user", put="replace_user", patch="patch_user", delete="remove_user"),
        name="user",
    ),
    path("Groups", endpoint(get="list_groups", post="create_group"), name="groups"),
    path("Groups/.search", endpoint(post="search_groups"), name="search_groups"),
    path(
        "Groups/<str:pk>",
        endpoint(get="show_group", put="replace_group", patch="patch_group", delete="remove_group"),
        name="group",
    ),
    path(".search", endpoint(post="search_all"), name="search_all"),
    path(
        "<path:rest>",
        endpoint(get="nowhere", post="nowhere", put="nowhere", patch="nowhere", delete="nowhere"),
        name="nowhere",
    ),
]
