"""Paths below /dashboard/."""

from django.urls import path

from backend.dashboard.views import alerts, panel, patient, sessions

app_name = "dashboard"

urlpatterns = [
    path("", panel.panel, name="panel"),
    path("sessions/", sessions.show, name="sessions"),
    path("sessions/<int:session_id>/end/", sessions.end, name="end_session"),
    path("sessions/end-others/", sessions.end_others, name="end_other_sessions"),
    path("patients/<uuid:patient_id>/", patient.patient, name="patient"),
    path(
        "patients/<uuid:patient_id>/alerts/<uuid:alert_id>/acknowledge/",
        alerts.acknowledge,
        name="acknowledge",
    ),
    path(
        "patients/<uuid:patient_id>/alerts/<uuid:alert_id>/resolve/",
        alerts.resolve,
        name="resolve",
    ),
]
