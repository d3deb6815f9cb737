"""A patient of whom something stands in nearly every table, and the export of all of it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from backend.accounts.joining import accept
from backend.accounts.services import enable_totp, invite
from backend.core import clock
from exercises.plans.models import RecoveryPlan
from exercises.reports.record.exporting import archive_of
from exercises.reports.record.listing import listing
from notifications.services import relay
from tests.hostile.examples import DAY, EXAMPLES
from tests.hostile.world import World

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
PAIN = DAY | {"site": "knee", "kind": "now", "score": 3}
# What would take away again what the others made.
ENDING = ("DELETE", "end-care", "hand-over", "retire", "invitations", "simulations", "members")


def filled_world(now: datetime) -> World:
    """A clinic in which every call of the API was made that adds something to a record, and another
    patient of it who is noise."""
    world = World(now)
    for route, example in sorted(EXAMPLES.items(), key=lambda one: "resolve" in one[0]):
        if example.who in ("patient", "therapist") and not any(end in route for end in ENDING):
            world.names["new"] = str(uuid4())
            # A few no longer apply after the others.
            world.send(example, route.partition(" ")[0])
    world.clients["patient"].put(f"me/symptom-reports/{uuid4()}", saddle("=worse"))
    relay(now=now)
    world.clients["patient"].post("me/exports")
    enable_totp(world.patient.user)
    _, code = invite(clinic=world.clinic, therapist=world.therapist, now=now)
    accept(user=world.patient.user, code=code, now=now)
    for name, values in _rows(world).items():
        kind = {**listing().record, **listing().traces}[name]
        if not kind.table._base_manager.filter(kind.of(world.patient.pk)).exists():
            kind.table._base_manager.create(**values)
    return world


def _rows(world: World) -> dict[str, dict[str, Any]]:
    """What no call makes in so short a time."""
    patient, user, now = world.patient, world.patient.user, world.now
    day = now.date()
    plan = RecoveryPlan.objects.get(patient=patient)
    edit = {"type": "profile", "object_id": patient.pk, "digest": "d", "data": "{}"}
    told = {"reason": "seen in clinic", "by": world.therapist, "at": now}
    return {
        "flares": {"plan": plan, "started_on": day, "ends_on": day},
        "document_versions": {"patient": patient, "received_at": now, **edit},
        "mail_opt_out": {"user": user, "at": now},
        "thresholds": {"patient": patient, "version": 1, "values": {"a": 1}, **told},
        "questions_for_the_doctor": {
            "patient": patient, "questions": ["Why?"], "rev": 3, "updated_at": now,
        },
        "helpers": {"user": world.colleague, "patient": patient, "until": now},
        "brief_links": {
            "patient": patient, "token_hash": "h", "created_at": now,
            "expires_at": now + timedelta(days=1),
        },
    }  # fmt: skip


def saddle(note: str) -> dict[str, Any]:
    """A report that raises an emergency."""
    return DAY | {"symptoms": [{"code": "S-SADDLE", "present": True}], "note": note}


@pytest.fixture
def erasures(settings: Settings, tmp_path: Path) -> Path:
    """The ledger of this test."""
    settings.ERASURE_LEDGER = tmp_path / "erasures.jsonl"
    return tmp_path / "erasures.jsonl"


@pytest.fixture
def world(db: None, now: datetime, set_clock: Callable[[datetime], None]) -> World:
    set_clock(now)
    return filled_world(now)


@pytest.fixture(scope="session")
def archive(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> bytes:
    """The export of that patient; she herself is gone from the database."""
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        patch.setattr(clock, "now", lambda: NOW)
        with transaction.atomic():
            made = archive_of(patient_id=filled_world(NOW).patient.pk, now=NOW)
            transaction.set_rollback(True)
    return made
