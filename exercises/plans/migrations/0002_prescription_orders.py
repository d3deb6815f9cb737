"""What therapists order of single exercises is written down."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('plans', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PrescriptionOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('action', models.CharField(max_length=16)),
                ('exercise', models.CharField(max_length=16)),
                ('asked', models.JSONField()),
                ('overrides', models.JSONField(blank=True, default=dict)),
                ('reason', models.CharField(max_length=500)),
                ('at', models.DateTimeField()),
                ('base_version', models.PositiveIntegerField()),
                ('version', models.PositiveIntegerField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='made_by', to='plans.prescription')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='prescription_orders', to='plans.recoveryplan')),
                ('prescription', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='orders', to='plans.prescription')),
            ],
        ),
    ]
