from __future__ import annotations

from django.urls import path

from moderation import views_guidelines, views_public, views_tips_public

app_name = "moderation_public"
urlpatterns = [
    path("guidelines/", views_guidelines.embedded, name="guidelines_embedded"),
    path("guidelines.json", views_guidelines.as_data, name="guidelines_data"),
    path("appeals/<slug:key>/tell/", views_tips_public.tell, name="tell"),
    path("appeals/<slug:key>/told/", views_tips_public.told, name="told"),
    path("why-hidden/", views_public.why_hidden, name="why_hidden"),
    path("why-hidden/figures/", views_public.figures, name="figures"),
    path("why-hidden/<str:secret>/", views_public.inquiry, name="inquiry"),
    path("why-hidden/<str:secret>/sent/", views_public.proved, name="proved"),
    path("why-hidden/<str:secret>/second-look/", views_public.ask_again, name="ask_again"),
]
