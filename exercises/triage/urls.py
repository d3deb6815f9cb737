"""Paths below /api/v1/. An alert has its own address, and one under its patient."""

from django.urls import path

from exercises.triage import (
    acting_api,
    api,
    apply_api,
    bundle_api,
    hints_api,
    known_stable_api,
    plan_api,
    prescription_api,
    rules_api,
    tasks_api,
    thresholds_api,
    visits_api,
)
from exercises.triage.history import api as history_api
from exercises.triage.panel_api import panel_urlpatterns

_ACTIONS: dict[str, type[api.AlertDoor]] = {
    "acknowledge": api.Acknowledge,
    "act": acting_api.Act,
    "assign": acting_api.Assign,
    "resolve": api.Resolve,
    "reopen": api.Reopen,
}

_ORDERS = {
    "hold": plan_api.HoldPlan,
    "release_hold": plan_api.ReleaseHold,
    "advance": plan_api.AdvancePlan,
    "step_back": plan_api.StepPlanBack,
    "pause": plan_api.PausePlan,
    "resume": plan_api.ResumePlan,
}

urlpatterns = [
    *panel_urlpatterns,
    path("safety/bundle", bundle_api.Bundle.as_view()),
    path("rules", rules_api.Rules.as_view()),
    path("rules/<str:rule_id>", rules_api.OneRule.as_view()),
    path("tasks", tasks_api.TaskList.as_view()),
    path("alerts", api.WorkList.as_view()),
    path("alerts/<uuid:alert_id>", api.OneAlert.as_view()),
    *(path(f"alerts/<uuid:alert_id>/{verb}", view.as_view()) for verb, view in _ACTIONS.items()),
    path("patients/<uuid:patient_id>/alerts", api.PatientAlerts.as_view()),
    path("patients/<uuid:patient_id>/alerts/<uuid:alert_id>", api.OneAlert.as_view()),
    path("patients/<uuid:patient_id>/colleagues", acting_api.Colleagues.as_view()),
    *(
        path(f"patients/<uuid:patient_id>/alerts/<uuid:alert_id>/{verb}", view.as_view())
        for verb, view in _ACTIONS.items()
    ),
    path("patients/<uuid:patient_id>/plan", plan_api.PatientPlan.as_view()),
    path("patients/<uuid:patient_id>/plan/apply", apply_api.ApplyTemplate.as_view()),
    path("patients/<uuid:patient_id>/plan/apply/preview", apply_api.PreviewApply.as_view()),
    path("patients/<uuid:patient_id>/plan/preview", plan_api.PreviewPlan.as_view()),
    *(
        path(f"patients/<uuid:patient_id>/plan/{verb}", view.as_view())
        for verb, view in _ORDERS.items()
    ),
    path("patients/<uuid:patient_id>/prescriptions", prescription_api.Prescriptions.as_view()),
    path(
        "patients/<uuid:patient_id>/prescriptions/preview",
        prescription_api.PreviewPrescription.as_view(),
    ),
    path(
        "patients/<uuid:patient_id>/prescriptions/<uuid:prescription_id>",
        prescription_api.OnePrescription.as_view(),
    ),
    path(
        "patients/<uuid:patient_id>/prescriptions/<uuid:prescription_id>/retire",
        prescription_api.EndPrescription.as_view(),
    ),
    path("patients/<uuid:patient_id>/known-stable", known_stable_api.KnownStableSymptoms.as_view()),
    path("patients/<uuid:patient_id>/thresholds", thresholds_api.PatientThresholds.as_view()),
    path("patients/<uuid:patient_id>/hints", hints_api.PatientHints.as_view()),
    path("patients/<uuid:patient_id>/visits", visits_api.PatientVisits.as_view()),
    path("patients/<uuid:patient_id>/timeline", history_api.PatientTimeline.as_view()),
    path("patients/<uuid:patient_id>/series", history_api.PatientSeries.as_view()),
    path("patients/<uuid:patient_id>/adherence", history_api.PatientAdherence.as_view()),
    path("me/progress", history_api.MyProgress.as_view()),
    path("me/visits", visits_api.MyVisits.as_view()),
    path("me/visits/<uuid:visit_id>", visits_api.MyVisit.as_view()),
]
