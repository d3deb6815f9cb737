"""What somebody may act as, asked with almost every request of a clinic."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.apps import apps
from django.db.models import QuerySet

from backend.core.compiled import compiled

if TYPE_CHECKING:
    from backend.accounts.models import Membership


@compiled
def open_memberships(user_id: UUID, role: str) -> "QuerySet[Membership]":
    """The memberships of that role that the person holds; none of her own record, "patient"."""
    # By name: the models ask this themselves.
    rows = apps.get_model("accounts", "Membership")._default_manager
    return rows.filter(user_id=user_id, role=role, ended_at=None).only("pk")
