"""Paths below /accounts/: the therapists' sign-in and their second factor.

Signing up, addresses and passwords are matters of the app. allauth asks for the names of those
pages all the same, so each name leads to a 404.
"""

from allauth.account import views
from django.urls import include, path

from backend.accounts.pages import only_in_the_app

IN_THE_APP = (
    "account_signup",
    "account_email",
    "account_email_verification_sent",
    "account_change_password",
    "account_set_password",
    "account_reset_password",
    "account_confirm_password_reset_code",
    "account_complete_password_reset",
    "account_confirm_login_code",
)

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("2fa/", include("allauth.mfa.urls")),
    *(path(f"app/{name}/", only_in_the_app, name=name) for name in IN_THE_APP),
]
