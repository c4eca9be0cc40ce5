"""Figures of moderation, written once for each closed month: nothing of what is hidden is kept."""

from enum import StrEnum
from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


# As it was: a migration must not change when the code does.
class ModerationKind(StrEnum):
    SUBMISSIONS = "submissions"
    DOCUMENT_REPORTS = "document_reports"


ONCE = "moderation_figure (kind, month, coalesce(network_id, 0))"
EVERYTHING = "(SELECT current_setting('relais.everything', true) = 'on')"
COUNTRY = "(SELECT current_setting('relais.figures_country', true) = 'on')"
NETWORKS = "(SELECT NULLIF(current_setting('relais.figures_networks', true), '')::bigint[])"
REACHED = f"{COUNTRY} OR network_id = ANY (coalesce({NETWORKS}, '{{}}'))"
WALL = (
    f"CREATE POLICY wall ON moderation_figure FOR SELECT USING ({REACHED})",
    f"CREATE POLICY kept ON moderation_figure USING ({EVERYTHING})",
    "ALTER TABLE moderation_figure ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE moderation_figure FORCE ROW LEVEL SECURITY",
)


async def raise_wall(_: Any, editor: Any) -> None:
    if editor.client.capabilities.dialect != "sqlite":
        for statement in WALL:
            await editor.client.execute_query(statement)


async def nothing(_: Any, __: Any) -> None:
    """The policies go with the table."""


class Migration(migrations.Migration):
    dependencies = [("models", "0017_exports")]

    initial = False

    operations = [
        ops.CreateModel(
            name="ModerationFigure",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("month", fields.IntField()),
                (
                    "kind",
                    fields.CharEnumField(
                        description="SUBMISSIONS: submissions\nDOCUMENT_REPORTS: document_reports",
                        enum_type=ModerationKind,
                        max_length=16,
                    ),
                ),
                (
                    "network",
                    fields.ForeignKeyField(
                        "models.Network",
                        source_field="network_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="moderation_figures",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("accepted", fields.IntField()),
                ("kept_back", fields.IntField(null=True)),
                ("waiting", fields.IntField(null=True)),
                ("withdrawn", fields.IntField(null=True)),
                ("insult", fields.IntField(null=True)),
                ("personal_data", fields.IntField(null=True)),
                ("agent_named", fields.IntField(null=True)),
                ("out_of_perimeter", fields.IntField(null=True)),
                ("not_an_experience", fields.IntField(null=True)),
                ("duplicate", fields.IntField(null=True)),
                ("advertising", fields.IntField(null=True)),
            ],
            options={
                "table": "moderation_figure",
                "app": "models",
                "pk_attr": "id",
                "table_description": "What was received in a month in a network, or in all of them, as it stood at closing.",
            },
            bases=["Model"],
        ),
        ops.RunSQL(
            f"CREATE UNIQUE INDEX moderation_figure_once ON {ONCE}",
            "DROP INDEX moderation_figure_once",
        ),
        ops.RunPython(raise_wall, nothing),
    ]
