"""Reports of documents, the documents they gather on, and the files that come with them."""

from enum import StrEnum
from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


# As they were: a migration must not change when the code does.
class MediaType(StrEnum):
    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"


class EntryMode(StrEnum):
    ONLINE = "online"
    COUNTER = "counter"
    PHONE = "phone"
    PAPER = "paper"


class ReportReason(StrEnum):
    JARGON = "jargon"
    TOO_LONG = "too_long"
    CONTRADICTORY = "contradictory"
    TONE = "tone"
    MISSING_INFORMATION = "missing_information"
    OUTDATED = "outdated"
    LAYOUT = "layout"
    OTHER = "other"


class ReportState(StrEnum):
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    ACKNOWLEDGED = "acknowledged"
    BEING_REWRITTEN = "being_rewritten"
    REWRITTEN = "rewritten"
    DECLINED = "declined"
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
    "document_report_list": "document_report (submitted_at, id)",
    "document_report_network": "document_report (network_id, submitted_at, id)",
    "document_report_office": "document_report (office_id, submitted_at, id)",
    "document_report_document": "document_report (document_id, state, reason)",
    "document_report_brought": "document_report (submitted_by_id, submitted_at, id)",
    "document_report_queue": "document_report (submitted_at, id) WHERE state = 'submitted'",
    "attachment_uploaded": "attachment (uploaded_by_id)",
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
    f"{_on('country')} OR network_id = ANY ({_set('networks', 'bigint')})"
    f" OR office_id = ANY ({_set('offices', 'bigint')})"
    f" OR network_id || ':' || department_id = ANY ({_set('departments', 'text')})"
)
TRIAGED = "state IN ('accepted', 'acknowledged', 'being_rewritten', 'rewritten', 'declined')"
POLICIES = {
    "document_report": f"{EVERYTHING} OR {_on('moderate')} OR submitted_by_id = {MINE}"
    f" OR ({TRIAGED} AND ({REACHED}))",
    "document": f"{EVERYTHING} OR EXISTS"
    " (SELECT 1 FROM document_report d WHERE d.document_id = document.id)",
    "report_version": f"{EVERYTHING} OR EXISTS"
    " (SELECT 1 FROM document_report d WHERE d.id = report_version.report_id)",
    "report_original": EVERYTHING,
    "attachment": f"{EVERYTHING} OR uploaded_by_id = {MINE} OR EXISTS"
    " (SELECT 1 FROM document_report d WHERE d.attachment_id = attachment.id)",
}


async def raise_wall(_: Any, editor: Any) -> None:
    if editor.client.capabilities.dialect == "sqlite":
        return
    for table, rule in POLICIES.items():
        await editor.client.execute_query(f"CREATE POLICY wall ON {table} USING ({rule})")
        for verb in ("ENABLE", "FORCE"):
            await editor.client.execute_query(f"ALTER TABLE {table} {verb} ROW LEVEL SECURITY")


async def nothing(_: Any, __: Any) -> None:
    """The policies go with the tables."""


