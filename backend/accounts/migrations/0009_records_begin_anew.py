from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_called_in")]

    operations = [
        migrations.AddField(
            model_name="patient",
            name="life",
            field=models.CharField(blank=True, default="", max_length=16),
        ),
        migrations.AddField(
            model_name="patient",
            name="data_deleted_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
