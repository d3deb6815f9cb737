"""Which migrations a database has seen, and whether this code knows them all."""

from collections.abc import Iterable

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def applied(connection: BaseDatabaseWrapper) -> list[str]:
    """The names ("app.migration") that the database has recorded, sorted."""
    keys = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in keys)


def unknown(names: Iterable[str]) -> list[str]:
    """Those of `names` that this code does not have: they come from a newer version."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    known = {f"{app}.{name}" for app, name in loader.disk_migrations or {}}
    replaced = {
        f"{app}.{name}"
        for migration in (loader.disk_migrations or {}).values()
        for app, name in migration.replaces
    }
    return sorted(set(names) - known - replaced)
