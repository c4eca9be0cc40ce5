"""Row level security on PostgreSQL: what each viewer may see of each table (docs/decisions/0007)."""

from typing import Any

from tortoise import migrations
from tortoise.migrations import operations as ops


def _list(name: str, kind: str) -> str:
    """A list in a setting of the transaction, read once for a statement, not for each row."""
    read = f"(SELECT NULLIF(NULLIF(current_setting('relais.{name}', true), ''), '*')::{kind}[])"
    return f"coalesce({read}, '{{}}')"


def _on(name: str) -> str:
    return f"(SELECT current_setting('relais.{name}', true) = 'on')"


def _everywhere(name: str) -> str:
    return f"(SELECT current_setting('relais.{name}', true) = '*')"


def _reached(row: str = "", what: str = "") -> str:
    """Whether the row's place is among the networks, departments and offices of the viewer."""
    return (
        f"{row}network_id = ANY ({_list(f'{what}networks', 'bigint')})"
        f" OR {row}office_id = ANY ({_list(f'{what}offices', 'bigint')})"
        f" OR {row}network_id || ':' || {row}department_id"
        f" = ANY ({_list(f'{what}departments', 'text')})"
    )


def _seen(parent: str, key: str, child: str) -> str:
    """Whether the viewer sees the row's parent: its own policy says so."""
    return f"EXISTS (SELECT 1 FROM {parent} p WHERE p.{key} = {child})"


EVERYTHING, COUNTRY = _on("everything"), _on("country")
MINE = "(SELECT NULLIF(current_setting('relais.account', true), '')::bigint)"
PLACED = f"{EVERYTHING} OR {COUNTRY} OR {_reached()}"
ADMINISTERED = f"network_id = ANY ({_list('administer', 'bigint')})"
ADMINISTERS = (
    "(SELECT coalesce(current_setting('relais.administer', true), '{}') NOT IN ('', '{}'))"
)
TRIAGED = "state IN ('accepted', 'acknowledged', 'being_rewritten', 'rewritten', 'declined')"

# Past the wall, for the one question that a policy asks.
SHARES = f"""CREATE FUNCTION relais_shares(review bigint) RETURNS boolean
LANGUAGE sql STABLE SET relais.everything = 'on' AS
$$ SELECT EXISTS (SELECT 1 FROM review_structure WHERE review_id = review AND ({_reached()})) $$"""
SHARES_ACCOUNT = f"""CREATE FUNCTION relais_administers(account bigint) RETURNS boolean
LANGUAGE sql STABLE SET relais.everything = 'on' AS
$$ SELECT EXISTS (SELECT 1 FROM access_grant WHERE account_id = account AND {ADMINISTERED}) $$"""

