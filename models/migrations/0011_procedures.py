"""Procedures, and the one that a review names."""

from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

INDEXES = {
    "review_procedure": "review (procedure_id) WHERE procedure_id IS NOT NULL",
    "submission_procedure": "submission (procedure_id) WHERE procedure_id IS NOT NULL",
    "procedure_network_network": "procedure_network (network_id, procedure_id)",
}


class AddReference(ops.AddField):
    """SQLite would rebuild the table on the way back, which others point at."""

    async def database_backward(self, app_label: str, old_state: Any, *rest: Any) -> None:
        _, editor = rest
        model = old_state.apps.get_model(f"{app_label}.{self.model_name}")
        table = model._meta.db_table  # noqa: SLF001  (the name Tortoise keeps it by)
        await editor.client.execute_query(f"ALTER TABLE {table} DROP COLUMN {self.name}_id")


class Migration(migrations.Migration):
    dependencies = [("models", "0010_routing")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Procedure",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("code", fields.CharField(unique=True, max_length=64)),
                ("name", fields.CharField(max_length=255)),
                ("url", fields.CharField(null=True, max_length=1024)),
                ("search", fields.CharField(max_length=600)),
                ("closed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "procedure",
                "app": "models",
                "indexes": [Index(fields=["search", "id"])],
                "pk_attr": "id",
                "table_description": "A procedure, by a code that stays. `search` is a blank and the folded words of its name.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ProcedureNetwork",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "procedure",
                    fields.ForeignKeyField(
                        "models.Procedure",
                        source_field="procedure_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="networks",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "network",
                    fields.ForeignKeyField(
                        "models.Network",
                        source_field="network_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="procedures",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "procedure_network",
                "app": "models",
                "unique_together": (("procedure", "network"),),
                "pk_attr": "id",
                "table_description": "A network that a procedure goes through.",
            },
            bases=["Model"],
        ),
        *(
            AddReference(
                model_name=model,
                name="procedure",
                field=fields.ForeignKeyField(
                    "models.Procedure",
                    source_field="procedure_id",
                    null=True,
                    db_constraint=True,
                    to_field="id",
                    related_name=related,
                    on_delete=OnDelete.RESTRICT,
                ),
            )
            for model, related in (("Review", "reviews"), ("Submission", "submissions"))
        ),
        *(
            ops.RunSQL(f"CREATE INDEX {name} ON {columns}", f"DROP INDEX {name}")
            for name, columns in INDEXES.items()
        ),
    ]
