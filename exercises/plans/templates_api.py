"""The doors of a clinic's templates, for its therapists."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from backend.core.api import respond
from backend.core.conditional import stale
from backend.core.cursors import PAGE_QUERY, page
from backend.core.problems import FieldError, Problem
from backend.core.schema import describe
from backend.core.wire import Wire, invalid
from exercises.plans.clinic_doors import WritingDoor
from exercises.plans.models import ClinicTemplate
from exercises.plans.services import templates as services
from exercises.plans.services.writings import Changed, NameTaken
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

_TAGS = ("templates",)
_IF_MATCH = {"If-Match": "The ETag of the template as it was read"}


class TemplateDoor(WritingDoor[ClinicTemplate]):
    """The templates of the clinics where one is a therapist."""

    def find(self, writing_id: UUID) -> ClinicTemplate | None:
        return template_for(self.user, writing_id, self.now)

    def view(self, writing: ClinicTemplate) -> Wire:
        return template_view(writing)


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
        clinic = self.clinic_named(body.clinic)
        try:
            made = services.make_template(
                clinic=clinic, content=content_of(body), author=self.author
            )
        except services.TemplateInvalid as error:
            raise invalid([*field_errors(error.flaws)]) from None
        except NameTaken:
            raise _name_taken() from None
        return self.shown(made, status=201)


class OneTemplate(TemplateDoor):
    @describe(
        "One template",
        response=TemplateView,
        status=(200, 304),
        errors=(401, 403, 404),
        tags=_TAGS,
    )
    def get(self, request: Request, template_id: UUID) -> HttpResponse:
        return self.read(template_id)

    @describe(
        "Write a template anew",
        request=TemplateBody,
        response=TemplateView,
        errors=(401, 403, 404, 409, 412, 428),
        tags=_TAGS,
        headers=_IF_MATCH,
    )
    def put(self, _request: Request, template_id: UUID) -> HttpResponse:
        template, body = self.one(template_id), self.body(TemplateBody)
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
        except NameTaken:
            raise _name_taken() from None
        except Changed:
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
        return self.retired(template_id)


def _refuse_blank(body: TemplateBody) -> None:
    if not body.name.strip():
        raise invalid([FieldError("/name", "required", "Give it a name.")])


def _name_taken() -> Problem:
    return Problem(409, "name_taken", "The clinic has a template of that name.", retry="after_fix")
