from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from staff.views import factors, oneself, passkeys, sessions, sign_on, signing_in, step_up

app_name = "staff"
urlpatterns: list[URLPattern | URLResolver] = [
    path("sign-in/", signing_in.sign_in, name="sign_in"),
    path("sign-in/code/", signing_in.second_factor, name="second_factor"),
    path("sign-in/authenticator/", signing_in.set_up_second_factor, name="set_up_second_factor"),
    path("sign-in/authenticator.svg", signing_in.authenticator_picture, name="authenticator_picture"),
    path("sign-in/forgotten/", signing_in.forgotten, name="forgotten"),
    path("sign-in/new-password/<str:token>/", signing_in.new_password, name="new_password"),
    path("sign-in/passkey/", passkeys.options, name="passkey_options"),
    path("sign-in/again/", step_up.prove_again, name="step_up"),
    path("sign-in/sso/", sign_on.begin, name="sign_on"),
    path("sign-in/sso/back/", sign_on.back, name="sign_on_back"),
    path("sign-in/sso/again/", sign_on.prove_again, name="sign_on_again"),
    path("sign-in/sso/out/", sign_on.signed_out_there, name="signed_out_there"),
    path("sign-out/sso/", sign_on.sign_out_there, name="sign_out_there"),
    path("sign-out/", signing_in.sign_out, name="sign_out"),
    path("enrol/<str:token>/", signing_in.enrol, name="enrol"),
    path("profile/", oneself.profile, name="profile"),
    path("profile/password/", oneself.change_password, name="change_password"),
    path("profile/factors/", factors.factors, name="factors"),
    path("profile/factors/app/", factors.add_app, name="add_app"),
    path("profile/factors/app/remove/", factors.remove_app, name="remove_app"),
    path("profile/factors/passkeys/options/", passkeys.new_options, name="new_passkey_options"),
    path("profile/factors/passkeys/new/", passkeys.enrol, name="enrol_passkey"),
    path("profile/factors/passkeys/<int:pk>/name/", passkeys.rename, name="rename_passkey"),
    path("profile/factors/passkeys/<int:pk>/remove/", passkeys.remove, name="remove_passkey"),
    path("profile/recovery-codes/", oneself.renew_recovery_codes, name="renew_recovery_codes"),
    path("profile/sign-out-everywhere/", oneself.sign_out_everywhere, name="sign_out_everywhere"),
    path("profile/sessions/", sessions.own_sessions, name="sessions"),
    path("sessions/<int:pk>/end/", sessions.end_session, name="end_session"),
    path("sessions/of/<int:pk>/", sessions.sessions_of, name="sessions_of"),
    path("sessions/used/", sessions.note_use, name="note_use"),
    path("screen/lock/", sessions.lock_screen, name="lock_screen"),
    path("screen/change/", sessions.change_person, name="change_person"),
    path("devices/", sessions.allowances, name="allowances"),
    path("devices/<int:pk>/end/", sessions.end_allowance, name="end_allowance"),
]
