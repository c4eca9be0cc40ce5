"""Indexes that Tortoise cannot say: partial ones, their order, and full text."""

from typing import Any

from tortoise import migrations
from tortoise.migrations import operations as ops

INDEXES = {
    # The one published reply of a structure, and the guard that there is at most one.
    "reply_live": "reply (structure_id) WHERE withdrawn_at IS NULL",
    "reply_structure": "reply (structure_id)",
    "grant_account": "access_grant (account_id)",
    "office_parent": "office (parent_id)",
    "office_place": "office (z)",
    # The inbox of a network, of its part in a department, of an office.
    "inbox_network": "review_structure (network_id, published_at, review_id)",
    "inbox_department": "review_structure (network_id, department_id, published_at, review_id)",
    "inbox_office": "review_structure (office_id, published_at, review_id)",
    # What is left to answer.
    "worklist_network": "review_structure"
    " (network_id, department_id, sentiment, published_at, review_id) WHERE NOT answered",
    "worklist_office": "review_structure"
    " (office_id, sentiment, published_at, review_id) WHERE NOT answered",
}
UNIQUE = {"reply_live"}

POSTGRES = (
    "CREATE INDEX review_search ON review USING gin (to_tsvector('simple', search))",
    # Sorted by code point as SQLite does, whatever the locale of the server.
    'ALTER TABLE office ALTER COLUMN search TYPE text COLLATE "C"',
)
_FORGET = (
    "INSERT INTO review_search(review_search, rowid, search) VALUES ('delete', old.id, old.search)"
)
_LEARN = "INSERT INTO review_search(rowid, search) VALUES (new.id, new.search)"
SQLITE = (
    "CREATE VIRTUAL TABLE review_search USING fts5(search, content='review', content_rowid='id')",
    f"CREATE TRIGGER review_search_insert AFTER INSERT ON review BEGIN {_LEARN}; END",
    f"CREATE TRIGGER review_search_delete AFTER DELETE ON review BEGIN {_FORGET}; END",
    "CREATE TRIGGER review_search_update AFTER UPDATE OF search ON review BEGIN "
    f"{_FORGET}; {_LEARN}; END",
)


async def add_full_text(_: Any, editor: Any) -> None:
    for statement in SQLITE if editor.client.capabilities.dialect == "sqlite" else POSTGRES:
        await editor.client.execute_query(statement)


async def drop_full_text(_: Any, editor: Any) -> None:
    if editor.client.capabilities.dialect == "sqlite":
        for event in ("insert", "delete", "update"):
            await editor.client.execute_query(f"DROP TRIGGER review_search_{event}")
        await editor.client.execute_query("DROP TABLE review_search")
    else:
        await editor.client.execute_query("DROP INDEX review_search")


class Migration(migrations.Migration):
    dependencies = [("models", "0001_initial")]

    operations = [
        *(
            ops.RunSQL(
                f"CREATE {'UNIQUE ' * (name in UNIQUE)}INDEX {name} ON {columns}",
                f"DROP INDEX {name}",
            )
            for name, columns in INDEXES.items()
        ),
        ops.RunPython(add_full_text, drop_full_text),
        # Says again what 0001 said: makemigrations takes its own spelling of this key for a change.
        ops.AlterModelOptions(
            name="ReviewOriginal",
            options={
                "table": "review_original",
                "app": "models",
                "pk_attr": "review_id",
                "table_description": "A review as it was received, kept apart: it is never shown,"
                " searched or exported.",
            },
        ),
    ]
