"""What has a global id, and pages of things."""

from typing import Any, Generic, TypeVar

import strawberry

from resolvers.page import COUNT_CAP
from resolvers.rows import Row

T = TypeVar("T")


@strawberry.interface(description="Something with a global id.")
class Node:
    id: strawberry.ID = strawberry.field(description="Its global id: opaque, and stable.")

    @classmethod
    def is_type_of(cls, value: Any, _: Any) -> bool:
        """Whether a plain row is one of this type."""
        return isinstance(value, Row) and value.noun == cls.__name__


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(
        description="Whether items follow. Paging backward, whether `before` was given."
    )
    has_previous_page: bool = strawberry.field(
        description="Whether items come before. Paging forward, whether `after` was given."
    )
    start_cursor: str | None = strawberry.field(description="The cursor of the first item.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last item.")


@strawberry.type(description="An item of a list and its place there.")
class Edge(Generic[T]):
    node: T = strawberry.field(description="The item.")
    cursor: str = strawberry.field(
        description="Its place: give it as `after` or `before`, in the same order."
    )


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    nodes: list[T] = strawberry.field(description="The items.")
    edges: list[Edge[T]] = strawberry.field(description="The items with their cursors.")
    page_info: PageInfo = strawberry.field(description="Where this page lies in the list.")
    total_count: int | None = strawberry.field(
        description=f"Items in the whole list, counted up to {COUNT_CAP:,}. It costs a second "
        "query: ask only when it is shown."
    )
    total_count_capped: bool = strawberry.field(
        description="Whether there are more items than `totalCount` says."
    )
