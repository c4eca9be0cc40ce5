"""Sessions of people who signed in."""

from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

# Only the service itself reads sessions, before there is a viewer.
WALL = (
    "ALTER TABLE session ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE session FORCE ROW LEVEL SECURITY",
    "CREATE POLICY wall ON session"
    " USING ((SELECT current_setting('relais.everything', true) = 'on'))",
)


async def raise_wall(_: Any, editor: Any) -> None:
    if editor.client.capabilities.dialect != "sqlite":
        for statement in WALL:
            await editor.client.execute_query(statement)


async def nothing(_: Any, __: Any) -> None:
    """The policy goes with the table."""


class Migration(migrations.Migration):
    dependencies = [("models", "0004_wall")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Session",
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
                        related_name="sessions",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("sha256", fields.CharField(unique=True, max_length=64)),
                ("sealed", fields.TextField(unique=False)),
                ("begun_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ("checked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "session",
                "app": "models",
                "pk_attr": "id",
                "table_description": "A person's sign-in, ended by its time, by the person or by the identity provider.",
            },
            bases=["Model"],
        ),
        ops.RunSQL(
            "CREATE INDEX session_account ON session (account_id)", "DROP INDEX session_account"
        ),
        ops.RunPython(raise_wall, nothing),
    ]
