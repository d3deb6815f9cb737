"""A row a patient of what the panel shows."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_profile_takes_a_revision'),
        ('triage', '0002_acting'),
    ]

    operations = [
        migrations.CreateModel(
            name='PanelSummary',
            fields=[
                ('patient', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='panel_summary', serialize=False, to='accounts.patient')),
                ('rev', models.BigIntegerField()),
                ('edition', models.PositiveSmallIntegerField()),
                ('day_start', models.DateTimeField()),
                ('day_end', models.DateTimeField()),
                ('name', models.TextField()),
                ('is_hidden', models.BooleanField()),
                ('level', models.PositiveSmallIntegerField()),
                ('rank', models.PositiveSmallIntegerField()),
                ('since', models.DateTimeField()),
                ('is_unread', models.BooleanField()),
                ('phase', models.CharField(blank=True, max_length=16)),
                ('plan_state', models.CharField(blank=True, max_length=16)),
                ('fall', models.FloatField()),
                ('content', models.TextField()),
            ],
        ),
    ]
