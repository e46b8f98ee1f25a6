from __future__ import annotations

from django.urls import path

from publishing import views

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
    path("lockdown/", views.lockdown, name="lockdown"),
    path("lockdown/lift/", views.lift_lockdown, name="lift_lockdown"),
]
