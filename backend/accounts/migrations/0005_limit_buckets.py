"""Allowances of sign-in, counted in the database."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_those_in_care_agreed'),
    ]

    operations = [
        migrations.CreateModel(
            name='LimitBucket',
            fields=[
                ('key', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('tokens', models.FloatField()),
                ('updated_at', models.FloatField(db_index=True)),
            ],
        ),
    ]
