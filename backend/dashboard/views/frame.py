"""What belongs to no page in particular: where somebody begins, and the colours."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from backend.accounts.selectors import workplaces_of
from backend.core import clock
from backend.dashboard import theme
from backend.dashboard.presenters.navigation import clinic_links, landing
from backend.dashboard.views.pages import page_for, reader
from backend.dashboard.views.panel import panel


@require_GET
def start(request: HttpRequest) -> HttpResponseBase:
    """A therapist's patients; whoever works here as something else is sent to her pages."""
    if request.user.is_authenticated:
        elsewhere = landing(workplaces_of(reader(request), clock.now()))
        if elsewhere:
            return redirect(elsewhere)
    return panel(request)


@require_GET
@page_for()
def clinic(request: HttpRequest, clinic_id: UUID) -> HttpResponseBase:
    """The first page of a clinic that the reader may open."""
    places = {place.clinic.pk: place for place in workplaces_of(reader(request), clock.now())}
    links = clinic_links(places[clinic_id], request.path) if clinic_id in places else ()
    if not links:
        raise Http404
    return redirect(links[0].url)


@require_POST
@page_for()
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Keeps the colours and goes back to the page on which they were chosen."""
    back = request.headers.get("Referer", "")
    hosts, secure = {request.get_host()}, request.is_secure()
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=hosts, require_https=secure):
        back = "dashboard:panel"
    response = redirect(back)
    theme.keep(response, request.POST.get("theme", ""))
    return response
