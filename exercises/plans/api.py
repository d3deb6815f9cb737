"""The plan's doors."""

from typing import cast

from django.http import HttpResponse
from rest_framework.request import Request

from backend.accounts.models import Patient, User
from backend.accounts.readers import reader_of
from backend.core.api import Door, respond
from backend.core.conditional import etag, unchanged
from backend.core.localtime import local_date
from backend.core.problems import Problem
from backend.core.schema import describe
from exercises.catalog.selectors import content_version
from exercises.plans.models import RecoveryPlan
from exercises.plans.presenters import phases_view, plan_view
from exercises.plans.selectors import open_plan
from exercises.plans.wire import PlanPhasesView, PlanView


class MyPlan(Door):
    """The plan of the patient who asks."""

    role = "patient"

    @describe(
        "The recovery plan",
        response=PlanView,
        status=(200, 304),
        errors=(401, 403, 404),
        tags=("plan",),
        headers={"If-None-Match": "The ETag of the plan that the phone holds."},
    )
    def get(self, request: Request) -> HttpResponse:
        plan = _plan_of(request)
        today = local_date(self.now, _patient_of(request).user.time_zone)
        # The local date is part of it: the plan day and the end of a hold move without a change.
        language = _language_of(request)
        tag = etag(plan.id, plan.version, today, content_version(), language)
        return unchanged(request._request, tag) or respond(
            plan_view(plan, today, language=language), headers={"ETag": tag}
        )


class MyPlanPhases(Door):
    """The phases of the plan of the patient who asks."""

    role = "patient"

    @describe(
        "The phases of the recovery plan",
        response=PlanPhasesView,
        errors=(401, 403, 404),
        tags=("plan",),
    )
    def get(self, request: Request) -> HttpResponse:
        return respond(phases_view(_plan_of(request), language=_language_of(request)))


def _patient_of(request: Request) -> Patient:
    return cast(User, request.user).patient


def _language_of(request: Request) -> str:
    return reader_of(cast(User, request.user), request._request).language


def _plan_of(request: Request) -> RecoveryPlan:
    plan = open_plan(_patient_of(request).id)
    if plan is None:
        raise Problem(404, "no_plan", "Answer the intake first: it makes the plan.")
    return plan
