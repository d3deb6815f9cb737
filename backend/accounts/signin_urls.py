"""Paths below /accounts/: the sign-in of those who work at a clinic, their password and second
factor.

Signing up and addresses are matters of the app. allauth asks for the names of those pages all the
same, so each name leads to a 404.
"""

from allauth.account import views
from django.urls import include, path
from django.views.generic import RedirectView

from backend.accounts.pages import only_in_the_app

IN_THE_APP = (
    "account_signup",
    "account_email",
    "account_email_verification_sent",
    "account_set_password",
    "account_confirm_login_code",
)

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path(
        "password/reset/confirm/",
        views.confirm_password_reset_code,
        name="account_confirm_password_reset_code",
    ),
    path(
        "password/reset/complete/",
        views.complete_password_reset,
        name="account_complete_password_reset",
    ),
    path(
        "password/reset/done/",
        RedirectView.as_view(pattern_name="account_login"),
        name="account_password_reset_completed",
    ),
    path("2fa/", include("allauth.mfa.urls")),
    *(path(f"app/{name}/", only_in_the_app, name=name) for name in IN_THE_APP),
]
