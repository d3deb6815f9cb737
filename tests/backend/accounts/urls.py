from django.http import HttpResponse
from django.urls import include, path

from backend.accounts.pages import therapists_only

urlpatterns = [
    path("api/v1/", include("backend.accounts.urls")),
    path("api/auth/", include("allauth.headless.urls")),
    path("accounts/", include("backend.accounts.signin_urls")),
    path("dashboard/", therapists_only(lambda _: HttpResponse("welcome"))),
]
