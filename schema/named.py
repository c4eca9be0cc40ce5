"""What an operation is called when it is counted: a name of ours, whatever its author named it."""

from collections.abc import Iterator
from functools import lru_cache

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
    get_operation_ast,
)

from resolvers.selection import Same
from schema.cost import DOCUMENTS

SEVERAL = "several"
"""An operation of several fields at the root: their mixtures have no end."""

INTROSPECTION = "introspection"


@lru_cache(DOCUMENTS)
def called(asked: Same, operation: str | None) -> tuple[str, str, str]:
    """The kind of an operation of a valid document, its field at the root, and its own name.

    A registered document may go by its own name; any other goes by its field, so that there is an
    end to the names, and nothing in them that a caller wrote.
    """
    document = asked.it
    found = get_operation_ast(document, operation)
    if found is None:
        return "", "", ""
    fragments = {
        node.name.value: node.selection_set
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    fields = {*_fields(found.selection_set, fragments)} - {"__typename"}
    fields = {INTROSPECTION if field.startswith("__") else field for field in fields}
    one = "__typename" if not fields else fields.pop() if len(fields) == 1 else SEVERAL
    return found.operation.value, one, found.name.value if found.name else ""


def _fields(selected: SelectionSetNode, fragments: dict[str, SelectionSetNode]) -> Iterator[str]:
    waiting, seen = [selected], set[str]()
    while waiting:
        for node in waiting.pop().selections:
            if isinstance(node, FieldNode):
                yield node.name.value
            elif isinstance(node, InlineFragmentNode):
                waiting.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                waiting.append(fragments[node.name.value])
