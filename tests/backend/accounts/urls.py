from django.http import HttpResponse
from django.urls import include, path

from backend.accounts.pages import staff_only, therapists_only
from backend.dashboard.views import sessions

pages = [
    path("", therapists_only(lambda _: HttpResponse("welcome")), name="panel"),
    path("any/", staff_only()(lambda _: HttpResponse("welcome"))),
    path("sessions/", sessions.show, name="sessions"),
    path("sessions/<int:session_id>/end/", sessions.end, name="end_session"),
    path("sessions/end-others/", sessions.end_others, name="end_other_sessions"),
]
urlpatterns = [
    path("api/v1/", include("backend.accounts.urls")),
    path("api/auth/", include("allauth.headless.urls")),
    path("accounts/", include("backend.accounts.signin_urls")),
    path("dashboard/", include((pages, "dashboard"))),
]
