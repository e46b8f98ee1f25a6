from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from insights import views

app_name = "insights"
urlpatterns: list[URLPattern | URLResolver] = [
    path("costs/", views.costs, name="costs"),
    path("alerts/", views.alerts, name="alerts"),
    path("alerts/rules/", views.rules, name="rules"),
    path("alerts/<int:pk>/", views.alert, name="alert"),
    path("alerts/<int:pk>/claim/", views.claim, name="claim"),
    path("alerts/<int:pk>/release/", views.release, name="release"),
    path("alerts/<int:pk>/close/", views.close, name="close"),
    path("alerts/<int:pk>/reopen/", views.reopen, name="reopen"),
]
