"""Paths below /api/v1/."""

from django.urls import path

from backend.simulator.api import Simulations

urlpatterns = [path("simulations", Simulations.as_view())]
