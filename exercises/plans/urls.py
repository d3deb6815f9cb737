"""Paths below /api/v1/."""

from django.urls import path

from exercises.plans import api, templates_api, variations_api

urlpatterns = [
    path("clinic-exercises", variations_api.ClinicExercises.as_view()),
    path("clinic-exercises/<uuid:own_id>", variations_api.OneClinicExercise.as_view()),
    path("clinic-exercises/<uuid:own_id>/retire", variations_api.RetireClinicExercise.as_view()),
    path("me/plan", api.MyPlan.as_view()),
    path("me/plan/phases", api.MyPlanPhases.as_view()),
    path("templates", templates_api.Templates.as_view()),
    path("templates/<uuid:template_id>", templates_api.OneTemplate.as_view()),
    path("templates/<uuid:template_id>/retire", templates_api.RetireTemplate.as_view()),
]
