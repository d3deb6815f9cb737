"""The intake: answers are merged as they come, and the last required one opens the plan."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backend.accounts.revisions import Revision
from backend.core.localtime import local_date
from backend.core.wire import invalid
from exercises.catalog import selectors as catalog
from exercises.plans.answers import answer_errors, missing
from exercises.plans.flags import flags_of_answers
from exercises.plans.models import Intake, PauseReason, RecoveryPlan
from exercises.plans.scope import is_out_of_scope
from exercises.plans.selectors import had_plan, intake_of, open_plan
from exercises.plans.services.episodes import create_plan
from exercises.plans.services.prescribing import adapt_prescriptions
from exercises.plans.services.resting import pause
from exercises.plans.services.touching import touch


@dataclass(frozen=True)
class IntakeOutcome:
    """The intake as stored; the open plan, if there is one; the required questions still missing;
    and the questions whose answer is new or another than before."""

    intake: Intake
    plan: RecoveryPlan | None
    missing: list[str]
    changed: frozenset[str]


def record_intake(
    *,
    patient_id: UUID,
    answers: Mapping[str, object],
    zone: str,
    open_symptoms: Collection[str] = (),
    rev: Revision,
    now: datetime,
) -> IntakeOutcome:
    """Merge `answers` (question id to value) into the patient's intake.

    Once every required question is answered the plan is created, on the local date in `zone`.
    Later answers change the profile and keep the plan: it pauses if they put the patient out of
    scope, and its prescriptions follow. The same answers again change nothing. `open_symptoms` are
    codes of symptoms present now, beside those that the answers name.

    Raises a 400 `Problem` with the fields `/answers/<question>` that do not fit.
    """
    today = local_date(now, zone)
    errors = answer_errors(catalog.intake_questions(), answers, today)
    if errors:
        raise invalid(errors)
    before = intake_of(patient_id)
    known = before.answers if before else {}
    changed = frozenset(
        name for name, value in answers.items() if name not in known or known[name] != value
    )
    intake = _store(before, patient_id, {**known, **answers}, changed, rev, now)
    plan = open_plan(patient_id)
    if plan and changed:
        _adapt(plan, known, intake.answers, open_symptoms, rev=rev, today=today, now=now)
    if plan is None and intake.completed_at and not had_plan(patient_id):
        plan = _first_plan(intake, today, open_symptoms, rev, now)
    left = missing(catalog.intake_questions(), intake.answers)
    return IntakeOutcome(intake, plan, left, changed)


def _store(
    before: Intake | None,
    patient_id: UUID,
    answers: dict[str, object],
    changed: frozenset[str],
    rev: Revision,
    now: datetime,
) -> Intake:
    if before and not changed:
        return before
    intake = before or Intake(patient_id=patient_id, started_at=now)
    intake.answers = answers
    intake.content_version = catalog.content_version()
    intake.rev = rev.take()
    if intake.completed_at is None and not missing(catalog.intake_questions(), answers):
        intake.completed_at = now
    intake.save(force_insert=before is None, force_update=before is not None)
    return intake


def _first_plan(
    intake: Intake, today: date, open_symptoms: Collection[str], rev: Revision, now: datetime
) -> RecoveryPlan:
    answers = intake.answers
    present = {*open_symptoms, *answers.get("red_flags", ())}
    return create_plan(
        patient_id=intake.patient_id,
        start_date=today,
        care_started_on=_care_since(answers, today),
        profile_flags=flags_of_answers(answers, present),
        out_of_scope=is_out_of_scope(answers),
        rev=rev,
        now=now,
    )


def _adapt(
    plan: RecoveryPlan,
    before: Mapping[str, object],
    answers: Mapping[str, object],
    open_symptoms: Collection[str],
    *,
    today: date,
    rev: Revision,
    now: datetime,
) -> None:
    # A clinician who released the plan is not overruled by the same answers sent again.
    if is_out_of_scope(answers) and not is_out_of_scope(before):
        pause(plan=plan, reason=PauseReason.OUT_OF_SCOPE, rev=rev, now=now)
    has_changed = adapt_prescriptions(
        plan=plan,
        on_date=today,
        flags_before=flags_of_answers(before, open_symptoms),
        flags_now=flags_of_answers(answers, open_symptoms),
        rev=rev,
    )
    care_since = _care_since(answers, plan.start_date)
    if has_changed or care_since != plan.care_started_on:
        plan.care_started_on = care_since
        touch(plan, rev, "care_started_on")


def _care_since(answers: Mapping[str, object], start: date) -> date:
    since = answers.get("home_care_since")
    return min(start, date.fromisoformat(since)) if isinstance(since, str) else start
