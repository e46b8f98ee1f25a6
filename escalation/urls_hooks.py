from __future__ import annotations

from django.urls import path

from escalation import views_alerts

app_name = "escalation_hooks"
urlpatterns = [path("", views_alerts.text_back, name="text_back")]
