"""What Tortoise cannot say: partial indexes, full text, an audit that is kept, the first rows."""

from typing import Any

from tortoise import migrations
from tortoise.migrations import operations as ops

INDEXES = {
    "grant_account": "access_grant (account_id)",
    "token_account": "access_token (account_id)",
    "session_account": "session (account_id)",
    "audit_network": "audit_entry (network_id, id)",
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
    "worklist_assignee": "review_structure (assignee_id, published_at, review_id)"
    " WHERE assignee_id IS NOT NULL",
    "review_procedure": "review (procedure_id) WHERE procedure_id IS NOT NULL",
    "procedure_network_network": "procedure_network (network_id, procedure_id)",
    "reply_structure": "reply (structure_id)",
    "late_edit_reply": "late_edit (reply_id)",
    "reply_template_network": "reply_template (network_id)",
    "submission_queue": "submission (state, submitted_at, id)",
    "submission_brought": "submission (submitted_by_id, submitted_at, id)",
    "submission_review": "submission (review_id)",
    "submission_procedure": "submission (procedure_id) WHERE procedure_id IS NOT NULL",
    "contact_request_structure": "contact_request (structure_id)",
    "contact_request_asked": "contact_request (state, asked_at, id)",
    "contact_request_ended": "contact_request (ended_at) WHERE contact IS NOT NULL",
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
    "document_report_list": "document_report (submitted_at, id)",
    "document_report_network": "document_report (network_id, submitted_at, id)",
    "document_report_office": "document_report (office_id, submitted_at, id)",
    "document_report_document": "document_report (document_id, state, reason)",
    "document_report_brought": "document_report (submitted_by_id, submitted_at, id)",
    "document_report_queue": "document_report (submitted_at, id) WHERE state = 'submitted'",
    "attachment_uploaded": "attachment (uploaded_by_id)",
    "event_network": "event (network_id, id)",
    "event_office": "event (office_id, id)",
    "task_due": "task (due_at, id)",
    "webhook_endpoint_network": "webhook_endpoint (network_id)",
    "webhook_delivery_log": "webhook_delivery (endpoint_id, id)",
    "webhook_delivery_due": "webhook_delivery (endpoint_id, due_at) WHERE state = 'pending'",
    "webhook_delivery_order": "webhook_delivery (endpoint_id, item, event_id)"
    " WHERE state = 'pending'",
    "export_account": "export (account_id, id)",
    "export_state": "export (state, expires_at)",
}
# At most one of these for one thing, whatever wrote it.
ONE = {
    "reply_live": "reply (structure_id) WHERE withdrawn_at IS NULL",
    "transfer_open": "transfer (structure_id) WHERE state = 'open'",
    "review_flag_open": "review_flag (review_id) WHERE state = 'open'",
    "improvement_open": "improvement (structure_id) WHERE state IN ('flagged', 'planned')",
    "moderation_figure_once": "moderation_figure (kind, month, coalesce(network_id, 0))",
}
FIRST_ROWS = (
    f"INSERT INTO audit_head (id, entries, seal) VALUES (1, 0, '{'0' * 64}')",
    "INSERT INTO event_log (id, floor) VALUES (1, 0)",
)
POSTGRES = (
    # Sorted by code point as SQLite does, whatever the locale of the server.
    'ALTER TABLE office ALTER COLUMN search TYPE text COLLATE "C"',
    # An index on the protected text could not be used: PostgreSQL must ask the wall before it lets
    # an operator that is not leakproof see a row. The stems alone stand in a table of their own.
    "CREATE TABLE review_search (review_id bigint PRIMARY KEY"
    " REFERENCES review (id) ON DELETE CASCADE, words tsvector NOT NULL)",
    "CREATE INDEX review_search_words ON review_search USING gin (words)",
    """CREATE FUNCTION review_learn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO review_search VALUES (new.id, to_tsvector('simple', new.search))
        ON CONFLICT (review_id) DO UPDATE SET words = excluded.words;
        RETURN NULL; END $$""",
    "CREATE TRIGGER review_learn AFTER INSERT OR UPDATE OF search ON review"
    " FOR EACH ROW EXECUTE FUNCTION review_learn()",
    "CREATE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'audit entries are never changed'; END $$",
    "CREATE TRIGGER audit_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry"
    " FOR EACH STATEMENT EXECUTE FUNCTION audit_is_kept()",
)
POSTGRES_BACK = (
    "DROP TRIGGER audit_is_kept ON audit_entry",
    "DROP FUNCTION audit_is_kept",
    "DROP TRIGGER review_learn ON review",
    "DROP FUNCTION review_learn",
    "DROP TABLE review_search",
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
    *(
        f"CREATE TRIGGER audit_is_kept_{event} BEFORE {event} ON audit_entry BEGIN"
        " SELECT RAISE(ABORT, 'audit entries are never changed'); END"
        for event in ("update", "delete")
    ),
)
SQLITE_BACK = (
    *(f"DROP TRIGGER audit_is_kept_{event}" for event in ("update", "delete")),
    *(f"DROP TRIGGER review_search_{event}" for event in ("insert", "delete", "update")),
    "DROP TABLE review_search",
)


async def forward(_: Any, editor: Any) -> None:
    sqlite = editor.client.capabilities.dialect == "sqlite"
    for statement in (
        *(f"CREATE INDEX {name} ON {columns}" for name, columns in INDEXES.items()),
        *(f"CREATE UNIQUE INDEX {name} ON {columns}" for name, columns in ONE.items()),
        *FIRST_ROWS,
        *(SQLITE if sqlite else POSTGRES),
    ):
        await editor.client.execute_query(statement)


async def backward(_: Any, editor: Any) -> None:
    sqlite = editor.client.capabilities.dialect == "sqlite"
    for statement in (
        *(SQLITE_BACK if sqlite else POSTGRES_BACK),
        *(f"DELETE FROM {table}" for table in ("event_log", "audit_head")),
        *(f"DROP INDEX {name}" for name in (*ONE, *INDEXES)),
    ):
        await editor.client.execute_query(statement)


class Migration(migrations.Migration):
    dependencies = [("models", "0001_initial")]

    operations = [ops.RunPython(forward, backward)]
