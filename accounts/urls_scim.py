"""The addresses of the directory, mounted at /scim/v2/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from accounts.views import scim

app_name = "scim"
urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "ServiceProviderConfig",
        scim.endpoint(get=scim.service_provider_config),
        name="service_provider_config",
    ),
    path("ResourceTypes", scim.endpoint(get=scim.resource_types), name="resource_types"),
    path("ResourceTypes/<str:name>", scim.endpoint(get=scim.resource_types), name="resource_type"),
    path("Schemas", scim.endpoint(get=scim.schemas), name="schemas"),
    path("Schemas/<str:name>", scim.endpoint(get=scim.schemas), name="schema"),
    path("Users", scim.endpoint(get=scim.list_users, post=scim.create_user), name="users"),
    path("Users/.search", scim.endpoint(post=scim.search_users), name="search_users"),
    path(
        "Users/<str:pk>",
        scim.endpoint(
            get=scim.show_user, put=scim.replace_user, patch=scim.patch_user, delete=scim.remove_user
        ),
        name="user",
    ),
    path("Groups", scim.endpoint(get=scim.list_groups, post=scim.create_group), name="groups"),
    path("Groups/.search", scim.endpoint(post=scim.search_groups), name="search_groups"),
    path(
        "Groups/<str:pk>",
        scim.endpoint(
            get=scim.show_group, put=scim.replace_group, patch=scim.patch_group, delete=scim.remove_group
        ),
        name="group",
    ),
    path(".search", scim.endpoint(post=scim.search_all), name="search_all"),
    path(
        "<path:rest>",
        scim.endpoint(
            get=scim.nowhere, post=scim.nowhere, put=scim.nowhere, patch=scim.nowhere, delete=scim.nowhere
        ),
        name="nowhere",
    ),
]
