"""The viewer."""

import strawberry

from resolvers.names import Permission
from schema.access import Grant


@strawberry.type(description="Whoever asks: a person or a machine.")
class Viewer:
    id: strawberry.ID = strawberry.field(description="The account's id.")
    label: str = strawberry.field(description="What the account is called.")
    email: str | None = strawberry.field(
        description="The address that the identity provider gave, if any."
    )
    can: list[Permission] = strawberry.field(
        description="The rights that it holds somewhere; `viewerCan` of an item says where."
    )
    grants: list[Grant] = strawberry.field(description="What it was granted, and holds now.")
    advice: str | None = strawberry.field(
        description="What to do when nothing is granted; null otherwise."
    )
