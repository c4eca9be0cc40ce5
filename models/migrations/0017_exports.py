"""What is taken out in bulk."""

from enum import StrEnum
from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


# As they were: a migration must not change when the code does.
class ExportKind(StrEnum):
    REVIEWS = "reviews"
    REPLIES = "replies"
    REPORTS = "reports"
    STATISTICS = "statistics"
    EVENTS = "events"
    OPEN_DATA = "open_data"


class ExportFormat(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


class ExportState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class ExportFault(StrEnum):
    NOT_FOUND = "not_found"
    DISK_FULL = "disk_full"
    INTERNAL = "internal"


INDEXES = {
    "export_account": "export (account_id, id)",
    "export_state": "export (state, expires_at)",
}
EVERYTHING = "(SELECT current_setting('relais.everything', true) = 'on')"
MINE = "(SELECT NULLIF(current_setting('relais.account', true), '')::bigint)"
WALL = (
    f"CREATE POLICY wall ON export USING ({EVERYTHING} OR account_id = {MINE})",
    "ALTER TABLE export ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE export FORCE ROW LEVEL SECURITY",
)


async def raise_wall(_: Any, editor: Any) -> None:
    if editor.client.capabilities.dialect != "sqlite":
        for statement in WALL:
            await editor.client.execute_query(statement)


async def nothing(_: Any, __: Any) -> None:
    """The policy goes with the table."""


class Migration(migrations.Migration):
    dependencies = [("models", "0016_log")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Export",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="exports",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "kind",
                    fields.CharEnumField(
                        description="REVIEWS: reviews\nREPLIES: replies\nREPORTS: reports\nSTATISTICS: statistics\nEVENTS: events\nOPEN_DATA: open_data",
                        enum_type=ExportKind,
                        max_length=16,
                    ),
                ),
                (
                    "format",
                    fields.CharEnumField(
                        description="JSONL: jsonl\nCSV: csv\nPARQUET: parquet",
                        enum_type=ExportFormat,
                        max_length=16,
                    ),
                ),
                ("conditions", fields.TextField(unique=False)),
                (
                    "state",
                    fields.CharEnumField(
                        default=ExportState.QUEUED,
                        description="QUEUED: queued\nRUNNING: running\nREADY: ready\nFAILED: failed\nCANCELLED: cancelled\nEXPIRED: expired",
                        enum_type=ExportState,
                        max_length=16,
                    ),
                ),
                (
                    "fault",
                    fields.CharEnumField(
                        null=True,
                        description="NOT_FOUND: not_found\nDISK_FULL: disk_full\nINTERNAL: internal",
                        enum_type=ExportFault,
                        max_length=16,
                    ),
                ),
                ("rows", fields.BigIntField(default=0)),
                ("total", fields.BigIntField(null=True)),
                ("size", fields.BigIntField(null=True)),
                ("sha256", fields.CharField(null=True, max_length=64)),
                ("reach", fields.TextField(default="[]", unique=False)),
                ("position", fields.BigIntField(default=0)),
                ("version", fields.IntField(default=1)),
                ("requested_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "finished_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("expires_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "export",
                "app": "models",
                "pk_attr": "id",
                "table_description": "What an account asked to take out, how far that is, and the file that came of it.",
            },
            bases=["Model"],
        ),
        *(
            ops.RunSQL(f"CREATE INDEX {name} ON {columns}", f"DROP INDEX {name}")
            for name, columns in INDEXES.items()
        ),
        ops.RunPython(raise_wall, nothing),
    ]
