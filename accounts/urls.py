from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from accounts import views, views_people

app_name = "accounts"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.register, name="register"),
    path("new/", views.register_new, name="register_new"),
    path("<int:pk>/", views.account, name="account"),
    path("<int:pk>/token/", views.store_credential, name="store_credential"),
    path("<int:pk>/status/", views.change_status, name="change_status"),
    path("neighbourhoods/", views.neighbourhoods, name="neighbourhoods"),
    path("grants/", views_people.grants, name="grants"),
    path("grants/new/", views_people.give_grant, name="give_grant"),
    path("grants/<int:pk>/end/", views_people.end_grant, name="end_grant"),
    path("powers/", views_people.powers, name="powers"),
    path("staff/", views_people.staff, name="staff"),
    path("staff/new/", views_people.add_member, name="add_member"),
    path("staff/<int:pk>/", views_people.member, name="member"),
    path("staff/<int:pk>/link/", views_people.send_link, name="send_link"),
    path("staff/<int:pk>/renew/", views_people.renew_sign_in, name="renew_sign_in"),
    path("staff/<int:pk>/leaver/", views_people.record_leaver, name="record_leaver"),
]
