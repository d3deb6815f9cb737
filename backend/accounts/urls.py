"""Paths below /api/v1/."""

from django.urls import path

from backend.accounts import (
    audit_api,
    care_api,
    clinics_api,
    consents_api,
    invitations_api,
    rota_api,
)
from backend.accounts.erasures.api import MeOrNobody, MyData

urlpatterns = [
    path("me", MeOrNobody.as_view()),
    path("me/data", MyData.as_view()),
    path("me/consents", consents_api.MyConsents.as_view()),
    path("me/access-log", audit_api.MyAccessLog.as_view()),
    path("me/care/<uuid:care_id>", care_api.MyCare.as_view()),
    path("audit", audit_api.Audit.as_view()),
    path("invitations", invitations_api.Invitations.as_view()),
    path("invitations/<str:code>/accept", invitations_api.AcceptInvitation.as_view()),
    path("patients/<uuid:patient_id>/end-care", care_api.EndCare.as_view()),
    path("patients/<uuid:patient_id>/hand-over", care_api.HandOverPatient.as_view()),
    path("clinics", clinics_api.Clinics.as_view()),
    path("clinics/<uuid:clinic_id>", clinics_api.OneClinic.as_view()),
    path("clinics/<uuid:clinic_id>/members", clinics_api.Members.as_view()),
    path(
        "clinics/<uuid:clinic_id>/members/<uuid:user_id>/hand-over",
        clinics_api.HandOverPatients.as_view(),
    ),
    path(
        "clinics/<uuid:clinic_id>/members/<uuid:user_id>/<str:member_role>",
        clinics_api.OneMember.as_view(),
    ),
    path("clinics/<uuid:clinic_id>/invitations", rota_api.ClinicInvitations.as_view()),
    path(
        "clinics/<uuid:clinic_id>/invitations/<uuid:invitation_id>",
        rota_api.OneInvitation.as_view(),
    ),
    path("clinics/<uuid:clinic_id>/leaves", rota_api.Leaves.as_view()),
    path("clinics/<uuid:clinic_id>/leaves/<uuid:leave_id>", rota_api.OneLeave.as_view()),
]
