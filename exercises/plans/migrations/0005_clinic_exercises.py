"""A clinic's own exercises, each version of them, and prescriptions that name one."""

import backend.core.ids
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('plans', '0004_applied_templates'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ClinicExercise',
            fields=[
                ('id', models.UUIDField(default=backend.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('exercise', models.CharField(max_length=16)),
                ('name', models.CharField(max_length=120)),
                ('steps', models.JSONField()),
                ('note', models.CharField(blank=True, default='', max_length=500)),
                ('version', models.PositiveIntegerField(default=1)),
                ('created_at', models.DateTimeField()),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.clinic')),
            ],
        ),
        migrations.CreateModel(
            name='ClinicExerciseEdition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField()),
                ('name', models.CharField(max_length=120)),
                ('steps', models.JSONField()),
                ('note', models.CharField(blank=True, default='', max_length=500)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('own', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='editions', to='plans.clinicexercise')),
            ],
        ),
        migrations.AddConstraint(
            model_name='clinicexercise',
            constraint=models.UniqueConstraint(models.F('clinic'), django.db.models.functions.text.Lower('name'), condition=models.Q(('retired_at', None)), name='plans_one_clinic_exercise_of_a_name'),
        ),
        migrations.AddConstraint(
            model_name='clinicexerciseedition',
            constraint=models.UniqueConstraint(fields=('own', 'version'), name='plans_one_exercise_edition_per_version'),
        ),
        migrations.AddField(
            model_name='prescription',
            name='variation',
            field=models.UUIDField(blank=True, default=None, null=True),
        ),
        migrations.AddField(
            model_name='prescription',
            name='variation_words',
            field=models.JSONField(blank=True, default=None, null=True),
        ),
        migrations.AddIndex(
            model_name='prescription',
            index=models.Index(condition=models.Q(('variation__isnull', False)), fields=['variation'], name='plans_prescriptions_varied'),
        ),
    ]
