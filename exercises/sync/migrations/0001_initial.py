import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Epoch, devices, and the versions of edited documents."""

    initial = True

    dependencies = [("accounts", "0002_audit_is_append_only")]

    operations = [
        migrations.CreateModel(
            name="SyncEpoch",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("epoch", models.UUIDField(default=uuid.uuid4)),
                ("began_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="sync_one_epoch_at_a_time"
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="Device",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=64)),
                ("app_version", models.CharField(blank=True, default="", max_length=32)),
                ("first_seen_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField()),
                ("last_push_at", models.DateTimeField(blank=True, null=True)),
                ("last_pull_at", models.DateTimeField(blank=True, null=True)),
                ("pulled_rev", models.BigIntegerField(default=0)),
                ("clock_skew_ms", models.BigIntegerField(blank=True, null=True)),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sync_devices",
                        to="accounts.patient",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("patient", "name"), name="sync_device_name_is_the_patients"
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="DocumentVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("type", models.CharField(max_length=32)),
                ("object_id", models.UUIDField()),
                ("digest", models.CharField(max_length=32)),
                ("op_id", models.CharField(blank=True, default="", max_length=64)),
                ("base_rev", models.BigIntegerField(blank=True, null=True)),
                ("rev", models.BigIntegerField(blank=True, null=True)),
                ("data", models.TextField()),
                ("advice_alerts", models.JSONField(blank=True, null=True)),
                ("received_at", models.DateTimeField()),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="document_versions",
                        to="accounts.patient",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["patient", "type", "object_id"], name="sync_versions_of_document"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("patient", "digest"), name="sync_one_row_per_edit"
                    )
                ],
            },
        ),
    ]
