from __future__ import annotations

from django.urls import path

from media import views

app_name = "media"
urlpatterns = [
    path("<int:pk>/", views.show, name="show"),
    path("fetch/<str:token>/", views.fetch, name="fetch"),
]
