from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from retention import views, views_disposal

app_name = "retention"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.schedule, name="schedule"),
    path("schedule/<int:pk>/", views.row, name="row"),
    path("schedule/<int:pk>/confirm/", views.confirm, name="confirm"),
    path("changes/", views.drafts, name="drafts"),
    path("changes/<int:pk>/", views.draft, name="draft"),
    path("changes/<int:pk>/put-forward/", views.put_forward, name="put_forward"),
    path("changes/<int:pk>/approve/", views.approve_draft, name="approve_draft"),
    path("changes/<int:pk>/withdraw/", views.withdraw_draft, name="withdraw_draft"),
    path("changes/<int:pk>/leave-out/<int:row_pk>/", views.leave_out, name="leave_out"),
    path("holds/", views.holds, name="holds"),
    path("holds/place/", views.place_hold, name="place_hold"),
    path("holds/<int:pk>/", views.hold, name="hold"),
    path("holds/<int:pk>/review/", views.review_hold, name="review_hold"),
    path("holds/<int:pk>/ask-to-lift/", views.ask_to_lift, name="ask_to_lift"),
    path("holds/<int:pk>/lift/", views.lift_hold, name="lift_hold"),
    path("proposals/", views_disposal.proposals, name="proposals"),
    path("proposals/<int:pk>/", views_disposal.proposal, name="proposal"),
    path("proposals/<int:pk>/stop/", views_disposal.stop_proposal, name="stop_proposal"),
    path("proposals/<int:pk>/let-go-on/", views_disposal.let_go_on, name="let_go_on"),
    path("proposals/<int:pk>/stand-for/", views_disposal.stand_for, name="stand_for"),
    path("reviews/", views_disposal.reviews, name="reviews"),
    path("reviews/<int:pk>/", views_disposal.review, name="review"),
    path("reviews/<int:pk>/decide/", views_disposal.decide_review, name="decide_review"),
    path("reviews/<int:pk>/agree/", views_disposal.agree_review, name="agree_review"),
    path("reviews/<int:pk>/send-back/", views_disposal.send_back_review, name="send_back_review"),
    path("restricted/", views_disposal.restricted, name="restricted"),
    path("restricted/add/", views_disposal.restrict, name="restrict"),
    path("restricted/<int:pk>/", views_disposal.restriction, name="restriction"),
    path("restricted/<int:pk>/open/", views_disposal.open_restricted, name="open_restricted"),
    path("restricted/<int:pk>/lift/", views_disposal.lift_restriction, name="lift_restriction"),
    path("transfers/", views_disposal.transfers, name="transfers"),
    path("transfers/add/", views_disposal.record_transfer, name="record_transfer"),
    path("disposals/", views_disposal.disposals, name="disposals"),
    path("disposals/<int:pk>/certificate.pdf", views_disposal.disposal_certificate, name="certificate"),
    path(
        "disposals/<int:pk>/certificate.json",
        views_disposal.disposal_certificate_json,
        name="certificate_json",
    ),
]
