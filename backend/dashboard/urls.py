"""Paths below /dashboard/."""

from django.urls import path

from backend.dashboard import session_views, views

app_name = "dashboard"

urlpatterns = [
    path("", views.panel, name="panel"),
    path("sessions/", session_views.show, name="sessions"),
    path("sessions/<int:session_id>/end/", session_views.end, name="end_session"),
    path("sessions/end-others/", session_views.end_others, name="end_other_sessions"),
    path("patients/<uuid:patient_id>/", views.patient, name="patient"),
    path(
        "patients/<uuid:patient_id>/alerts/<uuid:alert_id>/acknowledge/",
        views.acknowledge,
        name="acknowledge",
    ),
    path(
        "patients/<uuid:patient_id>/alerts/<uuid:alert_id>/resolve/",
        views.resolve,
        name="resolve",
    ),
]
