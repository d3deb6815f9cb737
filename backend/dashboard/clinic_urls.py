"""Paths below /dashboard/clinics/{clinic}/."""

from django.urls import path

from backend.dashboard.views import (
    clinic_audit,
    clinic_exercises,
    clinic_invitations,
    clinic_members,
    clinic_report,
    clinic_templates,
    clinic_workload,
    frame,
)

_MEMBER = "members/<uuid:user_id>"

clinic_urls = [
    path("", frame.clinic, name="clinic"),
    path("members/", clinic_members.members, name="clinic_members"),
    path("lead/", clinic_members.name_lead, name="clinic_lead"),
    path(f"{_MEMBER}/backup/", clinic_members.name_backup, name="clinic_backup"),
    path(f"{_MEMBER}/hand-over/", clinic_members.hand_over, name="clinic_hand_over"),
    path(
        f"{_MEMBER}/<str:member_role>/end/",
        clinic_members.end_membership,
        name="clinic_end_membership",
    ),
    path("leaves/", clinic_members.plan_leave, name="clinic_plan_leave"),
    path("leaves/<uuid:leave_id>/end/", clinic_members.end_leave, name="clinic_end_leave"),
    path("templates/", clinic_templates.templates, name="clinic_templates"),
    path("templates/new/", clinic_templates.new, name="clinic_new_template"),
    path("templates/<uuid:template_id>/", clinic_templates.edit, name="clinic_template"),
    path(
        "templates/<uuid:template_id>/retire/",
        clinic_templates.retire,
        name="clinic_retire_template",
    ),
    path("exercises/", clinic_exercises.exercises, name="clinic_exercises"),
    path("exercises/new/", clinic_exercises.new, name="clinic_new_exercise"),
    path("exercises/<uuid:own_id>/", clinic_exercises.edit, name="clinic_exercise"),
    path("exercises/<uuid:own_id>/retire/", clinic_exercises.retire, name="clinic_retire_exercise"),
    path("workload/", clinic_workload.workload, name="clinic_workload"),
    path("report/", clinic_report.report, name="clinic_report"),
    path("report.csv", clinic_report.report_as_csv, name="clinic_report_csv"),
    path("audit/", clinic_audit.search, name="clinic_audit"),
    path("invitations/", clinic_invitations.invitations, name="clinic_invitations"),
    path(
        "invitations/<uuid:invitation_id>/revoke/",
        clinic_invitations.revoke,
        name="clinic_revoke",
    ),
]
