"""Where everything is. Each room lists its own addresses; this file mounts them."""

from django.urls import include, path

urlpatterns = [
    path("", include("staff.urls")),
    path("audit/", include("audit.urls")),
    path("notices/", include("notices.urls")),
    path("files/", include("media.urls")),
    path("exercise/", include("exercise.urls")),
    path("register/", include("accounts.urls")),
    path("retention/", include("retention.urls")),
    path("publishing/", include("publishing.urls")),
    path("desk/", include("moderation.urls")),
    path("cases/", include("escalation.urls")),
    path("insights/", include("insights.urls")),
]
