"""A clinic's templates, and each version of them."""

import backend.core.ids
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0009_records_begin_anew'),
        ('plans', '0002_prescription_orders'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ClinicTemplate',
            fields=[
                ('id', models.UUIDField(default=backend.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=120)),
                ('description', models.CharField(blank=True, default='', max_length=500)),
                ('phases', models.JSONField()),
                ('version', models.PositiveIntegerField(default=1)),
                ('created_at', models.DateTimeField()),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.clinic')),
            ],
        ),
        migrations.CreateModel(
            name='TemplateEdition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField()),
                ('name', models.CharField(max_length=120)),
                ('description', models.CharField(blank=True, default='', max_length=500)),
                ('phases', models.JSONField()),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('template', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='editions', to='plans.clinictemplate')),
            ],
        ),
        migrations.AddConstraint(
            model_name='clinictemplate',
            constraint=models.UniqueConstraint(models.F('clinic'), django.db.models.functions.text.Lower('name'), condition=models.Q(('retired_at', None)), name='plans_one_template_of_a_name'),
        ),
        migrations.AddConstraint(
            model_name='templateedition',
            constraint=models.UniqueConstraint(fields=('template', 'version'), name='plans_one_edition_per_version'),
        ),
    ]
