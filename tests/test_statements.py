"""However long a page is, and whatever is asked of its items, the statements are as many."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from models.account import Account, Role
from schema.root import schema
from tests import factories as make
from tests.client import Client
from tests.things import MAKERS

TYPES = schema._schema.type_map
QUERY = TYPES["Query"]
assert isinstance(QUERY, GraphQLObjectType)
LISTS = {
    name: field
    for name, field in QUERY.fields.items()
    if get_named_type(field.type).name.endswith("Connection")
    and not any(map(is_required_argument, field.args.values()))
}
FEW, MANY = 10, 40
NOT_MADE = {"auditTrail", "documents", "exports", "publishedResults"}
"""Of which there is no second one here."""
ASKERS = {Role.NETWORK_MANAGER: "caf", Role.MODERATOR: None, Role.ADMINISTRATOR: None}


def everything(field: GraphQLField, depth: int) -> str:
    """All that may be asked of a field without arguments, so deep; empty when that is nothing."""
    kind = get_named_type(field.type)
    if is_leaf_type(kind):
        return " "
    if depth == 0 or not isinstance(kind, GraphQLObjectType):
        return ""
    inner = {
        name: everything(one, depth - 1)
        for name, one in kind.fields.items()
        if not any(map(is_required_argument, one.args.values()))
    }
    asked = [f"{name}{more}" for name, more in inner.items() if more]
    return f" {{ {' '.join(asked)} }}" if asked else ""


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that are run meanwhile."""
    told: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.append(record.getMessage())

    log, ear = logging.getLogger("tortoise.db_client"), Ear()
    level = log.level
    log.addHandler(ear)
    log.setLevel(logging.DEBUG)
    try:
        yield told
    finally:
        log.removeHandler(ear)
        log.setLevel(level)


async def test_a_longer_page_takes_no_more_statements(api: Client) -> None:
    office = await make.office()
    people = [await make.person(role, network=its) for role, its in ASKERS.items()]
    for person in people:
        account = (await Account.get(subject=person)).id
        for _ in range(5):
            for made in MAKERS.values():
                await made(office, account)
        await make.procedure("caf", name=f"Démarche {account}")
    grown: dict[str, list[str]] = {}
    seen: dict[str, int] = {}
    for name, field in LISTS.items():
        node = get_named_type(field.type).fields["nodes"]
        for person in people:
            statements: dict[int, list[str]] = {}
            for first in (MANY, FEW, MANY, FEW):  # what all share is read before it counts
                query = f"{{ them: {name}(first: {first}) {{ nodes{everything(node, 3)} }} }}"
                with counted() as told:
                    found = (await api.data(person, query))["them"]["nodes"]
                # The shortest: what the service does beside is heard too.
                statements[first] = min(told, statements.get(first, told), key=len)
            seen[name] = max(seen.get(name, 0), len(found))
            if len(statements[MANY]) > len(statements[FEW]):
                grown[name] = [one[:60] for one in statements[MANY]]

    assert grown == {}
    assert {name for name, most in seen.items() if most < 2} == NOT_MADE
