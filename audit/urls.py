from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from audit import views

app_name = "audit"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.trail, name="trail"),
    path("who-saw/", views.who_saw, name="who_saw"),
    path("export/", views.export, name="export"),
]
