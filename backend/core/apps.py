from django.apps import AppConfig
from django.conf import settings


class CoreConfig(AppConfig):
    name = "backend.core"
    label = "core"

    def ready(self) -> None:
        from backend.core import production, schema  # noqa: F401  (schema registers itself)

        # Here, so that web, worker, scheduler and every command refuse alike.
        production.refuse_unsafe(settings)
        if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
            from django.db.backends.signals import connection_created

            from backend.core import instants, prepared, written_json

            connection_created.connect(prepared.plan_once)
            instants.read_fast()
            written_json.leave_as_text()
