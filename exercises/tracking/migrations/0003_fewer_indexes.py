import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """An index that begins with the patient serves for the patient alone as well."""

    dependencies = [
        ("accounts", "0013_why_care_ended"),
        ("tracking", "0002_rejections"),
    ]

    operations = [
        migrations.AlterField(
            model_name="daypain",
            name="patient",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="pain_days",
                to="accounts.patient",
            ),
        ),
        migrations.AlterField(
            model_name="fact",
            name="patient",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="facts",
                to="accounts.patient",
            ),
        ),
    ]
