"""The viewer."""

import strawberry

from resolvers.names import Permission, Role
from schema.office import Department, Network, Office


@strawberry.type(
    description="A role over a scope: a network, narrowed to a department, or to an office and "
    "those below it. No network at all is the whole country."
)
class Grant:
    role: Role = strawberry.field(description="What it lets its holder do.")
    permissions: list[Permission] = strawberry.field(description="The rights of that role.")
    network: Network | None = strawberry.field(description="The network it is for.")
    department: Department | None = strawberry.field(description="The department it is for.")
    office: Office | None = strawberry.field(description="The office it is for.")


@strawberry.type(description="Whoever asks: a person or a machine.")
class Viewer:
    id: strawberry.ID | None = strawberry.field(description="The account's id.")
    label: str = strawberry.field(description="What the account is called: a function.")
    grants: list[Grant] = strawberry.field(description="What was granted to it.")
