"""How the service is used: parse, make one call, present."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from backend.core.localtime import local_date
from backend.dashboard.presenters.clinic_report import report_csv, report_screen
from backend.dashboard.views.clinic import Desk, clinic_page
from exercises.reports.service_loading import report_of


@require_GET
@clinic_page("report")
def report(desk: Desk) -> HttpResponse:
    """The months as a table."""
    page = report_screen(*report_of(desk.clinic, desk.now))
    return desk.show("clinic_report.html", {"page": page})


@require_GET
@clinic_page("report")
def report_as_csv(desk: Desk) -> HttpResponse:
    """The same to take along."""
    desk.actor.record("report.exported", "clinic", desk.clinic.pk)
    name = f"service-report-{local_date(desk.now, desk.clinic.time_zone)}.csv"
    return HttpResponse(
        report_csv(*report_of(desk.clinic, desk.now)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
