"""What an operation costs: the values of the largest answer that it can give.

Reading, and writing the answer down, take time by the value; a field at the root takes that of a
statement beside, and a change more. The price of a document is found once, in time linear in its
length: each fragment is priced once, however often it is spread. With the sizes of pages, which may
be variables, it gives the price of a request.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from math import ceil
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    get_operation_ast,
    is_composite_type,
    is_list_type,
)

from resolvers.page import DEFAULT_SIZE, MAX_SIZE
from resolvers.selection import Same

MAX_COST = 90_000
"""What one operation may cost."""

MAX_SCHEMA_COST = 300_000
"""What one may cost that asks for nothing but the schema: it keeps nobody waiting."""

STATEMENT = {OperationType.QUERY: 50, OperationType.MUTATION: 200, OperationType.SUBSCRIPTION: 200}
"""What a field at the root costs beside its values."""

COUNT = 50
"""What it costs to count what a list holds in all."""

LIST = 5
"""Items that a list which is not paged is taken to have."""

LONG_LIST = 50
"""The same at the root: those of all networks, departments, offices' types."""

DOCUMENTS = 512
"""Documents that are remembered parsed, validated and priced."""

_OF_THE_SCHEMA = {"__schema", "__type", "__typename"}

Size = int | tuple[str, int]
"""How many there are: so many, or what a variable says, and otherwise so many."""


@dataclass(frozen=True, slots=True)
class Price:
    """Sums, each of a number and of sums before it taken so many times; the last one is it.

    `introspection` says that nothing but the schema is asked for.
    """

    sums: tuple[tuple[int, tuple[tuple[Size, int], ...]], ...]
    introspection: bool = False

    def of(self, variables: Mapping[str, Any] | None) -> int:
        """What it comes to with these variables."""
        worth: list[int] = []
        for own, parts in self.sums:
            worth.append(own + sum(_times(size, variables or {}) * worth[i] for size, i in parts))
        return min(worth[-1], 2**31 - 1)


def _times(size: Size, variables: Mapping[str, Any]) -> int:
    if isinstance(size, int):
        return size
    name, otherwise = size
    value = variables.get(name, otherwise)
    if value is None:
        return DEFAULT_SIZE
    # What can't be a size is refused when it is run: until then it is the largest.
    return int(value) if isinstance(value, int | float) and 0 <= value <= MAX_SIZE else MAX_SIZE


@lru_cache(DOCUMENTS)
def price(schema: GraphQLSchema, asked: Same, operation: str | None) -> Price:
    """The price of an operation of a document that is valid."""
    document = asked.it
    found = get_operation_ast(document, operation)
    if found is None:
        return Price(((0, ()),))
    introspection = all(
        isinstance(node, FieldNode) and node.name.value in _OF_THE_SCHEMA
        for node in found.selection_set.selections
    )
    return Price(_Tariff(schema, document, found).sums(), introspection)


