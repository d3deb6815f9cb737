"""The doors of the links that a patient makes, so that a doctor without an account reads her brief."""

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from rest_framework.request import Request

from backend.accounts.doors import PatientDoor
from backend.core.api import respond
from backend.core.problems import Problem, not_found
from backend.core.schema import describe
from exercises.reports.brief_wire import BriefLinkBody, BriefLinkMade, BriefLinks, BriefLinkView
from exercises.reports.models import BriefLink
from exercises.reports.selectors import open_links
from exercises.reports.services import MOST_LINKS, TooManyLinks, make_link, revoke_link


class MyBriefLinks(PatientDoor):
    @describe("The links that open my brief", response=BriefLinks, errors=(401, 403), tags=("me",))
    def get(self, _request: Request) -> HttpResponse:
        rows = open_links(self.patient.pk, self.now)
        return respond(BriefLinks(items=[_view(link) for link in rows]))

    @describe(
        "Make a link that opens my brief",
        request=BriefLinkBody,
        response=BriefLinkMade,
        status=(201,),
        errors=(401, 403, 409),
        tags=("me",),
    )
    def post(self, _request: Request) -> HttpResponse:
        body = self.body(BriefLinkBody)
        try:
            link, token = make_link(patient=self.patient, days=body.days, now=self.now)
        except TooManyLinks:
            raise Problem(
                409, "too_many_links", f"At most {MOST_LINKS} links at once; revoke one first."
            ) from None
        made = BriefLinkMade(
            id=link.pk,
            created_at=link.created_at,
            expires_at=link.expires_at,
            url=settings.PUBLIC_URL.rstrip("/") + reverse("shared_brief", args=[token]),
        )
        return respond(made, status=201)


class MyBriefLink(PatientDoor):
    @describe("Revoke a link at once", status=(204,), errors=(401, 403, 404), tags=("me",))
    def delete(self, _request: Request, link_id: UUID) -> HttpResponse:
        if not revoke_link(patient=self.patient, link_id=link_id, now=self.now):
            raise not_found()
        return respond(None, status=204)


def _view(link: BriefLink) -> BriefLinkView:
    return BriefLinkView(id=link.pk, created_at=link.created_at, expires_at=link.expires_at)
