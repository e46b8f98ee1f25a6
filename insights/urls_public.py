from __future__ import annotations

from django.urls import path

from insights import views_reports

app_name = "insights_public"
urlpatterns = [path("figures/", views_reports.public_figures, name="figures")]
