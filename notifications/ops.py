"""/ops/delivery and /metrics: whether messages get out, for operators and their monitoring."""

import hmac
from dataclasses import asdict

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from backend.core import clock
from notifications.health import Health
from notifications.services.watching import watch

LOOPBACK = ("127.0.0.1", "::1")
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")


@require_safe
def delivery(request: HttpRequest) -> HttpResponse:
    """How long the oldest due delivery waits, how many wait or are dead, the last round; 503 when
    nothing gets out. Looking is enough to raise the alarm, also where the scheduler is dead."""
    if not _is_operator(request):
        return _forbidden()
    found = watch(now=clock.now())
    status = 200 if found.is_running else 503
    return JsonResponse(asdict(found), status=status, headers={"Cache-Control": "no-store"})


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The same for Prometheus."""
    if not _is_operator(request):
        return _forbidden()
    body = generate_latest(_registry(watch(now=clock.now())))
    return HttpResponse(
        body, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"}
    )


def _registry(found: Health) -> CollectorRegistry:
    tick = found.last_tick_at.timestamp() if found.last_tick_at else 0.0
    values = {
        "stepwise_delivery_oldest_due_age_seconds": (
            "How overdue the oldest delivery is",
            found.oldest_due_age_s,
        ),
        "stepwise_delivery_waiting": ("Deliveries that wait", found.waiting),
        "stepwise_delivery_dead": ("Deliveries that were given up", found.dead),
        "stepwise_delivery_unrelayed": (
            "Steps of alerts not yet turned into messages",
            found.unrelayed,
        ),
        "stepwise_delivery_oldest_unrelayed_age_seconds": (
            "How long the oldest step of an alert waits to become messages",
            found.oldest_unrelayed_age_s,
        ),
        "stepwise_delivery_given_up": ("Steps of alerts that were given up", found.given_up),
        "stepwise_reminders_given_up": (
            "Reminders that cannot be computed and were given up",
            found.reminders_given_up,
        ),
        "stepwise_delivery_running": ("1 when what falls due is delivered", found.is_running),
        "stepwise_scheduler_last_tick_timestamp_seconds": (
            "When the scheduler last went round",
            tick,
        ),
    }
    registry = CollectorRegistry()
    for name, (text, value) in values.items():
        Gauge(name, text, registry=registry).set(value)
    return registry


def _is_operator(request: HttpRequest) -> bool:
    token = settings.OPS_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and hmac.compare_digest(given.encode(), token.encode()):
        return True
    # A proxy on this machine speaks from the loopback address for the whole world.
    is_forwarded = any(name in request.headers for name in FORWARDED)
    return request.META.get("REMOTE_ADDR") in LOOPBACK and not is_forwarded


def _forbidden() -> HttpResponse:
    return JsonResponse({"detail": "For operators only."}, status=403)
