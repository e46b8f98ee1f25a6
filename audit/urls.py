from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from audit.views import reasoned, safeguards, seals, timelines, trail

app_name = "audit"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", trail.trail, name="trail"),
    path("export/", trail.export, name="export"),
    path("reason/", reasoned.give_reason, name="give_reason"),
    path("searches/save/", trail.save_search, name="save_search"),
    path("searches/<int:pk>/delete/", trail.delete_search, name="delete_search"),
    path("who-saw/", timelines.who_saw, name="who_saw"),
    path("records/<slug:kind>/<int:pk>/", timelines.record, name="record"),
    path("people/<int:pk>/", timelines.person, name="person"),
    path("people/<int:pk>/<slug:span>/", timelines.person, name="person_span"),
    path("assignments/", safeguards.assignments, name="assignments"),
    path("assignments/new/", safeguards.assign, name="assign"),
    path("assignments/<int:pk>/end/", safeguards.end_assignment, name="end_assignment"),
    path("safeguards/", safeguards.safeguards, name="safeguards"),
    path("seal/", seals.state, name="seal"),
    path("seal/export/", seals.export, name="sealed_export"),
    path("entries/<int:pk>/proof/", seals.proof, name="proof"),
    path("entries/<int:pk>/proof/file/", seals.proof_file, name="proof_file"),
    path("events/", safeguards.events, name="events"),
]
