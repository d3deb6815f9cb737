"""What a patient answers to a prompt. Nothing she answers closes an emergency or urgent alert, nor one
that asks for a look within days; booking or attending a visit ends `see_doctor_soon` alone."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db.models import QuerySet

from backend.accounts.models import Patient
from backend.accounts.revisions import Revision, revision
from backend.core.compiled import compiled
from exercises.triage.levels import Level
from exercises.triage.models import STANDING, AlertStatus, DoctorPrompt, PromptState
from exercises.triage.services import lifecycle
from exercises.triage.services.judging import judge
from exercises.triage.services.weighing import REARM_AFTER

Answer = Literal["will_go", "declined", "planned", "sought_care"]

# A visit is booked or has taken place: the loop is as good as closed.
SETTLED = (PromptState.PLANNED, PromptState.ATTENDED)
_STATE: dict[Answer, PromptState] = {
    "will_go": PromptState.WILL_GO,
    "declined": PromptState.DECLINED,
    "planned": PromptState.PLANNED,
    "sought_care": PromptState.ATTENDED,
}


class PromptClosed(Exception):
    """The prompt's alert is over; there is nothing left to answer."""


def see_prompt(*, prompt: DoctorPrompt, now: datetime) -> DoctorPrompt:
    """The patient has the prompt before her eyes; seeing it again changes nothing."""
    with revision(prompt.patient_id) as rev:
        prompt.refresh_from_db()
        if prompt.seen_at is None:
            prompt.seen_at = now
            if prompt.state == PromptState.RAISED:
                prompt.state = PromptState.SEEN
            prompt.rev = rev.take()
            prompt.save()
            lifecycle.note([prompt.alert], "seen", now=now)
    return prompt


def answer_prompt(
    *, prompt: DoctorPrompt, answer: Answer, reason: str, now: datetime
) -> DoctorPrompt:
    """The patient says what she will do, or that she sought care. The same answer again changes
    nothing. Raises `PromptClosed`."""
    with revision(prompt.patient_id) as rev:
        prompt.refresh_from_db()
        state = _STATE[answer]
        if prompt.state == state and prompt.reason == reason:
            return prompt
        if prompt.state == PromptState.CLOSED:
            raise PromptClosed
        prompt.reason = reason
        prompt.sought_care = prompt.sought_care or answer == "sought_care"
        quiet_until = now + REARM_AFTER if state in SETTLED else None
        move(prompt=prompt, state=state, quiet_until=quiet_until, step=answer, rev=rev, now=now)
    return prompt


def move(
    *,
    prompt: DoctorPrompt,
    state: PromptState,
    quiet_until: datetime | None,
    step: str,
    rev: Revision,
    now: datetime,
) -> None:
    """Bring a prompt into `state`, which the patient's word or a visit of hers decided, note it as
    `step` with the prompt's reason, and let the alert follow."""
    prompt.state, prompt.quiet_until, prompt.answered_at = state, quiet_until, now
    prompt.seen_at = prompt.seen_at or now
    prompt.rev = rev.take()
    prompt.save()
    lifecycle.note([prompt.alert], step, now=now, reason=prompt.reason)
    _follow(prompt, rev, now)


def ask_again(*, prompt: DoctorPrompt, step: str, rev: Revision, now: datetime) -> None:
    """The visit that stood behind the prompt is off, or nothing was heard of it: the patient is
    asked anew, and is reminded as at first where the alert had ended."""
    is_over = prompt.alert.status not in STANDING
    prompt.state = PromptState.RAISED if is_over else PromptState.SEEN
    prompt.seen_at = None if is_over else prompt.seen_at
    prompt.answered_at, prompt.quiet_until, prompt.reason = None, None, ""
    prompt.rev = rev.take()
    prompt.save()
    lifecycle.note([prompt.alert], step, now=now)
    _follow(prompt, rev, now)


def take_up_lapsed(*, patient: Patient, rev: Revision, now: datetime) -> None:
    """Ask again after each visit whose day has passed without a word."""
    for prompt in _lapsed(patient.pk, now):
        ask_again(prompt=prompt, step="visit_lapsed", rev=rev, now=now)


@compiled
def _lapsed(patient_id: UUID, now: datetime) -> QuerySet[DoctorPrompt]:
    return DoctorPrompt.objects.filter(
        patient_id=patient_id, state=PromptState.PLANNED, quiet_until__lte=now
    ).order_by("rev")


def _follow(prompt: DoctorPrompt, rev: Revision, now: datetime) -> None:
    alert = prompt.alert
    if alert.level != Level.SEE_DOCTOR_SOON:
        return
    if prompt.state in SETTLED and alert.status in STANDING:
        lifecycle.close(
            [alert],
            AlertStatus.CLEARED,
            "cleared",
            rev=rev,
            now=now,
            reason=prompt.state,
            keep_prompts=True,
        )
    elif prompt.state not in SETTLED and alert.status == AlertStatus.CLEARED:
        _reopen(prompt, rev, now)


def _reopen(prompt: DoctorPrompt, rev: Revision, now: datetime) -> None:
    if not lifecycle.take_up(prompt.alert, rev=rev, now=now, reason="no visit"):
        prompt.state, prompt.rev = PromptState.CLOSED, rev.take()
        prompt.save()
        return
    # What it was about may be over by now.
    patient = Patient.objects.select_related("user").get(pk=prompt.patient_id)
    judge(patient=patient, rev=rev, now=now)
    prompt.refresh_from_db()
