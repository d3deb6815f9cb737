"""Alerts, the prompts to see a doctor that they raise, visits, and what clinicians said."""

from django.db import models
from django.db.models import Q

from backend.accounts.models import Patient, User
from backend.core.ids import uuid7
from exercises.triage.levels import Level

LEVELS = [(level.value, level.code) for level in Level if level is not Level.NONE]


class AlertStatus(models.TextChoices):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RETRACTED = "retracted"
    RESOLVED = "resolved"
    CLEARED = "cleared"


STANDING = (AlertStatus.OPEN, AlertStatus.ACKNOWLEDGED)


class Alert(models.Model):
    """A rule fired. `key` is its identity within the patient (rule and source fact, or rule and
    number of the trend's episode), so one report raises a rule once whatever is sent again.

    `because` keeps the inputs that matched; `rules_version` the pack that judged. `review_open`
    says that a clinician still has to look, which outlives a retraction. `assigned_to` is whose it
    is to act; nobody's in particular where it is null. A retraction that arrived
    before its target leaves a row with status `retracted` and `opened_at` null: no alert, but an
    item to review.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="alerts")
    rule = models.CharField(max_length=32)
    level = models.PositiveSmallIntegerField(choices=LEVELS)
    status = models.CharField(max_length=16, choices=AlertStatus, default=AlertStatus.OPEN)
    key = models.CharField(max_length=128)
    source_fact = models.UUIDField(null=True, blank=True)
    because = models.JSONField()
    rules_version = models.CharField(max_length=32)
    occurred_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    assigned_to = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    review_open = models.BooleanField(default=True)
    rev = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "key"], name="triage_one_alert_per_key"),
            models.CheckConstraint(
                condition=Q(status__in=["open", "acknowledged"], closed_at=None)
                | Q(status__in=["retracted", "resolved", "cleared"], closed_at__isnull=False),
                name="triage_closed_alerts_say_when",
            ),
        ]
        indexes = [
            models.Index(
                fields=["patient", "-level"],
                condition=Q(status__in=["open", "acknowledged"]),
                name="triage_standing_alerts",
            ),
            models.Index(
                fields=["patient"], condition=Q(review_open=True), name="triage_alerts_to_review"
            ),
        ]


class AlertAction(models.TextChoices):
    """What a clinician did about an alert."""

    CALLED = "called"
    MESSAGED = "messaged"
    REFERRED = "referred"
    NO_ACTION = "no_action"


class AlertEvent(models.Model):
    """The life of an alert, one row a step. `relayed_at` is set by whoever turned the step into
    messages; the rows that have none are what is still to be said. `action` is what was done (step
    `acted`), `assignee` to whom it was passed on (step `assigned`)."""

    id = models.BigAutoField(primary_key=True)
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    step = models.CharField(max_length=16)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=500, blank=True, default="")
    action = models.CharField(max_length=16, choices=AlertAction, blank=True, default="")
    assignee = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    relayed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=Q(relayed_at=None), name="triage_events_to_relay")
        ]


class PromptState(models.TextChoices):
    RAISED = "raised"
    SEEN = "seen"
    WILL_GO = "will_go"
    DECLINED = "declined"
    PLANNED = "planned"
    ATTENDED = "attended"
    CLOSED = "closed"


class DoctorPrompt(models.Model):
    """The advice to see a doctor that an alert raised, and how the patient answered it.

    A visit that is booked or was attended ends an alert of `see_doctor_soon`, and the prompt says
    so; `quiet_until` is when the matter is taken up again: a booking that nothing was heard of, a
    trend that still holds after the visit.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    alert = models.OneToOneField(Alert, on_delete=models.CASCADE, related_name="prompt")
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="prompts")
    state = models.CharField(max_length=16, choices=PromptState, default=PromptState.RAISED)
    raised_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    sought_care = models.BooleanField(default=False)
    reason = models.CharField(max_length=500, blank=True, default="")
    quiet_until = models.DateTimeField(null=True, blank=True)
    rev = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["patient", "-raised_at"], name="triage_prompts_of_patient")]


class VisitState(models.TextChoices):
    PLANNED = "planned"
    ATTENDED = "attended"
    CANCELLED = "cancelled"


class VisitOutcome(models.TextChoices):
    ALL_CLEAR = "all_clear"
    TREATMENT = "treatment"
    REFERRED = "referred"
    TESTS = "tests"
    OTHER = "other"
    UNKNOWN = "unknown"


