"""What keeps a backup or a restore from being done; the message says what to do about it."""


class BackupFailed(Exception):
    """Nothing was changed: neither the archive nor the database is half of anything."""
