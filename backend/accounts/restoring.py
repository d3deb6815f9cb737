"""What people's accounts need after a restore: who asked to be erased is erased again, and a browser
that had signed out since does not find itself signed in."""

from datetime import datetime

from django.core.management import call_command, get_commands

from backend.accounts.models import StoredSession
from backend.accounts.sessions import APP
from backend.core.backups import hooks

ERASING = "apply_erasures"


def register() -> None:
    """Has a restore do both: erasures before anything else."""
    if ERASING in get_commands():
        hooks.after_restore("erasures", 10, erase_again)
    hooks.after_restore("sessions", 40, end_pages)


def erase_again(_: datetime) -> str:
    """Erases whoever the ledger of erasures names, which no restore turns back."""
    call_command(ERASING)
    return "those in the ledger are erased again"


def end_pages(_: datetime) -> str:
    """Ends every session of the pages. Those of the app stay: a phone that reports a red flag must
    not be asked to sign in first."""
    ended = StoredSession.objects.exclude(door__in=("", APP)).delete()[0]
    return f"{ended} of the pages ended, {StoredSession.objects.count()} of the app stay"
