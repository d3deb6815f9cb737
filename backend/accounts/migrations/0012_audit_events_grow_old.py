"""An audit event may be removed once it is a year old, by whoever keeps the database tidy; younger
ones the database refuses to change or remove, as before."""

from django.db import migrations

OLD_ENOUGH = {
    "sqlite": (
        "DROP TRIGGER accounts_audit_refuses_delete",
        """
        CREATE TRIGGER accounts_audit_refuses_delete BEFORE DELETE ON accounts_auditevent
        WHEN OLD.at > datetime('now', '-365 days')
        BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END
        """,
    ),
    "postgresql": (
        """
        CREATE OR REPLACE FUNCTION accounts_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' AND OLD.at <= now() - interval '365 days' THEN RETURN OLD; END IF;
            RAISE EXCEPTION 'audit events are append-only' USING ERRCODE = '23001';
        END $$
        """,
    ),
}
NEVER = {
    "sqlite": (
        "DROP TRIGGER accounts_audit_refuses_delete",
        """
        CREATE TRIGGER accounts_audit_refuses_delete BEFORE DELETE ON accounts_auditevent
        BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END
        """,
    ),
    "postgresql": (
        """
        CREATE OR REPLACE FUNCTION accounts_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'audit events are append-only' USING ERRCODE = '23001'; END $$
        """,
    ),
}


def _run(statements):
    def run(apps, editor):
        for statement in statements[editor.connection.vendor]:
            editor.execute(statement)

    return run


class Migration(migrations.Migration):
    dependencies = [("accounts", "0011_sessions_move")]
    operations = [migrations.RunPython(_run(OLD_ENOUGH), _run(NEVER))]
