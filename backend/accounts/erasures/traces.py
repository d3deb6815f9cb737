"""What speaks of a person without pointing to her: sessions of a sign-up or reset that is under way,
and codes that she used."""

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Q

from backend.accounts.counting import CacheEntry
from backend.accounts.models import StoredSession, User
from backend.accounts.session_store import SessionStore


def remove_loose_ends(user: User) -> None:
    """Removes them, inside the transaction that erases her."""
    keys = list(UserSession.objects.filter(user=user).values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    StoredSession.objects.filter(session_key__in=[*keys, *_speaking_of(user)]).delete()
    named = Q(cache_key__contains=str(user.pk)) | Q(cache_key__contains=user.email)
    CacheEntry.objects.filter(named).delete()


def _speaking_of(user: User) -> list[str]:
    # Sealed texts cannot be searched; those of somebody who is not signed in yet are few.
    words = (str(user.pk), user.pk.hex, user.email)
    store = SessionStore()
    return [
        row.session_key
        for row in StoredSession.objects.filter(user=None).iterator()
        if any(word in str(store.decode(row.session_data)) for word in words)
    ]
