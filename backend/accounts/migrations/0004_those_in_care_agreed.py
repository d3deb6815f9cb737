"""Whoever was in care before is taken to have said yes to what her therapists saw so far."""

from django.db import migrations
from django.db.models import F


def agree(apps, editor):
    care = apps.get_model("accounts", "CareRelationship")
    patients = apps.get_model("accounts", "Patient")
    consents = apps.get_model("accounts", "Consent")
    for held in care.objects.filter(ended_at=None).order_by("started_at").iterator():
        if consents.objects.filter(patient=held.patient_id).exists():
            continue
        patients.objects.filter(pk=held.patient_id).update(rev=F("rev") + 2)
        rev = patients.objects.get(pk=held.patient_id).rev
        for number, scope in ((rev - 1, "diary"), (rev, "notes")):
            consents.objects.create(
                patient_id=held.patient_id,
                scope=scope,
                text_version=1,
                granted=True,
                rev=number,
                at=held.started_at,
            )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_consents_and_leave")]
    operations = [migrations.RunPython(agree, migrations.RunPython.noop, elidable=True)]
