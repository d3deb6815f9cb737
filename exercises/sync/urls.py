"""Paths below /api/v1/."""

from django.urls import path

from exercises.sync import (
    facts_api,
    home_care_api,
    intake_api,
    meta_api,
    pull_api,
    push_api,
    questionnaires_api,
    rejections_api,
    status_api,
    today_api,
)

urlpatterns = [
    path("meta", meta_api.ServerMeta.as_view()),
    path("me/intake", intake_api.MyIntake.as_view()),
    path("me/today", today_api.Today.as_view()),
    path("me/occurrences", today_api.MyOccurrences.as_view()),
    path("me/plan/gate", today_api.MyGate.as_view()),
    path("me/pain-reports/<uuid:fact_id>", facts_api.PainReports.as_view()),
    path("me/pain-reports/<uuid:fact_id>/retract", facts_api.RetractPainReport.as_view()),
    path("me/symptom-reports/<uuid:fact_id>", facts_api.SymptomReports.as_view()),
    path("me/symptom-reports/<uuid:fact_id>/retract", facts_api.RetractSymptomReport.as_view()),
    path("me/sessions/<uuid:fact_id>", facts_api.Sessions.as_view()),
    path("me/sessions/<uuid:fact_id>/retract", facts_api.RetractSession.as_view()),
    path("me/home-care", home_care_api.MyHomeCare.as_view()),
    path("me/home-care/<uuid:fact_id>", home_care_api.HomeCareReports.as_view()),
    path("me/home-care/<uuid:fact_id>/retract", home_care_api.RetractHomeCare.as_view()),
    path("me/questionnaires", questionnaires_api.MyQuestionnaires.as_view()),
    path("me/questionnaires/<uuid:fact_id>", questionnaires_api.QuestionnaireReports.as_view()),
    path(
        "me/questionnaires/<uuid:fact_id>/retract",
        questionnaires_api.RetractQuestionnaire.as_view(),
    ),
    path("me/advice", today_api.MyAdvice.as_view()),
    path("me/advice/<uuid:prompt_id>/seen", today_api.PromptSeen.as_view()),
    path("me/advice/<uuid:prompt_id>/response", today_api.PromptResponse.as_view()),
    path("sync/push", push_api.Push.as_view()),
    path("sync/pull", pull_api.Pull.as_view()),
    path("sync/rejections", rejections_api.MyRejections.as_view()),
    path("sync/rejections/<uuid:rejection_id>/repair", rejections_api.RepairRejection.as_view()),
    path("sync/rejections/<uuid:rejection_id>/discard", rejections_api.DiscardRejection.as_view()),
    path("sync/status", status_api.Status.as_view()),
]
