from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from staff import views

app_name = "staff"
urlpatterns: list[URLPattern | URLResolver] = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-in/code/", views.second_factor, name="second_factor"),
    path("sign-in/authenticator/", views.set_up_second_factor, name="set_up_second_factor"),
    path("sign-in/authenticator.svg", views.authenticator_picture, name="authenticator_picture"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("enrol/<str:token>/", views.enrol, name="enrol"),
    path("profile/", views.profile, name="profile"),
    path("profile/password/", views.change_password, name="change_password"),
    path("profile/recovery-codes/", views.renew_recovery_codes, name="renew_recovery_codes"),
    path("profile/sign-out-everywhere/", views.sign_out_everywhere, name="sign_out_everywhere"),
]
