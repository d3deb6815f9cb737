from django.http import HttpResponse
from django.urls import include, path

from backend.accounts.pages import staff_only, therapists_only
from backend.dashboard.urls import urlpatterns as dashboard

pages = [
    path("", therapists_only(lambda _: HttpResponse("welcome")), name="panel"),
    path("any/", staff_only()(lambda _: HttpResponse("welcome"))),
    *dashboard,
]
urlpatterns = [
    path("api/v1/", include("backend.accounts.urls")),
    path("api/auth/", include("allauth.headless.urls")),
    path("accounts/", include("backend.accounts.signin_urls")),
    path("dashboard/", include((pages, "dashboard"))),
]
