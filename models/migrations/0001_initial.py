"""The first tables."""

from enum import IntEnum, StrEnum

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


# As they were: a migration must not change when the code does.
class Role(StrEnum):
    OFFICE_AGENT = "office_agent"
    DEPARTMENT_MANAGER = "department_manager"
    NETWORK_MANAGER = "network_manager"
    ANALYST = "analyst"


class PublicationLevel(StrEnum):
    NATIONAL = "national"
    REGION = "region"
    DEPARTMENT = "department"
    SITE = "site"


class Sentiment(IntEnum):
    NEGATIVE = -1
    NEUTRAL = 0
    POSITIVE = 1


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
                ("subject", fields.CharField(unique=True, max_length=64)),
                ("label", fields.CharField(max_length=255)),
                (
                    "deactivated_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "account",
                "app": "models",
                "pk_attr": "id",
                "table_description": 'A person or a machine. `label` is a function ("Caf du Rhône, accueil"), never a name.',
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
                        db_constraint=True,
                        to_field="id",
                        related_name="grants",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "role",
                    fields.CharEnumField(
                        description="OFFICE_AGENT: office_agent\nDEPARTMENT_MANAGER: department_manager\nNETWORK_MANAGER: network_manager\nANALYST: analyst",
                        enum_type=Role,
                        max_length=32,
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
                ("search", fields.TextField(unique=False)),
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
                ("body", fields.TextField(unique=False)),
                (
                    "published_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("edited_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "withdrawn_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
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
                "table_description": "What a structure answered, in public. Withdrawn ones are kept, at most one is live.",
            },
            bases=["Model"],
        ),
    ]
