"""A backup holds all of one state; a restore proves it, and changes nothing where it cannot."""

import json
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from backend.accounts import restoring
from backend.accounts.models import AuditEvent, Clinic, Patient, StoredSession, User
from backend.accounts.services import make_session_token
from backend.core.backups import hooks, postgresql, versions
from backend.core.backups.errors import BackupFailed
from backend.core.backups.hooks import AfterRestore
from backend.core.backups.services import make_backup, restore
from exercises.sync.services.epochs import current_epoch
from exercises.triage.levels import Level
from notifications.models import Delivery, DeliveryState, Message
from notifications.services.writing import Draft, write_messages
from tests.client import ApiClient
from tests.factories import make_clinic, make_patient
from tests.sessions import end_other_sessions

pytestmark = pytest.mark.django_db(transaction=True)

Backup = Callable[[], Path]


def quiet(_: str) -> None:
    """Nobody watches."""


@pytest.fixture(autouse=True)
def alone(transactional_db: None, settings: LazySettings, tmp_path: Path) -> None:
    """A restore wants the database and the data directory for itself."""
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    end_other_sessions()


@pytest.fixture
def backup(tmp_path: Path, now: datetime) -> Backup:
    return lambda: make_backup(target=tmp_path, now=now, say=quiet)[0]


def put_back(source: Path, now: datetime) -> str:
    return "\n".join(restore(source=source, replace=True, now=now, say=quiet).done)


def test_what_was_there_comes_back_and_what_came_later_is_gone(
    backup: Backup, now: datetime
) -> None:
    kept = make_patient(now=now, name="Käthe 🦵")
    archive = backup()
    later = make_clinic(now=now)
    kept.user.delete()
    put_back(archive, now)
    assert User.objects.get(pk=kept.user_id).name == "Käthe 🦵"
    assert not Clinic.objects.filter(pk=later.pk).exists()


def test_the_manifest_says_what_is_in_it_and_no_secret(
    backup: Backup, now: datetime, settings: LazySettings
) -> None:
    make_patient(now=now)
    archive = backup()
    assert archive.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(archive) as packed:
        manifest = json.loads(packed.read("manifest.json"))
    assert manifest["tables"]["accounts_patient"]["rows"] == 1
    assert manifest["facts"]["sync_epoch"] == str(current_epoch(now))
    assert manifest["migrations"] == versions.applied(connection)
    assert settings.SECRET_KEY.encode() not in archive.read_bytes()


def test_rows_in_another_order_have_the_same_checksum_and_another_value_another(
    backup: Backup, tmp_path: Path, now: datetime
) -> None:
    def checksum() -> str:
        _, manifest = make_backup(target=tmp_path / f"{uuid4()}.zip", now=now, say=quiet)
        return manifest.tables["accounts_clinic"].checksum

    first, second = uuid4(), uuid4()

    def make(*rows: tuple[UUID, str]) -> None:
        Clinic.objects.all().delete()
        for pk, name in rows:
            Clinic.objects.create(pk=pk, name=name, time_zone="UTC", created_at=now)

    make((first, "A"), (second, "B"))
    before = checksum()
    make((second, "B"), (first, "A"))
    assert checksum() == before
    make((second, "A"), (first, "B"))
    assert checksum() != before


def test_a_full_database_is_replaced_only_when_that_is_said(backup: Backup, now: datetime) -> None:
    make_patient(now=now)
    archive = backup()
    with pytest.raises(BackupFailed, match="--replace"):
        restore(source=archive, replace=False, now=now, say=quiet)


def test_a_backup_of_a_newer_version_is_refused_by_name(backup: Backup, now: datetime) -> None:
    recorder = MigrationRecorder(connection)
    recorder.record_applied("accounts", "9999_from_the_future")
    try:
        archive = backup()
    finally:
        recorder.record_unapplied("accounts", "9999_from_the_future")
    with pytest.raises(BackupFailed, match=r"newer version .*accounts\.9999_from_the_future"):
        put_back(archive, now)


def test_a_changed_dump_is_refused_and_the_database_stays_as_it_was(
    backup: Backup, now: datetime
) -> None:
    archive = backup()
    later = make_clinic(now=now)
    rewrite(archive, database=b"something else")
    with pytest.raises(BackupFailed, match="damaged"):
        put_back(archive, now)
    assert Clinic.objects.filter(pk=later.pk).exists()


def test_a_manifest_that_promises_more_is_a_failure_and_the_database_stays_as_it_was(
    backup: Backup, now: datetime
) -> None:
    make_patient(now=now)
    archive = backup()
    later = make_clinic(now=now)
    with zipfile.ZipFile(archive) as packed:
        manifest = json.loads(packed.read("manifest.json"))
    manifest["tables"]["accounts_patient"]["rows"] = 2
    rewrite(archive, manifest=json.dumps(manifest).encode())
    with pytest.raises(BackupFailed, match="accounts_patient: 2 rows"):
        put_back(archive, now)
    assert Clinic.objects.filter(pk=later.pk).exists()


