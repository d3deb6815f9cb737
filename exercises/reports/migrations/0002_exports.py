import django.db.models.deletion
from django.db import migrations, models

import backend.core.ids


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_records_begin_anew"), ("reports", "0001_brief")]

    operations = [
        migrations.CreateModel(
            name="Export",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
                ("file", models.BinaryField()),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="exports",
                        to="accounts.patient",
                    ),
                ),
            ],
        ),
    ]
