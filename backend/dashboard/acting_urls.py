"""Paths below /dashboard/patients/{id}/ at which a therapist acts."""

from django.urls import path

from backend.dashboard.views import alerts, applying, plan, prescribing, rules, talk

_ALERT = "alerts/<uuid:alert_id>/"
acting_urls = [
    path(_ALERT, alerts.alert, name="alert"),
    path(f"{_ALERT}acknowledge/", alerts.acknowledge, name="acknowledge"),
    path(f"{_ALERT}act/", alerts.act, name="act"),
    path(f"{_ALERT}assign/", alerts.assign, name="assign"),
    path(f"{_ALERT}resolve/", alerts.resolve, name="resolve"),
    path(f"{_ALERT}reopen/", alerts.reopen, name="reopen"),
    path("plan/", plan.plan, name="plan"),
    path("plan/order/", plan.order, name="plan_order"),
    path("plan/apply/", applying.apply, name="plan_apply"),
    path("plan/prescriptions/add/", prescribing.add, name="prescription_add"),
    path(
        "plan/prescriptions/<uuid:prescription_id>/",
        prescribing.prescription,
        name="prescription",
    ),
    path("rules/", rules.rules, name="rules"),
    path("rules/thresholds/", rules.thresholds, name="set_thresholds"),
    path("rules/stable/", rules.stable, name="mark_stable"),
    path("messages/", talk.talk, name="messages"),
    path("messages/read/", talk.read, name="read_messages"),
    path("notes/", talk.notes, name="notes"),
]
