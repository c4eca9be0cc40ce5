"""How much work without a request waits, and for how long."""

from auth import scope
from models.task import MAX_ATTEMPTS
from resolvers.context import Info
from resolvers.rows import Column, Noun, Row, as_datetime, select
from resolvers.selection import selected

_HELD = "coalesce(leased_until > CURRENT_TIMESTAMP, FALSE)"
_WAITS = f"NOT {_HELD} AND attempts < {MAX_ATTEMPTS} AND due_at <= CURRENT_TIMESTAMP"


def _count(condition: str) -> str:
    return f"count(CASE WHEN {condition} THEN 1 END)"


BACKLOG = Noun(
    name="Backlog",
    alias="t",
    source=(
        f"(SELECT kind, {_count(_WAITS)} AS waiting, {_count(_HELD)} AS running,"
        f" {_count(f'NOT {_HELD} AND attempts >= {MAX_ATTEMPTS}')} AS given_up,"
        f" min(CASE WHEN {_WAITS} THEN due_at END) AS oldest FROM task GROUP BY kind) t"
    ),
    key="@.kind",
    columns={
        "kind": Column("@.kind"),
        "waiting": Column("@.waiting"),
        "running": Column("@.running"),
        "given_up": Column("@.given_up"),
        "waiting_since": Column("@.oldest", as_datetime),
    },
)


async def backlog(info: Info) -> list[Row]:
    """What waits, by kind of work."""
    rows = await select(BACKLOG, scope.tasks(info.context.viewer), selected(info))
    return sorted(rows, key=lambda row: str(row.key))
