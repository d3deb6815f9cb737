"""Messages between a patient and her care team, and the team's notes."""

import backend.core.ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0011_sessions_move'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CareMessage',
            fields=[
                ('id', models.UUIDField()),
                ('row', models.BigAutoField(primary_key=True, serialize=False)),
                ('from_patient', models.BooleanField()),
                ('text', models.CharField(max_length=2000)),
                ('named', models.JSONField(blank=True, default=list)),
                ('sent_at', models.DateTimeField()),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('relayed_at', models.DateTimeField(blank=True, null=True)),
                ('rev', models.BigIntegerField()),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='care_messages', to='accounts.patient')),
                ('read_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['patient', '-rev'], name='conversation_of_patient'), models.Index(condition=models.Q(('from_patient', True), ('read_at', None)), fields=['patient'], name='conversation_unread_by_team'), models.Index(condition=models.Q(('relayed_at', None)), fields=['row'], name='conversation_to_relay')],
                'constraints': [models.UniqueConstraint(fields=('patient', 'id'), name='conversation_message_id_is_the_patients')],
            },
        ),
        migrations.CreateModel(
            name='CareNote',
            fields=[
                ('id', models.UUIDField(default=backend.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('text', models.CharField(max_length=4000)),
                ('at', models.DateTimeField()),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('corrects', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='corrected_by', to='conversation.carenote')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='care_notes', to='accounts.patient')),
            ],
            options={
                'indexes': [models.Index(fields=['patient', '-at'], name='conversation_notes_of_patient')],
            },
        ),
    ]
