"""An order says which template it applied."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('plans', '0003_clinic_templates'),
    ]

    operations = [
        migrations.AddField(
            model_name='planorder',
            name='template',
            field=models.UUIDField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='planorder',
            name='template_version',
            field=models.PositiveIntegerField(default=0),
        ),
    ]
