import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """What older sessions come to."""

    dependencies = [("accounts", "0010_stored_sessions"), ("triage", "0003_panel_summary")]

    operations = [
        migrations.CreateModel(
            name="DoseCourse",
            fields=[
                (
                    "patient",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="dose_course",
                        serialize=False,
                        to="accounts.patient",
                    ),
                ),
                ("rev", models.BigIntegerField()),
                ("before", models.DateField()),
                ("last_at", models.DateTimeField(null=True)),
                ("made_of", models.CharField(max_length=32)),
                ("courses", models.JSONField()),
            ],
        ),
    ]
