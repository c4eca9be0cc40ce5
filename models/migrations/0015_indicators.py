"""Indicators that the platform publishes, and their results."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0014_rollups")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Indicator",
            fields=[
                (
                    "code",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("title", fields.CharField(max_length=512)),
                ("source", fields.CharField(default="", max_length=1024)),
                ("method", fields.TextField(unique=False)),
                ("unit", fields.CharField(default="", max_length=64)),
            ],
            options={
                "table": "indicator",
                "app": "models",
                "pk_attr": "code",
                "table_description": 'What is measured ("indicateur", such as IND-27), by whom, how and in which unit.',
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="IndicatorResult",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "indicator",
                    fields.ForeignKeyField(
                        "models.Indicator",
                        source_field="indicator_id",
                        db_constraint=True,
                        to_field="code",
                        related_name="results",
                        on_delete=OnDelete.CASCADE,
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
                        related_name="results",
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
                        related_name="results",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("received_code", fields.CharField(default="", max_length=255)),
                ("value", fields.FloatField()),
                ("updated_on", fields.DateField()),
                ("file", fields.CharField(max_length=255)),
            ],
            options={
                "table": "indicator_result",
                "app": "models",
                "indexes": [Index(fields=["updated_on", "id"])],
                "pk_attr": "id",
                "table_description": 'A result of an indicator ("résultat"): of an office, of a network, or of the country.',
            },
            bases=["Model"],
        ),
    ]
