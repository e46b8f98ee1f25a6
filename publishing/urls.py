from __future__ import annotations

from django.urls import path

from publishing import views, views_calendar, views_field, views_library, views_planning

app_name = "publishing"
urlpatterns = [
    path("", views.posts, name="posts"),
    path("compose/", views.compose, name="compose"),
    path("compose/<int:pk>/", views.compose, name="compose_post"),
    path("posts/<int:pk>/", views.post, name="post"),
    path("posts/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("posts/<int:pk>/approve/", views.approve, name="approve"),
    path("posts/<int:pk>/return/", views.send_back, name="return"),
    path("standing/<int:pk>/correct/", views.correct, name="correct"),
    path("corrections/<int:pk>/", views.correction_step, name="correction_step"),
    path("approvals/", views.approvals, name="approvals"),
    path("outbox/", views.outbox, name="outbox"),
    path("outbox/release/", views.release_held, name="release_held"),
    path("outbox/<int:pk>/", views.delivery_step, name="delivery_step"),
    path("field/", views_field.field_post, name="field"),
    path("field/<int:pk>/", views_field.field_post, name="field_draft"),
    path("posts/<int:pk>/versions/", views_planning.versions, name="versions"),
    path("posts/<int:pk>/repeat/", views_planning.repeat, name="repeat"),
    path("posts/<int:pk>/pair/", views_planning.pair, name="pair"),
    path("posts/<int:pk>/part/", views_planning.part, name="part"),
    path("series/", views_planning.all_series, name="all_series"),
    path("series/<int:pk>/", views_planning.one_series, name="series"),
    path("series/<int:pk>/step/", views_planning.series_step, name="series_step"),
    path("templates/", views_planning.show_templates, name="templates"),
    path("templates/write/", views_planning.write_template, name="write_template"),
    path("templates/<int:pk>/", views_planning.template, name="template"),
    path("templates/<int:pk>/step/", views_planning.template_step, name="template_step"),
    path("tags/", views_planning.tags, name="tags"),
    path("tags/<int:pk>/retire/", views_planning.retire_tag, name="retire_tag"),
    path("library/", views_library.show, name="library"),
    path("library/add/", views_library.add, name="add_asset"),
    path("library/<int:pk>/", views_library.asset, name="asset"),
    path("library/<int:pk>/use/", views_library.use, name="use_asset"),
    path("library/<int:pk>/retire/", views_library.retire, name="retire_asset"),
    path("calendar/", views_calendar.show, name="calendar"),
    path("posts/<int:pk>/move/", views_calendar.move, name="move"),
    path("calendar/addresses/", views_calendar.feeds, name="feeds"),
    path("calendar/addresses/<int:pk>/revoke/", views_calendar.revoke_feed, name="revoke_feed"),
    path("calendar/<str:token>.ics", views_calendar.feed, name="feed"),
    path("lockdown/", views.lockdown, name="lockdown"),
    path("lockdown/lift/", views.lift_lockdown, name="lift_lockdown"),
]
