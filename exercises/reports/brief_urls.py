"""Paths of the visit brief: below /api/v1/, and the page behind a link at the root of the site."""

from django.urls import path

from exercises.reports import brief_api, brief_links_api, brief_pages

urlpatterns = [
    path("me/brief", brief_api.MyBrief.as_view()),
    path("me/brief.pdf", brief_api.MyBriefPdf.as_view()),
    path("me/brief/questions", brief_api.MyBriefQuestions.as_view()),
    path("me/brief/links", brief_links_api.MyBriefLinks.as_view()),
    path("me/brief/links/<uuid:link_id>", brief_links_api.MyBriefLink.as_view()),
    path("patients/<uuid:patient_id>/brief", brief_api.PatientBrief.as_view()),
    path("patients/<uuid:patient_id>/brief.pdf", brief_api.PatientBriefPdf.as_view()),
]

shared_urlpatterns = [
    path("<str:token>/", brief_pages.shared_brief, name="shared_brief"),
    path("<str:token>/brief.pdf", brief_pages.shared_pdf, name="shared_brief_pdf"),
]
