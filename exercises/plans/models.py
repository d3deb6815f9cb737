"""The recovery plan: intake, phases, pauses and prescriptions. Occurrences are computed."""

from django.db import models
from django.db.models import F, Q

from backend.accounts.models import Patient, User
from backend.core.ids import uuid7
from exercises.plans.clinic_models import (
    ClinicExercise,
    ClinicExerciseEdition,
    ClinicTemplate,
    TemplateEdition,
)

__all__ = [
    "ClinicExercise",
    "ClinicExerciseEdition",
    "ClinicTemplate",
    "Flare",
    "FlareEnd",
    "Intake",
    "PauseReason",
    "PhaseChange",
    "PhaseId",
    "PlanOrder",
    "PlanPause",
    "Prescription",
    "PrescriptionOrder",
    "RecoveryPlan",
    "TemplateEdition",
]


class Intake(models.Model):
    """The answers to the intake questions, kept as given; unanswered means unknown."""

    patient = models.OneToOneField(Patient, primary_key=True, on_delete=models.CASCADE)
    answers = models.JSONField()
    content_version = models.CharField(max_length=32)
    started_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)
    rev = models.BigIntegerField()


class PhaseId(models.TextChoices):
    INITIAL = "initial"
    REHAB = "rehab"
    LONG_TERM = "long_term"


