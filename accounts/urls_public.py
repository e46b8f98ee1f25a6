from __future__ import annotations

from django.urls import path

from accounts.views import public

app_name = "accounts_public"
urlpatterns = [
    path("accounts/", public.listed, name="list"),
    path("accounts.json", public.as_json, name="data"),
    path("accounts.csv", public.as_csv, name="table"),
    path("accounts/embedded/", public.embedded, name="embedded"),
    path("accounts/check/", public.check, name="check"),
    path("accounts/report/", public.report, name="report"),
    path("accounts/reported/", public.reported, name="reported"),
]
