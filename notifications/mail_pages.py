"""The page behind a mail's link: it asks, or does it at once where a mail program asks for that."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from backend.core import clock
from notifications.channels.email.unsubscribing import recipient_of
from notifications.services.registering import switch_mail_off
from notifications.wording import wording

TEMPLATE = "notifications/unsubscribe.html"


# The signed link is the credential: a mail program that posts has neither cookie nor form.
@method_decorator(csrf_exempt, name="dispatch")
class Unsubscribe(View):
    """GET asks, since scanners follow links in mails; POST switches off (RFC 8058)."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        if recipient_of(token) is None:
            return _page(request, wording().unsubscribe.unknown, status=404)
        return _page(request, wording().unsubscribe.question, asks=True)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        recipient = recipient_of(token)
        if recipient is None:
            return _page(request, wording().unsubscribe.unknown, status=404)
        switch_mail_off(user=recipient, now=clock.now())
        return _page(request, wording().unsubscribe.done)


def _page(
    request: HttpRequest, text: str, *, asks: bool = False, status: int = 200
) -> HttpResponse:
    words = wording().unsubscribe
    context = {"title": words.title, "text": text, "button": words.button if asks else ""}
    response = render(request, TEMPLATE, context, status=status)
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response
