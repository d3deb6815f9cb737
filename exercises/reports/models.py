"""What the reports keep: a patient's questions to her doctor, the links that open her brief, and the
exports that she asked for."""

from django.db import models
from django.db.models import F, Q

from backend.accounts.models import Patient
from backend.core.ids import uuid7


class BriefQuestions(models.Model):
    """What the patient wants to ask at her next visit, in her own words; an editable document.
    `questions` is a list of texts, `version` rises with each change."""

    patient = models.OneToOneField(
        Patient, primary_key=True, on_delete=models.CASCADE, related_name="brief_questions"
    )
    questions = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1)
    rev = models.BigIntegerField()
    updated_at = models.DateTimeField()


class BriefLink(models.Model):
    """A link that the patient made: whoever holds it reads her brief until `expires_at`
    (exclusive), or until she revokes it. Only a hash of its token is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="brief_links")
    token_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token_hash"], name="reports_link_token_is_unique"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")),
                name="reports_link_expires_after_it_was_made",
            ),
        ]
        indexes = [models.Index(fields=["patient", "-created_at"], name="reports_links_of_patient")]


class Export(models.Model):
    """A complete export of a patient's data as it was at `made_at`: `file` is the archive (zip), of
    `size` bytes. It can be fetched until `expires_at` (exclusive) and is removed soon after."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="exports")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    file = models.BinaryField()
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
