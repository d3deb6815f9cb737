"""What people do in a simulated history, each by the service that a door would call."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

import msgspec
from django.db.models import Q

from backend.accounts.models import Patient, User
from backend.core.problems import FieldError
from exercises.catalog.shapes import PhaseId
from exercises.plans import selectors as plans
from exercises.plans.models import RecoveryPlan
from exercises.plans.phases import is_step_back
from exercises.sync.services import accept, refuse
from exercises.tracking.facts import plain
from exercises.tracking.services import Report
from exercises.triage import services as triage
from exercises.triage.levels import Level
from exercises.triage.models import STANDING, Alert, AlertStatus, DoctorPrompt, PromptState
from exercises.triage.services.plan import Action, Order, OrderRefused, order_plan
from exercises.triage.services.prompts import Answer

# A patient has more words than the API. A bare acknowledgement is her word that she will act on it.
ANSWERS: dict[str, Answer] = {
    "will_go": "will_go",
    "acknowledged": "will_go",
    "declined": "declined",
    "planned": "planned",
    "booked": "planned",
    "attended": "sought_care",
    "visited": "sought_care",
    "sought_care": "sought_care",
}


@dataclass(frozen=True)
class Scene:
    """Who acts, and when: the patient, the clinician who looks after her, the instant."""

    patient: Patient
    clinician: User
    now: datetime


class Deed(Protocol):
    """Something that somebody does."""

    def do(self, scene: Scene) -> str | None:
        """Does it at `scene.now`; says in words what the product could not take, if anything."""


@dataclass(frozen=True)
class Tell:
    """The patient reports something, or several things at once."""

    reports: tuple[Report, ...]

    def do(self, scene: Scene) -> str | None:
        """Stores and judges the reports, which are valid."""
        accept(patient=scene.patient, reports=self.reports, now=scene.now)
        return None


@dataclass(frozen=True)
class Misreport:
    """The patient reports something of invalid form: the product refuses it, and keeps and judges
    it all the same if it may be a red flag."""

    report: Report
    errors: tuple[FieldError, ...]

    def do(self, scene: Scene) -> str | None:
        """Says what is wrong with the form."""
        refuse(
            patient=scene.patient,
            fact_id=self.report.id,
            type=self.report.type,
            raw=plain(self.report.body),
            problem={"code": "invalid", "errors": msgspec.to_builtins(self.errors)},
            now=scene.now,
        )
        return f"refused, {self.errors[0].pointer}: {self.errors[0].message}"


@dataclass(frozen=True)
class Resolve:
    """The clinician closes what stands of a rule, and reviews what was retracted."""

    rule: str

    def do(self, scene: Scene) -> str | None:
        """Says so when nothing is open."""
        waits = Q(status__in=STANDING) | Q(status=AlertStatus.RETRACTED, review_open=True)
        rows = Alert.objects.filter(waits, patient=scene.patient, rule=self.rule)
        alerts = [*rows.select_related("patient__user").order_by("rev")]
        for alert in alerts:
            triage.resolve(alert=alert, by=scene.clinician, reason="assessed", now=scene.now)
        return None if alerts else f"no alert of {self.rule} is open"


@dataclass(frozen=True)
class KnowStable:
    """The clinician knows a symptom as stable, on the side last reported."""

    symptom: str

    def do(self, scene: Scene) -> str | None:
        """Never refused: it is a fact about the symptom, with or without an alert."""
        triage.mark_known_stable(
            patient=scene.patient,
            symptom=self.symptom,
            side="",
            by=scene.clinician,
            now=scene.now,
        )
        return None


@dataclass(frozen=True)
class Respond:
    """The patient answers the advice of a rule: `seen`, or one of `ANSWERS`.

    To the advice to see a doctor soon, `seen` says that a doctor saw her (specification 2.3)."""

    rule: str
    value: str

    def do(self, scene: Scene) -> str | None:
        """Answers each prompt of the rule that is not closed; says so when there is none."""
        if self.value != "seen" and self.value not in ANSWERS:
            return f"{self.value!r} is no answer to advice"
        rows = DoctorPrompt.objects.filter(patient=scene.patient, alert__rule=self.rule)
        open_rows = rows.exclude(state=PromptState.CLOSED)
        prompts = [*open_rows.select_related("alert").order_by("rev")]
        for prompt in prompts:
            self._answer(prompt, scene.now)
        return None if prompts else f"no advice of {self.rule} waits for an answer"

    def _answer(self, prompt: DoctorPrompt, now: datetime) -> None:
        is_soon = prompt.alert.level == Level.SEE_DOCTOR_SOON
        if self.value == "seen" and is_soon:
            triage.answer_prompt(prompt=prompt, answer="sought_care", reason="", now=now)
        elif self.value == "seen":
            triage.see_prompt(prompt=prompt, now=now)
        else:
            triage.answer_prompt(prompt=prompt, answer=ANSWERS[self.value], reason="", now=now)


@dataclass(frozen=True)
class Override:
    """The clinician holds the phase, releases it, or sets another."""

    action: Literal["hold", "set", "release"]
    to: PhaseId | None
    reason: str

    def do(self, scene: Scene) -> str | None:
        """Changes the open plan; says so when there is nothing to change."""
        plan = plans.open_plan(scene.patient.pk)
        if plan is None:
            return "there is no plan"
        try:
            order_plan(
                patient=scene.patient,
                order=Order(action=self._verb(plan), reason=self.reason, to=self.to),
                base_versions=[plan.version],
                by=scene.clinician,
                now=scene.now,
            )
        except OrderRefused as refused:
            return str(refused)
        return None

    def _verb(self, plan: RecoveryPlan) -> Action:
        if self.action == "hold":
            return "hold"
        if self.to is None:
            return "release_hold"
        return "step_back" if is_step_back(plans.phase_of(plan), self.to) else "advance"


@dataclass(frozen=True)
class Unheard:
    """Something that the product does not take in."""

    why: str

    def do(self, scene: Scene) -> str | None:
        """Does nothing, and says why."""
        return self.why
