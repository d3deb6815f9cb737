"""Paths below /api/v1/."""

from django.urls import path

from backend.accounts import consents_api
from backend.accounts.api import AcceptInvitation, Invitations, Me

urlpatterns = [
    path("me", Me.as_view()),
    path("me/consents", consents_api.MyConsents.as_view()),
    path("invitations", Invitations.as_view()),
    path("invitations/<str:code>/accept", AcceptInvitation.as_view()),
]
