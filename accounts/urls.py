from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from accounts.views import access, conduct, leaving, people, register, teams

app_name = "accounts"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", register.register, name="register"),
    path("new/", register.register_new, name="register_new"),
    path("<int:pk>/", register.account, name="account"),
    path("<int:pk>/token/", register.store_credential, name="store_credential"),
    path("<int:pk>/status/", register.change_status, name="change_status"),
    path("neighbourhoods/", register.neighbourhoods, name="neighbourhoods"),
    path("grants/", people.grants, name="grants"),
    path("grants/new/", people.give_grant, name="give_grant"),
    path("grants/<int:pk>/end/", people.end_grant, name="end_grant"),
    path("powers/", people.powers, name="powers"),
    path("staff/", people.staff, name="staff"),
    path("staff/new/", people.add_member, name="add_member"),
    path("staff/<int:pk>/", people.member, name="member"),
    path("staff/<int:pk>/link/", people.send_link, name="send_link"),
    path("staff/<int:pk>/renew/", people.renew_sign_in, name="renew_sign_in"),
    path("staff/<int:pk>/leaver/", leaving.record_leaver, name="record_leaver"),
    path("staff/<int:pk>/move/", access.record_move, name="record_move"),
    path("ask/", access.ask, name="ask"),
    path("requests/", access.waiting_requests, name="requests"),
    path("requests/<int:pk>/answer/", access.answer, name="answer_request"),
    path("review/", access.review, name="review"),
    path("review/policy/", access.change_policy, name="change_policy"),
    path("review/recertification/", access.open_campaign, name="open_campaign"),
    path("review/recertification/<int:pk>/", access.campaign, name="campaign"),
    path("confirm/", access.confirm, name="confirm"),
    path("confirm/<int:pk>/", access.decide, name="decide_confirmation"),
    path("teams/", teams.teams, name="teams"),
    path("teams/<int:pk>/", teams.team, name="team"),
    path("teams/<int:pk>/place/", teams.change_place, name="change_place"),
    path("conduct/", conduct.matters, name="conduct"),
    path("conduct/new/", conduct.decide, name="decide_matter"),
    path("conduct/<int:pk>/", conduct.matter, name="matter"),
    path("conduct/<int:pk>/end/", conduct.end_matter, name="end_matter"),
    path("conduct/<int:pk>/table/", conduct.export_matter, name="export_matter"),
    path("departures/", leaving.departures_list, name="departures"),
    path("departures/<int:pk>/", leaving.departure, name="departure"),
    path("departures/<int:pk>/call-off/", leaving.call_off, name="call_off_departure"),
    path("departures/<int:pk>/handed-to-me/", leaving.taken_over, name="taken_over"),
    path("departures/steps/<int:pk>/sign/", leaving.sign_step, name="sign_step"),
]
