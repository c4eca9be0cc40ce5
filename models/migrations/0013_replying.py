"""Users who ask for a human contact, templates of replies, and edits that came too late."""

from enum import StrEnum
from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


# As it was: a migration must not change when the code does.
class ContactState(StrEnum):
    TO_DO = "to_do"
    CALLED = "called"
    MET = "met"
    UNREACHABLE = "unreachable"


INDEXES = {
    "contact_request_structure": "contact_request (structure_id)",
    "contact_request_asked": "contact_request (state, asked_at, id)",
    "contact_request_ended": "contact_request (ended_at) WHERE contact IS NOT NULL",
    "late_edit_reply": "late_edit (reply_id)",
    "reply_template_network": "reply_template (network_id)",
}


def _set(name: str, kind: str) -> str:
    """A list in a setting of the transaction, read once for a statement, not for each row."""
    read = f"(SELECT NULLIF(NULLIF(current_setting('relais.{name}', true), ''), '*')::{kind}[])"
    return f"coalesce({read}, '{{}}')"


EVERYTHING = "(SELECT current_setting('relais.everything', true) = 'on')"
COUNTRY = "(SELECT current_setting('relais.country', true) = 'on')"
# One's own part of a review only: who shares it is not told how to reach its author.
OWN = (
    "SELECT 1 FROM review_structure s WHERE s.id = contact_request.structure_id"
    f" AND (s.network_id = ANY ({_set('networks', 'bigint')})"
    f" OR s.office_id = ANY ({_set('offices', 'bigint')})"
    f" OR s.network_id || ':' || s.department_id = ANY ({_set('departments', 'text')}))"
)
POLICIES = {
    "contact_request": f"{EVERYTHING} OR {COUNTRY} OR EXISTS ({OWN})",
    "late_edit": f"{EVERYTHING} OR EXISTS (SELECT 1 FROM reply p WHERE p.id = late_edit.reply_id)",
}


async def raise_wall(_: Any, editor: Any) -> None:
    if editor.client.capabilities.dialect != "sqlite":
        for table, rule in POLICIES.items():
            await editor.client.execute_query(f"CREATE POLICY wall ON {table} USING ({rule})")
            for verb in ("ENABLE", "FORCE"):
                await editor.client.execute_query(f"ALTER TABLE {table} {verb} ROW LEVEL SECURITY")


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
    dependencies = [("models", "0012_reports")]

    initial = False

    operations = [
        ops.CreateModel(
            name="ContactRequest",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "structure",
                    fields.ForeignKeyField(
                        "models.ReviewStructure",
                        source_field="structure_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="contact_requests",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        default=ContactState.TO_DO,
                        description="TO_DO: to_do\nCALLED: called\nMET: met\nUNREACHABLE: unreachable",
                        enum_type=ContactState,
                        max_length=16,
                    ),
                ),
                ("contact", fields.CharField(null=True, max_length=255)),
                ("note", fields.CharField(default="", max_length=1000)),
                ("calls", fields.IntField(default=0)),
                ("version", fields.IntField(default=1)),
                ("asked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("called_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "handled_by",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="handled_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="contact_requests",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
            ],
            options={
                "table": "contact_request",
                "app": "models",
                "pk_attr": "id",
                "table_description": "A user asks one structure to talk to someone. It goes with the review.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="LateEdit",
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
                        related_name="late_edits",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("version", fields.IntField()),
                ("greeting", fields.CharField(max_length=255)),
                ("body", fields.TextField(unique=False)),
                ("signature", fields.CharField(max_length=255)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "by",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="late_edits",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
            ],
            options={
                "table": "late_edit",
                "app": "models",
                "pk_attr": "id",
                "table_description": "Words for a reply that somebody else changed meanwhile: refused, and not lost.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ReplyTemplate",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("name", fields.CharField(max_length=255)),
                (
                    "network",
                    fields.ForeignKeyField(
                        "models.Network",
                        source_field="network_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="reply_templates",
                        on_delete=OnDelete.CASCADE,
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
                        related_name="reply_templates",
                        on_delete=OnDelete.CASCADE,
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
                        related_name="reply_templates",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("greeting", fields.CharField(max_length=255)),
                ("body", fields.TextField(unique=False)),
                ("signature", fields.CharField(max_length=255)),
                ("version", fields.IntField(default=1)),
            ],
            options={
                "table": "reply_template",
                "app": "models",
                "pk_attr": "id",
                "table_description": "Words for a reply of a network, of its offices in a department, or of an office and below.",
            },
            bases=["Model"],
        ),
        AddColumn(
            model_name="Network",
            name="bulk_replies",
            field=fields.BooleanField(default=False),
        ),
        *(
            ops.RunSQL(f"CREATE INDEX {name} ON {columns}", f"DROP INDEX {name}")
            for name, columns in INDEXES.items()
        ),
        ops.RunPython(raise_wall, nothing),
    ]
