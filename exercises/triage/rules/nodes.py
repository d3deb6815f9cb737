"""What a compiled condition is (pure).

Truth has three values: a trend without enough data is undecided (None).
"""

from collections.abc import Callable

from exercises.triage.rules.patterns import Verdict
from exercises.triage.rules.readings import Reading
from exercises.triage.rules.situation import Situation

YES: Verdict = (True, ())
# The second argument is the report that an event rule judges; None for a rule about the patient.
Node = Callable[[Situation, Reading | None], Verdict]
CompileRule = Callable[[str], Node]


def about(this: Reading | None) -> Reading:
    """The report a condition speaks of. A pack that asks for one where there is none is refused."""
    if this is None:
        raise TypeError("this condition needs a symptom report")
    return this
