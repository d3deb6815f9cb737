"""Paths below /api/v1/."""

from django.urls import path

from exercises.conversation import api

_PATIENT = "patients/<uuid:patient_id>"
urlpatterns = [
    path("me/messages", api.MyMessages.as_view()),
    path("me/messages/read", api.ReadMyMessages.as_view()),
    path("me/messages/<uuid:message_id>", api.MyMessage.as_view()),
    path(f"{_PATIENT}/messages", api.PatientMessages.as_view()),
    path(f"{_PATIENT}/messages/read", api.ReadPatientMessages.as_view()),
    path(f"{_PATIENT}/messages/<uuid:message_id>", api.PatientMessage.as_view()),
    path(f"{_PATIENT}/notes", api.PatientNotes.as_view()),
    path(f"{_PATIENT}/notes/<uuid:note_id>", api.PatientNote.as_view()),
]
