"""Paths below /dashboard/."""

from django.urls import path

from backend.dashboard import views

app_name = "dashboard"

urlpatterns = [
    path("", views.panel, name="panel"),
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
