from __future__ import annotations

from django.urls import path

from publishing import views_appeals_public, views_meetings_public, views_public

app_name = "publishing_public"
urlpatterns = [
    path("areas/<slug:slug>/", views_public.area, name="area"),
    path("updates/", views_public.updates, name="updates"),
    path("updates/feed.atom", views_public.updates_feed, name="updates_feed"),
    path("appeals/", views_appeals_public.appeals, name="appeals"),
    path("appeals/<slug:key>/", views_appeals_public.appeal, name="appeal"),
    path("appeals/<slug:key>/pictures/<int:pk>/", views_appeals_public.picture, name="appeal_picture"),
    path("areas/<slug:slug>/you-said/", views_public.you_said, name="you_said"),
    path("meetings/<slug:slug>/", views_meetings_public.meeting, name="meeting"),
    path("meetings/<slug:slug>/ask/", views_meetings_public.ask, name="ask"),
    path("meetings/<slug:slug>/asked/", views_meetings_public.asked, name="asked"),
    path("meetings/<slug:slug>/transcript.txt", views_meetings_public.transcript, name="transcript"),
    path("areas/<slug:slug>/feed.atom", views_public.feed, name="feed"),
]
