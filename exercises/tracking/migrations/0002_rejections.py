from django.db import migrations, models


def those_kept_so_far_are_judged(apps, _editor):
    apps.get_model("tracking", "Quarantined").objects.update(judged=True)


class Migration(migrations.Migration):
    """What a phone sent is kept whatever its type, and can be repaired or discarded."""

    dependencies = [("tracking", "0001_initial")]

    operations = [
        migrations.AlterField("quarantined", "type", models.CharField(max_length=32)),
        migrations.AddField(
            "quarantined", "op_id", models.CharField(blank=True, default="", max_length=64)
        ),
        migrations.AddField("quarantined", "judged", models.BooleanField(default=False)),
        migrations.AddField(
            "quarantined", "advice_alerts", models.JSONField(blank=True, null=True)
        ),
        migrations.AddField(
            "quarantined", "discarded_at", models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddIndex(
            "quarantined",
            models.Index(fields=["patient", "rev"], name="tracking_quarantined_by_rev"),
        ),
        migrations.RunPython(those_kept_so_far_are_judged, migrations.RunPython.noop),
    ]
