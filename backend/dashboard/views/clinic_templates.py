"""A clinic's templates: read, written, edited and retired by its therapists."""

from collections.abc import Iterable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.validators import RegexValidator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backend.core.wire import PLAIN
from backend.dashboard.presenters.clinic_templates import (
    Reading,
    form_of,
    phase_named,
    read_form,
    template_card,
    typed_of,
)
from backend.dashboard.views.clinic import Desk, clinic_page
from exercises.catalog.shapes import Phase
from exercises.plans.clinic_template import Flaw
from exercises.plans.models import ClinicTemplate
from exercises.plans.services import templates as services
from exercises.plans.services.writings import Changed, NameTaken
from exercises.plans.services.writings import retire as retire_writing
from exercises.plans.templates import usable_templates_for

MOST = 200
_plain = RegexValidator(PLAIN, "Use plain text without control characters.")
TAKEN = "The clinic has a template of that name."
EMPTY = "Choose at least one exercise."
CHANGED = (
    "Somebody saved or retired it meanwhile. What you typed is below; saving writes over that."
)


class TemplateForm(forms.Form):
    """What a template is called; its exercises are read by the presenter."""

    name = forms.CharField(max_length=120, validators=[_plain])
    description = forms.CharField(
        label="When to use it (optional)", max_length=500, required=False, validators=[_plain]
    )


@require_GET
@clinic_page("templates")
def templates(desk: Desk) -> HttpResponse:
    """The templates that are offered."""
    found = _usable(desk)[:MOST]
    return desk.show("clinic_templates.html", {"cards": [template_card(one) for one in found]})


@require_http_methods(["GET", "POST"])
@clinic_page("templates")
def new(desk: Desk) -> HttpResponse:
    """A new template, begun with one of its phases."""
    return _save(desk, None) if desk.request.method == "POST" else _shown(desk, TemplateForm())


@require_http_methods(["GET", "POST"])
@clinic_page("templates")
def edit(desk: Desk, template_id: UUID) -> HttpResponse:
    """One phase of a template is written anew, on the version that was read."""
    template = _template(desk, template_id)
    if desk.request.method == "POST":
        return _save(desk, template)
    about = {"name": template.name, "description": template.description}
    return _shown(desk, TemplateForm(initial=about), template, typed=typed_of(template))


@require_POST
@clinic_page("templates")
def retire(desk: Desk, template_id: UUID) -> HttpResponse:
    """A template is no longer offered."""
    template = _template(desk, template_id)
    try:
        retire_writing(template, base_version=desk.version, author=desk.author)
        messages.success(desk.request, f"“{template.name}” is no longer offered.")
    except Changed:
        messages.warning(desk.request, "Somebody changed it meanwhile: look again.")
    return redirect("dashboard:clinic_templates", desk.clinic.pk)


def _save(desk: Desk, template: ClinicTemplate | None) -> HttpResponse:
    form, typed = TemplateForm(desk.request.POST), desk.request.POST.dict()
    if "show" in typed:
        # The doses of what was ticked are asked for; nothing is saved, or complained of, yet.
        about = {name: typed.get(name, "") for name in form.fields}
        return _shown(desk, TemplateForm(initial=about), template, typed=typed)
    reading, flaws, status = _read(desk, typed, template), list[Flaw](), 400
    if form.is_valid() and not reading.unread:
        try:
            return _store(desk, template, form, reading)
        except services.TemplateInvalid as error:
            flaws = error.flaws
            form.add_error(None, "Look at the exercises that are marked." if flaws else EMPTY)
        except NameTaken:
            form.add_error("name", TAKEN)
        except Changed:
            form.add_error(None, CHANGED)
            status = 409
    return _shown(desk, form, template, typed=typed, flaws=flaws, status=status)


def _store(
    desk: Desk, template: ClinicTemplate | None, form: TemplateForm, reading: Reading
) -> HttpResponse:
    content = services.Content(
        name=form.cleaned_data["name"],
        description=form.cleaned_data["description"],
        phases=reading.phases,
    )
    if template is None:
        saved = services.make_template(clinic=desk.clinic, content=content, author=desk.author)
    else:
        saved = services.edit_template(
            template=template, content=content, base_version=desk.version, author=desk.author
        )
    messages.success(desk.request, f"“{saved.name}” is saved.")
    where = reverse("dashboard:clinic_template", args=[desk.clinic.pk, saved.pk])
    return redirect(f"{where}?phase={_phase(desk).id}")


def _shown(
    desk: Desk,
    form: TemplateForm,
    template: ClinicTemplate | None = None,
    *,
    typed: dict[str, str] | None = None,
    flaws: Iterable[Flaw] = (),
    status: int = 200,
) -> HttpResponse:
    sent = typed or {}
    phase = form_of(sent, _phase(desk), _read(desk, sent, template), flaws)
    context = {"form": form, "phase": phase, "template": template}
    return desk.show("clinic_template_form.html", context, status=status)


def _phase(desk: Desk) -> Phase:
    return phase_named(desk.request.POST.get("phase", desk.request.GET.get("phase", "")))


def _read(desk: Desk, typed: dict[str, str], template: ClinicTemplate | None) -> Reading:
    return read_form(typed, _phase(desk), template)


def _usable(desk: Desk) -> QuerySet[ClinicTemplate]:
    return usable_templates_for(desk.user, desk.now).filter(clinic=desk.clinic)


def _template(desk: Desk, template_id: UUID) -> ClinicTemplate:
    template = _usable(desk).filter(pk=template_id).first()
    if template is None:
        raise Http404
    return template
