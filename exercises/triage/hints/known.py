"""What the pattern hints know of a patient: her intake, and the rules' record of what she reported."""

from exercises.plans.models import Intake
from exercises.triage.hints.matching import Known
from exercises.triage.rules.record import Record


def known_of(intake: Intake | None, record: Record) -> Known:
    """The answers of the intake, the symptoms that are there by their latest report, and how far
    down the leg they last reached."""
    latest = {
        symptom.code: symptom
        for symptom in sorted(record.symptoms, key=lambda said: (said.occurred_at, said.order))
    }
    reached = sorted(record.locations, key=lambda said: said.occurred_at)
    return Known(
        answers=intake.answers if intake else {},
        symptoms={code: said.attrs for code, said in latest.items() if said.present},
        most_distal=reached[-1].most_distal if reached else "",
    )
