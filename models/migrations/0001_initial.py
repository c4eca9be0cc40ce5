"""The tables."""

from enum import IntEnum, StrEnum

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


# As they were: a migration must not change when the code does.
class AccountKind(StrEnum):
    PERSON = "person"
    MACHINE = "machine"


class MediaType(StrEnum):
    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"


class ExportKind(StrEnum):
    REVIEWS = "reviews"
    REPLIES = "replies"
    REPORTS = "reports"
    STATISTICS = "statistics"
    EVENTS = "events"
    OPEN_DATA = "open_data"


class ExportFormat(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


class ExportState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class ExportFault(StrEnum):
    NOT_FOUND = "not_found"
    DISK_FULL = "disk_full"
    INTERNAL = "internal"


class PublicationLevel(StrEnum):
    NATIONAL = "national"
    REGION = "region"
    DEPARTMENT = "department"
    SITE = "site"


class ModerationKind(StrEnum):
    SUBMISSIONS = "submissions"
    DOCUMENT_REPORTS = "document_reports"


class EntryMode(StrEnum):
    ONLINE = "online"
    COUNTER = "counter"
    PHONE = "phone"
    PAPER = "paper"


class ReportState(StrEnum):
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    ACKNOWLEDGED = "acknowledged"
    BEING_REWRITTEN = "being_rewritten"
    REWRITTEN = "rewritten"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class ReportReason(StrEnum):
    JARGON = "jargon"
    TOO_LONG = "too_long"
    CONTRADICTORY = "contradictory"
    TONE = "tone"
    MISSING_INFORMATION = "missing_information"
    OUTDATED = "outdated"
    LAYOUT = "layout"
    OTHER = "other"


class RejectReason(StrEnum):
    INSULT = "insult"
    PERSONAL_DATA = "personal_data"
    AGENT_NAMED = "agent_named"
    OUT_OF_PERIMETER = "out_of_perimeter"
    NOT_AN_EXPERIENCE = "not_an_experience"
    DUPLICATE = "duplicate"
    ADVERTISING = "advertising"


class EndpointState(StrEnum):
    ACTIVE = "active"
    OFF = "off"
    FAILED = "failed"


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


class Trouble(StrEnum):
    NOT_PUBLIC = "not_public"
    UNREACHABLE = "unreachable"
    UNTRUSTED = "untrusted"
    TIMEOUT = "timeout"
    NOT_HTTP = "not_http"
    REDIRECT = "redirect"
    REFUSED = "refused"
    GONE = "gone"
    FORGOTTEN = "forgotten"


class Role(StrEnum):
    OFFICE_AGENT = "office_agent"
    OFFICE_MANAGER = "office_manager"
    DEPARTMENT_MANAGER = "department_manager"
    NETWORK_MANAGER = "network_manager"
    VALIDATOR = "validator"
    READER = "reader"
    ANALYST = "analyst"
    MODERATOR = "moderator"
    ADMINISTRATOR = "administrator"
    SERVICE = "service"


class Sentiment(IntEnum):
    NEGATIVE = -1
    NEUTRAL = 0
    POSITIVE = 1


class FlagState(StrEnum):
    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class ContactState(StrEnum):
    TO_DO = "to_do"
    CALLED = "called"
    MET = "met"
    UNREACHABLE = "unreachable"


class ImprovementState(StrEnum):
    FLAGGED = "flagged"
    PLANNED = "planned"
    MADE = "made"
    DROPPED = "dropped"


class ReplyState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    VALIDATED = "validated"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class SubmissionState(StrEnum):
    SUBMITTED = "submitted"
    PUBLISHED = "published"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class TransferState(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "kind",
                    fields.CharEnumField(
                        default=AccountKind.PERSON,
                        description="PERSON: person\nMACHINE: machine",
                        enum_type=AccountKind,
                        max_length=16,
                    ),
                ),
                ("issuer", fields.CharField(default="relais", max_length=255)),
                ("subject", fields.CharField(max_length=255)),
                ("label", fields.CharField(max_length=255)),
                ("email", fields.CharField(null=True, db_index=True, max_length=255)),
                (
                    "deactivated_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "account",
                "app": "models",
                "unique_together": (("issuer", "subject"),),
                "pk_attr": "id",
                "table_description": 'A person or a machine. `label` is a function ("Caf du Rhône, accueil"), never a name.',
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AccessToken",
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
                        related_name="tokens",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("prefix", fields.CharField(max_length=24)),
                ("sha256", fields.CharField(unique=True, max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "last_used_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("revoked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "access_token",
                "app": "models",
                "pk_attr": "id",
                "table_description": "A machine's token. `prefix` is its visible part, by which people tell tokens apart.",
            },
            bases=["Model"],
        ),
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
            name="AuditHead",
            fields=[
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                ("entries", fields.BigIntField()),
                ("seal", fields.CharField(max_length=64)),
            ],
            options={
                "table": "audit_head",
                "app": "models",
                "pk_attr": "id",
                "table_description": "How many entries there are, and the seal of the last: one row.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DirectoryFile",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("name", fields.CharField(max_length=255)),
                ("published_on", fields.DateField(null=True)),
                ("sha256", fields.CharField(unique=True, max_length=64)),
                ("source", fields.CharField(max_length=255)),
                ("licence", fields.CharField(max_length=255)),
                ("imported_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
            ],
            options={
                "table": "directory_file",
                "app": "models",
                "pk_attr": "id",
                "table_description": "A file of the national directory that was imported: the source that offices name.",
            },
            bases=["Model"],
        ),
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
                ("item", fields.CharField(default="", max_length=128)),
                ("network_id", fields.BigIntField(null=True)),
                ("department_id", fields.CharField(null=True, max_length=3)),
                ("office_id", fields.BigIntField(null=True)),
                ("facts", fields.TextField(unique=False)),
                ("catalogue", fields.SmallIntField(default=1)),
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
            name="EventLog",
            fields=[
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                ("floor", fields.BigIntField()),
            ],
            options={
                "table": "event_log",
                "app": "models",
                "pk_attr": "id",
                "table_description": "How far back the log can be followed: one row.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Export",
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
                        related_name="exports",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "kind",
                    fields.CharEnumField(
                        description="REVIEWS: reviews\nREPLIES: replies\nREPORTS: reports\nSTATISTICS: statistics\nEVENTS: events\nOPEN_DATA: open_data",
                        enum_type=ExportKind,
                        max_length=16,
                    ),
                ),
                (
                    "format",
                    fields.CharEnumField(
                        description="JSONL: jsonl\nCSV: csv\nPARQUET: parquet",
                        enum_type=ExportFormat,
                        max_length=16,
                    ),
                ),
                ("conditions", fields.TextField(unique=False)),
                (
                    "state",
                    fields.CharEnumField(
                        default=ExportState.QUEUED,
                        description="QUEUED: queued\nRUNNING: running\nREADY: ready\nFAILED: failed\nCANCELLED: cancelled\nEXPIRED: expired",
                        enum_type=ExportState,
                        max_length=16,
                    ),
                ),
                (
                    "fault",
                    fields.CharEnumField(
                        null=True,
                        description="NOT_FOUND: not_found\nDISK_FULL: disk_full\nINTERNAL: internal",
                        enum_type=ExportFault,
                        max_length=16,
                    ),
                ),
                ("rows", fields.BigIntField(default=0)),
                ("total", fields.BigIntField(null=True)),
                ("size", fields.BigIntField(null=True)),
                ("sha256", fields.CharField(null=True, max_length=64)),
                ("reach", fields.TextField(default="[]", unique=False)),
                ("position", fields.BigIntField(default=0)),
                ("version", fields.IntField(default=1)),
                ("requested_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "finished_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("expires_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "export",
                "app": "models",
                "pk_attr": "id",
                "table_description": "What an account asked to take out, how far that is, and the file that came of it.",
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
            name="Network",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("code", fields.CharField(unique=True, max_length=64)),
                ("name", fields.CharField(unique=True, max_length=255)),
                (
                    "level",
                    fields.CharEnumField(
                        description="NATIONAL: national\nREGION: region\nDEPARTMENT: department\nSITE: site",
                        enum_type=PublicationLevel,
                        max_length=16,
                    ),
                ),
                ("validates_replies", fields.BooleanField(default=False)),
                ("bulk_replies", fields.BooleanField(default=False)),
                ("reply_days", fields.SmallIntField(default=5)),
            ],
            options={
                "table": "network",
                "app": "models",
                "pk_attr": "id",
                "table_description": 'A network of offices under one administration ("réseau": CAF, police nationale ...).',
            },
            bases=["Model"],
        ),
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
        ops.CreateModel(
            name="OfficeType",
            fields=[
                (
                    "code",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64),
                ),
                ("name", fields.CharField(max_length=255)),
                (
                    "network",
                    fields.ForeignKeyField(
                        "models.Network",
                        source_field="network_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="office_types",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "office_type",
                "app": "models",
                "pk_attr": "code",
                "table_description": 'A kind of office in the national directory ("type de service local": caf, cpam ...).',
            },
            bases=["Model"],
        ),
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
        ops.CreateModel(
            name="Region",
            fields=[
                (
                    "code",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=3),
                ),
                ("name", fields.CharField(max_length=128)),
            ],
            options={
                "table": "region",
                "app": "models",
                "pk_attr": "code",
                "table_description": "A region, by its code in the official geographic code (INSEE).",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Department",
            fields=[
                (
                    "code",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=3),
                ),
                ("name", fields.CharField(max_length=128)),
                (
                    "region",
                    fields.ForeignKeyField(
                        "models.Region",
                        source_field="region_id",
                        null=True,
                        db_constraint=True,
                        to_field="code",
                        related_name="departments",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "department",
                "app": "models",
                "pk_attr": "code",
                "table_description": "A department or overseas collectivity, by its official code: 01, 2A, 974 ...",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Office",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("directory_id", fields.CharField(unique=True, max_length=64)),
                ("pivot_code", fields.CharField(null=True, db_index=True, max_length=64)),
                ("name", fields.CharField(max_length=512)),
                (
                    "type",
                    fields.ForeignKeyField(
                        "models.OfficeType",
                        source_field="type_id",
                        db_constraint=True,
                        to_field="code",
                        related_name="offices",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "network",
                    fields.ForeignKeyField(
                        "models.Network",
                        source_field="network_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="offices",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "parent",
                    fields.ForeignKeyField(
                        "models.Office",
                        source_field="parent_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="children",
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
                        related_name="offices",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("commune_code", fields.CharField(null=True, max_length=8)),
                ("address", fields.CharField(null=True, max_length=1024)),
                ("postal_code", fields.CharField(null=True, max_length=16)),
                ("city", fields.CharField(null=True, max_length=255)),
                ("latitude", fields.FloatField(null=True)),
                ("longitude", fields.FloatField(null=True)),
                ("x", fields.FloatField(null=True)),
                ("y", fields.FloatField(null=True)),
                ("z", fields.FloatField(null=True)),
                ("phone", fields.CharField(null=True, max_length=64)),
                ("email", fields.CharField(null=True, max_length=255)),
                ("website", fields.CharField(null=True, max_length=1024)),
                ("search", fields.TextField(unique=False)),
                ("fingerprint", fields.CharField(max_length=64)),
                ("closed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "file",
                    fields.ForeignKeyField(
                        "models.DirectoryFile",
                        source_field="file_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="offices",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "office",
                "app": "models",
                "indexes": [
                    Index(fields=["network_id", "search", "id"]),
                    Index(fields=["department_id", "search", "id"]),
                ],
                "pk_attr": "id",
                "table_description": 'A place, or a unit, where a network meets its users ("structure").',
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AuditEntry",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("actor", fields.BigIntField(null=True)),
                ("actor_label", fields.CharField(max_length=255)),
                ("action", fields.CharField(max_length=64)),
                ("subject", fields.CharField(max_length=128)),
                (
                    "network",
                    fields.ForeignKeyField(
                        "models.Network",
                        source_field="network_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="audit",
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
                        related_name="audit",
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
                        related_name="audit",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("facts", fields.TextField(unique=False)),
                ("address", fields.CharField(null=True, max_length=64)),
                ("request", fields.CharField(null=True, max_length=64)),
                ("seal", fields.CharField(max_length=64)),
            ],
            options={
                "table": "audit_entry",
                "app": "models",
                "pk_attr": "id",
                "table_description": "One deed. Never changed, never removed: the database refuses it, and the seals tell it.",
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
            name="Endpoint",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("label", fields.CharField(max_length=255)),
                ("url", fields.CharField(max_length=2000)),
                (
                    "network",
                    fields.ForeignKeyField(
                        "models.Network",
                        source_field="network_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="webhooks",
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
                        related_name="webhooks",
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
                        related_name="webhooks",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("types", fields.TextField(default="[]", unique=False)),
                ("secret", fields.TextField(unique=False)),
                ("former_secret", fields.TextField(null=True, unique=False)),
                (
                    "former_until",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        default=EndpointState.ACTIVE,
                        description="ACTIVE: active\nOFF: off\nFAILED: failed",
                        enum_type=EndpointState,
                        max_length=16,
                    ),
                ),
                ("position", fields.BigIntField()),
                ("failures", fields.IntField(default=0)),
                (
                    "failing_since",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("retry_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "disabled_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("made_at", fields.DatetimeField(auto_now=False, auto_now_add=True)),
                (
                    "made_by",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="made_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="webhooks",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("version", fields.IntField(default=1)),
            ],
            options={
                "table": "webhook_endpoint",
                "app": "models",
                "pk_attr": "id",
                "table_description": "An address to which the events of a place are sent, each signed.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "endpoint",
                    fields.ForeignKeyField(
                        "models.Endpoint",
                        source_field="endpoint_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="deliveries",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("event_id", fields.BigIntField(null=True)),
                ("type", fields.CharField(max_length=64)),
                ("item", fields.CharField(max_length=128)),
                ("message", fields.CharField(max_length=64)),
                (
                    "state",
                    fields.CharEnumField(
                        default=DeliveryState.PENDING,
                        description="PENDING: pending\nDELIVERED: delivered\nDEAD: dead",
                        enum_type=DeliveryState,
                        max_length=16,
                    ),
                ),
                ("attempts", fields.IntField(default=0)),
                ("asked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("due_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("tried_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("status", fields.SmallIntField(null=True)),
                (
                    "trouble",
                    fields.CharEnumField(
                        null=True,
                        description="NOT_PUBLIC: not_public\nUNREACHABLE: unreachable\nUNTRUSTED: untrusted\nTIMEOUT: timeout\nNOT_HTTP: not_http\nREDIRECT: redirect\nREFUSED: refused\nGONE: gone\nFORGOTTEN: forgotten",
                        enum_type=Trouble,
                        max_length=16,
                    ),
                ),
            ],
            options={
                "table": "webhook_delivery",
                "app": "models",
                "unique_together": (("endpoint", "message"),),
                "pk_attr": "id",
                "table_description": "One event at one endpoint: whether it was taken, and what went wrong last.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Grant",
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
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="grants",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("invited_email", fields.CharField(null=True, db_index=True, max_length=255)),
                (
                    "role",
                    fields.CharEnumField(
                        description="OFFICE_AGENT: office_agent\nOFFICE_MANAGER: office_manager\nDEPARTMENT_MANAGER: department_manager\nNETWORK_MANAGER: network_manager\nVALIDATOR: validator\nREADER: reader\nANALYST: analyst\nMODERATOR: moderator\nADMINISTRATOR: administrator\nSERVICE: service",
                        enum_type=Role,
                        max_length=32,
                    ),
                ),
                ("rights", fields.CharField(default="", max_length=512)),
                (
                    "network",
                    fields.ForeignKeyField(
                        "models.Network",
                        source_field="network_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="grants",
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
                        related_name="grants",
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
                        related_name="grants",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("starts_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("ends_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("given_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=True)),
                (
                    "given_by",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="given_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="given",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("revoked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "access_grant",
                "app": "models",
                "pk_attr": "id",
                "table_description": "A role over a scope: a network, narrowed to a department or to an office and those below.",
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
        ops.CreateModel(
            name="Review",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("source", fields.CharField(max_length=32)),
                ("source_id", fields.CharField(max_length=64)),
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
                ("published_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("posted_as", fields.CharField(null=True, max_length=255)),
                ("country", fields.CharField(null=True, max_length=255)),
                ("postal_code", fields.CharField(null=True, max_length=16)),
                ("improvement", fields.CharField(null=True, max_length=255)),
                ("action", fields.TextField(null=True, unique=False)),
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
                (
                    "procedure",
                    fields.ForeignKeyField(
                        "models.Procedure",
                        source_field="procedure_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="reviews",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("search", fields.TextField(unique=False)),
                ("version", fields.IntField(default=1)),
                (
                    "redacted_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "review",
                "app": "models",
                "unique_together": (("source", "source_id"),),
                "pk_attr": "id",
                "table_description": 'An experience that a user told ("expérience"), published after moderation.',
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
            name="ReviewOriginal",
            fields=[
                (
                    "review",
                    fields.OneToOneField(
                        "models.Review",
                        source_field="review_id",
                        primary_key=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="original",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("received", fields.TextField(unique=False)),
                ("fingerprint", fields.CharField(max_length=32)),
            ],
            options={
                "table": "review_original",
                "app": "models",
                "pk_attr": "review_id",
                "table_description": "A review as it was received, kept apart: it is never shown, searched or exported.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ReviewStructure",
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
                        related_name="structures",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("position", fields.SmallIntField()),
                (
                    "network",
                    fields.ForeignKeyField(
                        "models.Network",
                        source_field="network_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="structures",
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
                        related_name="structures",
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
                        related_name="structures",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("received_name", fields.CharField(null=True, max_length=512)),
                ("channels", fields.SmallIntField(default=0)),
                (
                    "sentiment",
                    fields.IntEnumField(
                        description="NEGATIVE: -1\nNEUTRAL: 0\nPOSITIVE: 1",
                        enum_type=Sentiment,
                        generated=False,
                    ),
                ),
                ("published_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("answered", fields.BooleanField(default=False)),
                ("replied_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("assignee_id", fields.BigIntField(null=True)),
                ("version", fields.IntField(default=1)),
            ],
            options={
                "table": "review_structure",
                "app": "models",
                "unique_together": (("review", "position"),),
                "pk_attr": "id",
                "table_description": "One of the one to three structures that a review concerns, with its own reply.",
            },
            bases=["Model"],
        ),
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
            name="Reply",
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
                        related_name="replies",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        default=ReplyState.PUBLISHED,
                        description="DRAFT: draft\nSUBMITTED: submitted\nVALIDATED: validated\nPUBLISHED: published\nWITHDRAWN: withdrawn",
                        enum_type=ReplyState,
                        max_length=16,
                    ),
                ),
                ("greeting", fields.CharField(default="", max_length=255)),
                ("body", fields.TextField(unique=False)),
                ("signature", fields.CharField(default="", max_length=255)),
                (
                    "published_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("edited_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "withdrawn_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("helpful", fields.BooleanField(null=True)),
                ("version", fields.IntField(default=1)),
                (
                    "author",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="author_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="replies",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
            ],
            options={
                "table": "reply",
                "app": "models",
                "pk_attr": "id",
                "table_description": "What a structure answers. Withdrawn ones are kept, at most one is not.",
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
                (
                    "procedure",
                    fields.ForeignKeyField(
                        "models.Procedure",
                        source_field="procedure_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="submissions",
                        on_delete=OnDelete.RESTRICT,
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
        ops.CreateModel(
            name="Task",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("kind", fields.CharField(max_length=32)),
                ("key", fields.CharField(max_length=64)),
                ("facts", fields.TextField(unique=False)),
                ("asked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("due_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("asked", fields.IntField(default=1)),
                ("attempts", fields.SmallIntField(default=0)),
                ("error", fields.CharField(default="", max_length=500)),
                ("leased_by", fields.CharField(null=True, max_length=64)),
                (
                    "leased_until",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "task",
                "app": "models",
                "unique_together": (("kind", "key"),),
                "pk_attr": "id",
                "table_description": "Something to do: a kind of work, and the `key` of what it is about.",
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
        # As made above, the state takes the relation for the key: it is not resolved yet.
        ops.AlterModelOptions(
            name="ReviewOriginal",
            options={
                "table": "review_original",
                "app": "models",
                "pk_attr": "review_id",
                "table_description": "A review as it was received, kept apart: it is never shown, searched or exported.",
            },
        ),
        ops.AlterModelOptions(
            name="ReportOriginal",
            options={
                "table": "report_original",
                "app": "models",
                "pk_attr": "report_id",
                "table_description": "A report as it was received, kept apart: it is never shown, searched or exported.",
            },
        ),
    ]
