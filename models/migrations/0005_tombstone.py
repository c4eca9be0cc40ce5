"""What was erased, by keyed hashes; and which originals are still kept."""

from typing import Any

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

WALL = (
    "CREATE POLICY wall ON tombstone"
    " USING ((SELECT current_setting('relais.everything', true) = 'on'))",
    "ALTER TABLE tombstone ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE tombstone FORCE ROW LEVEL SECURITY",
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
            name="Tombstone",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("mark", fields.CharField(unique=True, max_length=64)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "scrubbed_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "tombstone",
                "app": "models",
                "pk_attr": "id",
                "table_description": "That something was erased. `scrubbed_at` is when it went"
                " from the files of SQLite too.",
            },
            bases=["Model"],
        ),
        ops.RunSQL(
            "CREATE INDEX review_original_kept ON review_original (review_id) WHERE received <> ''",
            "DROP INDEX review_original_kept",
        ),
        ops.RunPython(raise_wall, nothing),
    ]
