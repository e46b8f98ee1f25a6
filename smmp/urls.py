"""Where everything is. Each room lists its own addresses; this file mounts them."""

from django.conf import settings
from django.urls import include, path

from smmp import health, home, palette, statements, views_moving, views_papers

handler500 = "smmp.pages.server_fault"
urlpatterns = [
    path("", home.home, name="home"),
    path("changed/", home.home_changed, name="home_changed"),
    path("go/", palette.go_to, name="go"),
    path("", include("staff.urls")),
    path("audit/", include("audit.urls")),
    path("notices/", include("notices.urls")),
    path("files/", include("media.urls")),
    path("exercise/", include("exercise.urls")),
    path("register/", include("accounts.urls")),
    path("scim/v2/", include("accounts.urls_scim")),
    path("retention/", include("retention.urls")),
    path("publishing/", include("publishing.urls")),
    path("desk/", include("moderation.urls")),
    path("public/", include("moderation.urls_public")),
    path("public/", include("accounts.urls_public")),
    path("public/", include("publishing.urls_public")),
    path("public/", include("insights.urls_public")),
    path("public/accessibility/", statements.accessibility, name="accessibility"),
    path("public/privacy/", statements.privacy, name="privacy"),
    path("public/retention/", statements.retention, name="public_retention"),
    path("papers/", views_papers.papers, name="papers"),
    path("papers/<slug:slug>/", views_papers.paper, name="paper"),
    path("papers/<slug:slug>/file.<slug:kind>", views_papers.paper_file, name="paper_file"),
    path(".well-known/security.txt", statements.security, name="security_txt"),
    path("hooks/texts/", include("escalation.urls_hooks")),
    path("hooks/", include("moderation.urls_hooks")),
    path("cases/", include("escalation.urls")),
    path("insights/", include("insights.urls")),
    path("moving/", views_moving.moving, name="moving"),
    path("moving/side-by-side/", views_moving.side_by_side, name="side_by_side"),
    path("moving/<int:pk>/", views_moving.moving_one, name="moving_one"),
    path("moving/<int:pk>/report.csv", views_moving.moving_report, name="moving_report"),
    path("api/v1/", include("smmp.api_urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]
if settings.DEMO:
    from smmp import demo, specimens

    urlpatterns += [
        path("demo/", demo.cast, name="demo"),
        path("demo/prove/", demo.prove, name="demo_prove"),
        path("components/", specimens.components, name="components"),
    ]
