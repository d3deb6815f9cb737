"""The diary. What a patient reports is a fact: stored once, never changed, corrected by another."""

from django.db import models
from django.db.models import Q

from backend.accounts.models import Patient
from backend.core.ids import uuid7
from backend.core.written_json import WrittenJSONField


class FactType(models.TextChoices):
    PAIN = "pain_report"
    SYMPTOM = "symptom_report"
    SESSION = "session"
    HOME_CARE = "home_care"
    QUESTIONNAIRE = "questionnaire"
    RELIEF = "relief_answer"
    LOCATION = "location"
    RETRACTION = "retraction"


class Fact(models.Model):
    """One thing that a patient reported, named by her phone; the id is hers within her record.

    `data` has the shape of its type (see `exercises.tracking.facts`); `digest` is the hash of what
    was sent, so that the same report twice is a duplicate and another under its id a conflict.
    `retracted_by` and `amended_by` point to the later facts that withdraw or correct it: such a
    fact stays, and no longer counts. `local_date` is stored as sent; `date_disagrees` says that it
    is not the date of `occurred_at` in `tz`. `advice_alerts` are the ids of the alerts that the
    report raised or confirmed, so that the same report again gets the same advice again.
    """

    # Each index costs every write; those below begin with the patient too.
    patient = models.ForeignKey(
        Patient, on_delete=models.CASCADE, related_name="facts", db_index=False
    )
    id = models.UUIDField()
    row = models.BigAutoField(primary_key=True)
    type = models.CharField(max_length=16, choices=FactType)
    rev = models.BigIntegerField()
    occurred_at = models.DateTimeField()
    tz = models.CharField(max_length=64)
    local_date = models.DateField()
    received_at = models.DateTimeField()
    clock_skew_ms = models.BigIntegerField(null=True, blank=True)
    date_disagrees = models.BooleanField(default=False)
    data = WrittenJSONField()
    digest = models.CharField(max_length=32)
    target = models.UUIDField(null=True, blank=True)
    retracted_by = models.UUIDField(null=True, blank=True)
    amended_by = models.UUIDField(null=True, blank=True)
    advice_alerts = models.JSONField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "id"], name="tracking_fact_id_is_the_patients"
            ),
            models.UniqueConstraint(
                fields=["patient", "rev"], name="tracking_one_fact_per_revision"
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "type", "occurred_at"], name="tracking_facts_by_time"),
            models.Index(fields=["patient", "type", "local_date"], name="tracking_facts_by_day"),
            models.Index(
                fields=["patient", "target"],
                condition=Q(target__isnull=False),
                name="tracking_facts_by_target",
            ),
        ]


class DayPain(models.Model):
    """What one local day's pain reports add up to, for one site: kept so that trends read a row a
    day. `sum`/`count` are of avg24 entries, `now_*` of 'now' entries, `worst` the highest score."""

    patient = models.ForeignKey(
        Patient, on_delete=models.CASCADE, related_name="pain_days", db_index=False
    )
    local_date = models.DateField()
    site = models.CharField(max_length=16)
    avg24_sum = models.PositiveIntegerField(default=0)
    avg24_count = models.PositiveIntegerField(default=0)
    now_sum = models.PositiveIntegerField(default=0)
    now_count = models.PositiveIntegerField(default=0)
    worst = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "local_date", "site"],
                name="tracking_one_summary_per_day_and_site",
            )
        ]


class Quarantined(models.Model):
    """Something that a phone sent and that could not be accepted: kept as it came, with the reason,
    until it is repaired (`repaired_by` is the id that the repaired one got) or discarded.

    `type` is the one that it was sent as. `judged`: it names symptoms, and goes on being judged for
    as long as it is not repaired; discarding takes it off the patient's list, not off her record.
    `advice_alerts` are as those of a fact.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="quarantined")
    fact_id = models.UUIDField()
    op_id = models.CharField(max_length=64, blank=True, default="")
    type = models.CharField(max_length=32)
    raw = models.TextField()
    digest = models.CharField(max_length=32)
    problem = models.JSONField()
    judged = models.BooleanField(default=False)
    advice_alerts = models.JSONField(null=True, blank=True)
    received_at = models.DateTimeField()
    rev = models.BigIntegerField()
    repaired_by = models.UUIDField(null=True, blank=True)
    discarded_at = models.DateTimeField(null=True, blank=True)

    @property
    def is_settled(self) -> bool:
        """Whether it was repaired or discarded."""
        return self.repaired_by is not None or self.discarded_at is not None

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "fact_id", "digest"], name="tracking_quarantined_once"
            )
        ]
        indexes = [models.Index(fields=["patient", "rev"], name="tracking_quarantined_by_rev")]
