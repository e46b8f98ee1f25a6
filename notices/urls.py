from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from notices import views

app_name = "notices"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.notices, name="list"),
    path("bell/", views.bell, name="bell"),
    path("alarm/", views.alarm, name="alarm"),
    path("seen/", views.see_all, name="see_all"),
    path("<int:pk>/seen/", views.see, name="see"),
]
