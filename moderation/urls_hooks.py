from __future__ import annotations

from django.urls import path

from moderation import views_hooks

app_name = "moderation_hooks"
urlpatterns = [path("<slug:platform>/", views_hooks.hook, name="hook")]
