"""/healthz: the process answers. /readyz: the database does too. Neither asks the broker."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse


def healthz(_: HttpRequest) -> HttpResponse:
    """200 as long as the process can answer at all."""
    return JsonResponse({"status": "ok"})


def readyz(_: HttpRequest) -> HttpResponse:
    """200 when the database answers and its tables are there, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM accounts_user LIMIT 1")
    except DatabaseError:
        return JsonResponse(
            {"status": "database unavailable"}, status=503, headers={"Retry-After": "5"}
        )
    return JsonResponse({"status": "ready"})
