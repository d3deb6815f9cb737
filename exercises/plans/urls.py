"""Paths below /api/v1/."""

from django.urls import path

from exercises.plans import api

urlpatterns = [
    path("me/plan", api.MyPlan.as_view()),
    path("me/plan/phases", api.MyPlanPhases.as_view()),
]
