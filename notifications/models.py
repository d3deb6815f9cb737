"""Messages, their deliveries by channel, and the sign that the scheduler is alive."""

from django.db import models
from django.db.models import Q

from backend.accounts.models import Clinic, Patient, User
from backend.core.ids import uuid7
from exercises.triage.models import AlertEvent
from notifications.reminders.models import NotificationPreferences, Reminder

__all__ = [
    "Attempt",
    "Audience",
    "Delivery",
    "DeliveryState",
    "DigestPlan",
    "EndpointKind",
    "Heartbeat",
    "Incident",
    "MailOptOut",
    "Message",
    "NotificationPreferences",
    "PushEndpoint",
    "RelayTrouble",
    "Reminder",
    "Webhook",
]


class Audience(models.TextChoices):
    PATIENT = "patient"
    THERAPIST = "therapist"
    TEAM = "team"
    CLINIC = "clinic"


class Message(models.Model):
    """Something to be said to somebody, once: `key` spells recipient, cause and step.

    Texts are resolved when read or sent, from the rule's wording; the row holds ids and codes.
    `due_at` is when it may be said at the earliest, `expires_at` when it is no longer worth saying
    (none for what must be said). `received_at` is the phone's receipt, `read_at` the person's.

    A message to the `team` has no recipient: who that is (`about` names the step: therapist,
    backup or service_lead) is asked when it falls due, and each gets a message of her own. One to
    the `clinic` goes to the webhooks of `clinic`. A reminder has level 0 and, in `about`, what it
    reminds of; `content` holds ids and codes that its text needs.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.CharField(max_length=160)
    recipient = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="messages"
    )
    patient = models.ForeignKey(
        Patient, null=True, blank=True, on_delete=models.CASCADE, related_name="messages"
    )
    clinic = models.ForeignKey(
        Clinic, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    audience = models.CharField(max_length=16, choices=Audience)
    kind = models.CharField(max_length=32)
    level = models.PositiveSmallIntegerField()
    rule = models.CharField(max_length=32, blank=True, default="")
    alert_id = models.UUIDField(null=True, blank=True)
    about = models.CharField(max_length=100, blank=True, default="")
    local_date = models.DateField(null=True, blank=True)
    content = models.JSONField(default=dict, blank=True)
    step = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="notifications_said_once"),
            models.CheckConstraint(
                condition=Q(audience__in=["patient", "therapist"], recipient__isnull=False)
                | Q(audience="team", recipient=None, patient__isnull=False)
                | Q(audience="clinic", recipient=None, clinic__isnull=False),
                name="notifications_message_has_a_reader",
            ),
        ]
        indexes = [
            models.Index(fields=["recipient", "-created_at"], name="notifications_inbox"),
            models.Index(fields=["alert_id"], name="notifications_of_alert"),
            models.Index(fields=["created_at"], name="notifications_by_age"),
        ]


class DeliveryState(models.TextChoices):
    STANDBY = "standby"
    WAITING = "waiting"
    PASSED_ON = "passed_on"
    SENT = "sent"
    SUPPRESSED = "suppressed"
    EXPIRED = "expired"
    DEAD = "dead"


class Delivery(models.Model):
    """One channel's attempt to bring a message. The row is the queue: `due_at` says when it may be
    claimed, `lease_until` and `lease_token` by whom it is held; it is marked sent after sending.
    `decision` and `reason` keep the last answer of `decide()`, `Attempt` all of them.

    `target` is the endpoint of a push or webhook. A delivery by "push", to the "team" or by
    "webhook" without a target is passed on at its claim: one delivery (or message) for each
    endpoint or person that there is then. `is_second` marks the channel that comes after the
    others: on `standby` until one of them fails, or waiting for its hour and not needed once the
    message was received. `is_urgent` puts a red flag before everything else.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=16)
    target = models.UUIDField(null=True, blank=True)
    is_second = models.BooleanField(default=False)
    is_urgent = models.BooleanField(default=False)
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
                fields=["message", "channel"],
                condition=Q(target=None),
                name="notifications_one_delivery_per_channel",
            ),
            models.UniqueConstraint(
                fields=["message", "channel", "target"],
                condition=Q(target__isnull=False),
                name="notifications_one_delivery_per_endpoint",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="notifications_due"),
            models.Index(
                fields=["due_at"],
                condition=Q(state="waiting", is_urgent=True),
                name="notifications_due_urgent",
            ),
            models.Index(fields=["id"], condition=Q(state="dead"), name="notifications_dead"),
            models.Index(
                fields=["lease_token"],
                condition=Q(lease_token__isnull=False),
                name="notifications_leased",
            ),
        ]


class Attempt(models.Model):
    """What was decided for a delivery at one moment, and why. Rows are only ever added."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="log")
    at = models.DateTimeField()
    decision = models.CharField(max_length=16)
    reason = models.CharField(max_length=64)


class Heartbeat(models.Model):
    """When the scheduler last went round; the watchdog reads it."""

    name = models.CharField(primary_key=True, max_length=32)
    at = models.DateTimeField()


class EndpointKind(models.TextChoices):
    FCM = "fcm"
    WEB_PUSH = "web_push"


class PushEndpoint(models.Model):
    """A device or browser that takes pushes for somebody; `name` is the id that it gave itself.

    `sealed` holds its address encrypted: the FCM token, or the subscription of Web Push.
    `fingerprint` is a keyed hash of it: one device speaks for one person, the last who said so.
    It is disabled, never deleted, so that the log of what was sent there stays whole; once it was
    removed or replaced, `sealed` is empty.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="push_endpoints")
    name = models.UUIDField()
    kind = models.CharField(max_length=16, choices=EndpointKind)
    label = models.CharField(max_length=200, blank=True, default="")
    sealed = models.TextField()
    fingerprint = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_reason = models.CharField(max_length=32, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"], name="notifications_endpoint_name_is_the_persons"
            ),
            models.UniqueConstraint(
                fields=["fingerprint"],
                condition=Q(disabled_at=None),
                name="notifications_one_person_per_device",
            ),
        ]


class Webhook(models.Model):
    """An address of a clinic's own system that is told, by ids alone, that something needs a look.
    `sealed` is the encrypted secret that signs."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="webhooks")
    name = models.UUIDField()
    url = models.CharField(max_length=500)
    sealed = models.TextField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_reason = models.CharField(max_length=32, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "name"], name="notifications_webhook_name_is_the_clinics"
            )
        ]


class MailOptOut(models.Model):
    """Somebody wants no ordinary messages by e-mail. What is urgent comes all the same."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()


class RelayTrouble(models.Model):
    """A step of an alert that could not be turned into messages: tried again later and later, and
    given up at `dead_at`, where operators see it. Without this row it would stay first in line."""

    event = models.OneToOneField(
        AlertEvent, primary_key=True, on_delete=models.CASCADE, related_name="relay_trouble"
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    dead_at = models.DateTimeField(null=True, blank=True)


class DigestPlan(models.Model):
    """When a therapist gets her daily list: `at` is her local time, `weekdays` their
    numbers ("01234" is Monday to Friday), `next_due_at` the next instant that this makes."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="+")
    at = models.TimeField()
    weekdays = models.CharField(max_length=7)
    next_due_at = models.DateTimeField(db_index=True)


class Incident(models.Model):
    """Something that operators were told of, once: it is open until it is over."""

    name = models.CharField(max_length=32)
    opened_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(closed_at=None),
                name="notifications_one_open_incident_per_name",
            )
        ]
