"""Paths below /dashboard/."""

from django.urls import include, path

from backend.dashboard.acting_urls import acting_urls
from backend.dashboard.clinic_urls import clinic_urls
from backend.dashboard.views import access, brief, frame, patient, sessions, timeline, work_list

app_name = "dashboard"

urlpatterns = [
    path("", frame.start, name="panel"),
    path("work/", work_list.work_list, name="work_list"),
    path("theme/", frame.choose_theme, name="theme"),
    path("clinics/<uuid:clinic_id>/", include(clinic_urls)),
    path("sessions/", sessions.show, name="sessions"),
    path("sessions/<int:session_id>/end/", sessions.end, name="end_session"),
    path("sessions/end-others/", sessions.end_others, name="end_other_sessions"),
    path("patients/<uuid:patient_id>/", patient.patient, name="patient"),
    path("patients/<uuid:patient_id>/timeline/", timeline.show, name="timeline"),
    path("patients/<uuid:patient_id>/access/", access.show, name="access"),
    path("patients/<uuid:patient_id>/brief/", brief.brief, name="brief"),
    path("patients/<uuid:patient_id>/brief.pdf", brief.brief_pdf, name="brief_pdf"),
    path("patients/<uuid:patient_id>/", include(acting_urls)),
]