def test_what_is_no_backup_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a zip")
    with pytest.raises(CommandError, match="is not a backup of Stepwise"):
        call_command("restore", str(tmp_path / "notes.txt"))
    with pytest.raises(CommandError, match="There is no file"):
        call_command("restore", str(tmp_path / "absent.zip"))


def test_the_commands_say_what_they_did(
    tmp_path: Path, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    make_patient(now=now)
    call_command("backup", str(tmp_path / "one.zip"))
    said = capsys.readouterr()
    assert "Without secrets" in said.out
    assert said.err == ""  # nobody sits in front of it
    call_command("restore", str(tmp_path / "one.zip"), "--replace")
    said = capsys.readouterr()
    assert "counts and checksums are those of the backup" in said.out
    assert "the epoch is" in said.out


def test_a_missing_tool_is_named_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(BackupFailed, match="apt-get install postgresql-client"):
        postgresql.tool_version("pg_dump")


def test_an_older_tool_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "tool_version", lambda _: "13.4")
    with pytest.raises(BackupFailed, match=r"version 13\.4, and version 15 or later"):
        postgresql.refuse_older_tool("pg_dump", "15.6 (Debian)")


def test_a_phone_is_told_once_to_start_over_and_stays_signed_in(
    backup: Backup, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(now)
    patient = make_patient(now=now)
    phone = ApiClient(make_session_token(patient.user, now))
    cursor = phone.get("sync/pull").json()["cursor"]
    put_back(backup(), now)
    refused = phone.get(f"sync/pull?cursor={cursor}")
    assert (refused.status_code, refused.json()["reason"]) == (410, "restored")
    again = phone.get("sync/pull").json()["cursor"]
    assert phone.get(f"sync/pull?cursor={again}").status_code == 200


def test_the_audit_can_still_not_be_rewritten(backup: Backup, now: datetime) -> None:
    event = AuditEvent.objects.create(at=now, action="looked")
    put_back(backup(), now)
    with pytest.raises(Exception, match="audit"), transaction.atomic():
        AuditEvent.objects.filter(pk=event.pk).update(action="did not look")


def test_sessions_of_the_pages_end(backup: Backup, now: datetime) -> None:
    from backend.accounts.session_store import SessionStore

    session = SessionStore()
    session["stepwise_door"] = "pages"
    session.save()
    archive = backup()
    assert "1 of the pages ended" in put_back(archive, now)
    assert StoredSession.objects.count() == 0


def test_ordinary_messages_of_the_gap_are_not_said_again_and_red_flags_are(
    backup: Backup, now: datetime
) -> None:
    patient = make_patient(now=now)
    reminder = waiting(patient, level=0, due_at=now)
    red_flag = waiting(patient, level=Level.EMERGENCY_NOW, due_at=now)
    tomorrow = waiting(patient, level=0, due_at=now + timedelta(days=1))
    archive = backup()
    put_back(archive, now + timedelta(hours=3))
    assert states(reminder) == {"in_app": "waiting", "email": "expired"}
    assert states(red_flag) == {"in_app": "waiting", "email": "waiting"}
    assert states(tomorrow) == {"in_app": "waiting", "email": "waiting"}
    gone = Delivery.objects.get(message__key=reminder, channel="email")
    assert (gone.state, gone.reason) == (DeliveryState.EXPIRED, "restored")


def waiting(patient: Patient, *, level: int, due_at: datetime) -> str:
    chain = f"{uuid4()}"
    draft = Draft(
        chain=chain,
        recipient=patient.user_id,
        patient=patient.pk,
        audience="patient",
        kind="exercise",
        level=Level(level) if level else 0,
        channels=("in_app", "email"),
        due_at=due_at,
    )
    write_messages([draft], now=due_at)
    return Message.objects.get(key__startswith=chain).key


def states(key: str) -> dict[str, str]:
    rows = Delivery.objects.filter(message__key=key)
    return dict(rows.values_list("channel", "state"))


def rewrite(archive: Path, *, manifest: bytes | None = None, database: bytes | None = None) -> None:
    with zipfile.ZipFile(archive) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("manifest.json", manifest or parts["manifest.json"])
        packed.writestr("database", database or parts["database"])


def test_a_restore_that_was_cut_off_is_not_built_over(backup: Backup, now: datetime) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite is restored beside the old file")
    archive = backup()
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {postgresql.ASIDE}")
    try:
        with pytest.raises(BackupFailed, match="cut off"):
            put_back(archive, now)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA {postgresql.ASIDE}")


def test_erasures_come_first_where_the_command_is_there(
    monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    called: list[str] = []
    known: dict[str, AfterRestore] = {}
    monkeypatch.setattr(hooks, "_deeds", known)
    monkeypatch.setattr(restoring, "get_commands", lambda: {restoring.ERASING: "accounts"})
    monkeypatch.setattr(restoring, "call_command", called.append)
    restoring.register()
    first, *_ = hooks.deeds()
    assert (first.name, first.deed(now)) == (
        "erasures",
        "those in the ledger are erased again",
    )
    assert called == ["apply_erasures"]
