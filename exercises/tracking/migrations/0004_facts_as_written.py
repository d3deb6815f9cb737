from django.db import migrations

from backend.core.written_json import WrittenJSONField


class AlterOnPostgreSQL(migrations.AlterField):
    """SQLite keeps JSON as text anyhow: its table need not be written anew."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)


class Migration(migrations.Migration):
    """What a fact says is kept as the text that came: on PostgreSQL `json` in the place of `jsonb`.

    There the table is written anew, once, and nobody reads or writes it meanwhile.
    """

    dependencies = [("tracking", "0003_fewer_indexes")]

    operations = [AlterOnPostgreSQL("fact", "data", WrittenJSONField())]
