from django.db import migrations, models
from django.db.models import F


def give_every_profile_a_revision(apps, _editor):
    patients = apps.get_model("accounts", "Patient").objects
    patients.update(rev=F("rev") + 1, profile_rev=F("rev") + 1)


class Migration(migrations.Migration):
    """A phone learns of a changed profile as of everything else: by its revision."""

    dependencies = [("accounts", "0006_kept_answers")]

    operations = [
        migrations.AddField("patient", "profile_rev", models.BigIntegerField(default=1)),
        migrations.AlterField("patient", "rev", models.BigIntegerField(default=1)),
        migrations.RunPython(give_every_profile_a_revision, migrations.RunPython.noop),
    ]
