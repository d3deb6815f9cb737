"""What a phone knows and judges, and what comes of it: the inputs and outputs of the bundle."""

from datetime import date
from typing import Any

from msgspec import UNSET, UnsetType

from backend.core.wire import Instant, Wire
from exercises.triage.levels import LevelCode


class SafetySymptom(Wire, frozen=True, kw_only=True, omit_defaults=True):
    """One symptom of a report; it is there unless `present` is false."""

    code: str
    present: bool = True
    attrs: dict[str, Any] = {}


class SafetySymptomReport(Wire, frozen=True, kw_only=True, omit_defaults=True):
    """A symptom report as it is sent (what else it carries does not matter here).

    `received_at` is the server's word, or before there is one the moment when the report was made;
    without it, the report was made and received at `occurred_at`.
    """

    id: str
    occurred_at: Instant
    local_date: date
    received_at: Instant | UnsetType = UNSET
    symptoms: list[SafetySymptom] = []
    answered_no: list[str] = []


class SafetyPainReport(Wire, frozen=True, kw_only=True, omit_defaults=True):
    """A pain report as it is sent; `received_at` as for symptoms."""

    id: str
    occurred_at: Instant
    local_date: date
    received_at: Instant | UnsetType = UNSET
    site: str
    kind: str
    score: int
    relief_rest: str = "unknown"
    relief_otc: str = "unknown"


class SafetyReliefAnswer(Wire, frozen=True, kw_only=True):
    """A relief answer that was given apart from its pain report."""

    id: str
    occurred_at: Instant
    question: str
    value: str


class SafetyStableWord(Wire, frozen=True, kw_only=True, omit_defaults=True):
    """A clinician's word that a symptom is known and stable; no `side`: the one last reported."""

    symptom: str
    at: Instant
    side: str = ""
    expires_at: Instant | UnsetType = UNSET


class SafetyUnreadable(Wire, frozen=True, kw_only=True):
    """A report whose form the server refused, as it was sent."""

    id: str
    received_at: Instant
    body: Any


class SafetyRecord(Wire, frozen=True, kw_only=True, omit_defaults=True):
    """The local history that is judged. Reports that were withdrawn or corrected are left out.

    `history` holds the codes of the intake's answers. `symptoms_since` and `pains_since` say from
    when on the phone has every report of that kind; without them it has all there are.
    """

    age: int | UnsetType = UNSET
    history: list[str] = []
    symptom_reports: list[SafetySymptomReport] = []
    pain_reports: list[SafetyPainReport] = []
    relief_answers: list[SafetyReliefAnswer] = []
    known_stable: list[SafetyStableWord] = []
    unreadable: list[SafetyUnreadable] = []
    symptoms_since: Instant | UnsetType = UNSET
    pains_since: Instant | UnsetType = UNSET


class SafetyFinding(Wire, frozen=True, kw_only=True, omit_defaults=True):
    """A rule that holds for one report: `key` is `rule:id of the report`.

    `active`: not reported gone since, and not known to be stable. `late`: a red flag that is so
    old on arrival that the patient is asked whether it is still so.
    """

    rule: str
    level: LevelCode
    key: str
    active: bool = True
    late: bool = False


class SafetyVector(Wire, frozen=True, kw_only=True, omit_defaults=True):
    """A record and what every evaluator must find in it.

    The findings come highest level first, then by key. `undecided` holds, in order, the keys that
    cannot be decided because the reports around them are missing from the record.
    """

    name: str
    record: SafetyRecord
    findings: list[SafetyFinding]
    undecided: list[str] = []
