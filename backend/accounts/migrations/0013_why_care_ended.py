"""Care that ended may say why."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0012_audit_events_grow_old'),
    ]

    operations = [
        migrations.AddField(
            model_name='carerelationship',
            name='end_reason',
            field=models.CharField(choices=[('recovered', 'Recovered'), ('moved_away', 'Moved away'), ('changed_clinic', 'Went to another clinic'), ('no_time', 'No time for it'), ('not_helping', 'Did not help'), ('other', 'Another reason'), ('unknown', 'Not said')], default='unknown', max_length=16),
        ),
    ]
