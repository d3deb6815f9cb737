"""One valid request for every write of the API; a route without one fails the tests."""

from tests.hostile.acting_examples import ACTING
from tests.hostile.brief_examples import BRIEF
from tests.hostile.clinic_examples import CLINIC
from tests.hostile.example import DAY, Example
from tests.hostile.patient_examples import PATIENT
from tests.hostile.rights_examples import RIGHTS
from tests.hostile.team_examples import TEAM

EXAMPLES: dict[str, Example] = PATIENT | TEAM | BRIEF | ACTING | CLINIC | RIGHTS

__all__ = ["DAY", "EXAMPLES", "Example"]
