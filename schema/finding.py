"""Passages that are proposed to be looked at."""

import strawberry

from resolvers.names import FindingKind, FoundBy


@strawberry.type(description="A passage that is proposed to be looked at; a person decides.")
class Finding:
    field: str = strawberry.field(
        description="In which text: `title` or `description`; `greeting`, `body` or `signature`."
    )
    kind: FindingKind = strawberry.field(description="What it looks like.")
    start: int = strawberry.field(description="The first code point of it, counted from 0.")
    end: int = strawberry.field(description="The code point after the last.")
    by: FoundBy = strawberry.field(description="What found it.")
