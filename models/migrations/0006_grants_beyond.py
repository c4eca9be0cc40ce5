"""Who administers a part of what an account holds can be told that it holds more."""

from typing import Any

from tortoise import migrations
from tortoise.migrations import operations as ops

ADMINISTER = "(SELECT current_setting('relais.administer', true))"
NETWORKS = f"coalesce((SELECT NULLIF(NULLIF({ADMINISTER}, ''), '*')::bigint[]), '{{}}'::bigint[])"
MINE = "(SELECT NULLIF(current_setting('relais.account', true), '')::bigint)"
EVERYTHING = "(SELECT current_setting('relais.everything', true) = 'on')"
EVERYWHERE = f"(SELECT {ADMINISTER} = '*')"

BEFORE = f"{EVERYTHING} OR {EVERYWHERE} OR network_id = ANY ({NETWORKS}) OR account_id = {MINE}"
# Without the grants beyond, an account looks like one that is wholly theirs, with its tokens.
AFTER = (
    f"CASE WHEN {EVERYTHING} OR {EVERYWHERE} THEN TRUE"
    f" WHEN network_id = ANY ({NETWORKS}) OR account_id = {MINE} THEN TRUE"
    " ELSE relais_administers(account_id) END"
)
ADMINISTERS = f"""CREATE FUNCTION relais_administers(account bigint) RETURNS boolean
LANGUAGE sql STABLE SET relais.everything = 'on' AS
$$ SELECT EXISTS
(SELECT 1 FROM access_grant WHERE account_id = account AND network_id = ANY ({NETWORKS})) $$"""

FORWARD = (
    ADMINISTERS,
    "DROP POLICY wall ON access_grant",
    f"CREATE POLICY wall ON access_grant USING ({AFTER})",
)
BACKWARD = (
    "DROP POLICY wall ON access_grant",
    f"CREATE POLICY wall ON access_grant USING ({BEFORE})",
    "DROP FUNCTION relais_administers",
)


async def show_grants_beyond(_: Any, editor: Any) -> None:
    if editor.client.capabilities.dialect != "sqlite":
        for statement in FORWARD:
            await editor.client.execute_query(statement)


async def hide_grants_beyond(_: Any, editor: Any) -> None:
    if editor.client.capabilities.dialect != "sqlite":
        for statement in BACKWARD:
            await editor.client.execute_query(statement)


class Migration(migrations.Migration):
    dependencies = [("models", "0005_session")]

    operations = [ops.RunPython(show_grants_beyond, hide_grants_beyond)]
