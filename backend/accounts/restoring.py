"""What people's accounts need after a restore: who asked to be erased is erased again, and a browser
that had signed out since does not find itself signed in."""

from datetime import datetime

from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management import call_command, get_commands

from backend.accounts.sessions import APP, opens
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
    ended = [row.session_key for row in Session.objects.iterator() if not _is_of_app(row)]
    Session.objects.filter(session_key__in=ended).delete()
    return f"{len(ended)} of the pages ended, {Session.objects.count()} of the app stay"


def _is_of_app(row: Session) -> bool:
    session = SessionStore(row.session_key)
    session._session_cache = row.get_decoded()  # type: ignore[attr-defined]
    return opens(session, APP)
