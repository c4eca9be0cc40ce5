"""What a document must not exceed, whatever it costs: measured before it is validated.

In time linear in its length, on the document alone: some rules of validation take longer the more
often a document repeats itself.
"""

from collections import Counter

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

MAX_DEPTH = 16
"""Fields within fields; introspection by the usual tools needs 15."""

MAX_ALIASES = 100
"""Fields under another name."""

MAX_DIRECTIVES = 100
"""Directives on fields and fragments."""

MAX_ROOT_FIELDS = 30
"""Fields at the root of an operation, each of which is a statement at least."""

MAX_SPREADS = 60
"""Fragments spread."""

MAX_OBJECTS = 30
"""Fields of one name that have fields of their own: validation compares each with all others."""

MAX_LEAVES = 150
"""Fields of one name that have none."""


def excess(document: DocumentNode) -> list[GraphQLError]:
    """What `document` exceeds: the first thing that was found, or nothing."""
    try:
        _Measure(document)
    except GraphQLError as error:
        return [error]
    return []


class _Measure:
    """The measure of one document. Raises GraphQLError for what it exceeds."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._depths: dict[str, int] = {}
        self._roots: dict[str, int] = {}
        self._counts: Counter[str] = Counter()
        for node in document.definitions:
            if isinstance(node, FragmentDefinitionNode):
                self._fragment(node.name.value)
            elif isinstance(node, OperationDefinitionNode):
                depth, fields = self._selections(node.selection_set)
                if depth > MAX_DEPTH:
                    message = f"The operation is nested more than {MAX_DEPTH} levels deep."
                    raise GraphQLError(message, node, extensions={"code": "TOO_DEEP"})
                self._count("fields at the root", MAX_ROOT_FIELDS, fields)

    def _selections(self, selections: SelectionSetNode | None) -> tuple[int, int]:
        """How deep `selections` are, and how many fields are at their top."""
        deepest, fields = 0, 0
        for node in selections.selections if selections else ():
            self._count("directives", MAX_DIRECTIVES, len(node.directives or ()))
            if isinstance(node, FragmentSpreadNode):
                self._count("fragments spread", MAX_SPREADS)
                depth, top = self._fragment(node.name.value)
            elif isinstance(node, FieldNode):
                self._field(node)
                depth, top = self._selections(node.selection_set)[0] + 1, 1
            elif isinstance(node, InlineFragmentNode):
                depth, top = self._selections(node.selection_set)
            deepest, fields = max(deepest, depth), fields + top
        return deepest, fields

    def _field(self, node: FieldNode) -> None:
        self._count("aliases", MAX_ALIASES, node.alias is not None)
        name = (node.alias or node.name).value
        if node.selection_set:
            self._count(f"fields `{name}` that have fields", MAX_OBJECTS)
        else:
            self._count(f"fields `{name}`", MAX_LEAVES)

    def _fragment(self, name: str) -> tuple[int, int]:
        if name not in self._depths:
            # A circle, or one that is missing, ends here: validation reports it.
            self._depths[name], self._roots[name] = 0, 0
            node = self._fragments.get(name)
            if node is not None:
                self._depths[name], self._roots[name] = self._selections(node.selection_set)
        return self._depths[name], self._roots[name]

    def _count(self, what: str, most: int, more: int = 1) -> None:
        self._counts[what] += more
        if self._counts[what] > most:
            message = f"The document has more than {most} {what}."
            raise GraphQLError(message, extensions={"code": "TOO_COMPLEX"})