POLICIES = {
    # Whoever shares a review sees what its other structures answered.
    "review_structure": f"CASE WHEN {EVERYTHING} OR {COUNTRY} THEN TRUE"
    f" WHEN {_reached()} THEN TRUE ELSE relais_shares(review_id) END",
    "review": f"{EVERYTHING} OR {_seen('review_structure', 'review_id', 'review.id')}",
    "review_original": EVERYTHING,
    "reply": f"{EVERYTHING} OR {_seen('review_structure', 'id', 'reply.structure_id')}",
    "reply_version": f"{EVERYTHING} OR {_seen('reply', 'id', 'reply_version.reply_id')}",
    "late_edit": f"{EVERYTHING} OR {_seen('reply', 'id', 'late_edit.reply_id')}",
    "structure_move": f"{EVERYTHING}"
    f" OR {_seen('review_structure', 'id', 'structure_move.structure_id')}",
    "structure_tag": f"{EVERYTHING}"
    f" OR {_seen('review_structure', 'id', 'structure_tag.structure_id')}",
    "improvement": f"{EVERYTHING} OR {_seen('review_structure', 'id', 'improvement.structure_id')}",
    "review_comment": f"{EVERYTHING}"
    f" OR {_seen('review_structure', 'review_id', 'review_comment.review_id')}",
    "mention": f"{EVERYTHING} OR account_id = {MINE}"
    f" OR {_seen('review_comment', 'id', 'mention.comment_id')}",
    "transfer": PLACED,
    "review_flag": f"{EVERYTHING} OR {_on('moderate')} OR flagged_by_id = {MINE}",
    # One's own part of a review only: who shares it is not told how to reach its author.
    "contact_request": f"{EVERYTHING} OR {COUNTRY} OR EXISTS (SELECT 1 FROM review_structure s"
    f" WHERE s.id = contact_request.structure_id AND ({_reached('s.')}))",
    "submission": f"{EVERYTHING} OR {_on('moderate')} OR submitted_by_id = {MINE}",
    "document_report": f"{EVERYTHING} OR {_on('moderate')} OR submitted_by_id = {MINE}"
    f" OR ({TRIAGED} AND ({COUNTRY} OR {_reached()}))",
    "document": f"{EVERYTHING} OR {_seen('document_report', 'document_id', 'document.id')}",
    "report_version": f"{EVERYTHING} OR {_seen('document_report', 'id', 'report_version.report_id')}",
    "report_original": EVERYTHING,
    "attachment": f"{EVERYTHING} OR uploaded_by_id = {MINE}"
    f" OR {_seen('document_report', 'attachment_id', 'attachment.id')}",
    "saved_filter": f"{EVERYTHING} OR account_id = {MINE}",
    # Without the grants beyond, an account looks like one that is wholly theirs, with its tokens.
    "access_grant": f"CASE WHEN {EVERYTHING} OR {_everywhere('administer')} THEN TRUE"
    f" WHEN {ADMINISTERED} OR account_id = {MINE} THEN TRUE"
    " ELSE relais_administers(account_id) END",
    "account": f"{EVERYTHING} OR {ADMINISTERS} OR id = {MINE}",
    "access_token": f"{EVERYTHING} OR {ADMINISTERS}",
    # Only the service itself reads sessions, before there is a viewer.
    "session": EVERYTHING,
    "idempotency": f"{EVERYTHING} OR account_id = {MINE}",
    "webhook_endpoint": f"{EVERYTHING} OR {_everywhere('administer')} OR {ADMINISTERED}",
    "webhook_delivery": f"{EVERYTHING}"
    f" OR {_seen('webhook_endpoint', 'id', 'webhook_delivery.endpoint_id')}",
    "task": f"{EVERYTHING} OR {_everywhere('administer')}",
    "export": f"{EVERYTHING} OR account_id = {MINE}",
}
FIGURES = f"{_on('figures_country')} OR {_reached(what='figures_')}"
WHOLE_NETWORK = f"level IN (1, 4) AND network_id = ANY ({_list('benchmarks', 'bigint')})"
# (table, policy, for): what is read by some and written by others.
POLICIES_FOR = {
    ("audit_entry", "wall", "SELECT"): f"{EVERYTHING} OR {_everywhere('audit')}"
    f" OR network_id = ANY ({_list('audit', 'bigint')})",
    ("audit_entry", "written", "INSERT"): "TRUE",
    ("event", "wall", "SELECT"): f"{PLACED} OR network_id IS NULL",
    ("event", "written", "INSERT"): "TRUE",
    ("event", "purged", "DELETE"): EVERYTHING,
    ("rollup", "wall", "SELECT"): f"{EVERYTHING} OR {FIGURES} OR {WHOLE_NETWORK}",
    ("rollup", "kept", "ALL"): EVERYTHING,
    ("rollup_delta", "wall", "SELECT"): f"{EVERYTHING} OR {FIGURES}",
    ("rollup_delta", "written", "INSERT"): "TRUE",
    ("rollup_delta", "kept", "ALL"): EVERYTHING,
    ("moderation_figure", "wall", "SELECT"): f"{_on('figures_country')}"
    f" OR network_id = ANY ({_list('figures_networks', 'bigint')})",
    ("moderation_figure", "kept", "ALL"): EVERYTHING,
}
ALL = {**{(table, "wall", "ALL"): rule for table, rule in POLICIES.items()}, **POLICIES_FOR}
WALLED = sorted({table for table, _, _ in ALL})


def _policy(table: str, name: str, verb: str, rule: str) -> str:
    check = "WITH CHECK" if verb == "INSERT" else "USING"
    return f"CREATE POLICY {name} ON {table} FOR {verb} {check} ({rule})"


FORWARD = (
    SHARES,
    SHARES_ACCOUNT,
    *(_policy(*key, rule) for key, rule in ALL.items()),
    *(
        f"ALTER TABLE {table} {verb} ROW LEVEL SECURITY"
        for table in WALLED
        for verb in ("ENABLE", "FORCE")
    ),
)
BACKWARD = (
    *(
        f"ALTER TABLE {table} {verb} ROW LEVEL SECURITY"
        for table in WALLED
        for verb in ("NO FORCE", "DISABLE")
    ),
    *(f"DROP POLICY {name} ON {table}" for table, name, _ in ALL),
    "DROP FUNCTION relais_administers",
    "DROP FUNCTION relais_shares",
)


async def raise_wall(_: Any, editor: Any) -> None:
    if editor.client.capabilities.dialect != "sqlite":
        for statement in FORWARD:
            await editor.client.execute_query(statement)


async def take_wall_down(_: Any, editor: Any) -> None:
    if editor.client.capabilities.dialect != "sqlite":
        for statement in BACKWARD:
            await editor.client.execute_query(statement)


class Migration(migrations.Migration):
    dependencies = [("models", "0003_rollups")]

    operations = [ops.RunPython(raise_wall, take_wall_down)]
