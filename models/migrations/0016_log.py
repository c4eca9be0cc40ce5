"""The log of events as it is followed, what is to be done without a request, and webhooks."""

from enum import StrEnum
from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


# As they were: a migration must not change when the code does.
class EndpointState(StrEnum):
    ACTIVE = "active"
    OFF = "off"
    FAILED = "failed"


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


class Trouble(StrEnum):
    NOT_PUBLIC = "not_public"
    UNREACHABLE = "unreachable"
    UNTRUSTED = "untrusted"
    TIMEOUT = "timeout"
    NOT_HTTP = "not_http"
    REDIRECT = "redirect"
    REFUSED = "refused"
    GONE = "gone"
    FORGOTTEN = "forgotten"


INDEXES = {
    "event_network": "event (network_id, id)",
    "event_office": "event (office_id, id)",
    "task_due": "task (due_at, id)",
    "webhook_endpoint_network": "webhook_endpoint (network_id)",
    "webhook_delivery_log": "webhook_delivery (endpoint_id, id)",
    "webhook_delivery_due": "webhook_delivery (endpoint_id, due_at) WHERE state = 'pending'",
    "webhook_delivery_order": "webhook_delivery (endpoint_id, item, event_id)"
    " WHERE state = 'pending'",
}


def _set(name: str, kind: str) -> str:
    """A list in a setting of the transaction, read once for a statement, not for each row."""
    read = f"(SELECT NULLIF(NULLIF(current_setting('relais.{name}', true), ''), '*')::{kind}[])"
    return f"coalesce({read}, '{{}}')"


def _on(name: str) -> str:
    return f"(SELECT current_setting('relais.{name}', true) = 'on')"


EVERYTHING = _on("everything")
REACHED = (
    f"{EVERYTHING} OR {_on('country')} OR network_id = ANY ({_set('networks', 'bigint')})"
    f" OR office_id = ANY ({_set('offices', 'bigint')})"
    f" OR network_id || ':' || department_id = ANY ({_set('departments', 'text')})"
)
COUNTRY = "(SELECT current_setting('relais.administer', true) = '*')"
TABLES = ("webhook_endpoint", "webhook_delivery", "task")
FORWARD = (
    "DROP POLICY wall ON event",
    f"CREATE POLICY wall ON event FOR SELECT USING ({REACHED} OR network_id IS NULL)",
    f"CREATE POLICY purged ON event FOR DELETE USING ({EVERYTHING})",
    "CREATE POLICY wall ON webhook_endpoint USING"
    f" ({EVERYTHING} OR {COUNTRY} OR network_id = ANY ({_set('administer', 'bigint')}))",
    f"CREATE POLICY wall ON webhook_delivery USING ({EVERYTHING} OR EXISTS"
    " (SELECT 1 FROM webhook_endpoint e WHERE e.id = webhook_delivery.endpoint_id))",
    f"CREATE POLICY wall ON task USING ({EVERYTHING} OR {COUNTRY})",
    *(
        f"ALTER TABLE {table} {verb} ROW LEVEL SECURITY"
        for table in TABLES
        for verb in ("ENABLE", "FORCE")
    ),
)
BACKWARD = (
    "DROP POLICY purged ON event",
    "DROP POLICY wall ON event",
    f"CREATE POLICY wall ON event FOR SELECT USING ({REACHED})",
)


async def raise_wall(_: Any, editor: Any) -> None:
    if editor.client.capabilities.dialect != "sqlite":
        for statement in FORWARD:
            await editor.client.execute_query(statement)


async def lower_wall(_: Any, editor: Any) -> None:
    """The other policies go with their tables."""
    if editor.client.capabilities.dialect != "sqlite":
        for statement in BACKWARD:
            await editor.client.execute_query(statement)


async def name_items(_: Any, editor: Any) -> None:
    """Give the events that there are the item that they are in order for."""
    if editor.client.capabilities.dialect == "sqlite":
        review = "json_extract(facts, '$.review')"
        await editor.client.execute_query(f"UPDATE event SET item = coalesce({review}, subject)")
        return
    for statement in (
        "ALTER TABLE event NO FORCE ROW LEVEL SECURITY",
        "UPDATE event SET item = coalesce(facts::json ->> 'review', subject)",
        "ALTER TABLE event FORCE ROW LEVEL SECURITY",
    ):
        await editor.client.execute_query(statement)


async def nothing(_: Any, __: Any) -> None:
    """The column goes."""


