from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from accounts.views import people, register

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
    path("staff/<int:pk>/leaver/", people.record_leaver, name="record_leaver"),
]
