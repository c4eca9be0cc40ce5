"""What a document may cost before it is run, and the schema that holds to it."""

from asyncio import to_thread
from collections.abc import AsyncIterator, Iterator
from functools import lru_cache
from typing import Any

from graphql import (
    ASTValidationRule,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    execute_sync,
    get_operation_ast,
    validate,
)
from strawberry import Schema
from strawberry.extensions import MaxTokensLimiter, ParserCache, SchemaExtension
from strawberry.schema.exceptions import CannotGetOperationTypeError
from strawberry.types.graphql import OperationType

from auth import scope
from models.wall import behind
from resolvers.selection import Same
from schema.bounds import excess
from schema.cost import DOCUMENTS, MAX_COST, MAX_SCHEMA_COST, price
from schema.errors import MAX_ERRORS
from schema.executor import FastExecutor
from schema.named import Named

MAX_TOKENS = 2_000
"""Tokens in one document."""


@lru_cache(DOCUMENTS)
def judged(
    schema: GraphQLSchema, asked: Same, rules: tuple[type[ASTValidationRule], ...]
) -> list[GraphQLError]:
    """What is wrong with a document; one that exceeds its bounds is looked at no further."""
    document = asked.it
    return excess(document) or validate(schema, document, rules, max_errors=MAX_ERRORS)


class Judged(SchemaExtension):
    """Validates a document once, however often it is asked."""

    def on_validate(self) -> Iterator[None]:
        """Find what is wrong with it."""
        asked = self.execution_context
        if asked.graphql_document is not None:
            schema = asked.schema._schema  # noqa: SLF001  (it has no public name)
            rules = asked.validation_rules
            if not asked.context.explain:
                rules = (*rules, NoSchemaIntrospectionCustomRule)
            errors = judged(schema, Same(asked.graphql_document), rules)
            asked.pre_execution_errors = list(errors)
        yield


class OneOperation(SchemaExtension):
    """Refuses a document of several operations when none is named, rather than run the first."""

    def on_execute(self) -> Iterator[None]:
        """See that it is clear which operation is meant."""
        document = self.execution_context.graphql_document
        name = self.execution_context._provided_operation_name  # noqa: SLF001  (the public one guesses)
        if document and get_operation_ast(document, name) is None:
            raise CannotGetOperationTypeError(name)
        yield


class WithinBudget(SchemaExtension):
    """Prices an operation and has it paid for, before it is run; if asked for, only prices it."""

    async def on_execute(self) -> AsyncIterator[None]:
        """Refuse what costs too much, and what the account can't pay now."""
        asked, bill = self.execution_context, self.execution_context.context.bill
        document = asked.graphql_document
        if document is not None:
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
        yield


class BehindTheWall(SchemaExtension):
    """Runs a query in one transaction that sees no more than its viewer may.

    Mutations have transactions of their own: schema/payloads.py.
    """

    async def on_execute(self) -> AsyncIterator[None]:
        """Keep the transaction open while the query runs."""
        asked = self.execution_context
        if asked.operation_type is not OperationType.QUERY or asked.result is not None:
            yield
            return
        async with behind(scope.reach(asked.context.viewer)):
            yield


class RelaisSchema(Schema):
    """The schema with its limits; errors are told by schema/errors.py, not logged on the way."""

    def __init__(self, **types: Any) -> None:
        super().__init__(
            **types,
            execution_context_class=FastExecutor,
            extensions=[
                lambda: MaxTokensLimiter(MAX_TOKENS),
                lambda: ParserCache(maxsize=DOCUMENTS),
                Judged,
                OneOperation,
                Named,
                WithinBudget,
                BehindTheWall,
            ],
        )

    def process_errors(self, *_: Any) -> None:
        """Nothing: the usual log line would hold the document, and users' words with it."""
