"""Months of their own for events and the audit trail, on PostgreSQL (docs/scale.md).

What there is becomes the first part, as it stands: no row moves. A part without end takes what comes
when no month was made for it. Policies bind who asks the whole; a month asked by its name tells nothing.
"""

from typing import Any

from tortoise import migrations
from tortoise.migrations import operations as ops

INDEXES = {
    "event": {"event_network": "(network_id, id)", "event_office": "(office_id, id)"},
    "audit_entry": {"audit_network": "(network_id, id)"},
}
REFERENCES = {"network_id": "network (id)", "department_id": "department (code)"}
REFERENCES |= {"office_id": "office (id)"}
KEPT = (
    "CREATE TRIGGER audit_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {}"
    " FOR EACH STATEMENT EXECUTE FUNCTION audit_is_kept()"
)

# Policies and rights of the whole are those that the first part had.
ALIKE = """DO $$ DECLARE one record; BEGIN
FOR one IN SELECT * FROM pg_policies WHERE schemaname = 'public' AND tablename = '{0}_first' LOOP
  EXECUTE format('CREATE POLICY %I ON {0} FOR %s', one.policyname, one.cmd)
    || coalesce(' USING (' || one.qual || ')', '')
    || coalesce(' WITH CHECK (' || one.with_check || ')', '');
END LOOP;
FOR one IN SELECT grantee::regrole, privilege_type FROM pg_class, aclexplode(relacl)
  WHERE oid = '{0}_first'::regclass AND grantee NOT IN (0, relowner) LOOP
  EXECUTE format('GRANT %s ON {0} TO %s', one.privilege_type, one.grantee);
END LOOP; END $$"""
FIRST = """DO $$ BEGIN
EXECUTE format('ALTER TABLE {0} ATTACH PARTITION {0}_first FOR VALUES FROM (MINVALUE) TO (%L)',
  date_trunc('month', greatest(now(), (SELECT max(at) FROM {0}_first)) AT TIME ZONE 'UTC')
  + interval '1 month' || '+00');
END $$"""

WALLS = ("ENABLE", "FORCE")

# By who owns the tables, for who serves owns nothing. Who reads long, such as an export, is not waited
# for: others would wait behind. An hour later it is tried again.
AS_OWNER = (
    "LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp"
    " SET relais.everything = 'on' SET timezone = 'UTC' SET lock_timeout = '500ms' AS"
)
MONTHS = f"""CREATE FUNCTION relais_months() RETURNS void {AS_OWNER} $$
DECLARE whole text; begins timestamptz; part text; known boolean; BEGIN
FOR begins IN SELECT generate_series(date_trunc('month', now()) + interval '1 month',
  date_trunc('month', now()) + interval '3 months', interval '1 month') LOOP
  FOREACH whole IN ARRAY ARRAY['event', 'audit_entry'] LOOP
    part := whole || to_char(begins, '_YYYYMM');
    EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE at >= %L AND at < %L)',
      whole || '_rest', begins, begins + interval '1 month') INTO known;
    CONTINUE WHEN known OR to_regclass(part) IS NOT NULL;
    BEGIN
      EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
        part, whole, begins, begins + interval '1 month');
      EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', part);
      EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', part);
      IF whole = 'audit_entry' THEN
        EXECUTE format('{KEPT.format("%I")}', part);
      END IF;
    EXCEPTION WHEN lock_not_available THEN RETURN;
      WHEN invalid_object_definition THEN CONTINUE; -- of the first part
    END;
  END LOOP;
END LOOP; END $$"""
# Months that are over as a whole; of the first part, and of that without end, a number of rows.
FORGET = f"""CREATE FUNCTION relais_forget(before timestamptz, most int) RETURNS bigint {AS_OWNER} $$
DECLARE part regclass; last bigint; number bigint; total bigint := 0; BEGIN
FOR part IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'event'::regclass LOOP
  IF part::text ~ '^event_[0-9]{{6}}$' THEN
    CONTINUE WHEN to_timestamp(right(part::text, 6), 'YYYYMM') + interval '1 month' > before;
    BEGIN
      EXECUTE format('LOCK TABLE event, %s IN ACCESS EXCLUSIVE MODE', part);
      EXECUTE format('SELECT max(id), count(*) FROM %s', part) INTO last, number;
      EXECUTE format('DROP TABLE %s', part);
    EXCEPTION WHEN lock_not_available THEN CONTINUE; END;
  ELSE
    EXECUTE format('WITH gone AS (DELETE FROM %s WHERE id IN (SELECT id FROM %s'
      ' WHERE at < $1 ORDER BY id LIMIT $2) RETURNING id) SELECT max(id), count(*) FROM gone',
      part, part) INTO last, number USING before, most;
  END IF;
  UPDATE event_log SET floor = last WHERE floor < last;
  total := total + number;
END LOOP;
RETURN total; END $$"""


