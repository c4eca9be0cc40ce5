"""Who may do what: accounts, their grants and tokens, and the table of rights."""

from datetime import datetime

import strawberry
from strawberry.scalars import JSON

from resolvers.names import AccountKind, Permission, Role
from schema.node import Node
from schema.office import Department, Network, Office


@strawberry.type(description="What a role lets its holder do, within the scope of the grant.")
class RoleRights:
    role: Role = strawberry.field(description="The role.")
    permissions: list[Permission] = strawberry.field(
        description="Its rights. A machine's are named one by one in its grant."
    )
    gives: list[Permission] = strawberry.field(
        description="The rights that its holder may give to others, within the same scope."
    )


@strawberry.type(description="Whoever holds a grant.")
class Holder:
    id: strawberry.ID = strawberry.field(description="Id of the `Account`.")
    kind: AccountKind = strawberry.field(description="A person or a machine.")
    label: str = strawberry.field(description="What it is called.")
    email: str | None = strawberry.field(
        description="The address that the identity provider gave, if any."
    )
    active: bool = strawberry.field(description="Whether it may come in at all.")


@strawberry.type(
    description="A role over a scope: a network, narrowed to a department, or to an office and "
    "those below it. No network at all is the whole country."
)
class Grant(Node):
    role: Role = strawberry.field(description="What it lets its holder do.")
    permissions: list[Permission] = strawberry.field(description="Its rights, one by one.")
    network: Network | None = strawberry.field(description="The network it is for.")
    department: Department | None = strawberry.field(description="The department it is for.")
    office: Office | None = strawberry.field(description="The office it is for.")
    holder: Holder | None = strawberry.field(
        description="Who holds it; null while it waits for them to sign in."
    )
    invited_email: str | None = strawberry.field(description="The address it waits for.")
    starts_at: datetime | None = strawberry.field(
        description="When it begins; null when it began as it was given."
    )
    ends_at: datetime | None = strawberry.field(description="When it ends; null when never.")
    given_at: datetime | None = strawberry.field(
        description="When it was given; null where that is not known."
    )
    revoked_at: datetime | None = strawberry.field(description="When it was taken back.")


@strawberry.type(description="A machine's token. Its secret was shown once, and is not kept.")
class AccessToken(Node):
    prefix: str = strawberry.field(description="Its visible beginning, to tell tokens apart.")
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime = strawberry.field(description="When it ends by itself.")
    last_used_at: datetime | None = strawberry.field(
        description="When it was last used, to the minute; null when never."
    )
    revoked_at: datetime | None = strawberry.field(description="When it was revoked.")


@strawberry.type(description="A person or a machine, as those who administer it see it.")
class Account(Node):
    kind: AccountKind = strawberry.field(description="A person or a machine.")
    label: str = strawberry.field(description="What it is called.")
    email: str | None = strawberry.field(
        description="The address that the identity provider gave, if any."
    )
    active: bool = strawberry.field(description="Whether it may come in at all.")
    grants: list[Grant] = strawberry.field(
        description="Its grants over what the viewer administers, past ones too."
    )
    tokens: list[AccessToken] = strawberry.field(
        description="Its tokens; none where the viewer does not administer all that it holds."
    )


@strawberry.type(
    description="Something that was done. Entries are never changed, and each seals the one before."
)
class AuditEntry(Node):
    number: str = strawberry.field(description="Its place in the trail, from 1, without a gap.")
    at: datetime = strawberry.field(description="When it was done.")
    actor: strawberry.ID | None = strawberry.field(
        description="Id of the `Account` that did it; null for the service itself."
    )
    actor_label: str = strawberry.field(description="What the account was called then.")
    action: str = strawberry.field(description="What was done, such as `reply.published`.")
    subject: strawberry.ID = strawberry.field(description="Id of what it was done to.")
    network: Network | None = strawberry.field(description="The network it concerns.")
    department: Department | None = strawberry.field(description="The department it concerns.")
    office: Office | None = strawberry.field(description="The office it concerns.")
    facts: JSON = strawberry.field(
        description="What else was so: ids, roles, numbers; never what a user wrote."
    )
    address: str | None = strawberry.field(description="The address that the request came from.")
    request: str | None = strawberry.field(description="The request's id (`x-request-id`).")
    seal: str = strawberry.field(
        description="SHA-256 over this entry and the seal of the one before, in hexadecimal."
    )
