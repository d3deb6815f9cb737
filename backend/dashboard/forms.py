"""What a therapist types on the pages."""

from collections.abc import Iterable
from uuid import UUID

from django import forms
from django.core.validators import RegexValidator

from backend.accounts.models import User
from backend.core.wire import PLAIN
from exercises.triage.models import AlertAction

MAX_REASON = 500
plain_text = RegexValidator(PLAIN, "Use plain text without control characters.")


def reason_field(missing: str, *, required: bool = True) -> forms.CharField:
    """A line that says why; `missing` is what is said where it is left empty."""
    return forms.CharField(
        max_length=MAX_REASON,
        required=required,
        validators=[plain_text],
        error_messages={"required": missing},
    )


class ResolveForm(forms.Form):
    """Why an alert is closed: never without a reason."""

    reason = reason_field("Say why you close this alert.")


class ReopenForm(forms.Form):
    """Why a resolved alert is taken back up."""

    reason = reason_field("Say why you take this alert back up.")


class ActForm(forms.Form):
    """What was done about an alert; nothing done needs a reason."""

    action = forms.TypedChoiceField(
        choices=AlertAction.choices,
        coerce=AlertAction,
        error_messages={
            "required": "Choose what you did.",
            "invalid_choice": "Choose one of these.",
        },
    )
    reason = reason_field("", required=False)

    def clean(self) -> None:
        """Refuses to do nothing without a reason."""
        kept = self.cleaned_data
        is_nothing = kept.get("action") == AlertAction.NO_ACTION
        if is_nothing and "reason" not in self.errors and not kept.get("reason"):
            self.add_error("reason", "Say why nothing was done.")


class AssignForm(forms.Form):
    """To whom an alert is passed on."""

    to = forms.TypedChoiceField(
        coerce=UUID,
        error_messages={
            "required": "Choose a colleague.",
            "invalid_choice": "Choose a therapist of the clinic.",
        },
    )
    reason = reason_field("", required=False)

    def __init__(self, data: object, colleagues: Iterable[User]) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # a QueryDict, or nothing
        people = [(str(one.pk), one.name or one.email) for one in colleagues]
        self.fields["to"].choices = people  # type: ignore[attr-defined]  # it has choices
