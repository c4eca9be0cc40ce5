"""The audit trail, as those who may read it see it."""

from datetime import datetime
from typing import Annotated

import orjson
import strawberry

from auth import scope
from models import ids
from models.sql import NEVER, Sql
from resolvers import reference
from resolvers.context import Info
from resolvers.offices import OFFICE
from resolvers.page import After, Before, Connection, First, Last, Order, Page, connect, whole
from resolvers.rows import Column, Noun, One, Row, as_datetime, select
from resolvers.selection import Selection, selected

ENTRY = Noun(
    name="AuditEntry",
    alias="e",
    source="audit_entry e",
    key="@.id",
    columns={
        "id": Column("@.id", lambda key: ids.encode("AuditEntry", key)),
        "number": Column("CAST(@.id AS text)"),
        "at": Column("@.at", as_datetime),
        "actor": Column("@.actor", lambda key: ids.encode("Account", key)),
        "actor_label": Column("@.actor_label"),
        "action": Column("@.action"),
        "subject": Column("@.subject"),
        "facts": Column("@.facts", orjson.loads),
        "address": Column("@.address"),
        "request": Column("@.request"),
        "seal": Column("@.seal"),
    },
    ones={
        "network": One(reference.NETWORK, "LEFT JOIN network # ON #.id = @.network_id"),
        "department": One(
            reference.DEPARTMENT, "LEFT JOIN department # ON #.code = @.department_id"
        ),
        "office": One(OFFICE, "LEFT JOIN office # ON #.id = @.office_id"),
    },
)
ENTRIES = Order("entry", Sql("e.id"), "e.id", parse=whole, descending=True)


@strawberry.input(description="Which entries: those that meet every condition given.")
class AuditFilter:
    actor: strawberry.ID | None = strawberry.field(
        default=None, description="Id of the `Account` that did it."
    )
    actions: list[str] | None = strawberry.field(
        default=None, description="Names of deeds, such as `grant.given`: one of these."
    )
    subject: strawberry.ID | None = strawberry.field(
        default=None, description="Id of what it was done to."
    )
    networks: list[str] | None = strawberry.field(
        default=None, description="Codes of networks, one of which it concerns."
    )
    since: datetime | None = strawberry.field(default=None, description="Done then or later.")
    until: datetime | None = strawberry.field(default=None, description="Done before then.")


AuditWhere = Annotated[
    AuditFilter | None, strawberry.argument(description="Conditions; all entries without.")
]


async def trail(
    info: Info,
    where: AuditWhere = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
) -> Connection:
    """Entries of the audit trail, the latest first."""
    where = where or AuditFilter()
    met = []
    if where.actor is not None:
        key = ids.key_of("Account", where.actor, "where", "actor")
        met.append(Sql("e.actor = ?", (key,), skewed=True))
    if where.actions is not None:
        actions = [one for one in where.actions if one.isprintable()]
        met.append(Sql("e.action IN ??", (actions,)))
    if where.subject is not None:
        # None holds what can't be printed, such as the NUL, which PostgreSQL does not take.
        same = Sql("e.subject = ?", (where.subject,))
        met.append(same if where.subject.isprintable() else NEVER)
    if where.networks is not None:
        keys = await reference.network_keys(info, where.networks, "where", "networks")
        met.append(Sql("e.network_id IN ??", (keys,)))
    if where.since is not None:
        met.append(Sql("e.at >= ?", (as_datetime(where.since),)))
    if where.until is not None:
        met.append(Sql("e.at < ?", (as_datetime(where.until),)))
    scoped = scope.audit(info.context.viewer).narrow(where=met)
    return await connect(ENTRY, scoped, selected(info), ENTRIES, Page(first, after, last, before))


async def by_key(info: Info, key: int, selection: Selection) -> Row | None:
    """The entry of `key`, if the viewer may read it."""
    scoped = scope.audit(info.context.viewer).narrow(where=[Sql("e.id = ?", (key,))])
    return next(iter(await select(ENTRY, scoped, selection)), None)
