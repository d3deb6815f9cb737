"""All that a therapist's overview of one patient says: two reads on PostgreSQL, and two more where an
alert waits, whatever her history."""

from dataclasses import dataclass
from datetime import datetime

from backend.accounts.models import Patient
from backend.core.wanted import read_all
from exercises.triage.history.reading import History, usual_span, wanted_history
from exercises.triage.models import Alert
from exercises.triage.panel_records import read_heads
from exercises.triage.patient_desk import Desk, alerts_on_desk, wanted_desk
from exercises.triage.patient_page import PatientPage, wanted_page
from exercises.triage.picture import Picture, wanted_picture


@dataclass(frozen=True)
class Shared:
    """What she shares with her diary: her days and what is known of her now, with her own words
    where she shares `notes`."""

    history: History
    picture: Picture
    notes: bool


@dataclass(frozen=True)
class Overview:
    """`alerts` stand or wait for review, highest first. `shared` is None of a patient who does not
    share her diary."""

    page: PatientPage
    desk: Desk
    alerts: tuple[Alert, ...]
    shared: Shared | None


def overview_of(patient: Patient, now: datetime, *, days: int, language: str) -> Overview:
    """The overview of `patient` (with her user) over the `days` local days that end today."""
    heads = read_heads([patient.pk], now)
    page = wanted_page(patient, heads, now, language=language)
    desk = wanted_desk(patient, heads, now)
    shares = heads.shared[patient.pk]
    if not shares.diary:
        read_all(page, desk)
        return Overview(page.found, desk.found, _alerts(page.found, patient), None)
    history = wanted_history(patient, usual_span(patient, now, days), now)
    picture = wanted_picture(patient, heads.plans.get(patient.pk), now, language=language)
    read_all(page, desk, history, picture)
    shared = Shared(history.found, picture.found, shares.notes)
    return Overview(page.found, desk.found, _alerts(page.found, patient), shared)


def _alerts(page: PatientPage, patient: Patient) -> tuple[Alert, ...]:
    return alerts_on_desk(patient, shared=page.row.diary_shared) if page.row.reasons else ()
