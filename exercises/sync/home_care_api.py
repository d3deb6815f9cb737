"""Home care: what is advised now, and the diary of what was done."""

from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpResponse
from rest_framework.request import Request

from backend.accounts.doors import PatientDoor
from backend.core.api import respond
from backend.core.schema import describe
from exercises.sync.fact_wire import as_kept
from exercises.sync.facts_api import DEVICE_TIME, FactDoor, Retract
from exercises.sync.home_care_wire import (
    HomeCareNow,
    HomeCareWritten,
    home_care_now,
    reason_views,
)
from exercises.sync.today_api import plan_or_404
from exercises.tracking.arriving import StoredFact
from exercises.tracking.facts import HomeCare
from exercises.tracking.models import FactType
from exercises.triage.home_care import warnings
from exercises.triage.home_care_loading import guide, situation_at, use_of

StoredHomeCare = as_kept(HomeCare, name="StoredHomeCare")


class MyHomeCare(PatientDoor):
    @describe(
        "Home care as advised now: timers, and why something is not offered",
        response=HomeCareNow,
        errors=(401, 403, 404),
        tags=("plan",),
    )
    def get(self, request: Request) -> HttpResponse:
        plan = plan_or_404(self)
        return respond(
            home_care_now(self.patient, plan, language=self.reader.language, now=self.now)
        )


class HomeCareReports(FactDoor):
    kind = FactType.HOME_CARE
    shape = HomeCare

    @describe(
        "Log ice or heat",
        request=HomeCare,
        response=HomeCareWritten,
        status=(200, 201),
        errors=(401, 403, 404, 409),
        tags=("diary",),
        headers=DEVICE_TIME,
    )
    def put(self, request: Request, fact_id: UUID) -> HttpResponse:
        return self.put_fact(request, fact_id)

    @describe(
        "One use of ice or heat", response=StoredHomeCare, errors=(401, 403, 404), tags=("diary",)
    )
    def get(self, request: Request, fact_id: UUID) -> HttpResponse:
        return self.get_fact(request, fact_id)

    def more_in_answer(self, fact: StoredFact) -> dict[str, Any]:
        use = use_of(fact)
        situation = situation_at(
            patient_id=self.patient.pk,
            plan=None,
            zone=fact.tz,
            at=use.began,
            known_by=fact.received_at,
            without=[fact.id],
        )
        found = warnings(guide(self.reader.language), situation, use, wrapped=fact.data["wrapped"])
        return {"warnings": msgspec.to_builtins(reason_views(found))}


class RetractHomeCare(Retract):
    kind = FactType.HOME_CARE
