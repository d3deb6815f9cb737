"""What is typed on the pages of a clinic."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django import forms

Choice = tuple[str, str]


class PersonField(forms.TypedChoiceField):
    """One of some people of the clinic, by id; None for nobody where that may be."""

    def __init__(self, **options: Any) -> None:
        super().__init__(coerce=UUID, empty_value=None, **options)


class PersonForm(forms.Form):
    """One person is chosen, or nobody where `nobody` says what that is called."""

    person = PersonField()

    def __init__(
        self, data: Any = None, *, people: Iterable[Choice], nobody: str = "", **options: Any
    ) -> None:
        super().__init__(data, **options)
        none = [("", nobody)] if nobody else []
        self.fields["person"].choices = [*none, *people]  # type: ignore[attr-defined]
        self.fields["person"].required = not nobody


class LeaveForm(forms.Form):
    """Who is away, from when to when, and who stands in; days of the clinic, both included."""

    person = PersonField(label="Who is away")
    first_day = forms.DateField(
        label="First day", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last_day = forms.DateField(
        label="Last day (empty: until further notice)",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    backup = PersonField(label="Who stands in", required=False)

    def __init__(
        self, data: Any = None, *, people: Iterable[Choice], today: date, **options: Any
    ) -> None:
        super().__init__(data, **options)
        self._today, known = today, [*people]
        self.fields["person"].choices = known  # type: ignore[attr-defined]
        usual = ("", "Whoever usually does")
        self.fields["backup"].choices = [usual, *known]  # type: ignore[attr-defined]

    def clean_first_day(self) -> date:
        first: date = self.cleaned_data["first_day"]
        if first < self._today:
            raise forms.ValidationError("Today or later.")
        return first

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", "Not before the first day.")
        return cleaned


class InvitationForm(forms.Form):
    """Into which role somebody is invited; a patient into whose care."""

    role = forms.ChoiceField(
        label="Who is invited",
        choices=[
            ("patient", "A patient"),
            ("therapist", "A therapist"),
            ("manager", "A manager"),
            ("auditor", "An auditor"),
        ],
    )
    person = PersonField(label="Therapist (for a patient)", required=False)

    def __init__(self, data: Any = None, *, people: Iterable[Choice], **options: Any) -> None:
        super().__init__(data, **options)
        self.fields["person"].choices = [("", "Choose one"), *people]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("role") == "patient" and not cleaned.get("person"):
            self.add_error("person", "Name who looks after her.")
        return cleaned
