"""A connection to a file that may be replaced under it, by a restore or by hand.

Opening the file, setting it up and closing it again cost more than the request that they were done
for, so a thread keeps its connection (`CONN_MAX_AGE`). What it then holds is the file that it opened,
whatever stands under the name by now: a request asks first whether the two are the same, and so does
each transaction, once it may write.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import OperationalError
from django.db.backends.sqlite3 import base, operations

Identity = tuple[int, int] | None


class DatabaseOperations(operations.DatabaseOperations):
    """Django's own, and says sooner that an instant is in UTC: most rows of a diary have two."""

    def convert_datetimefield_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if type(value) is datetime and value.tzinfo is None and self.connection.timezone is UTC:
            return value.replace(tzinfo=UTC)
        return super().convert_datetimefield_value(value, expression, connection)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, and knows which file it opened."""

    ops_class = DatabaseOperations
    _opened: Identity = None

    def get_new_connection(self, conn_params: Any) -> Any:
        opened = super().get_new_connection(conn_params)
        # It exists by now: the commands of the start write its header.
        self._opened = self._file()
        return opened

    def is_usable(self) -> bool:
        """Whether nothing failed and the file that was opened still stands under its name. Django
        asks at the first statement of a request (`CONN_HEALTH_CHECKS`), and opens it anew if not."""
        return not self.errors_occurred and self._file() == self._opened

    def _start_transaction_under_autocommit(self) -> None:
        super()._start_transaction_under_autocommit()  # type: ignore[misc]
        if self._file() != self._opened:
            self.close()
            raise OperationalError("The database was replaced while it was in use.")

    def _file(self) -> Identity:
        try:
            found = Path(self.settings_dict["NAME"]).stat()
        except (OSError, ValueError):
            # In memory, or deleted.
            return None
        return found.st_dev, found.st_ino
