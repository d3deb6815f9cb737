from django.http import HttpResponse
from django.urls import include, path

from backend.accounts.pages import staff_only, therapists_only
from backend.dashboard import session_views

pages = [
    path("", therapists_only(lambda _: HttpResponse("welcome")), name="panel"),
    path("any/", staff_only()(lambda _: HttpResponse("welcome"))),
    path("sessions/", session_views.show, name="sessions"),
    path("sessions/<int:session_id>/end/", session_views.end, name="end_session"),
    path("sessions/end-others/", session_views.end_others, name="end_other_sessions"),
]
urlpatterns = [
    path("api/v1/", include("backend.accounts.urls")),
    path("api/auth/", include("allauth.headless.urls")),
    path("accounts/", include("backend.accounts.signin_urls")),
    path("dashboard/", include((pages, "dashboard"))),
]