class Migration(migrations.Migration):
    dependencies = [("models", "0011_procedures")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("sha256", fields.CharField(db_index=True, max_length=64)),
                (
                    "media_type",
                    fields.CharEnumField(
                        description="PDF: application/pdf\nPNG: image/png\nJPEG: image/jpeg",
                        enum_type=MediaType,
                        max_length=32,
                    ),
                ),
                ("size", fields.IntField()),
                ("uploaded_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "uploaded_by",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="uploaded_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="attachments",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
            ],
            options={
                "table": "attachment",
                "app": "models",
                "pk_attr": "id",
                "table_description": "A file that was uploaded by an account, to be named in one report.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Document",
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
                        related_name="documents",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("match", fields.CharField(max_length=1008)),
                ("title", fields.CharField(max_length=500)),
                ("form", fields.CharField(null=True, max_length=64)),
                ("url", fields.CharField(null=True, max_length=1000)),
            ],
            options={
                "table": "document",
                "app": "models",
                "unique_together": (("network", "match"),),
                "pk_attr": "id",
                "table_description": "A document of a network. `match` is what reports of the same one have in common.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DocumentReport",
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
                        default=ReportState.SUBMITTED,
                        description="SUBMITTED: submitted\nACCEPTED: accepted\nREJECTED: rejected\nACKNOWLEDGED: acknowledged\nBEING_REWRITTEN: being_rewritten\nREWRITTEN: rewritten\nDECLINED: declined\nWITHDRAWN: withdrawn",
                        enum_type=ReportState,
                        max_length=16,
                    ),
                ),
                (
                    "document",
                    fields.ForeignKeyField(
                        "models.Document",
                        source_field="document_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="reports",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("title", fields.CharField(max_length=500)),
                ("form", fields.CharField(null=True, max_length=64)),
                ("url", fields.CharField(null=True, max_length=1000)),
                ("passage", fields.TextField(unique=False)),
                ("suggestion", fields.TextField(unique=False)),
                (
                    "reason",
                    fields.CharEnumField(
                        description="JARGON: jargon\nTOO_LONG: too_long\nCONTRADICTORY: contradictory\nTONE: tone\nMISSING_INFORMATION: missing_information\nOUTDATED: outdated\nLAYOUT: layout\nOTHER: other",
                        enum_type=ReportReason,
                        max_length=32,
                    ),
                ),
                (
                    "network",
                    fields.ForeignKeyField(
                        "models.Network",
                        source_field="network_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="document_reports",
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
                        related_name="document_reports",
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
                        related_name="document_reports",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "procedure",
                    fields.ForeignKeyField(
                        "models.Procedure",
                        source_field="procedure_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="document_reports",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "attachment",
                    fields.OneToOneField(
                        "models.Attachment",
                        source_field="attachment_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="report",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("findings", fields.TextField(unique=False)),
                ("suspects", fields.IntField()),
                ("fingerprint", fields.CharField(max_length=64)),
                (
                    "reject_reason",
                    fields.CharEnumField(
                        null=True,
                        description="INSULT: insult\nPERSONAL_DATA: personal_data\nAGENT_NAMED: agent_named\nOUT_OF_PERIMETER: out_of_perimeter\nNOT_AN_EXPERIENCE: not_an_experience\nDUPLICATE: duplicate\nADVERTISING: advertising",
                        enum_type=RejectReason,
                        max_length=32,
                    ),
                ),
                ("note", fields.CharField(default="", max_length=1000)),
                ("before", fields.TextField(null=True, unique=False)),
                ("after", fields.TextField(null=True, unique=False)),
                ("diff", fields.TextField(null=True, unique=False)),
                ("readability_before", fields.SmallIntField(null=True)),
                ("readability_after", fields.SmallIntField(null=True)),
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
                        related_name="document_reports",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
            ],
            options={
                "table": "document_report",
                "app": "models",
                "unique_together": (("source", "source_id"),),
                "pk_attr": "id",
                "table_description": "A report of a document. Only moderators, and whoever brought it in, see it before triage.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ReportOriginal",
            fields=[
                (
                    "report",
                    fields.OneToOneField(
                        "models.DocumentReport",
                        source_field="report_id",
                        primary_key=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="original",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("received", fields.TextField(unique=False)),
            ],
            options={
                "table": "report_original",
                "app": "models",
                "pk_attr": "report_id",
                "table_description": "A report as it was received, kept apart: it is never shown, searched or exported.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ReportVersion",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "report",
                    fields.ForeignKeyField(
                        "models.DocumentReport",
                        source_field="report_id",
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
                        description="SUBMITTED: submitted\nACCEPTED: accepted\nREJECTED: rejected\nACKNOWLEDGED: acknowledged\nBEING_REWRITTEN: being_rewritten\nREWRITTEN: rewritten\nDECLINED: declined\nWITHDRAWN: withdrawn",
                        enum_type=ReportState,
                        max_length=16,
                    ),
                ),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "by",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="report_versions",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
            ],
            options={
                "table": "report_version",
                "app": "models",
                "unique_together": (("report", "version"),),
                "pk_attr": "id",
                "table_description": "A step of a report: who took it, and when.",
            },
            bases=["Model"],
        ),
        # As made above, the state takes the key for `report`: the relation is not resolved yet.
        ops.AlterModelOptions(
            name="ReportOriginal",
            options={
                "table": "report_original",
                "app": "models",
                "pk_attr": "report_id",
                "table_description": "A report as it was received, kept apart: it is never shown, searched or exported.",
            },
        ),
        *(
            ops.RunSQL(f"CREATE INDEX {name} ON {columns}", f"DROP INDEX {name}")
            for name, columns in INDEXES.items()
        ),
        ops.RunPython(raise_wall, nothing),
    ]
