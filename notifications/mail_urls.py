"""Paths below /mail/, at the root of the site: links in mails lead here."""

from django.urls import path

from notifications.mail_pages import Unsubscribe

urlpatterns = [path("unsubscribe/<str:token>", Unsubscribe.as_view())]
