from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from moderation import (
    views,
    views_attachments,
    views_by_hand,
    views_channels,
    views_history,
    views_triage,
)

app_name = "moderation"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.desk, name="desk"),
    path("refresh/", views.refresh, name="refresh"),
    path("next/", views.pull_next, name="pull_next"),
    path("by-hand/<int:pk>/", views_by_hand.add_by_hand, name="add_by_hand"),
    path("guidelines/", views.guidelines, name="guidelines"),
    path("commenters/<int:pk>/", views_history.history, name="history"),
    path("triage/", views_triage.how_it_works, name="how_triage_works"),
    path("triage/record/", views_triage.record, name="triage_record"),
    path("channels/", views_channels.channels, name="channels"),
    path("channels/<int:pk>/", views_channels.channel, name="channel"),
    path("set-aside/", views_channels.set_aside_list, name="set_aside"),
    path("set-aside/<int:pk>/", views_channels.set_aside_one, name="set_aside_one"),
    path("attachments/<int:pk>/", views_attachments.attachment, name="attachment"),
    path("attachments/<int:pk>/exhibit/", views_attachments.exhibit, name="exhibit"),
    path("sealed/", views_attachments.sealed, name="sealed"),
    path("sealed/<int:pk>/", views_attachments.sealed_one, name="sealed_one"),
    path("sealed/<int:pk>/open/", views_attachments.open_sealed, name="open_sealed"),
    path("sealed/<int:pk>/lift/", views_attachments.lift_seal, name="lift_seal"),
    path("comments/<int:pk>/seal/", views_attachments.seal, name="seal"),
    path("look-ups/", views_history.purposes, name="purposes"),
    path("guard/", views_history.guard_rule, name="guard"),
    path("comments/<int:pk>/", views.conversation, name="conversation"),
    path("comments/<int:pk>/news/", views.news, name="news"),
    path("comments/<int:pk>/look-again/", views.look_again, name="look_again"),
    path("comments/<int:pk>/claim/", views.claim, name="claim"),
    path("comments/<int:pk>/release/", views.release, name="release"),
    path("comments/<int:pk>/reply/", views.reply, name="reply"),
    path("comments/<int:pk>/draft/", views.draft, name="draft"),
    path("comments/<int:pk>/hide/", views.hide, name="hide"),
    path("comments/<int:pk>/unhide/", views.unhide, name="unhide"),
    path("comments/<int:pk>/restrict/", views.restrict, name="restrict"),
    path("comments/<int:pk>/lift/", views.lift, name="lift"),
    path("comments/<int:pk>/no-action/", views.no_action, name="no_action"),
    path("comments/<int:pk>/escalate/", views.escalate, name="escalate"),
    path("comments/<int:pk>/category/", views.sort, name="sort"),
    path("comments/<int:pk>/note/", views.note, name="note"),
    path("comments/<int:pk>/reopen/", views.reopen, name="reopen"),
]
