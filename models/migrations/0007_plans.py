"""Indexes for what lists are asked for most, and what PostgreSQL is told of places."""

from typing import Any

from tortoise import migrations
from tortoise.migrations import operations as ops

INDEXES = {
    # What a country is asked for: those who read everywhere have no place to begin with.
    "inbox_country": "review_structure (published_at, review_id)",
    "worklist_country": "review_structure (published_at, review_id) WHERE NOT answered",
    # What users felt, answered or not.
    "felt_network": "review_structure (network_id, sentiment, published_at, review_id)",
    "felt_department": "review_structure"
    " (network_id, department_id, sentiment, published_at, review_id)",
    "felt_office": "review_structure (network_id, office_id, sentiment, published_at, review_id)",
    # What is left to answer: of a network what was felt, at an office whatever was felt.
    "open_network": "review_structure (network_id, sentiment, published_at, review_id)"
    " WHERE NOT answered",
    "open_office": "review_structure (network_id, office_id, published_at, review_id)"
    " WHERE NOT answered",
    "submission_list": "submission (submitted_at, id)",
    "submission_suspect": "submission (state, submitted_at, id) WHERE suspects > 0",
    "document_report_state": "document_report (state, submitted_at, id)",
}
# An office lies in one department and is of one network: without being told, PostgreSQL takes each
# of the three for a condition of its own, expects too few rows, and reads all instead of a page.
PLACES = ("review_structure", "document_report")


async def forward(_: Any, editor: Any) -> None:
    sqlite = editor.client.capabilities.dialect == "sqlite"
    for statement in (
        *(f"CREATE INDEX {name} ON {columns}" for name, columns in INDEXES.items()),
        *(() if sqlite else _told()),
    ):
        await editor.client.execute_query(statement)


def _told() -> list[str]:
    return [
        statement
        for table in PLACES
        for statement in (
            f"CREATE STATISTICS {table}_place (dependencies)"
            f" ON network_id, department_id, office_id FROM {table}",
            f"ANALYZE {table}",  # else it knows nothing until many rows have changed
        )
    ]


async def backward(_: Any, editor: Any) -> None:
    sqlite = editor.client.capabilities.dialect == "sqlite"
    for statement in (
        *(() if sqlite else (f"DROP STATISTICS {table}_place" for table in PLACES)),
        *(f"DROP INDEX {name}" for name in INDEXES),
    ):
        await editor.client.execute_query(statement)


class Migration(migrations.Migration):
    dependencies = [("models", "0006_months")]

    operations = [ops.RunPython(forward, backward)]
