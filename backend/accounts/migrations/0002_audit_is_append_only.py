"""The database itself refuses to change or remove an audit event."""

from django.db import migrations

REFUSE = {
    "sqlite": (
        """
        CREATE TRIGGER accounts_audit_refuses_update BEFORE UPDATE ON accounts_auditevent
        BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END
        """,
        """
        CREATE TRIGGER accounts_audit_refuses_delete BEFORE DELETE ON accounts_auditevent
        BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END
        """,
    ),
    "postgresql": (
        """
        CREATE FUNCTION accounts_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'audit events are append-only' USING ERRCODE = '23001'; END $$
        """,
        """
        CREATE TRIGGER accounts_audit_refuses_change BEFORE UPDATE OR DELETE
        ON accounts_auditevent FOR EACH ROW EXECUTE FUNCTION accounts_refuse_change()
        """,
    ),
}
ALLOW = {
    "sqlite": (
        "DROP TRIGGER accounts_audit_refuses_update",
        "DROP TRIGGER accounts_audit_refuses_delete",
    ),
    "postgresql": (
        "DROP TRIGGER accounts_audit_refuses_change ON accounts_auditevent",
        "DROP FUNCTION accounts_refuse_change()",
    ),
}


def refuse(apps, editor):
    for statement in REFUSE[editor.connection.vendor]:
        editor.execute(statement)


def allow(apps, editor):
    for statement in ALLOW[editor.connection.vendor]:
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(refuse, allow)]
