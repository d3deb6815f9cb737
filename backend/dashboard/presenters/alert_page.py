"""One alert on a page of its own: everything that was done about it, and every form."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django import forms

from backend.accounts.models import User
from backend.dashboard.forms import ActForm, AssignForm, ReopenForm, ResolveForm
from backend.dashboard.presenters.alerts import AlertCard, alert_card
from exercises.triage.models import Alert


@dataclass(frozen=True)
class AlertScreen:
    """The page; `id` and `name` are the patient's. `symptoms` are the codes of reported symptoms
    that the alert speaks of. `wrong` is the form that could not be taken."""

    id: UUID
    name: str
    card: AlertCard
    colleagues: tuple[tuple[str, str], ...]
    symptoms: tuple[str, ...]
    wrong: forms.Form | None

    @property
    def act(self) -> forms.Form | None:
        """The form of that name, where it is the one that could not be taken."""
        return self.wrong if isinstance(self.wrong, ActForm) else None

    @property
    def assign(self) -> forms.Form | None:
        """The same for passing on."""
        return self.wrong if isinstance(self.wrong, AssignForm) else None

    @property
    def resolve(self) -> forms.Form | None:
        """The same for resolving."""
        return self.wrong if isinstance(self.wrong, ResolveForm) else None

    @property
    def reopen(self) -> forms.Form | None:
        """The same for taking back up."""
        return self.wrong if isinstance(self.wrong, ReopenForm) else None


def alert_screen(
    alert: Alert,
    colleagues: Sequence[User],
    wrong: forms.Form | None,
    *,
    reader: User,
    now: datetime,
) -> AlertScreen:
    """The page of `alert` in the reader's zone and language."""
    patient = alert.patient
    return AlertScreen(
        id=patient.pk,
        name=patient.user.name or patient.user.email,
        card=alert_card(alert, now, reader.time_zone, reader.language),
        colleagues=_people(colleagues, reader),
        symptoms=_symptoms(alert),
        wrong=wrong,
    )


def _people(colleagues: Sequence[User], reader: User) -> tuple[tuple[str, str], ...]:
    others = [(str(one.pk), one.name or one.email) for one in colleagues if one.pk != reader.pk]
    return ((str(reader.pk), "Me"), *others)


def _symptoms(alert: Alert) -> tuple[str, ...]:
    matched = alert.because.get("matched", [])
    codes = [str(match["code"]) for match in matched if match.get("what") == "symptom"]
    return tuple(dict.fromkeys(codes))
