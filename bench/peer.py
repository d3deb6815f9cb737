"""The peer of a pull: a list of the same rows as Django REST framework's tutorial writes it.

`GET /facts?limit=` is a ModelSerializer over the first facts of the patient who is named in
`X-Patient`; it signs nobody in, judges no cursor and knows one table.
"""

from typing import Any

from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse

application = get_wsgi_application()

from django.urls import path  # noqa: E402  (models need the applications)
from rest_framework.decorators import api_view, authentication_classes  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.serializers import ModelSerializer  # noqa: E402

from exercises.tracking.models import Fact  # noqa: E402


class FactSerializer(ModelSerializer):  # type: ignore[type-arg]
    class Meta:
        model = Fact
        fields = "__all__"


@api_view(["GET"])
@authentication_classes([])
def facts(request: Any) -> Response:
    """The first facts of a patient."""
    rows = Fact.objects.filter(patient=request.headers["X-Patient"]).order_by("rev")
    limit = int(request.GET["limit"])
    return Response(FactSerializer(rows[:limit], many=True).data)


def healthz(_request: HttpRequest) -> HttpResponse:
    """The process is up."""
    return HttpResponse(b"{}", content_type="application/json")


urlpatterns = [path("facts", facts), path("healthz", healthz)]
