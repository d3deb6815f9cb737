"""What a clinic writes for its patients: templates, and own exercises, each a variation of one of the
catalogue; with every version of them. Nothing here is of any patient."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from backend.accounts.models import Clinic, User
from backend.core.ids import uuid7


class ClinicExercise(models.Model):
    """How a clinic does the catalogue's `exercise`: a name, steps in plain text (a list) and a note.

    `version` rises with each edit; the earlier ones are in `editions`. Prescriptions carry the words
    of the version that they show.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="+")
    exercise = models.CharField(max_length=16)
    name = models.CharField(max_length=120)
    steps = models.JSONField()
    note = models.CharField(max_length=500, blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "clinic",
                Lower("name"),
                condition=Q(retired_at=None),
                name="plans_one_clinic_exercise_of_a_name",
            )
        ]


class ClinicExerciseEdition(models.Model):
    """A clinic's exercise as it stood from one version to the next, and who wrote it; never
    changed."""

    own = models.ForeignKey(ClinicExercise, on_delete=models.CASCADE, related_name="editions")
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    steps = models.JSONField()
    note = models.CharField(max_length=500, blank=True, default="")
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["own", "version"], name="plans_one_exercise_edition_per_version"
            )
        ]


class ClinicTemplate(models.Model):
    """What a clinic likes to prescribe, by phase: a name and exercises, nothing of any patient.

    `phases` holds lists of items by phase, each {exercise, amounts, note, slots, weekdays} as in
    `prescribable.Wanted`. `version` rises with each edit; the earlier ones are in `editions`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=500, blank=True, default="")
    phases = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "clinic",
                Lower("name"),
                condition=Q(retired_at=None),
                name="plans_one_template_of_a_name",
            )
        ]


class TemplateEdition(models.Model):
    """A clinic's template as it stood from one version to the next, and who wrote it; never
    changed."""

    template = models.ForeignKey(ClinicTemplate, on_delete=models.CASCADE, related_name="editions")
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=500, blank=True, default="")
    phases = models.JSONField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["template", "version"], name="plans_one_edition_per_version"
            )
        ]
