"""What a patient and her care team write to each other, and what the team notes for itself."""

from django.db import models
from django.db.models import Q

from backend.accounts.models import Patient, User
from backend.core.ids import uuid7

LONGEST = 2000


class CareMessage(models.Model):
    """Something written once, named by whoever wrote it; the id is the patient's within her record.

    `from_patient` says which side wrote; `read_at` is when the other side first read it, `read_by`
    who that was. `named` holds the codes of red flags that the words of a patient seem to name: she
    was pointed to the questions about them. `relayed_at` is set by whoever told the other side.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="care_messages")
    id = models.UUIDField()
    row = models.BigAutoField(primary_key=True)
    author = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    from_patient = models.BooleanField()
    text = models.CharField(max_length=LONGEST)
    named = models.JSONField(default=list, blank=True)
    sent_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    read_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    relayed_at = models.DateTimeField(null=True, blank=True)
    rev = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "id"], name="conversation_message_id_is_the_patients"
            )
        ]
        indexes = [
            models.Index(fields=["patient", "-rev"], name="conversation_of_patient"),
            models.Index(
                fields=["patient"],
                condition=Q(read_at=None, from_patient=True),
                name="conversation_unread_by_team",
            ),
            models.Index(
                fields=["row"], condition=Q(relayed_at=None), name="conversation_to_relay"
            ),
        ]


class CareNote(models.Model):
    """What somebody of the care team noted; the patient's phone never gets it. A note is never
    changed: a later one `corrects` it, and both stay."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="care_notes")
    author = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.CharField(max_length=4000)
    at = models.DateTimeField()
    corrects = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="corrected_by"
    )

    class Meta:
        indexes = [models.Index(fields=["patient", "-at"], name="conversation_notes_of_patient")]
