from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from retention import views

app_name = "retention"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.schedule, name="schedule"),
    path("schedule/<int:pk>/", views.row, name="row"),
    path("schedule/<int:pk>/confirm/", views.confirm, name="confirm"),
    path("holds/", views.holds, name="holds"),
    path("holds/place/", views.place_hold, name="place_hold"),
    path("holds/<int:pk>/", views.hold, name="hold"),
    path("holds/<int:pk>/review/", views.review_hold, name="review_hold"),
    path("holds/<int:pk>/lift/", views.lift_hold, name="lift_hold"),
    path("disposals/", views.disposals, name="disposals"),
    path("disposals/<int:pk>/certificate.pdf", views.disposal_certificate, name="certificate"),
]
