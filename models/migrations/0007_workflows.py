"""Replies that are drafted and validated, events, and keys under which a change is done once."""

from enum import StrEnum
from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


# As it was: a migration must not change when the code does.
class ReplyState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    VALIDATED = "validated"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


def _set(name: str, kind: str) -> str:
    """A list in a setting of the transaction, read once for a statement, not for each row."""
    read = f"(SELECT NULLIF(NULLIF(current_setting('relais.{name}', true), ''), '*')::{kind}[])"
    return f"coalesce({read}, '{{}}')"


def _on(name: str) -> str:
    return f"(SELECT current_setting('relais.{name}', true) = 'on')"


EVERYTHING = _on("everything")
MINE = "(SELECT NULLIF(current_setting('relais.account', true), '')::bigint)"
REACHED = (
    f"{EVERYTHING} OR {_on('country')} OR network_id = ANY ({_set('networks', 'bigint')})"
    f" OR office_id = ANY ({_set('offices', 'bigint')})"
    f" OR network_id || ':' || department_id = ANY ({_set('departments', 'text')})"
)
WALL = (
    "CREATE POLICY wall ON reply_version"
    f" USING ({EVERYTHING} OR EXISTS (SELECT 1 FROM reply p WHERE p.id = reply_version.reply_id))",
    f"CREATE POLICY wall ON idempotency USING ({EVERYTHING} OR account_id = {MINE})",
    f"CREATE POLICY wall ON event FOR SELECT USING ({REACHED})",
    "CREATE POLICY written ON event FOR INSERT WITH CHECK (TRUE)",
    *(
        f"ALTER TABLE {table} {verb} ROW LEVEL SECURITY"
        for table in ("reply_version", "idempotency", "event")
        for verb in ("ENABLE", "FORCE")
    ),
)


async def raise_wall(_: Any, editor: Any) -> None:
    if editor.client.capabilities.dialect != "sqlite":
        for statement in WALL:
            await editor.client.execute_query(statement)


async def nothing(_: Any, __: Any) -> None:
    """The policies go with the tables."""


class AddColumn(ops.AddField):
    """SQLite would rebuild the table on the way back, which others point at."""

    async def database_backward(self, app_label: str, old_state: Any, *rest: Any) -> None:
        _, editor = rest
        model = old_state.apps.get_model(f"{app_label}.{self.model_name}")
        table = model._meta.db_table  # noqa: SLF001  (the name Tortoise keeps it by)
        await editor.client.execute_query(f"ALTER TABLE {table} DROP COLUMN {self.name}")


class Migration(migrations.Migration):
    dependencies = [("models", "0006_grants_beyond")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Event",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("type", fields.CharField(max_length=64)),
                ("subject", fields.CharField(max_length=128)),
                ("network_id", fields.BigIntField(null=True)),
                ("department_id", fields.CharField(null=True, max_length=3)),
                ("office_id", fields.BigIntField(null=True)),
                ("facts", fields.TextField(unique=False)),
            ],
            options={
                "table": "event",
                "app": "models",
                "pk_attr": "id",
                "table_description": "Something that happened to `subject`, and where that was of concern at that moment.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Idempotency",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("account_id", fields.BigIntField()),
                ("key", fields.CharField(max_length=64)),
                ("request", fields.CharField(max_length=64)),
                ("made_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("outcome", fields.TextField(null=True, unique=False)),
            ],
            options={
                "table": "idempotency",
                "app": "models",
                "unique_together": (("account_id", "key"),),
                "pk_attr": "id",
                "table_description": "What was asked for under a key of an account, and what was done.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ReplyVersion",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "reply",
                    fields.ForeignKeyField(
                        "models.Reply",
                        source_field="reply_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="versions",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("version", fields.IntField()),
                ("step", fields.CharField(max_length=16)),
                (
                    "state",
                    fields.CharEnumField(
                        description="DRAFT: draft\nSUBMITTED: submitted\nVALIDATED: validated\nPUBLISHED: published\nWITHDRAWN: withdrawn",
                        enum_type=ReplyState,
                        max_length=16,
                    ),
                ),
                ("greeting", fields.CharField(max_length=255)),
                ("body", fields.TextField(unique=False)),
                ("signature", fields.CharField(max_length=255)),
                ("note", fields.CharField(max_length=1000)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "by",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="reply_versions",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
            ],
            options={
                "table": "reply_version",
                "app": "models",
                "unique_together": (("reply", "version"),),
                "pk_attr": "id",
                "table_description": "A reply after one of its steps: nothing that was written is lost.",
            },
            bases=["Model"],
        ),
        AddColumn(
            model_name="Network",
            name="reply_days",
            field=fields.SmallIntField(default=5),
        ),
        AddColumn(
            model_name="Network",
            name="validates_replies",
            field=fields.BooleanField(default=False),
        ),
        ops.AlterModelOptions(
            name="Reply",
            options={
                "table": "reply",
                "app": "models",
                "pk_attr": "id",
                "table_description": "What a structure answers. Withdrawn ones are kept; at most one is not.",
            },
        ),
        AddColumn(
            model_name="Reply",
            name="greeting",
            field=fields.CharField(default="", max_length=255),
        ),
        AddColumn(
            model_name="Reply",
            name="helpful",
            field=fields.BooleanField(null=True),
        ),
        AddColumn(
            model_name="Reply",
            name="signature",
            field=fields.CharField(default="", max_length=255),
        ),
        AddColumn(
            model_name="Reply",
            name="state",
            field=fields.CharEnumField(
                default=ReplyState.PUBLISHED,
                description="DRAFT: draft\nSUBMITTED: submitted\nVALIDATED: validated\nPUBLISHED: published\nWITHDRAWN: withdrawn",
                enum_type=ReplyState,
                max_length=16,
            ),
        ),
        ops.RunSQL("UPDATE reply SET state = 'withdrawn' WHERE withdrawn_at IS NOT NULL", ""),
        ops.RunPython(raise_wall, nothing),
    ]
