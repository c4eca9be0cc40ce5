"""What a subscription tells, one answer after the other, whichever way they are sent."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError
from strawberry.types.execution import ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType

from resolvers.context import Context
from schema.errors import present
from schema.root import schema


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, as it is sent; nothing follows one that is `refused`."""

    body: dict[str, Any]
    refused: bool = False


def presented(data: Any, errors: Sequence[GraphQLError] | None, *, begun: bool = True) -> Answer:
    """A result of what was `begun`, or not, with the errors as clients are told them."""
    told = [one for error in errors or () for one in present([error], executed=bool(error.path))]
    if not begun or (data is None and not any(error.path for error in errors or ())):
        return Answer({"errors": told}, refused=True)
    return Answer({"data": data, "errors": told} if told else {"data": data})


async def answers(asked: dict[str, Any], context: Context) -> AsyncGenerator[Answer, None]:
    """What the subscription that is `asked` for tells, until it ends or whoever reads stops."""
    results = await schema.stream(
        asked["query"],
        variable_values=asked.get("variables"),
        context_value=context,
        operation_name=asked.get("operationName"),
        allowed_operation_types=(OperationType.SUBSCRIPTION,),
    )
    try:
        async with aclosing(results):
            async for result in results:
                if isinstance(result, ExecutionResult):  # nothing here is delivered in parts
                    begun = not isinstance(result, PreExecutionError)
                    yield presented(result.data, result.errors, begun=begun)
    except GraphQLError as error:  # of a document that can't be parsed
        yield presented(None, [error])