class _Tariff:
    """The sums of one operation."""

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
    ) -> None:
        self._schema = schema
        self._operation = operation
        self._lists = _lists(schema)
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._defaults = {
            node.variable.name.value: int(node.default_value.value)
            for node in operation.variable_definitions or ()
            if isinstance(node.default_value, IntValueNode)
        }
        self._sums: list[tuple[int, tuple[tuple[Size, int], ...]]] = []
        self._known: dict[tuple[str, Size | None], int] = {}

    def sums(self) -> tuple[tuple[int, tuple[tuple[Size, int], ...]], ...]:
        """The sums of all of it."""
        root = self._schema.get_root_type(self._operation.operation)
        if root is not None:
            self._sum(
                self._operation.selection_set, root, None, STATEMENT[self._operation.operation]
            )
        return tuple(self._sums)

    def _sum(
        self,
        selections: SelectionSetNode,
        parent: GraphQLCompositeType,
        page: Size | None,
        each: int = 0,
    ) -> int:
        """Add the sum of `selections`, on a page of that size if it is one; its number."""
        own = 0
        parts: list[tuple[Size, int]] = []
        size: Size
        for node in selections.selections:
            if isinstance(node, FieldNode):
                own += 1
                name = node.name.value
                if name == "__typename":
                    continue
                own += COUNT if name == "totalCount" else each
                field = self._schema.get_field(parent, name)
                if field is None or node.selection_set is None:
                    continue
                size = self._size(field, parent, name, page)
                paged = self._page(node) if "first" in field.args else None
                of = _composite(get_named_type(field.type))
                part = self._sum(node.selection_set, of, paged)
            elif isinstance(node, FragmentSpreadNode):
                size, part = 1, self._fragment(node.name.value, page, each)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                within = self._schema.get_type(condition.name.value) if condition else parent
                size, part = 1, self._sum(node.selection_set, _composite(within), page, each)
            known, more = self._sums[part]
            if isinstance(size, int) and not more:
                own += size * known
            else:
                parts.append((size, part))
        self._sums.append((own, tuple(parts)))
        return len(self._sums) - 1

    def _size(
        self, field: GraphQLField, parent: GraphQLCompositeType, name: str, page: Size | None
    ) -> Size:
        """How many objects a field gives."""
        if not is_list_type(get_nullable_type(field.type)):
            return 1
        if page is not None and name in {"nodes", "edges"}:
            return page
        root = parent is self._schema.query_type
        return self._lists.get((parent.name, name), LONG_LIST if root else LIST)

    def _fragment(self, name: str, page: Size | None, each: int) -> int:
        if (name, page) not in self._known:
            node = self._fragments[name]
            parent = _composite(self._schema.get_type(node.type_condition.name.value))
            self._known[name, page] = self._sum(node.selection_set, parent, page, each)
        return self._known[name, page]

    def _page(self, node: FieldNode) -> Size:
        """The size of the page that a field is asked for."""
        for argument in node.arguments or ():
            if argument.name.value in {"first", "last"}:
                if isinstance(argument.value, IntValueNode):
                    return min(max(int(argument.value.value), 0), MAX_SIZE)
                if isinstance(argument.value, VariableNode):
                    name = argument.value.name.value
                    return name, self._defaults.get(name, DEFAULT_SIZE)
        return DEFAULT_SIZE


def _composite(kind: Any) -> GraphQLCompositeType:
    """`kind`, which has fields: the document is valid."""
    if not is_composite_type(kind):
        raise TypeError(kind)
    return kind


@lru_cache(1)
def _lists(schema: GraphQLSchema) -> dict[tuple[str, str], int]:
    """How long the lists of introspection are on average, as the schema is."""
    kinds = list(schema.type_map.values())
    fields = list(chain.from_iterable(getattr(kind, "fields", {}).values() for kind in kinds))
    arguments = sum(len(getattr(field, "args", {})) for field in fields)
    values = sum(len(getattr(kind, "values", {})) for kind in kinds)
    objects = sum(len(kind.fields) for kind in kinds if isinstance(kind, GraphQLObjectType))
    return {
        ("__Schema", "types"): len(kinds),
        ("__Schema", "directives"): len(schema.directives),
        ("__Type", "fields"): ceil(objects / len(kinds)),
        ("__Type", "inputFields"): 1,
        ("__Type", "interfaces"): 1,
        ("__Type", "possibleTypes"): 1,
        ("__Type", "enumValues"): ceil(values / len(kinds)),
        ("__Field", "args"): ceil(arguments / len(fields)),
        ("__Directive", "args"): 1,
    }


def values(data: Any) -> int:
    """How many values an answer holds."""
    count, waiting = 0, [data]
    for one in waiting:
        if type(one) is dict:
            waiting += [value for value in one.values() if type(value) in _NESTED]
            count += len(one)
        elif type(one) is list:
            nested = [value for value in one if type(value) in _NESTED]
            waiting += nested
            count += len(one) - len(nested)
    return count


_NESTED = {dict, list}
