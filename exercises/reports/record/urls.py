"""Paths below /api/v1/."""

from django.urls import path

from exercises.reports.record import api

urlpatterns = [
    path("me/exports", api.MyExports.as_view()),
    path("me/exports/<uuid:export_id>", api.MyExport.as_view()),
    path("me/exports/<uuid:export_id>/file", api.MyExportFile.as_view()),
]
