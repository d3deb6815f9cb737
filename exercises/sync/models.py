"""What sync itself must remember: its epoch, the devices, and every version of an edited document."""

import uuid

from django.db import models

from backend.accounts.models import Patient


class SyncEpoch(models.Model):
    """The life of this database since it was made or last restored: one row. A cursor of another
    epoch is refused, since revisions may have been given out twice."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    epoch = models.UUIDField(default=uuid.uuid4)
    began_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="sync_one_epoch_at_a_time")
        ]


class Device(models.Model):
    """A phone or tablet with which a patient syncs, by the id that it gives itself.

    `pulled_rev` is the revision up to which it said that it holds the record (the cursor that it
    last sent); `clock_skew_ms` is our clock less its own, at its last push.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="sync_devices")
    name = models.CharField(max_length=64)
    app_version = models.CharField(max_length=32, blank=True, default="")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    last_push_at = models.DateTimeField(null=True, blank=True)
    last_pull_at = models.DateTimeField(null=True, blank=True)
    pulled_rev = models.BigIntegerField(default=0)
    clock_skew_ms = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "name"], name="sync_device_name_is_the_patients"
            )
        ]


class DocumentVersion(models.Model):
    """One edit of a document as a phone pushed it, whether it won or lost; rows are only added.

    `digest` is the hash of what was edited to what, on which base: the same edit sent again finds
    what became of it. `rev` is the revision that the document got by it, null where it lost; `data`
    is the JSON text that was sent.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="document_versions")
    type = models.CharField(max_length=32)
    object_id = models.UUIDField()
    digest = models.CharField(max_length=32)
    op_id = models.CharField(max_length=64, blank=True, default="")
    base_rev = models.BigIntegerField(null=True, blank=True)
    rev = models.BigIntegerField(null=True, blank=True)
    data = models.TextField()
    advice_alerts = models.JSONField(null=True, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "digest"], name="sync_one_row_per_edit")
        ]
        indexes = [
            models.Index(fields=["patient", "type", "object_id"], name="sync_versions_of_document")
        ]


class Screen(models.Model):
    """The one screen of a patient as it was last made in a language: an answer kept to be sent again.

    It holds while the patient's revision is `rev`, what it was made of (code, content, zone, country)
    is `made_of`, and the time is from `made_at` until before `good_until`; `day` is her local date.
    Nothing is lost when a row is.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="screens")
    language = models.CharField(max_length=16)
    day = models.DateField()
    rev = models.BigIntegerField()
    made_of = models.CharField(max_length=128)
    made_at = models.DateTimeField()
    good_until = models.DateTimeField()
    etag = models.CharField(max_length=40)
    body = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "language"], name="sync_one_screen_per_language"
            )
        ]


class Holding(models.Model):
    """What a phone should hold of a record at the revision `rev`, added up (`exercises.sync.checksum`):
    of the facts, `last_row` being the newest of them, and of all other objects.

    It holds while `made_of` is what it was added up by. Nothing is lost when a row is.
    """

    patient = models.OneToOneField(
        Patient, primary_key=True, on_delete=models.CASCADE, related_name="holding"
    )
    rev = models.BigIntegerField()
    made_of = models.CharField(max_length=128)
    facts = models.BigIntegerField()
    facts_sum = models.CharField(max_length=16)
    last_row = models.BigIntegerField()
    others = models.BigIntegerField()
    others_sum = models.CharField(max_length=16)
