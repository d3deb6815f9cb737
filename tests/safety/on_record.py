"""What the database holds of the red flags that were reported, against the oracle."""

from backend.accounts.models import AuditEvent, Patient
from exercises.triage.models import Alert, AlertEvent, AlertStatus, DoctorPrompt
from tests.safety.oracle import Expected


def every_red_flag_is_on_record(patient: Patient, expected: Expected) -> None:
    """Each has exactly one alert, its step, its prompt and its audit row; or its review alone."""
    alerts = Alert.objects.filter(patient=patient)
    rows = {(a.rule, str(a.source_fact), bool(a.because["late"])): a for a in alerts}
    audits = AuditEvent.objects.filter(patient_id=patient.pk, object_kind="alert")
    audited = [*audits.values_list("action", "object_id")]
    steps_noted = [*AlertEvent.objects.values_list("alert_id", "step")]
    for key, came in expected.came.items():
        # A timely alert, for whatever else the report says, leaves nothing for a late one.
        alert = rows.get(key) or rows.get((*key[:2], False))
        assert alert is not None, f"{key} was swallowed"
        assert alert.level >= expected.levels[key]
        assert (alert.opened_at is None) is (came == "review")
        if came == "review":
            assert alert.status in (AlertStatus.RETRACTED, AlertStatus.OPEN)
            assert audited.count(("alert.retracted_before_arrival", str(alert.pk))) == 1
        else:
            assert audited.count(("alert.raised", str(alert.pk))) == 1
            assert steps_noted.count((alert.pk, "raised")) == 1
            assert DoctorPrompt.objects.filter(alert=alert).count() == 1
        assert alert.status != AlertStatus.CLEARED
