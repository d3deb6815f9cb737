"""The doors of a clinic's templates, for its therapists."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from backend.accounts.doors import TherapistDoor
from backend.accounts.models import Clinic
from backend.accounts.selectors import clinics_employing
from backend.core.api import respond
from backend.core.conditional import etag, stale, unchanged
from backend.core.cursors import PAGE_QUERY, page
from backend.core.problems import FieldError, Problem, not_found
from backend.core.schema import describe
from backend.core.wire import UNSET, invalid
from exercises.plans.models import ClinicTemplate
from exercises.plans.services import templates as services
from exercises.plans.templates import template_for, usable_templates_for
from exercises.plans.templates_wire import (
    NewTemplate,
    TemplateBody,
    TemplateList,
    TemplateView,
    content_of,
    field_errors,
    template_view,
)

NO_VERSION = 0
_TAGS = ("templates",)
_IF_MATCH = {"If-Match": "The ETag of the template as it was read"}


class TemplateDoor(TherapistDoor):
    """The templates of the clinics where one is a therapist."""

    def template(self, template_id: UUID) -> ClinicTemplate:
        """One of them, or 404."""
        found = template_for(self.user, template_id, self.now)
        if found is None:
            raise not_found()
        return found

    def before_replay(self, **path: Any) -> None:
        """A kept answer speaks of a clinic: she may no longer work there."""
        if "template_id" in path:
            self.template(path["template_id"])

    @property
    def author(self) -> services.Author:
        """Who writes it, now."""
        return services.Author(user=self.user, now=self.now, trace_id=self.trace_id)

    def shown(self, template: ClinicTemplate, status: int = 200) -> HttpResponse:
        """The template, under the ETag that a change names."""
        return respond(template_view(template), status=status, headers={"ETag": _tag(template)})

    def base_version(self, template: ClinicTemplate) -> int:
        """The version that `If-Match` names, or one that never was; 428 without the header."""
        given = self.request.headers.get("If-Match")
        if given is None:
            raise Problem(
                428, "if_match_required", "Send If-Match with the ETag that you last read."
            )
        named = {tag.strip().removeprefix("W/") for tag in given.split(",")}
        if _tag(template) in named:
            return template.version
        # Of an earlier version too: a repetition that changes nothing is answered as before.
        versions = range(template.version, 0, -1)
        return next((one for one in versions if etag(template.pk, one) in named), NO_VERSION)


class Templates(TemplateDoor):
    @describe(
        "The templates of my clinics",
        response=TemplateList,
        errors=(401, 403),
        query=PAGE_QUERY,
        tags=_TAGS,
    )
    def get(self, request: Request) -> HttpResponse:
        rows, cursor = page(request._request, usable_templates_for(self.user, self.now))
        return respond(TemplateList(items=[*map(template_view, rows)], next_cursor=cursor))

    @describe(
        "Write a template",
        request=NewTemplate,
        response=TemplateView,
        status=(201,),
        errors=(401, 403, 409),
        tags=_TAGS,
    )
    def post(self, _request: Request) -> HttpResponse:
        body = self.body(NewTemplate)
        _refuse_blank(body)
        clinic = self._clinic(body)
        try:
            made = services.make_template(
                clinic=clinic, content=content_of(body), author=self.author
            )
        except services.TemplateInvalid as error:
            raise invalid([*field_errors(error.flaws)]) from None
        except services.NameTaken:
            raise _name_taken() from None
        return self.shown(made, status=201)

    def _clinic(self, body: NewTemplate) -> Clinic:
        hers = list(clinics_employing(self.user, self.now, role="therapist"))
        if body.clinic is UNSET and len(hers) > 1:
            raise invalid([FieldError("/clinic", "required", "Name one of your clinics.")])
        for clinic in hers:
            if body.clinic in (UNSET, clinic.pk):
                return clinic
        raise invalid([FieldError("/clinic", "invalid", "Not a clinic where you are a therapist.")])


class OneTemplate(TemplateDoor):
    @describe(
        "One template",
        response=TemplateView,
        status=(200, 304),
        errors=(401, 403, 404),
        tags=_TAGS,
    )
    def get(self, request: Request, template_id: UUID) -> HttpResponse:
        template = self.template(template_id)
        return unchanged(request._request, _tag(template)) or self.shown(template)

    @describe(
        "Write a template anew",
        request=TemplateBody,
        response=TemplateView,
        errors=(401, 403, 404, 409, 412, 428),
        tags=_TAGS,
        headers=_IF_MATCH,
    )
    def put(self, _request: Request, template_id: UUID) -> HttpResponse:
        template, body = self.template(template_id), self.body(TemplateBody)
        _refuse_blank(body)
        base = self.base_version(template)
        try:
            return self.shown(
                services.edit_template(
                    template=template,
                    content=content_of(body),
                    base_version=base,
                    author=self.author,
                )
            )
        except services.TemplateInvalid as error:
            raise invalid([*field_errors(error.flaws)]) from None
        except services.NameTaken:
            raise _name_taken() from None
        except services.TemplateChanged:
            raise stale() from None


class RetireTemplate(TemplateDoor):
    @describe(
        "Offer a template no longer",
        response=TemplateView,
        errors=(401, 403, 404, 412, 428),
        tags=_TAGS,
        headers=_IF_MATCH,
    )
    def post(self, _request: Request, template_id: UUID) -> HttpResponse:
        template = self.template(template_id)
        base = self.base_version(template)
        try:
            return self.shown(
                services.retire_template(template=template, base_version=base, author=self.author)
            )
        except services.TemplateChanged:
            raise stale() from None


def _tag(template: ClinicTemplate) -> str:
    retired = ("retired",) if template.retired_at else ()
    return etag(template.pk, template.version, *retired)


def _refuse_blank(body: TemplateBody) -> None:
    if not body.name.strip():
        raise invalid([FieldError("/name", "required", "Give it a name.")])


def _name_taken() -> Problem:
    return Problem(409, "name_taken", "The clinic has a template of that name.", retry="after_fix")
