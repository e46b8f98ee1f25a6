from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from exercise import api, views, views_scenarios

app_name = "exercise"
urlpatterns: list[URLPattern | URLResolver] = [
    # What the public sees
    path("", views.home, name="home"),
    path("@<str:handle>/", views.profile, name="profile"),
    path("post/<int:pk>/", views.thread, name="thread"),
    path("picture/<int:pk>/", views.picture, name="picture"),
    # For trainers
    path("post/<int:pk>/write/", views.write, name="write"),
    path("@<str:handle>/write/", views.write_privately, name="write_privately"),
    path("control/", views.control, name="control"),
    path("control/start/", views.start, name="start"),
    path("control/weather/", views.weather, name="weather"),
    path("control/<int:pk>/stop/", views.stop, name="stop"),
    path("control/<int:pk>/progress/", views.progress, name="progress"),
    path("scenarios/", views_scenarios.library_page, name="library"),
    path("scenarios/format/", views_scenarios.file_format, name="file_format"),
    path("scenarios/<slug:name>/", views_scenarios.scenario, name="scenario"),
    path("scenarios/<slug:name>/head/", views_scenarios.head, name="scenario_head"),
    path("scenarios/<slug:name>/preview/", views_scenarios.preview, name="scenario_preview"),
    path("scenarios/<slug:name>/scenario.yaml", views_scenarios.scenario_file, name="scenario_file"),
    path("scenarios/<slug:name>/<slug:section>/new/", views_scenarios.line, name="new_line"),
    path("scenarios/<slug:name>/<slug:section>/<slug:key>/", views_scenarios.line, name="line"),
    # For the connectors of official profiles
    path("api/me", api.endpoint(get=api.who_am_i), name="api_me"),
    path("api/posts", api.endpoint(get=api.find, post=api.publish), name="api_posts"),
    path("api/posts/<int:pk>", api.endpoint(get=api.show, delete=api.delete), name="api_post"),
    path("api/posts/<int:pk>/thread", api.endpoint(get=api.thread), name="api_thread"),
    path("api/comments/<int:pk>/hidden", api.endpoint(put=api.set_hidden), name="api_hidden"),
    path(
        "api/people/<int:pk>/blocked",
        api.endpoint(get=api.excluded, put=api.excluded),
        {"kind": "block"},
        name="api_blocked",
    ),
    path(
        "api/people/<int:pk>/muted",
        api.endpoint(get=api.excluded, put=api.excluded),
        {"kind": "mute"},
        name="api_muted",
    ),
    path("api/inbox", api.endpoint(get=api.inbox), name="api_inbox"),
]
