"""Whoever is signed in stays so. The old table is left to the release before, which may still run."""

from datetime import UTC, datetime
from uuid import UUID

from django.core import signing
from django.db import migrations

SALT = "django.contrib.sessions.SessionStore"


def move(apps, editor):
    sessions = apps.get_model("accounts", "StoredSession")
    users = apps.get_model("accounts", "User")
    for old in apps.get_model("sessions", "Session").objects.iterator():
        try:
            data = signing.loads(old.session_data, salt=SALT)
        except signing.BadSignature:
            continue
        user = data.get("_auth_user_id")
        if user and not users.objects.filter(pk=user).exists():
            continue
        began_at = data.get("stepwise_began_at")
        steps = data.get("account_authentication_methods", [])
        sessions.objects.create(
            session_key=old.session_key,
            session_data=old.session_data,
            expire_date=old.expire_date,
            user_id=UUID(user) if user else None,
            auth_hash=data.get("_auth_user_hash", ""),
            second_factor=any(step.get("method") == "mfa" for step in steps),
            door=data.get("stepwise_door", ""),
            began_at=datetime.fromtimestamp(began_at, UTC) if began_at else None,
        )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_stored_sessions"), ("sessions", "0001_initial")]
    operations = [migrations.RunPython(move, migrations.RunPython.noop, elidable=True)]
