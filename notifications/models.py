"""Messages, their deliveries by channel, and the sign that the scheduler is alive."""

from django.db import models
from django.db.models import Q

from backend.accounts.models import Patient, User
from backend.core.ids import uuid7


class Audience(models.TextChoices):
    PATIENT = "patient"
    THERAPIST = "therapist"


class Message(models.Model):
    """Something to be said to somebody, once: `key` spells recipient, cause and step.

    Texts are resolved when read or sent, from the rule's wording; the row holds ids and codes.
    `due_at` is when it may be said at the earliest, `expires_at` when it is no longer worth saying
    (none for what must be said). `received_at` is the phone's receipt, `read_at` the person's.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.CharField(max_length=160)
    recipient = models.ForeignKey(User, on_delete=models.CASCADE, related_name="messages")
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="messages")
    audience = models.CharField(max_length=16, choices=Audience)
    kind = models.CharField(max_length=32)
    level = models.PositiveSmallIntegerField()
    rule = models.CharField(max_length=32, blank=True, default="")
    alert_id = models.UUIDField(null=True, blank=True)
    step = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], name="notifications_said_once")]
        indexes = [
            models.Index(fields=["recipient", "-created_at"], name="notifications_inbox"),
            models.Index(fields=["alert_id"], name="notifications_of_alert"),
        ]


class DeliveryState(models.TextChoices):
    WAITING = "waiting"
    SENT = "sent"
    SUPPRESSED = "suppressed"
    EXPIRED = "expired"
    DEAD = "dead"


class Delivery(models.Model):
    """One channel's attempt to bring a message. The row is the queue: `due_at` says when it may be
    claimed, `lease_until` and `lease_token` by whom it is held; it is marked sent after sending.
    `decision` and `reason` keep the last answer of `decide()`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=16)
    state = models.CharField(max_length=16, choices=DeliveryState, default=DeliveryState.WAITING)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    decision = models.CharField(max_length=16, blank=True, default="")
    reason = models.CharField(max_length=64, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    rung_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["message", "channel"], name="notifications_one_delivery_per_channel"
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="notifications_due"),
            models.Index(fields=["id"], condition=Q(state="dead"), name="notifications_dead"),
        ]


class Heartbeat(models.Model):
    """When the scheduler last went round; the watchdog reads it."""

    name = models.CharField(primary_key=True, max_length=32)
    at = models.DateTimeField()
