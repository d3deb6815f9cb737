"""Every address of the site: the API under /api/v1, sign-in, the dashboard, and the operators'."""

from django.urls import URLPattern, URLResolver, include, path
from django.urls.resolvers import RoutePattern
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from backend.accounts.pages import only_in_the_app
from backend.core import health
from backend.core.routes import RememberingResolver
from exercises.reports.brief_urls import shared_urlpatterns
from notifications import ops


class ApiGuide(SpectacularSwaggerSplitView):
    """The API to read and to try, offline too, and without a style or script in the page itself."""

    template_name = "core/api_guide.html"


# Everything that a phone or a therapist's program may call; each app lists its own. A path is looked
# for from the top: what phones call most comes first.
api_v1: list[URLPattern | URLResolver] = [
    path("", include("exercises.sync.urls")),
    path("", include("backend.accounts.urls")),
    path("", include("exercises.catalog.urls")),
    path("", include("exercises.plans.urls")),
    path("", include("exercises.triage.urls")),
    path("", include("exercises.reports.brief_urls")),
    path("", include("exercises.reports.record.urls")),
    path("", include("exercises.conversation.urls")),
    path("", include("notifications.urls")),
    path("", include("backend.simulator.urls")),
    path("schema", SpectacularAPIView.as_view(), name="schema"),
    path("docs", ApiGuide.as_view(url_name="schema"), name="docs"),
]
PHONE = ("account/phone", "auth/phone/verify", "auth/phone/verify/resend")

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="dashboard:panel")),
    RememberingResolver(RoutePattern("api/v1/", is_endpoint=False), api_v1),
    # allauth's paths of a phone number, which nobody has here: its views would fail.
    *(path(f"api/auth/app/v1/{step}", only_in_the_app) for step in PHONE),
    path("api/auth/", include("allauth.headless.urls")),
    path("accounts/", include("backend.accounts.signin_urls")),
    path("dashboard/", include("backend.dashboard.urls")),
    path("brief/", include(shared_urlpatterns)),
    path("mail/", include("notifications.mail_urls")),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("ops/delivery", ops.delivery),
    path("metrics", ops.metrics),
]
