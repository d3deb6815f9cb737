"""How many days things are kept (docs/operations/retention.md)."""

from dataclasses import dataclass

from backend.settings.environment import Environment


@dataclass(frozen=True, kw_only=True)
class Retention:
    """Days; what is older is removed by `manage.py prune`. `sessions` are those of the app."""

    audit: int
    notifications: int
    sessions: int
    exports: int
    answers: int


def retention(env: Environment) -> Retention:
    """As the environment says, and never less than makes sense."""
    return Retention(
        audit=env.days("STEPWISE_KEEP_AUDIT_DAYS", default=3650, least=365),
        notifications=env.days("STEPWISE_KEEP_NOTIFICATIONS_DAYS", default=730, least=90),
        sessions=env.days("STEPWISE_KEEP_SESSIONS_DAYS", default=180, least=1),
        exports=env.days("STEPWISE_KEEP_EXPORTS_DAYS", default=7, least=1),
        answers=env.days("STEPWISE_KEEP_ANSWERS_DAYS", default=2, least=2),
    )