def _forward(table: str) -> list[str]:
    return [
        f"ALTER TABLE {table} RENAME TO {table}_first",
        f"ALTER TABLE {table}_first DROP CONSTRAINT {table}_pkey",
        *(f"ALTER INDEX {name} RENAME TO {name}_first" for name in INDEXES[table]),
        f"CREATE TABLE {table} (LIKE {table}_first INCLUDING DEFAULTS, PRIMARY KEY (id, at))"
        " PARTITION BY RANGE (at)",
        f"ALTER SEQUENCE {table}_id_seq OWNED BY {table}.id",
        ALIKE.format(table),
        *(f"ALTER TABLE {table} {verb} ROW LEVEL SECURITY" for verb in WALLS),
        *(f"CREATE INDEX {name} ON {table} {columns}" for name, columns in INDEXES[table].items()),
        *(_references() if table == "audit_entry" else ()),
        FIRST.format(table),
        f"CREATE TABLE {table}_rest PARTITION OF {table} DEFAULT",
        *(KEPT.format(part) for part in ("audit_entry", "audit_entry_rest") if table in part),
        *(f"ALTER TABLE {table}_rest {verb} ROW LEVEL SECURITY" for verb in WALLS),
    ]


def _references() -> list[str]:
    return [
        f"ALTER TABLE audit_entry ADD CONSTRAINT audit_entry_{column}_fkey FOREIGN KEY ({column})"
        f" REFERENCES {what} ON DELETE RESTRICT"
        for column, what in REFERENCES.items()
    ]


def _backward(table: str) -> list[str]:
    return [
        f"ALTER TABLE {table} DETACH PARTITION {table}_first",
        f"INSERT INTO {table}_first SELECT * FROM {table}",
        f"ALTER SEQUENCE {table}_id_seq OWNED BY {table}_first.id",
        f"DROP TABLE {table}",
        f"ALTER TABLE {table}_first RENAME TO {table}",
        *(f"ALTER INDEX {name}_first RENAME TO {name}" for name in INDEXES[table]),
        f"ALTER TABLE {table} DROP CONSTRAINT {table}_first_pkey",
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_pkey PRIMARY KEY (id)",
    ]


async def forward(_: Any, editor: Any) -> None:
    if editor.client.capabilities.dialect != "sqlite":
        for statement in (
            *_forward("event"),
            *_forward("audit_entry"),
            MONTHS,
            FORGET,
            "SELECT relais_months()",
        ):
            await editor.client.execute_script(statement)


async def backward(_: Any, editor: Any) -> None:
    if editor.client.capabilities.dialect != "sqlite":
        for statement in (
            "DROP FUNCTION relais_forget",
            "DROP FUNCTION relais_months",
            *_backward("audit_entry"),
            *_backward("event"),
        ):
            await editor.client.execute_script(statement)


class Migration(migrations.Migration):
    dependencies = [("models", "0005_tombstone")]

    initial = False

    operations = [ops.RunPython(forward, backward)]
