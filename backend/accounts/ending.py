"""Why care ended, as far as somebody said so; nobody is ever made to."""

from typing import Literal

from django.db import models


class EndReason(models.TextChoices):
    RECOVERED = "recovered", "Recovered"
    MOVED_AWAY = "moved_away", "Moved away"
    CHANGED_CLINIC = "changed_clinic", "Went to another clinic"
    NO_TIME = "no_time", "No time for it"
    NOT_HELPING = "not_helping", "Did not help"
    OTHER = "other", "Another reason"
    UNKNOWN = "unknown", "Not said"


# The same on the wire.
EndReasonCode = Literal[
    "recovered", "moved_away", "changed_clinic", "no_time", "not_helping", "other", "unknown"
]