class Visit(models.Model):
    """An appointment with a doctor, named by the phone; the id is the patient's within her record.

    `planned_on` is a local date in `tz`, `planned_for` the instant where the hour is known.
    `outcome` is blank unless it was attended, `reason` unless it was cancelled. Every version is
    kept in `VisitVersion`.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="visits")
    id = models.UUIDField()
    row = models.BigAutoField(primary_key=True)
    prompts = models.ManyToManyField(DoctorPrompt, related_name="visits")
    state = models.CharField(max_length=16, choices=VisitState)
    planned_on = models.DateField(null=True, blank=True)
    planned_for = models.DateTimeField(null=True, blank=True)
    attended_on = models.DateField(null=True, blank=True)
    tz = models.CharField(max_length=64)
    with_whom = models.CharField(max_length=200, blank=True, default="")
    reason = models.CharField(max_length=500, blank=True, default="")
    outcome = models.CharField(max_length=16, choices=VisitOutcome, blank=True, default="")
    outcome_text = models.CharField(max_length=2000, blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    rev = models.BigIntegerField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "id"], name="triage_visit_id_is_the_patients"
            ),
            models.CheckConstraint(
                condition=~Q(state="planned") | Q(planned_on__isnull=False),
                name="triage_planned_visits_have_a_date",
            ),
            models.CheckConstraint(
                condition=Q(state="attended") | Q(outcome=""),
                name="triage_only_attended_visits_have_an_outcome",
            ),
        ]
        indexes = [models.Index(fields=["patient", "-rev"], name="triage_visits_of_patient")]


class VisitVersion(models.Model):
    """A visit as it was sent once: nothing that was said of it is lost by a later edit."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    at = models.DateTimeField()
    content = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["visit", "version"], name="triage_one_row_per_visit_version"
            )
        ]


class KnownStable(models.Model):
    """A clinician knows this symptom as stable. It covers the same symptom on the same side, not a
    worse, severe or sudden one, and until `expires_at` at the latest (hazard HZ-07)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="known_stable")
    symptom = models.CharField(max_length=32)
    side = models.CharField(max_length=8, blank=True, default="")
    reason = models.CharField(max_length=500, blank=True, default="")
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    expires_at = models.DateTimeField()


class ThresholdSet(models.Model):
    """The numbers by which one patient is judged more strictly than by the rules' own, by name; a
    change is a new row with the next `version`, and the newest stands. No number is ever looser
    than the default: what is left out is the default."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="threshold_sets")
    version = models.PositiveIntegerField()
    values = models.JSONField()
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "version"], name="triage_one_row_per_threshold_version"
            )
        ]


class NextEvaluation(models.Model):
    """When a patient's trends are judged next although nothing arrives: at local midnight."""

    patient = models.OneToOneField(Patient, primary_key=True, on_delete=models.CASCADE)
    due_at = models.DateTimeField(db_index=True)


class PanelSummary(models.Model):
    """What the panel shows of a patient, computed from her record as it stood at her revision `rev`
    and for the local day [`day_start`, `day_end`).

    It holds for as long as it is that day and the patient's revision is `rev`: whoever reads it
    compares both, and computes it anew where they differ (docs/adr/0030-the-panels-summary.md).
    `edition` is the version of the code that wrote it. The columns are what the panel filters and
    sorts by, each in the order in which it is shown: `rank` is the level (none last) and whether
    nobody looked at it yet, `since` the oldest alert of that level, `fall` how far pain fell in a
    week. `name` is folded. `content` is the row itself, see `exercises.triage.panel_summaries`.
    """

    patient = models.OneToOneField(
        Patient, primary_key=True, on_delete=models.CASCADE, related_name="panel_summary"
    )
    rev = models.BigIntegerField()
    edition = models.PositiveSmallIntegerField()
    day_start = models.DateTimeField()
    day_end = models.DateTimeField()
    name = models.TextField()
    is_hidden = models.BooleanField()
    level = models.PositiveSmallIntegerField()
    rank = models.PositiveSmallIntegerField()
    since = models.DateTimeField()
    is_unread = models.BooleanField()
    phase = models.CharField(max_length=16, blank=True)
    plan_state = models.CharField(max_length=16, blank=True)
    fall = models.FloatField()
    content = models.TextField()


class DoseCourse(models.Model):
    """What a plan's sessions before the local date `before` come to (`exercises.triage.courses`), as
    of the patient's revision `rev`, `made_of` this; the last of them was `last_at`."""

    patient = models.OneToOneField(
        Patient, primary_key=True, on_delete=models.CASCADE, related_name="dose_course"
    )
    rev = models.BigIntegerField()
    before = models.DateField()
    last_at = models.DateTimeField(null=True)
    made_of = models.CharField(max_length=32)
    courses = models.JSONField()
