import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """What a phone should hold, added up."""

    dependencies = [("accounts", "0010_stored_sessions"), ("sync", "0002_screens")]

    operations = [
        migrations.CreateModel(
            name="Holding",
            fields=[
                (
                    "patient",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="holding",
                        serialize=False,
                        to="accounts.patient",
                    ),
                ),
                ("rev", models.BigIntegerField()),
                ("made_of", models.CharField(max_length=128)),
                ("facts", models.BigIntegerField()),
                ("facts_sum", models.CharField(max_length=16)),
                ("last_row", models.BigIntegerField()),
                ("others", models.BigIntegerField()),
                ("others_sum", models.CharField(max_length=16)),
            ],
        ),
    ]