class RecoveryPlan(models.Model):
    """One episode of recovery. `start_date` is day 0 in the patient's zone.

    `phase_since` is the local date on which the phase began. `held_*` stand while a therapist
    holds the phase, from `held_at` until the local date `held_until` (exclusive; null is until
    released). `version` rises with every change that a phone shows.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="plans")
    episode = models.PositiveSmallIntegerField(default=1)
    start_date = models.DateField()
    care_started_on = models.DateField()
    phase = models.CharField(max_length=16, choices=PhaseId, default=PhaseId.INITIAL)
    phase_since = models.DateField()
    held_at = models.DateTimeField(null=True, blank=True)
    held_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    held_reason = models.CharField(max_length=500, blank=True, default="")
    held_until = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    rev = models.BigIntegerField()
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], condition=Q(closed_at=None), name="plans_one_open_plan"
            ),
            models.CheckConstraint(
                condition=Q(care_started_on__lte=F("start_date")),
                name="plans_care_starts_with_the_plan_or_before",
            ),
        ]


class PhaseChange(models.Model):
    """History of phases: which, from which local date on, why and by whom (nobody: the gate)."""

    plan = models.ForeignKey(RecoveryPlan, on_delete=models.CASCADE, related_name="phase_changes")
    phase = models.CharField(max_length=16, choices=PhaseId)
    on_date = models.DateField()
    at = models.DateTimeField()
    cause = models.CharField(max_length=16)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=500, blank=True, default="")
    evidence = models.JSONField(default=list)


class PauseReason(models.TextChoices):
    ALERT = "alert"
    OUT_OF_SCOPE = "out_of_scope"
    THERAPIST = "therapist"


class PlanPause(models.Model):
    """The plan rests from `started_at` until `ended_at` (exclusive). Reasons may overlap."""

    plan = models.ForeignKey(RecoveryPlan, on_delete=models.CASCADE, related_name="pauses")
    reason = models.CharField(max_length=16, choices=PauseReason)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "reason"],
                condition=Q(ended_at=None),
                name="plans_one_open_pause_per_reason",
            )
        ]


class FlareEnd(models.TextChoices):
    SETTLED = "settled"
    LASTED = "lasted"
    SILENT = "silent"
    WITHDRAWN = "withdrawn"
    OVERTAKEN = "overtaken"


class Flare(models.Model):
    """Some days on which pain stood clearly above the week before (rule RT-FLARE).

    From `started_on` until `ends_on` (local dates, end exclusive) the plan serves what the initial
    phase serves, its phase and clocks left as they are; while the flare runs (`ended_at` null)
    `ends_on` is the last date possible. `outcome` says how it ended: pain settled, lasted longer
    than a flare may, was not reported any more, the report was corrected away, or the plan went
    elsewhere. `stepped_back`: it led the plan back by one phase.
    """

    plan = models.ForeignKey(RecoveryPlan, on_delete=models.CASCADE, related_name="flares")
    started_on = models.DateField()
    ends_on = models.DateField()
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=16, choices=FlareEnd, blank=True, default="")
    stepped_back = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan"], condition=Q(ended_at=None), name="plans_one_running_flare"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("started_on")), name="plans_flare_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, outcome="")
                | (Q(ended_at__isnull=False) & ~Q(outcome="")),
                name="plans_ended_flares_say_how",
            ),
        ]


class PlanOrder(models.Model):
    """What a therapist ordered of a plan, on which version of it and why; never changed.

    The same order on the same version is a repetition, and is carried out once. Of one that applies
    a template, `template` is a clinic's (null: the catalogue's own), in that version of it.
    """

    plan = models.ForeignKey(RecoveryPlan, on_delete=models.CASCADE, related_name="orders")
    action = models.CharField(max_length=16)
    to = models.CharField(max_length=16, blank=True, default="")
    until = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    base_version = models.PositiveIntegerField()
    version = models.PositiveIntegerField()
    template = models.UUIDField(null=True, blank=True)
    template_version = models.PositiveIntegerField(default=0)


class Prescription(models.Model):
    """An exercise with its dose, from `starts_on` until `ends_on` (local dates, end exclusive).

    `dose` has the shape of a catalogue dose; `slots` are the names of the times of day at which it
    is due, `weekdays` a mask (bit 0 is Monday). A change of dose ends one row and starts another.
    It is not due on its `breaks` ([first, end) pairs of local dates): there it gave way to a flare,
    whose own prescriptions name it in `flare`. `by` is the therapist who wrote it; null is the
    phase's template. `variation` is a clinic's own way of doing the exercise (null: the catalogue's),
    with its words as they are shown (`variation.Variation`).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    plan = models.ForeignKey(RecoveryPlan, on_delete=models.CASCADE, related_name="prescriptions")
    exercise = models.CharField(max_length=16)
    phase = models.CharField(max_length=16, choices=PhaseId)
    dose = models.JSONField()
    slots = models.JSONField()
    weekdays = models.PositiveSmallIntegerField(default=0b1111111)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    breaks = models.JSONField(default=list, blank=True)
    flare = models.ForeignKey(
        Flare, null=True, blank=True, on_delete=models.CASCADE, related_name="prescriptions"
    )
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    variation = models.UUIDField(null=True, blank=True, default=None)
    variation_words = models.JSONField(null=True, blank=True, default=None)
    version = models.PositiveIntegerField(default=1)
    rev = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["plan", "ends_on"], name="plans_prescriptions_of_plan"),
            models.Index(
                fields=["variation"],
                condition=Q(variation__isnull=False),
                name="plans_prescriptions_varied",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="plans_prescription_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(weekdays__gte=0, weekdays__lte=127),
                name="plans_weekdays_are_seven_bits",
            ),
        ]


class PrescriptionOrder(models.Model):
    """What a therapist ordered of one exercise, and why; never changed.

    `prescription` is the row that she changed or retired (null: she added one), `made` the row that
    came of it (null: retired). It was given on `base_version`, the row's version or, for an added
    one, the plan's; the same order (`asked`, as it was sent) on the same version is a repetition,
    and is carried out once. `overrides` says why, for each contraindication that she went past.
    """

    plan = models.ForeignKey(
        RecoveryPlan, on_delete=models.CASCADE, related_name="prescription_orders"
    )
    action = models.CharField(max_length=16)
    exercise = models.CharField(max_length=16)
    prescription = models.ForeignKey(
        Prescription, null=True, on_delete=models.CASCADE, related_name="orders"
    )
    made = models.ForeignKey(
        Prescription, null=True, on_delete=models.CASCADE, related_name="made_by"
    )
    asked = models.JSONField()
    overrides = models.JSONField(default=dict, blank=True)
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    base_version = models.PositiveIntegerField()
    version = models.PositiveIntegerField()
