"""How the engine reads reports, put as data and words for an evaluator that shares no code with it.

The test vectors show that both say the same.
"""

from datetime import timedelta

from exercises.triage.bundle.reading_wire import (
    SafetyDerived,
    SafetyGone,
    SafetyInjuryDay,
    SafetyLate,
    SafetyReading,
    SafetyRelief,
    SafetyReportSides,
    SafetyStability,
    SafetyTolerance,
)
from exercises.triage.bundle.rule_wire import SafetyTest
from exercises.triage.rules import raw
from exercises.triage.rules.engine import ACUTE
from exercises.triage.rules.literals import (
    BLANKS,
    FIRST_YEAR,
    LARGEST,
    LAST_YEAR,
    LONGEST_NUMBER,
)
from exercises.triage.rules.readings import CALM, EXTENTS, LEG_NEURO, SEVERITIES, WORSE
from exercises.triage.rules.vocabulary import RELIEF

ASSESSED = SafetyTest(attr="assessed_by_clinician", one_of=(True,))
RESOLVED = SafetyTest(attr="resolved", one_of=(True,))
SUDDEN = SafetyTest(attr="onset", one_of=("sudden",))
SEVERE = SafetyTest(attr="severity", one_of=("severe",))
CALM_TESTS = (
    SafetyTest(attr="course", one_of=tuple(sorted(CALM))),
    SafetyTest(attr="severity", one_of=("mild", "moderate")),
)
SIDED = tuple(sorted(LEG_NEURO))


def reading() -> SafetyReading:
    """The engine's way of reading."""
    return SafetyReading(
        derived=[_transient(), _fever(), _settled(), _both_legs()],
        injury_day=SafetyInjuryDay(
            code="S-TRAUMA",
            attr="when",
            text="An injury happened on the date that was given for it, or on the report's local "
            "date if none was given or if that date comes later.",
        ),
        relief=SafetyRelief(
            questions=("relief_rest", "relief_otc"),
            values=RELIEF,
            within="relief_answer_hours",
            text="For each question the latest answer counts: those given at most this far before "
            "or after the pain report, and the report's own, which was given at its time and "
            "comes before others of that time. Among equals the larger id counts, then the larger "
            "word. What remains unanswered is unknown.",
        ),
        gone=_gone(),
        known_stable=_known_stable(),
        late=SafetyLate(
            after="late_after_days",
            from_level=ACUTE.code,
            level=ACUTE.code,
            text="A red flag that first arrives more than this many times 24 hours after it "
            "happened may be over: it shows the late message, which asks whether it is still so.",
        ),
        tolerance=_tolerance(),
    )


def _transient() -> SafetyDerived:
    return SafetyDerived(
        name="is_transient",
        text="It came from one position, is gone fully and lasted at most so many minutes. If one "
        "of the three is unknown, it is not transient.",
        where=(
            SafetyTest(attr="transient_positional", one_of=(True,)),
            RESOLVED,
            SafetyTest(attr="duration_minutes", at_most="transient_max_minutes"),
        ),
    )


def _fever() -> SafetyDerived:
    return SafetyDerived(
        name="is_fever",
        text="A fever that was measured and reaches the threshold, or that was reported and not "
        "measured.",
        codes=("S-FEVER",),
        where=(SafetyTest(attr="temp_c", at_least="fever_c", unknown=True),),
    )


def _settled() -> SafetyDerived:
    return SafetyDerived(
        name="is_settled",
        text="A clinician has checked it, and it is known to be stable or improving and known to "
        "be mild or moderate.",
        where=(ASSESSED, *CALM_TESTS),
    )


def _both_legs() -> SafetyDerived:
    return SafetyDerived(
        name="in_both_legs",
        text="The symptom says both legs, or numbness, tingling and weakness of one report name "
        "the left leg and the right.",
        where=(SafetyTest(attr="laterality", one_of=("both",)),),
        or_report=SafetyReportSides(codes=SIDED, attr="laterality", each_of=("left", "right")),
    )


def _gone() -> SafetyGone:
    return SafetyGone(
        where=(RESOLVED,),
        side="laterality",
        every_side="both",
        text="A finding is active unless every symptom of the report that matched is gone: another "
        "report, later in the order of symptoms, says of the same symptom that it is not there or "
        "that it has gone away. A red flag stays a finding when it is gone.",
    )


def _known_stable() -> SafetyStability:
    return SafetyStability(
        days="known_stable_days",
        side="laterality",
        sided_codes=SIDED,
        one_side=("left", "right"),
        calm=CALM_TESTS,
        never=(SUDDEN,),
        alarming=(
            SafetyTest(attr="new_or_changed", one_of=(True,)),
            SafetyTest(attr="course", one_of=tuple(sorted(WORSE))),
            SEVERE,
            SUDDEN,
        ),
        scales={"severity": SEVERITIES, "extent": EXTENTS},
        text="Below urgent_same_day only. A word on the same code covers a symptom that was "
        "received until the word was given, or that happened from then on and before the word "
        "ends, which is after so many times 24 hours or at expires_at, whatever comes first. The "
        "known report is the last one of that code (and, if the word names one, of that side) that "
        "happened and was received until the word. The covered side is the word's, or else that of "
        "the known report, or else unknown. For a code in sided_codes the side must be the "
        "covered one; where that is unknown, it must be one of one_side. Every test of calm must "
        "pass. If the symptom was received after the word, none of never may pass, and where "
        "there is a known report, no value may be further on its scale than the known one (values "
        "that are unknown or not on the scale do not count). If it was received until the word, "
        "only none of never must pass. For any other code, the covered side must be unknown or "
        "the same, and none of alarming may pass. A symptom that was received after the word and "
        "is covered by it is no finding; one that was received until the word and is covered is a "
        "finding that is not active.",
    )


def _tolerance() -> SafetyTolerance:
    return SafetyTolerance(
        max_depth=raw.MAX_DEPTH,
        max_values=raw.MAX_NODES,
        max_symptoms=raw.MAX_SYMPTOMS,
        max_code_length=raw.MAX_CODE_LENGTH,
        skipped=tuple(sorted(raw.SKIPPED)),
        lists=tuple(sorted(raw.LISTS)),
        max_ahead_hours=raw.MOST_AHEAD // timedelta(hours=1),
        blanks=BLANKS,
        max_number_length=LONGEST_NUMBER,
        largest_number=LARGEST,
        years=(FIRST_YEAR, LAST_YEAR),
        text="Walk the JSON value. A text is a code if it is one in upper case, without `blanks` at "
        "its ends, with hyphens for blanks and underscores, and no longer than the limit. An "
        "object whose `code` is a code is that symptom, with its `attrs` if they are an object, "
        "unless `present` is false. A member whose name is a code is that symptom too, unless its "
        "value is false, null or an object whose `present` is false; the attributes are the "
        "object's `attrs`, or else the object. A text that is a code counts where it stands in a "
        "list below a member in `lists`. Other members are walked, but not those in `skipped`. "
        "It happened at `occurred_at` of the whole if that is an RFC 3339 instant with an offset and a "
        "year within `years`, but not later than so many hours after it was received; else when it "
        "was received. Its local date is the date of that instant in its own offset, or in UTC.",
    )
