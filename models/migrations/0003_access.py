"""Machines and their tokens, grants in time, and the audit trail."""

from enum import StrEnum
from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint


# As they were: a migration must not change when the code does.
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


class AccountKind(StrEnum):
    PERSON = "person"
    MACHINE = "machine"


GRANT_ACCOUNT = "CREATE INDEX IF NOT EXISTS grant_account ON access_grant (account_id)"
HEAD = f"INSERT INTO audit_head (id, entries, seal) VALUES (1, 0, '{'0' * 64}')"
POSTGRES = (
    "CREATE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'audit entries are never changed'; END $$",
    "CREATE TRIGGER audit_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry"
    " FOR EACH STATEMENT EXECUTE FUNCTION audit_is_kept()",
)
SQLITE = tuple(
    f"CREATE TRIGGER audit_is_kept_{event} BEFORE {event} ON audit_entry BEGIN"
    " SELECT RAISE(ABORT, 'audit entries are never changed'); END"
    for event in ("update", "delete")
)


async def keep_audit(_: Any, editor: Any) -> None:
    sqlite = editor.client.capabilities.dialect == "sqlite"
    for statement in (HEAD, *(SQLITE if sqlite else POSTGRES)):
        await editor.client.execute_query(statement)


async def release_audit(_: Any, editor: Any) -> None:
    if editor.client.capabilities.dialect == "sqlite":
        return  # its triggers go with the table
    await editor.client.execute_query("DROP TRIGGER audit_is_kept ON audit_entry")
    await editor.client.execute_query("DROP FUNCTION audit_is_kept")


class Migration(migrations.Migration):
    dependencies = [("models", "0002_indexes")]

    initial = False

    operations = [
        # On the way back this comes last: a SQLite table that was rebuilt has lost its indexes.
        ops.RunSQL("", GRANT_ACCOUNT),
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
        ops.AlterField(
            model_name="Account",
            name="subject",
            field=fields.CharField(max_length=255),
        ),
        ops.AddField(
            model_name="Account",
            name="email",
            field=fields.CharField(null=True, db_index=True, max_length=255),
        ),
        ops.AddField(
            model_name="Account",
            name="issuer",
            field=fields.CharField(default="relais", max_length=255),
        ),
        ops.AddField(
            model_name="Account",
            name="kind",
            field=fields.CharEnumField(
                default=AccountKind.PERSON,
                description="PERSON: person\nMACHINE: machine",
                enum_type=AccountKind,
                max_length=16,
            ),
        ),
        ops.AddConstraint(
            model_name="Account",
            constraint=UniqueConstraint(fields=("issuer", "subject"), name=None),
        ),
        ops.AlterField(
            model_name="Grant",
            name="account",
            field=fields.ForeignKeyField(
                "models.Account",
                source_field="account_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name="grants",
                on_delete=OnDelete.CASCADE,
            ),
        ),
        ops.AlterField(
            model_name="Grant",
            name="role",
            field=fields.CharEnumField(
                description="OFFICE_AGENT: office_agent\nOFFICE_MANAGER: office_manager\nDEPARTMENT_MANAGER: department_manager\nNETWORK_MANAGER: network_manager\nVALIDATOR: validator\nREADER: reader\nANALYST: analyst\nMODERATOR: moderator\nADMINISTRATOR: administrator\nSERVICE: service",
                enum_type=Role,
                max_length=32,
            ),
        ),
        ops.AddField(
            model_name="Grant",
            name="ends_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Grant",
            name="given_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=True),
        ),
        ops.AddField(
            model_name="Grant",
            name="given_by",
            field=fields.ForeignKeyField(
                "models.Account",
                source_field="given_by_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name="given",
                on_delete=OnDelete.SET_NULL,
            ),
        ),
        ops.AddField(
            model_name="Grant",
            name="invited_email",
            field=fields.CharField(null=True, db_index=True, max_length=255),
        ),
        ops.AddField(
            model_name="Grant",
            name="revoked_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Grant",
            name="rights",
            field=fields.CharField(default="", max_length=512),
        ),
        ops.AddField(
            model_name="Grant",
            name="starts_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.RunSQL(GRANT_ACCOUNT, ""),
        ops.RunSQL(
            "CREATE INDEX token_account ON access_token (account_id)", "DROP INDEX token_account"
        ),
        ops.RunSQL(
            "CREATE INDEX audit_network ON audit_entry (network_id, id)", "DROP INDEX audit_network"
        ),
        ops.RunPython(keep_audit, release_audit),
    ]