class AddColumn(ops.AddField):
    """SQLite would rebuild the table on the way back, which others point at."""

    async def database_backward(self, app_label: str, old_state: Any, *rest: Any) -> None:
        _, editor = rest
        model = old_state.apps.get_model(f"{app_label}.{self.model_name}")
        table = model._meta.db_table  # noqa: SLF001  (the name Tortoise keeps it by)
        await editor.client.execute_query(f"ALTER TABLE {table} DROP COLUMN {self.name}")


class Migration(migrations.Migration):
    dependencies = [("models", "0015_indicators")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Endpoint",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("label", fields.CharField(max_length=255)),
                ("url", fields.CharField(max_length=2000)),
                (
                    "network",
                    fields.ForeignKeyField(
                        "models.Network",
                        source_field="network_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="webhooks",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "department",
                    fields.ForeignKeyField(
                        "models.Department",
                        source_field="department_id",
                        null=True,
                        db_constraint=True,
                        to_field="code",
                        related_name="webhooks",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "office",
                    fields.ForeignKeyField(
                        "models.Office",
                        source_field="office_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="webhooks",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("types", fields.TextField(default="[]", unique=False)),
                ("secret", fields.TextField(unique=False)),
                ("former_secret", fields.TextField(null=True, unique=False)),
                (
                    "former_until",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        default=EndpointState.ACTIVE,
                        description="ACTIVE: active\nOFF: off\nFAILED: failed",
                        enum_type=EndpointState,
                        max_length=16,
                    ),
                ),
                ("position", fields.BigIntField()),
                ("failures", fields.IntField(default=0)),
                (
                    "failing_since",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("retry_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "disabled_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("made_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
                (
                    "made_by",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="made_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="webhooks",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("version", fields.IntField(default=1)),
            ],
            options={
                "table": "webhook_endpoint",
                "app": "models",
                "pk_attr": "id",
                "table_description": "An address to which the events of a place are sent, each signed.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "endpoint",
                    fields.ForeignKeyField(
                        "models.Endpoint",
                        source_field="endpoint_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="deliveries",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("event_id", fields.BigIntField(null=True)),
                ("type", fields.CharField(max_length=64)),
                ("item", fields.CharField(max_length=128)),
                ("message", fields.CharField(max_length=64)),
                (
                    "state",
                    fields.CharEnumField(
                        default=DeliveryState.PENDING,
                        description="PENDING: pending\nDELIVERED: delivered\nDEAD: dead",
                        enum_type=DeliveryState,
                        max_length=16,
                    ),
                ),
                ("attempts", fields.IntField(default=0)),
                ("asked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("due_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("tried_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("status", fields.SmallIntField(null=True)),
                (
                    "trouble",
                    fields.CharEnumField(
                        null=True,
                        description="NOT_PUBLIC: not_public\nUNREACHABLE: unreachable\nUNTRUSTED: untrusted\nTIMEOUT: timeout\nNOT_HTTP: not_http\nREDIRECT: redirect\nREFUSED: refused\nGONE: gone\nFORGOTTEN: forgotten",
                        enum_type=Trouble,
                        max_length=16,
                    ),
                ),
            ],
            options={
                "table": "webhook_delivery",
                "app": "models",
                "unique_together": (("endpoint", "message"),),
                "pk_attr": "id",
                "table_description": "One event at one endpoint: whether it was taken, and what went wrong last.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="EventLog",
            fields=[
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                ("floor", fields.BigIntField()),
            ],
            options={
                "table": "event_log",
                "app": "models",
                "pk_attr": "id",
                "table_description": "How far back the log can be followed: one row.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Task",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("kind", fields.CharField(max_length=32)),
                ("key", fields.CharField(max_length=64)),
                ("facts", fields.TextField(unique=False)),
                ("asked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("due_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("asked", fields.IntField(default=1)),
                ("attempts", fields.SmallIntField(default=0)),
                ("error", fields.CharField(default="", max_length=500)),
                ("leased_by", fields.CharField(null=True, max_length=64)),
                (
                    "leased_until",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "task",
                "app": "models",
                "unique_together": (("kind", "key"),),
                "pk_attr": "id",
                "table_description": "Something to do: a kind of work, and the `key` of what it is about.",
            },
            bases=["Model"],
        ),
        AddColumn(
            model_name="Event",
            name="catalogue",
            field=fields.SmallIntField(default=1),
        ),
        AddColumn(
            model_name="Event",
            name="item",
            field=fields.CharField(default="", max_length=128),
        ),
        ops.RunPython(name_items, nothing),
        *(
            ops.RunSQL(f"CREATE INDEX {name} ON {columns}", f"DROP INDEX {name}")
            for name, columns in INDEXES.items()
        ),
        ops.RunSQL("INSERT INTO event_log (id, floor) VALUES (1, 0)", "DELETE FROM event_log"),
        ops.RunPython(raise_wall, lower_wall),
    ]
