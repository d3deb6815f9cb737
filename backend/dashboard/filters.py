"""What of a timeline is shown, as the address of the page says it."""

from typing import Any

from django import forms

from backend.dashboard.presenters.times import long_day
from exercises.triage.history.timeline import KINDS, Filters

LABELS = {
    "pain": "Pain",
    "symptoms": "Symptoms",
    "exercise": "Exercise",
    "home_care": "Home care",
    "questionnaires": "Questionnaires",
    "alerts": "Alerts",
    "prompts": "Answers to advice",
    "visits": "Doctor's visits",
    "plan": "Plan",
    "messages": "Messages",
    "notes": "Care team's notes",
    "corrections": "Withdrawn or not accepted",
}


class TimelineFilters(forms.Form):
    """Kinds (none chosen: all) and local dates of the patient, both included."""

    kind = forms.MultipleChoiceField(
        choices=[(kind, LABELS[kind]) for kind in KINDS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    first = forms.DateField(required=False, label="From", widget=forms.DateInput({"type": "date"}))
    last = forms.DateField(required=False, label="To", widget=forms.DateInput({"type": "date"}))

    def clean(self) -> dict[str, Any]:
        """Refuses a span that ends before it begins."""
        found = super().clean() or {}
        first, last = found.get("first"), found.get("last")
        if first and last and last < first:
            self.add_error("last", "This day is before the first one.")
        return found

    def in_words(self) -> str:
        """What is shown: "Everything", or the kinds by name and the days."""
        asked = self.asked()
        kinds = "Everything" if asked.kinds == KINDS else ", ".join(LABELS[k] for k in asked.kinds)
        since = f" from {long_day(asked.first)}" if asked.first else ""
        until = f" until {long_day(asked.last)}" if asked.last else ""
        return f"{kinds}{since}{until}"

    def asked(self) -> Filters:
        """What is shown; a field that makes no sense narrows nothing."""
        self.is_valid()
        chosen = self.cleaned_data.get("kind") or KINDS
        return Filters(
            kinds=tuple(kind for kind in KINDS if kind in chosen),
            first=self.cleaned_data.get("first"),
            last=self.cleaned_data.get("last"),
        )
