"""A clinic's own exercises: read, written, edited and retired by its therapists."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.validators import RegexValidator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backend.core.wire import PLAIN
from backend.dashboard.presenters.clinic_exercises import base_choices, exercise_card
from backend.dashboard.presenters.plans import exercise_name
from backend.dashboard.views.clinic import Desk, clinic_page
from exercises.plans.models import ClinicExercise
from exercises.plans.services import variations as services
from exercises.plans.services.writings import Changed, NameTaken
from exercises.plans.services.writings import retire as retire_writing
from exercises.plans.variations import usable_clinic_exercises_for
from exercises.plans.variations_wire import MOST_STEPS, NAME_LENGTH, NOTE_LENGTH, STEP_LENGTH

MOST = 200
_plain = RegexValidator(PLAIN, "Use plain text without control characters.")
TAKEN = "The clinic has an exercise of that name."
CHANGED = (
    "Somebody saved or retired it meanwhile. What you typed is below; saving writes over that."
)


class ExerciseForm(forms.Form):
    """The words of an own exercise; a new one names its base."""

    exercise = forms.ChoiceField(label="Based on")
    name = forms.CharField(max_length=NAME_LENGTH, validators=[_plain])
    steps = forms.CharField(
        label=f"Steps, one on each line (at most {MOST_STEPS})",
        max_length=MOST_STEPS * (STEP_LENGTH + 2),
        widget=forms.Textarea(attrs={"rows": 7}),
    )
    note = forms.CharField(
        label="Note (optional)", max_length=NOTE_LENGTH, required=False, validators=[_plain]
    )

    def __init__(self, data: Any = None, *, is_new: bool, **options: Any) -> None:
        super().__init__(data, **options)
        if is_new:
            choices = [("", "Choose one"), *base_choices()]
            self.fields["exercise"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["exercise"]

    def clean_steps(self) -> tuple[str, ...]:
        """Each line that says something."""
        lines = (line.strip() for line in self.cleaned_data["steps"].splitlines())
        steps = tuple(line for line in lines if line)
        if len(steps) > MOST_STEPS:
            raise forms.ValidationError(f"At most {MOST_STEPS} steps.")
        for step in steps:
            _plain(step)
            if len(step) > STEP_LENGTH:
                raise forms.ValidationError(f"At most {STEP_LENGTH} characters a step.")
        return steps


@require_GET
@clinic_page("exercises")
def exercises(desk: Desk) -> HttpResponse:
    """The own exercises that are offered."""
    cards = [exercise_card(one) for one in _usable(desk)[:MOST]]
    return desk.show("clinic_exercises.html", {"cards": cards})


@require_http_methods(["GET", "POST"])
@clinic_page("exercises")
def new(desk: Desk) -> HttpResponse:
    """A new own exercise, based on one of the catalogue."""
    if desk.request.method == "POST":
        return _save(desk, ExerciseForm(desk.request.POST, is_new=True), None)
    return _shown(desk, ExerciseForm(is_new=True), None)


@require_http_methods(["GET", "POST"])
@clinic_page("exercises")
def edit(desk: Desk, own_id: UUID) -> HttpResponse:
    """The words of an own exercise are written anew, on the version that was read."""
    own = _own(desk, own_id)
    if desk.request.method == "POST":
        return _save(desk, ExerciseForm(desk.request.POST, is_new=False), own)
    words = {"name": own.name, "steps": "\n".join(own.steps), "note": own.note}
    return _shown(desk, ExerciseForm(is_new=False, initial=words), own)


@require_POST
@clinic_page("exercises")
def retire(desk: Desk, own_id: UUID) -> HttpResponse:
    """An own exercise is no longer offered."""
    own = _own(desk, own_id)
    try:
        retire_writing(own, base_version=desk.version, author=desk.author)
        messages.success(desk.request, f"“{own.name}” is no longer offered.")
    except Changed:
        messages.warning(desk.request, "Somebody changed it meanwhile: look again.")
    return redirect("dashboard:clinic_exercises", desk.clinic.pk)


def _save(desk: Desk, form: ExerciseForm, own: ClinicExercise | None) -> HttpResponse:
    status = 400
    if form.is_valid():
        try:
            saved = _stored(desk, form, own)
            messages.success(desk.request, f"“{saved.name}” is saved.")
            return redirect("dashboard:clinic_exercises", desk.clinic.pk)
        except services.UnknownBase:
            form.add_error("exercise", "The catalogue offers it no longer.")
        except NameTaken:
            form.add_error("name", TAKEN)
        except Changed:
            form.add_error(None, CHANGED)
            status = 409
    return _shown(desk, form, own, status=status)


def _stored(desk: Desk, form: ExerciseForm, own: ClinicExercise | None) -> ClinicExercise:
    typed = form.cleaned_data
    words = services.Words(name=typed["name"], steps=typed["steps"], note=typed["note"])
    if own is None:
        return services.make_exercise(
            clinic=desk.clinic, exercise=typed["exercise"], words=words, author=desk.author
        )
    return services.edit_exercise(
        own=own, words=words, base_version=desk.version, author=desk.author
    )


def _shown(
    desk: Desk, form: ExerciseForm, own: ClinicExercise | None, *, status: int = 200
) -> HttpResponse:
    based_on = exercise_name(own.exercise) if own else ""
    context = {"form": form, "own": own, "based_on": based_on}
    return desk.show("clinic_exercise_form.html", context, status=status)


def _usable(desk: Desk) -> QuerySet[ClinicExercise]:
    return usable_clinic_exercises_for(desk.user, desk.now).filter(clinic=desk.clinic)


def _own(desk: Desk, own_id: UUID) -> ClinicExercise:
    own = _usable(desk).filter(pk=own_id).first()
    if own is None:
        raise Http404
    return own
