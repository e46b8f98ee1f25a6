from __future__ import annotations

from django.urls import path

from publishing import views_public

app_name = "publishing_public"
urlpatterns = [
    path("areas/<slug:slug>/", views_public.area, name="area"),
    path("updates/", views_public.updates, name="updates"),
    path("updates/feed.atom", views_public.updates_feed, name="updates_feed"),
    path("areas/<slug:slug>/feed.atom", views_public.feed, name="feed"),
]
