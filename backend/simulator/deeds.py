"""What people do in a simulated history, each by the service that a door would call."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

import msgspec
from django.db.models import Q

from backend.accounts.models import Patient, User
from backend.accounts.revisions import Revision, revision
from backend.core.localtime import local_date
from backend.core.problems import FieldError
from exercises.catalog.shapes import PhaseId
from exercises.plans import selectors as plans
from exercises.plans import services as plan_services
from exercises.plans.models import RecoveryPlan
from exercises.plans.phases import is_step_back
from exercises.sync.services import accept, refuse
from exercises.tracking.facts import plain
from exercises.tracking.services import Report
from exercises.triage import services as triage
from exercises.triage.models import STANDING, Alert, AlertStatus, DoctorPrompt
from exercises.triage.services.prompts import Answer

# A patient may say "booked" where the API says planned.
ANSWERS: dict[str, Answer] = {
    "will_go": "will_go",
    "declined": "declined",
    "planned": "planned",
    "booked": "planned",
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
    """The patient answers the advice of a rule: `seen`, or one of `ANSWERS`."""

    rule: str
    value: str

    def do(self, scene: Scene) -> str | None:
        """Answers each prompt of the rule whose alert stands; says so when there is none."""
        if self.value != "seen" and self.value not in ANSWERS:
            return f"{self.value!r} is no answer to advice"
        rows = DoctorPrompt.objects.filter(
            patient=scene.patient, alert__rule=self.rule, alert__status__in=STANDING
        )
        prompts = [*rows.select_related("alert").order_by("rev")]
        for prompt in prompts:
            self._answer(prompt, scene.now)
        return None if prompts else f"no advice of {self.rule} waits for an answer"

    def _answer(self, prompt: DoctorPrompt, now: datetime) -> None:
        if self.value == "seen":
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
        with revision(scene.patient.pk) as rev:
            plan = plans.open_plan(scene.patient.pk)
            if plan is None:
                return "there is no plan"
            if self.action == "hold":
                plan_services.hold(
                    plan=plan, by=scene.clinician, reason=self.reason, rev=rev, now=scene.now
                )
            elif self.action == "release":
                plan_services.release_hold(plan=plan, rev=rev)
            elif self.to is not None:
                return _set_phase(plan, self.to, self.reason, scene, rev)
        return None


@dataclass(frozen=True)
class Unheard:
    """Something that the product does not take in."""

    why: str

    def do(self, scene: Scene) -> str | None:
        """Does nothing, and says why."""
        return self.why


def _set_phase(
    plan: RecoveryPlan, to: PhaseId, reason: str, scene: Scene, rev: Revision
) -> str | None:
    phase = plans.phase_of(plan)
    if to == phase:
        return f"the plan is in {to} already"
    plan_services.change_phase(
        plan=plan,
        phase=to,
        cause="step_back" if is_step_back(phase, to) else "advance",
        on_date=local_date(scene.now, scene.patient.user.time_zone),
        by=scene.clinician,
        reason=reason,
        rev=rev,
        now=scene.now,
    )
    return None
