"""What a patient wants to be reminded of, when, and how; and when each reminder rings next."""

from django.db import models
from django.db.models import F, Q

from backend.accounts.models import Patient


class Reminder(models.Model):
    """One kind of reminder of one patient: an editable document, and its place in the queue.

    `times` are `{"slot": name, "at": "HH:MM"}`, local wall times; `weekdays` a mask (bit 0 is
    Monday). `version` rises with each edit, `rev` is the patient's revision of it. `next_*` is the
    next ring by the clocks of `zone`: the instant, the nominal local date, the slot; null when it
    is off. `last_*` is the ring that was looked at last and what became of it: "rang", "missed",
    or why nothing was to be said. One that cannot be computed counts its `attempts` and is left
    alone from `dead_at` until it is edited.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="reminders")
    kind = models.CharField(max_length=24)
    enabled = models.BooleanField(default=True)
    times = models.JSONField()
    weekdays = models.PositiveSmallIntegerField(default=0b1111111)
    channels = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    rev = models.BigIntegerField()
    updated_at = models.DateTimeField()
    zone = models.CharField(max_length=64)
    next_due_at = models.DateTimeField(null=True, blank=True)
    next_date = models.DateField(null=True, blank=True)
    next_slot = models.CharField(max_length=16, blank=True, default="")
    snoozed_until = models.DateTimeField(null=True, blank=True)
    last_due_at = models.DateTimeField(null=True, blank=True)
    last_date = models.DateField(null=True, blank=True)
    last_slot = models.CharField(max_length=16, blank=True, default="")
    last_outcome = models.CharField(max_length=32, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    dead_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "kind"], name="notifications_one_reminder_per_kind"
            ),
            models.CheckConstraint(
                condition=Q(weekdays__gte=1, weekdays__lte=127),
                name="notifications_reminder_has_a_weekday",
            ),
        ]
        indexes = [
            # What is off, dead or without a next ring costs the tick nothing.
            models.Index(
                fields=["next_due_at"],
                condition=Q(enabled=True, dead_at=None, next_due_at__isnull=False),
                name="notifications_reminders_due",
            ),
            models.Index(
                fields=["id"],
                condition=Q(dead_at__isnull=False),
                name="notifications_reminders_dead",
            ),
        ]


class Travel(models.TextChoices):
    FOLLOW_ME = "follow_me"
    STAY_HOME = "stay_home"


class NotificationPreferences(models.Model):
    """How a patient wants to be reminded, whatever it is of: an editable document.

    No reminder is said from `quiet_from` until `quiet_until` (local times, exclusive; both null:
    at any hour). `travel` says by which clocks: those of where she is (the profile's zone), or of
    `home_zone`. `channels` are those that reminders may use at all.
    """

    patient = models.OneToOneField(
        Patient, primary_key=True, on_delete=models.CASCADE, related_name="notification_preferences"
    )
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    travel = models.CharField(max_length=16, choices=Travel, default=Travel.FOLLOW_ME)
    home_zone = models.CharField(max_length=64, blank=True, default="")
    channels = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    rev = models.BigIntegerField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | (
                    Q(quiet_from__isnull=False, quiet_until__isnull=False)
                    & ~Q(quiet_from=F("quiet_until"))
                ),
                name="notifications_quiet_hours_have_two_ends",
            ),
            models.CheckConstraint(
                condition=Q(travel="follow_me") | ~Q(home_zone=""),
                name="notifications_home_has_a_zone",
            ),
        ]
