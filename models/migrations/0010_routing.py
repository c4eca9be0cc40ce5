"""Where a structure's part of a review goes, and what those who work on it keep beside it."""

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


class RejectReason(StrEnum):
    INSULT = "insult"
    PERSONAL_DATA = "personal_data"
    AGENT_NAMED = "agent_named"
    OUT_OF_PERIMETER = "out_of_perimeter"
    NOT_AN_EXPERIENCE = "not_an_experience"
    DUPLICATE = "duplicate"
    ADVERTISING = "advertising"


class TransferState(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class FlagState(StrEnum):
    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class ImprovementState(StrEnum):
    FLAGGED = "flagged"
    PLANNED = "planned"
    MADE = "made"
    DROPPED = "dropped"


# At most one of these is open for one thing, whatever wrote it.
ONE_OPEN = {
    "transfer_open": "transfer (structure_id) WHERE state = 'open'",
    "review_flag_open": "review_flag (review_id) WHERE state = 'open'",
    "improvement_open": "improvement (structure_id) WHERE state IN ('flagged', 'planned')",
}
INDEXES = {
    "transfer_queue": "transfer (state, asked_at, id)",
    "transfer_asked": "transfer (network_id, asked_at, id)",
    "transfer_structure": "transfer (structure_id)",
    "transfer_review": "transfer (review_id)",
    "structure_move_of": "structure_move (structure_id, id)",
    "review_flag_queue": "review_flag (state, flagged_at, id)",
    "review_flag_review": "review_flag (review_id)",
    "comment_review": "review_comment (review_id, at, id)",
    "mention_unread": "mention (account_id, comment_id) WHERE read_at IS NULL",
    "improvement_structure": "improvement (structure_id)",
    "structure_tag_tag": "structure_tag (tag_id, structure_id)",
    "worklist_assignee": "review_structure (assignee_id, published_at, review_id)"
    " WHERE assignee_id IS NOT NULL",
}


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


def _of_structure(table: str) -> str:
    seen = f"SELECT 1 FROM review_structure s WHERE s.id = {table}.structure_id"
    return f"{EVERYTHING} OR EXISTS ({seen})"


POLICIES = {
    "transfer": REACHED,
    "structure_move": _of_structure("structure_move"),
    "structure_tag": _of_structure("structure_tag"),
    "improvement": _of_structure("improvement"),
    "review_flag": f"{EVERYTHING} OR {_on('moderate')} OR flagged_by_id = {MINE}",
    "review_comment": f"{EVERYTHING} OR EXISTS"
    " (SELECT 1 FROM review_structure s WHERE s.review_id = review_comment.review_id)",
    "mention": f"{EVERYTHING} OR account_id = {MINE} OR EXISTS"
    " (SELECT 1 FROM review_comment c WHERE c.id = mention.comment_id)",
    "saved_filter": f"{EVERYTHING} OR account_id = {MINE}",
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
    dependencies = [("models", "0008_moderation")]

    initial = False

    operations = [
        ops.CreateModel(
            name="BusinessTag",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "network",
                    fields.ForeignKeyField(
                        "models.Network",
                        source_field="network_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="tags",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("name", fields.CharField(max_length=64)),
                ("folded", fields.CharField(max_length=128)),
                ("active", fields.BooleanField(default=True)),
                ("version", fields.IntField(default=1)),
            ],
            options={
                "table": "business_tag",
                "app": "models",
                "unique_together": (("network", "folded"),),
                "pk_attr": "id",
                "table_description": 'A subject of a network ("étiquette métier"): not used any more, it stays where it was put.',
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Comment",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "review",
                    fields.ForeignKeyField(
                        "models.Review",
                        source_field="review_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="comments",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "author",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="author_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="comments",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("body", fields.CharField(max_length=2000)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("edited_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("version", fields.IntField(default=1)),
            ],
            options={
                "table": "review_comment",
                "app": "models",
                "pk_attr": "id",
                "table_description": "An internal word on a review, seen by the structures concerned and the national team.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Improvement",
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
                        related_name="improvements",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        default=ImprovementState.FLAGGED,
                        description="FLAGGED: flagged\nPLANNED: planned\nMADE: made\nDROPPED: dropped",
                        enum_type=ImprovementState,
                        max_length=16,
                    ),
                ),
                ("need", fields.CharField(max_length=2000)),
                ("plan", fields.CharField(default="", max_length=2000)),
                ("planned_for", fields.DateField(null=True)),
                ("change", fields.CharField(default="", max_length=2000)),
                ("made_on", fields.DateField(null=True)),
                ("why_dropped", fields.CharField(default="", max_length=2000)),
                ("flagged_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "flagged_by",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="flagged_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="improvements",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("version", fields.IntField(default=1)),
            ],
            options={
                "table": "improvement",
                "app": "models",
                "pk_attr": "id",
                "table_description": "Something to make better. Each step has words of its own: none is written over.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Mention",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "comment",
                    fields.ForeignKeyField(
                        "models.Comment",
                        source_field="comment_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="mentions",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="mentions",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("read_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "mention",
                "app": "models",
                "unique_together": (("comment", "account"),),
                "pk_attr": "id",
                "table_description": "That a comment calls someone, and when they had read it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Move",
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
                        related_name="moves",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "from_network",
                    fields.ForeignKeyField(
                        "models.Network",
                        source_field="from_network_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="moves_from",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "from_department",
                    fields.ForeignKeyField(
                        "models.Department",
                        source_field="from_department_id",
                        null=True,
                        db_constraint=True,
                        to_field="code",
                        related_name="moves_from",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "from_office",
                    fields.ForeignKeyField(
                        "models.Office",
                        source_field="from_office_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="moves_from",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "to_network",
                    fields.ForeignKeyField(
                        "models.Network",
                        source_field="to_network_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="moves_to",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "to_department",
                    fields.ForeignKeyField(
                        "models.Department",
                        source_field="to_department_id",
                        null=True,
                        db_constraint=True,
                        to_field="code",
                        related_name="moves_to",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "to_office",
                    fields.ForeignKeyField(
                        "models.Office",
                        source_field="to_office_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="moves_to",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("reason", fields.CharField(max_length=2000)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "by",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="moves",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
            ],
            options={
                "table": "structure_move",
                "app": "models",
                "pk_attr": "id",
                "table_description": "That a structure's part of a review went from one place to another, and why.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ReviewFlag",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
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
                        related_name="flags",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        default=FlagState.OPEN,
                        description="OPEN: open\nUPHELD: upheld\nDISMISSED: dismissed",
                        enum_type=FlagState,
                        max_length=16,
                    ),
                ),
                (
                    "reason",
                    fields.CharEnumField(
                        description="INSULT: insult\nPERSONAL_DATA: personal_data\nAGENT_NAMED: agent_named\nOUT_OF_PERIMETER: out_of_perimeter\nNOT_AN_EXPERIENCE: not_an_experience\nDUPLICATE: duplicate\nADVERTISING: advertising",
                        enum_type=RejectReason,
                        max_length=32,
                    ),
                ),
                ("note", fields.CharField(max_length=2000)),
                ("answer", fields.CharField(default="", max_length=2000)),
                ("flagged_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "flagged_by",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="flagged_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="flags",
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
                        related_name="flags_decided",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("version", fields.IntField(default=1)),
            ],
            options={
                "table": "review_flag",
                "app": "models",
                "pk_attr": "id",
                "table_description": "A demand to look again. It outlives the review, whose words are not in it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SavedFilter",
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
                        related_name="saved_filters",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("name", fields.CharField(max_length=64)),
                ("folded", fields.CharField(max_length=128)),
                ("conditions", fields.TextField(unique=False)),
                ("version", fields.IntField(default=1)),
            ],
            options={
                "table": "saved_filter",
                "app": "models",
                "unique_together": (("account", "folded"),),
                "pk_attr": "id",
                "table_description": "A filter of reviews that an account keeps for itself, as JSON.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="StructureTag",
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
                        related_name="tags",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "tag",
                    fields.ForeignKeyField(
                        "models.BusinessTag",
                        source_field="tag_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="uses",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "polarity",
                    fields.IntEnumField(
                        description="NEGATIVE: -1\nNEUTRAL: 0\nPOSITIVE: 1",
                        enum_type=Sentiment,
                        generated=False,
                    ),
                ),
            ],
            options={
                "table": "structure_tag",
                "app": "models",
                "unique_together": (("structure", "tag"),),
                "pk_attr": "id",
                "table_description": "A tag on a structure's part of a review, and what the user felt of that subject.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Transfer",
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
                        related_name="transfers",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "review",
                    fields.ForeignKeyField(
                        "models.Review",
                        source_field="review_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="transfers",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        default=TransferState.OPEN,
                        description="OPEN: open\nAPPROVED: approved\nREFUSED: refused\nCANCELLED: cancelled",
                        enum_type=TransferState,
                        max_length=16,
                    ),
                ),
                (
                    "network",
                    fields.ForeignKeyField(
                        "models.Network",
                        source_field="network_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="transfers",
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
                        related_name="transfers",
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
                        related_name="transfers",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "to_network",
                    fields.ForeignKeyField(
                        "models.Network",
                        source_field="to_network_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="transfers_to",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "to_department",
                    fields.ForeignKeyField(
                        "models.Department",
                        source_field="to_department_id",
                        null=True,
                        db_constraint=True,
                        to_field="code",
                        related_name="transfers_to",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "to_office",
                    fields.ForeignKeyField(
                        "models.Office",
                        source_field="to_office_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="transfers_to",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("reason", fields.CharField(max_length=2000)),
                ("note", fields.CharField(default="", max_length=2000)),
                ("asked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "asked_by",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="asked_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="transfers",
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
                        related_name="transfers_decided",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("version", fields.IntField(default=1)),
            ],
            options={
                "table": "transfer",
                "app": "models",
                "pk_attr": "id",
                "table_description": "A request to let another place answer. Its own network, department and office ask.",
            },
            bases=["Model"],
        ),
        AddColumn(
            model_name="ReviewStructure",
            name="assignee_id",
            field=fields.BigIntField(null=True),
        ),
        AddColumn(
            model_name="ReviewStructure",
            name="version",
            field=fields.IntField(default=1),
        ),
        *(
            ops.RunSQL(f"CREATE UNIQUE INDEX {name} ON {columns}", f"DROP INDEX {name}")
            for name, columns in ONE_OPEN.items()
        ),
        *(
            ops.RunSQL(f"CREATE INDEX {name} ON {columns}", f"DROP INDEX {name}")
            for name, columns in INDEXES.items()
        ),
        ops.RunPython(raise_wall, nothing),
    ]
