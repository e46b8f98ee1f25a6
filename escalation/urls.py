from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from escalation import views

app_name = "escalation"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.cases, name="cases"),
    path("changed/", views.changed, name="changed"),
    path("open/", views.open_case, name="open"),
    path("comment/<int:pk>/", views.for_comment, name="for_comment"),
    path("comment/<int:pk>/brief/", views.brief, name="brief"),
    path("<int:pk>/", views.case, name="case"),
    path("<int:pk>/live/", views.live, name="live"),
    path("<int:pk>/acknowledge/", views.acknowledge, name="acknowledge"),
    path("<int:pk>/cannot-take/", views.cannot_take, name="cannot_take"),
    path("<int:pk>/log/", views.add_log_entry, name="log"),
    path("<int:pk>/comments/", views.add_comment, name="add_comment"),
    path("<int:pk>/close/", views.close, name="close"),
    path("<int:pk>/reopen/", views.reopen, name="reopen"),
]
