"""Reviews before publication, and redaction after it."""

from enum import IntEnum, StrEnum
from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


# As they were: a migration must not change when the code does.
class Sentiment(IntEnum):
    NEGATIVE = -1
    NEUTRAL = 0
    POSITIVE = 1


class EntryMode(StrEnum):
    ONLINE = "online"
    COUNTER = "counter"
    PHONE = "phone"
    PAPER = "paper"


class SubmissionState(StrEnum):
    SUBMITTED = "submitted"
    PUBLISHED = "published"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class RejectReason(StrEnum):
    INSULT = "insult"
    PERSONAL_DATA = "personal_data"
    AGENT_NAMED = "agent_named"
    OUT_OF_PERIMETER = "out_of_perimeter"
    NOT_AN_EXPERIENCE = "not_an_experience"
    DUPLICATE = "duplicate"
    ADVERTISING = "advertising"


INDEXES = {
    "submission_queue": "submission (state, submitted_at, id)",
    "submission_brought": "submission (submitted_by_id, submitted_at, id)",
    "submission_review": "submission (review_id)",
}
EVERYTHING = "(SELECT current_setting('relais.everything', true) = 'on')"
MODERATES = "(SELECT current_setting('relais.moderate', true) = 'on')"
MINE = "(SELECT NULLIF(current_setting('relais.account', true), '')::bigint)"
WALL = (
    "CREATE POLICY wall ON submission"
    f" USING ({EVERYTHING} OR {MODERATES} OR submitted_by_id = {MINE})",
    "ALTER TABLE submission ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE submission FORCE ROW LEVEL SECURITY",
)


async def raise_wall(_: Any, editor: Any) -> None:
    if editor.client.capabilities.dialect != "sqlite":
        for statement in WALL:
            await editor.client.execute_query(statement)


async def nothing(_: Any, __: Any) -> None:
    """The policy goes with the table."""


class AddColumn(ops.AddField):
    """SQLite would rebuild the table on the way back, which others point at."""

    async def database_backward(self, app_label: str, old_state: Any, *rest: Any) -> None:
        _, editor = rest
        model = old_state.apps.get_model(f"{app_label}.{self.model_name}")
        table = model._meta.db_table  # noqa: SLF001  (the name Tortoise keeps it by)
        await editor.client.execute_query(f"ALTER TABLE {table} DROP COLUMN {self.name}")


class Migration(migrations.Migration):
    dependencies = [("models", "0007_workflows")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Submission",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("source", fields.CharField(max_length=32)),
                ("source_id", fields.CharField(max_length=64)),
                (
                    "entry",
                    fields.CharEnumField(
                        description="ONLINE: online\nCOUNTER: counter\nPHONE: phone\nPAPER: paper",
                        enum_type=EntryMode,
                        max_length=16,
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        default=SubmissionState.SUBMITTED,
                        description="SUBMITTED: submitted\nPUBLISHED: published\nREJECTED: rejected\nWITHDRAWN: withdrawn",
                        enum_type=SubmissionState,
                        max_length=16,
                    ),
                ),
                ("title", fields.CharField(max_length=1000)),
                ("description", fields.TextField(unique=False)),
                (
                    "sentiment",
                    fields.IntEnumField(
                        description="NEGATIVE: -1\nNEUTRAL: 0\nPOSITIVE: 1",
                        enum_type=Sentiment,
                        generated=False,
                    ),
                ),
                ("written_on", fields.DateField(null=True)),
                ("posted_as", fields.CharField(null=True, max_length=255)),
                ("country", fields.CharField(null=True, max_length=255)),
                ("postal_code", fields.CharField(null=True, max_length=16)),
                ("contact", fields.CharField(null=True, max_length=255)),
                (
                    "accessibility",
                    fields.IntEnumField(
                        null=True,
                        description="NEGATIVE: -1\nNEUTRAL: 0\nPOSITIVE: 1",
                        enum_type=Sentiment,
                        generated=False,
                    ),
                ),
                (
                    "information",
                    fields.IntEnumField(
                        null=True,
                        description="NEGATIVE: -1\nNEUTRAL: 0\nPOSITIVE: 1",
                        enum_type=Sentiment,
                        generated=False,
                    ),
                ),
                (
                    "relation",
                    fields.IntEnumField(
                        null=True,
                        description="NEGATIVE: -1\nNEUTRAL: 0\nPOSITIVE: 1",
                        enum_type=Sentiment,
                        generated=False,
                    ),
                ),
                (
                    "responsiveness",
                    fields.IntEnumField(
                        null=True,
                        description="NEGATIVE: -1\nNEUTRAL: 0\nPOSITIVE: 1",
                        enum_type=Sentiment,
                        generated=False,
                    ),
                ),
                (
                    "simplicity",
                    fields.IntEnumField(
                        null=True,
                        description="NEGATIVE: -1\nNEUTRAL: 0\nPOSITIVE: 1",
                        enum_type=Sentiment,
                        generated=False,
                    ),
                ),
                ("parts", fields.TextField(unique=False)),
                ("findings", fields.TextField(unique=False)),
                ("suspects", fields.IntField()),
                ("fingerprint", fields.CharField(max_length=64)),
                (
                    "reason",
                    fields.CharEnumField(
                        null=True,
                        description="INSULT: insult\nPERSONAL_DATA: personal_data\nAGENT_NAMED: agent_named\nOUT_OF_PERIMETER: out_of_perimeter\nNOT_AN_EXPERIENCE: not_an_experience\nDUPLICATE: duplicate\nADVERTISING: advertising",
                        enum_type=RejectReason,
                        max_length=32,
                    ),
                ),
                ("note", fields.CharField(default="", max_length=1000)),
                ("version", fields.IntField(default=1)),
                ("submitted_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "submitted_by",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="submitted_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="submissions",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "decided_by",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="decided_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="decisions",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                (
                    "review",
                    fields.ForeignKeyField(
                        "models.Review",
                        source_field="review_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="submissions",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("archive", fields.TextField(null=True, unique=False)),
            ],
            options={
                "table": "submission",
                "app": "models",
                "unique_together": (("source", "source_id"),),
                "pk_attr": "id",
                "table_description": "A review on its way to publication. What is not published is in no other table.",
            },
            bases=["Model"],
        ),
        AddColumn(
            model_name="Review",
            name="redacted_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        AddColumn(
            model_name="Review",
            name="version",
            field=fields.IntField(default=1),
        ),
        *(
            ops.RunSQL(f"CREATE INDEX {name} ON {columns}", f"DROP INDEX {name}")
            for name, columns in INDEXES.items()
        ),
        ops.RunPython(raise_wall, nothing),
    ]
