"""The workers' doors. A task carries ids; it reads what to do from the rows and the clock."""

import logging
from uuid import UUID

from celery import shared_task
from django.db import DatabaseError, connection

from backend.core import clock
from exercises.triage.services import daily
from notifications import services

logger = logging.getLogger(__name__)

PATIENTS_A_TASK = 100


@shared_task(name="notifications.deliver", ignore_result=True)
def deliver(ids: list[str]) -> None:
    """Delivers those of `ids` that are due and free; what is left undone is rung again."""
    try:
        services.deliver_many(delivery_ids=[UUID(text) for text in ids], now=clock.now())
    except DatabaseError as error:
        logger.warning("%d deliveries wait: %s", len(ids), type(error).__name__)
        connection.close()


@shared_task(name="notifications.evaluate_due", ignore_result=True)
def evaluate_due() -> None:
    """Judges the patients whose daily look is due; the rest of a long list waits for the next
    ring."""
    daily.evaluate_due(now=clock.now(), limit=PATIENTS_A_TASK)
