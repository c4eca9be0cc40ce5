"""What an operation goes through before it is run, and the schema that has it go through that."""

from asyncio import to_thread
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    execute_sync,
    get_operation_ast,
    parse,
    specified_rules,
    validate,
)
from strawberry import Schema
from strawberry.extensions import SchemaExtension
from strawberry.extensions.runner import SchemaExtensionsRunner
from strawberry.schema.exceptions import CannotGetOperationTypeError
from strawberry.types import ExecutionContext
from strawberry.types import ExecutionResult as StrawberryResult

from auth import scope
from models import trace
from models.errors import Refusal
from models.measures import REPLICA_READS
from models.replica import lent
from models.wall import behind
from resolvers.selection import Same
from schema.bounds import excess
from schema.cost import DOCUMENTS, MAX_COST, MAX_SCHEMA_COST, price
from schema.errors import MAX_ERRORS
from schema.executor import FastExecutor
from schema.named import called
from schema.requests import noted

MAX_TOKENS = 2_000
"""Tokens in one document."""


@lru_cache(DOCUMENTS)
def parsed(text: str) -> DocumentNode:
    """The document of that text. Raises GraphQLError."""
    return parse(text, max_tokens=MAX_TOKENS)


@lru_cache(DOCUMENTS)
def judged(schema: GraphQLSchema, asked: Same, *, explain: bool) -> list[GraphQLError]:
    """What is wrong with a document; one that exceeds its bounds is looked at no further.

    To ask for the schema is wrong where it is not to be explained.
    """
    document = asked.it
    rules = (*specified_rules, *(() if explain else (NoSchemaIntrospectionCustomRule,)))
    return excess(document) or validate(schema, document, rules, max_errors=MAX_ERRORS)


class Course(SchemaExtensionsRunner):
    """What an operation goes through: parsed and judged once for all who ask it, named, and paid.

    It stands in for Strawberry's extensions, which are made anew and looked through each time.
    """

    def operation(self) -> Any:
        """Nothing is around all of it."""
        return nullcontext()

    def parsing(self) -> Any:
        """Parse it. Raises GraphQLError."""
        asked = self.execution_context
        asked.graphql_document = parsed(asked.query) if asked.query else None
        return nullcontext()

    def validation(self) -> Any:
        """Find what is wrong with it."""
        asked = self.execution_context
        schema = asked.schema._schema  # noqa: SLF001  (it has no public name)
        errors = judged(schema, Same(asked.graphql_document), explain=asked.context.explain)
        asked.pre_execution_errors = list(errors)
        return nullcontext()

    @asynccontextmanager
    async def executing(self) -> AsyncIterator[None]:  # type: ignore[override]  # as it is used
        """Note which operation it is, have it paid for, and run a query behind the wall.

        Mutations have transactions of their own: schema/payloads.py.
        """
        asked, known = self.execution_context, noted()
        document = asked.graphql_document
        name = asked._provided_operation_name  # noqa: SLF001  (the public one guesses)
        if document is None or get_operation_ast(document, name) is None:
            raise CannotGetOperationTypeError(name)
        known.kind, field, own = called(Same(document), name)
        known.operation = own if known.trusted and own else field
        with trace.span(f"{known.kind} {known.operation}"):
            await self._pay(document)
            if known.kind == "query" and asked.result is None:
                async with behind(scope.reach(asked.context.viewer)):
                    yield
            else:
                yield

    async def _pay(self, document: DocumentNode) -> None:
        """Have it paid for; if asked for, only price it. Refuse what costs too much."""
        asked, bill = self.execution_context, self.execution_context.context.bill
        schema = asked.schema._schema  # noqa: SLF001  (as above)
        found = price(schema, Same(document), asked.operation_name)
        bill.requested = found.of(asked.variables)
        most = MAX_SCHEMA_COST if found.introspection else MAX_COST
        if bill.preview:
            asked.result = ExecutionResult(None, None)
        elif bill.requested > most:
            message = f"It costs {bill.requested}, and may cost {most}: ask for less."
            raise GraphQLError(message, extensions={"code": "TOO_COSTLY"})
        elif not bill.pay():
            message = f"It costs {bill.requested}: in {bill.wait} s there is enough for it."
            raise GraphQLError(message, extensions={"code": "BUDGET_SPENT"})
        elif found.introspection:
            # In a thread: the whole schema takes longer than others should wait.
            asked.result = await to_thread(
                execute_sync,
                schema,
                document,
                variable_values=asked.variables,
                operation_name=asked.operation_name,
            )

    async def get_extensions_results(self, ctx: ExecutionContext) -> dict[str, Any]:  # noqa: ARG002
        """Nothing: the endpoints tell what it cost."""
        return {}


def _failed(error: GraphQLError) -> bool:
    """Whether an error is neither of who asks, nor told to them."""
    return not isinstance(error.original_error, Refusal | None)


class RelaisSchema(Schema):
    """The schema with its limits; errors are told by schema/errors.py, not logged on the way."""

    def __init__(self, **types: Any) -> None:
        super().__init__(**types, execution_context_class=FastExecutor)

    def create_extensions_runner(
        self, execution_context: ExecutionContext, extensions: list[SchemaExtension]
    ) -> Course:
        """What its operations go through."""
        return Course(execution_context, extensions)

    async def execute(self, *args: Any, **named: Any) -> StrawberryResult:
        """Run an operation; a query that a replica failed at is run by PostgreSQL itself."""
        with lent() as route:
            result = await super().execute(*args, **named)
        if route.replica and any(map(_failed, result.errors or ())):
            REPLICA_READS.labels("failed").inc()
            result = await super().execute(*args, **named)
        return result

    def process_errors(self, *_: Any) -> None:
        """Nothing: the usual log line would hold the document, and users' words with it."""
