from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0003_reminders")]

    operations = [
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["created_at"], name="notifications_by_age"),
        ),
    ]
