"""What a document may cost before it is run, and the schema that holds to it."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
    get_operation_ast,
)
from strawberry import Schema
from strawberry.extensions import (
    AddValidationRules,
    MaxTokensLimiter,
    ParserCache,
    SchemaExtension,
    ValidationCache,
)
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.exceptions import CannotGetOperationTypeError
from strawberry.types.graphql import OperationType

from auth import scope
from models.wall import behind
from schema.executor import FastExecutor

MAX_TOKENS = 2_000
"""Tokens in one document."""

MAX_DEPTH = 16
"""Fields within fields; introspection by the usual tools needs 15."""

DOCUMENTS = 512
"""Documents that are remembered parsed and validated."""


class DepthRule(ValidationRule):
    """Refuses operations nested too deep. Each fragment is measured once, however often spread."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._depths: dict[str, int] = {}

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        """Measure one operation."""
        if self._depth(node.selection_set) > MAX_DEPTH:
            message = f"The operation is nested more than {MAX_DEPTH} levels deep."
            self.report_error(GraphQLError(message, node, extensions={"code": "TOO_DEEP"}))

    def _depth(self, selections: SelectionSetNode | None) -> int:
        deepest = 0
        for node in selections.selections if selections else ():
            if isinstance(node, FragmentSpreadNode):
                depth = self._fragment(node.name.value)
            else:
                depth = self._depth(node.selection_set)  # type: ignore[attr-defined]
                depth += isinstance(node, FieldNode)
            deepest = max(deepest, depth)
        return deepest

    def _fragment(self, name: str) -> int:
        if name not in self._depths:
            self._depths[name] = 0  # a cycle, which another rule reports, ends here
            fragment = self.context.get_fragment(name)
            if isinstance(fragment, FragmentDefinitionNode):
                self._depths[name] = self._depth(fragment.selection_set)
        return self._depths[name]


class OneOperation(SchemaExtension):
    """Refuses a document of several operations when none is named, rather than run the first."""

    def on_execute(self) -> Iterator[None]:
        """See that it is clear which operation is meant."""
        document = self.execution_context.graphql_document
        name = self.execution_context._provided_operation_name  # noqa: SLF001  (the public one guesses)
        if document and get_operation_ast(document, name) is None:
            raise CannotGetOperationTypeError(name)
        yield


class BehindTheWall(SchemaExtension):
    """Runs a query in one transaction that sees no more than its viewer may.

    Mutations have transactions of their own: schema/payloads.py.
    """

    async def on_execute(self) -> AsyncIterator[None]:
        """Keep the transaction open while the query runs."""
        asked = self.execution_context
        if asked.operation_type is not OperationType.QUERY:
            yield
            return
        async with behind(scope.reach(asked.context.viewer)):
            yield


class RelaisSchema(Schema):
    """The schema with its limits; errors are told by schema/errors.py, not logged on the way."""

    def __init__(self, **types: Any) -> None:
        super().__init__(
            **types,
            config=StrawberryConfig(disable_field_suggestions=True),
            execution_context_class=FastExecutor,
            extensions=[
                lambda: MaxTokensLimiter(MAX_TOKENS),
                lambda: ParserCache(maxsize=DOCUMENTS),
                lambda: AddValidationRules([DepthRule]),
                lambda: ValidationCache(maxsize=DOCUMENTS),
                OneOperation,
                BehindTheWall,
            ],
        )

    def process_errors(self, *_: Any) -> None:
        """Nothing: the usual log line would hold the document, and users' words with it."""
