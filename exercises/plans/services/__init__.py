"""What changes intakes, plans and prescriptions.

Every function works inside the transaction of the `Revision` that it is given, on a plan that was
read in that transaction; none opens its own.
"""

from exercises.plans.services.episodes import create_plan, restart
from exercises.plans.services.flares import end_flare, start_flare
from exercises.plans.services.intake import IntakeOutcome, record_intake
from exercises.plans.services.phasing import AlreadyInPhase, change_phase, hold, release_hold
from exercises.plans.services.prescribing import (
    end_prescriptions,
    prescribe_phase,
    retire_prescription,
    write_prescription,
)
from exercises.plans.services.resting import pause, release
from exercises.plans.services.touching import touch

__all__ = [
    "AlreadyInPhase",
    "IntakeOutcome",
    "change_phase",
    "create_plan",
    "end_flare",
    "end_prescriptions",
    "hold",
    "pause",
    "prescribe_phase",
    "record_intake",
    "release",
    "release_hold",
    "restart",
    "retire_prescription",
    "start_flare",
    "touch",
    "write_prescription",
]
