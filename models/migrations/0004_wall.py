"""Row level security on PostgreSQL, and full text that works behind it (docs/decisions/0007)."""

from typing import Any

from tortoise import migrations
from tortoise.migrations import operations as ops


def _set(name: str, kind: str) -> str:
    """A list in a setting of the transaction, read once for a statement, not for each row."""
    read = f"(SELECT NULLIF(NULLIF(current_setting('relais.{name}', true), ''), '*')::{kind}[])"
    return f"coalesce({read}, '{{}}')"


def _on(name: str) -> str:
    return f"(SELECT current_setting('relais.{name}', true) = 'on')"


EVERYTHING = _on("everything")
REACHED = (
    f"network_id = ANY ({_set('networks', 'bigint')})"
    f" OR office_id = ANY ({_set('offices', 'bigint')})"
    f" OR network_id || ':' || department_id = ANY ({_set('departments', 'text')})"
)
ADMINISTERS = (
    "(SELECT coalesce(current_setting('relais.administer', true), '{}') NOT IN ('', '{}'))"
)
MINE = "(SELECT NULLIF(current_setting('relais.account', true), '')::bigint)"


def _of_networks(name: str) -> str:
    """Whether the row's network is among those of a setting, or the setting says all."""
    everywhere = f"(SELECT current_setting('relais.{name}', true) = '*')"
    return f"{EVERYTHING} OR {everywhere} OR network_id = ANY ({_set(name, 'bigint')})"


POLICIES = {
    # Whoever shares a review sees what its other structures answered.
    "review_structure": f"CASE WHEN {EVERYTHING} OR {_on('country')} THEN TRUE"
    f" WHEN {REACHED} THEN TRUE ELSE relais_shares(review_id) END",
    "review": f"{EVERYTHING} OR EXISTS"
    " (SELECT 1 FROM review_structure s WHERE s.review_id = review.id)",
    "review_original": f"{EVERYTHING}",
    "reply": f"{EVERYTHING} OR EXISTS"
    " (SELECT 1 FROM review_structure s WHERE s.id = reply.structure_id)",
    "access_grant": f"{_of_networks('administer')} OR account_id = {MINE}",
    "account": f"{EVERYTHING} OR {ADMINISTERS} OR id = {MINE}",
    "access_token": f"{EVERYTHING} OR {ADMINISTERS}",
}
SHARES = f"""CREATE FUNCTION relais_shares(review bigint) RETURNS boolean
LANGUAGE sql STABLE SET relais.everything = 'on' AS
$$ SELECT EXISTS (SELECT 1 FROM review_structure WHERE review_id = review AND ({REACHED})) $$"""

# An index on the protected text could not be used: PostgreSQL must ask the wall before it lets an
# operator that is not leakproof see a row. The stems alone stand in a table of their own.
FULL_TEXT = (
    "DROP INDEX review_search",
    "CREATE TABLE review_search (review_id bigint PRIMARY KEY"
    " REFERENCES review (id) ON DELETE CASCADE, words tsvector NOT NULL)",
    "INSERT INTO review_search SELECT id, to_tsvector('simple', search) FROM review",
    "CREATE INDEX review_search_words ON review_search USING gin (words)",
    """CREATE FUNCTION review_learn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO review_search VALUES (new.id, to_tsvector('simple', new.search))
        ON CONFLICT (review_id) DO UPDATE SET words = excluded.words;
        RETURN NULL; END $$""",
    "CREATE TRIGGER review_learn AFTER INSERT OR UPDATE OF search ON review"
    " FOR EACH ROW EXECUTE FUNCTION review_learn()",
)


def _forward() -> list[str]:
    raised = [
        f"ALTER TABLE {table} {verb} ROW LEVEL SECURITY"
        for table in (*POLICIES, "audit_entry")
        for verb in ("ENABLE", "FORCE")
    ]
    policies = [f"CREATE POLICY wall ON {table} USING ({rule})" for table, rule in POLICIES.items()]
    return [
        *FULL_TEXT,
        SHARES,
        *policies,
        f"CREATE POLICY wall ON audit_entry FOR SELECT USING ({_of_networks('audit')})",
        "CREATE POLICY written ON audit_entry FOR INSERT WITH CHECK (TRUE)",
        *raised,
    ]


def _backward() -> list[str]:
    return [
        *(
            f"ALTER TABLE {table} {verb} ROW LEVEL SECURITY"
            for table in (*POLICIES, "audit_entry")
            for verb in ("NO FORCE", "DISABLE")
        ),
        *(f"DROP POLICY wall ON {table}" for table in (*POLICIES, "audit_entry")),
        "DROP POLICY written ON audit_entry",
        "DROP FUNCTION relais_shares",
        "DROP TRIGGER review_learn ON review",
        "DROP FUNCTION review_learn",
        "DROP TABLE review_search",
        "CREATE INDEX review_search ON review USING gin (to_tsvector('simple', search))",
    ]


async def raise_wall(_: Any, editor: Any) -> None:
    if editor.client.capabilities.dialect != "sqlite":
        for statement in _forward():
            await editor.client.execute_query(statement)


async def take_wall_down(_: Any, editor: Any) -> None:
    if editor.client.capabilities.dialect != "sqlite":
        for statement in _backward():
            await editor.client.execute_query(statement)


class Migration(migrations.Migration):
    dependencies = [("models", "0003_access")]

    operations = [ops.RunPython(raise_wall, take_wall_down)]
