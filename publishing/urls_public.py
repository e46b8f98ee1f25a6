from __future__ import annotations

from django.urls import path

from publishing import views_public

app_name = "publishing_public"
urlpatterns = [
    path("areas/<slug:slug>/", views_public.area, name="area"),
    path("areas/<slug:slug>/feed.atom", views_public.feed, name="feed"),
]
