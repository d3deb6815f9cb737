"""A clinician sets the numbers by which one patient's trends are judged."""

from collections.abc import Collection, Mapping
from datetime import datetime

from backend.accounts import audit
from backend.accounts.models import Patient, User
from backend.accounts.revisions import revision
from exercises.triage.models import ThresholdSet
from exercises.triage.rules.pack import default_pack
from exercises.triage.selectors import thresholds_of
from exercises.triage.services.judging import judge
from exercises.triage.thresholds.offered import flaws, tighter


class ThresholdsChanged(Exception):
    """Somebody set them since that version."""


class TooLoose(Exception):
    """`flaws` names the numbers that may not be set so, each with what is allowed."""

    def __init__(self, found: list[tuple[str, str]]) -> None:
        super().__init__("not allowed")
        self.flaws = found


def set_thresholds(
    *,
    patient: Patient,
    values: Mapping[str, int],
    reason: str,
    base_versions: Collection[int],
    by: User,
    now: datetime,
    trace_id: str = "",
) -> ThresholdSet:
    """Judge the patient's trends by these numbers from now on; what is left out is the default.

    Given on one of `base_versions` of what stood (0: nothing was ever set). The same again by the
    same author on the same version changes nothing. Raises `TooLoose`, `ThresholdsChanged`.
    """
    wrong = list(flaws(values, default_pack().constants))
    if wrong:
        raise TooLoose(wrong)
    kept = tighter(values, default_pack().constants)
    with revision(patient.pk) as rev:
        stands = thresholds_of(patient.pk).first()
        version = stands.version if stands else 0
        said = (stands.values, stands.reason, stands.by_id) if stands else None
        if stands is not None and version - 1 in base_versions and said == (kept, reason, by.pk):
            return stands
        if version not in base_versions:
            raise ThresholdsChanged
        made = ThresholdSet.objects.create(
            patient=patient, version=version + 1, values=kept, reason=reason, by=by, at=now
        )
        judge(patient=patient, rev=rev, now=now)
        audit.record(
            actor_id=by.pk,
            action="thresholds.set",
            patient_id=patient.pk,
            object_kind="thresholds",
            object_id=str(made.version),
            trace_id=trace_id,
            now=now,
        )
    return made
