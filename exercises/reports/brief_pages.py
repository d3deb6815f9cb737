"""The page behind a link: opened without an account by whoever holds it.

What is unknown, expired or revoked looks the same. The link itself is the credential, so nothing of
it is kept by a cache, told to another site or written to a log.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps

from allauth.account.adapter import get_adapter
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.defaults import page_not_found

from backend.accounts import limits
from backend.accounts.readers import reader_of
from backend.accounts.throttling import TooManyAttempts
from backend.core import clock
from exercises.reports.brief_answers import Shown, pdf_answer, shown
from exercises.reports.brief_pdf import PdfUnavailable
from exercises.reports.models import BriefLink
from exercises.reports.selectors import hash_of, opened_by
from exercises.reports.services import note_opening

# A doctor opens it a few times; a practice behind one address opens those of many patients.
PER_LINK = limits.Limit(amount=20, seconds=600)
PER_ADDRESS = limits.Limit(amount=60, seconds=600)

View = Callable[[HttpRequest, str], HttpResponse]


def unseen(view: View) -> View:
    """Keeps the answer out of caches, search engines and other sites' logs."""

    @wraps(view)
    def guarded(request: HttpRequest, token: str) -> HttpResponse:
        try:
            answer = view(request, token)
        except Http404 as error:
            answer = page_not_found(request, error)
        answer["Cache-Control"] = "no-store"
        answer["Referrer-Policy"] = "no-referrer"
        answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return answer

    return guarded


@require_safe
@unseen
def shared_brief(request: HttpRequest, token: str) -> HttpResponse:
    """The brief as a page."""
    link, found = _opened(request, token, clock.now())
    until = found.page.text.say("page", "until", date=found.page.text.day(link.expires_at.date()))
    context = {
        "page": found.page,
        "words": found.page.text.groups,
        "footer": found.footer,
        "until": until,
    }
    return render(request, "brief/shared.html", context)


@require_safe
@unseen
def shared_pdf(request: HttpRequest, token: str) -> HttpResponse:
    """The brief as a PDF."""
    _, found = _opened(request, token, clock.now())
    try:
        return pdf_answer(request, found)
    except PdfUnavailable as problem:
        return HttpResponse(problem.detail, status=problem.status, content_type="text/plain")


def _opened(request: HttpRequest, token: str, now: datetime) -> tuple[BriefLink, Shown]:
    _count(request, token, now)
    link = opened_by(token, now)
    if link is None:
        raise Http404
    trace: str = getattr(request, "trace_id", "")
    note_opening(link=link, now=now, trace_id=trace)
    patient = link.patient
    language = reader_of(patient.user, request).language
    return link, shown(patient, now, language=language, with_questions=True)


def _count(request: HttpRequest, token: str, now: datetime) -> None:
    # Counted before anything is looked up, so that a guess is answered as a link is.
    address = get_adapter().get_client_ip(request)
    named = (("address", address, PER_ADDRESS), ("link", hash_of(token), PER_LINK))
    for kind, whose, limit in named:
        wait = limits.take(name=f"brief:{kind}:{whose}", limit=limit, now=now)
        if wait:
            raise TooManyAttempts(wait)
