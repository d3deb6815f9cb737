import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """The one screen as it was last made."""

    dependencies = [("accounts", "0010_stored_sessions"), ("sync", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Screen",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("language", models.CharField(max_length=16)),
                ("day", models.DateField()),
                ("rev", models.BigIntegerField()),
                ("made_of", models.CharField(max_length=128)),
                ("made_at", models.DateTimeField()),
                ("good_until", models.DateTimeField()),
                ("etag", models.CharField(max_length=40)),
                ("body", models.TextField()),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="screens",
                        to="accounts.patient",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("patient", "language"), name="sync_one_screen_per_language"
                    )
                ]
            },
        ),
    ]
