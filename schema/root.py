"""The table of contents: what can be asked, and what can be changed."""

import strawberry

from resolvers import access, audit, giving, nodes, offices, reference, replies, reviews, viewers
from schema.access import AccessToken, Account, AuditEntry, Grant, RoleRights
from schema.limits import RelaisSchema
from schema.node import Connection, Node
from schema.office import Department, Network, Office, OfficeType, Region
from schema.payloads import (
    AccessTokenPayload,
    AccountPayload,
    GrantPayload,
    ReplyPayload,
    ServiceAccountPayload,
    change,
)
from schema.review import Reply, Review, ReviewStructure
from schema.viewer import Viewer


@strawberry.type(description="What can be asked.")
class Query:
    viewer = strawberry.field(
        resolver=viewers.me, graphql_type=Viewer, description="Who asks, and what they may see."
    )
    node = strawberry.field(
        resolver=nodes.node,
        graphql_type=Node | None,
        description="Anything by its global id; null when missing or not in scope.",
    )
    networks = strawberry.field(
        resolver=reference.networks, graphql_type=list[Network], description="All networks."
    )
    departments = strawberry.field(
        resolver=reference.departments,
        graphql_type=list[Department],
        description="All departments.",
    )
    regions = strawberry.field(
        resolver=reference.regions, graphql_type=list[Region], description="All regions."
    )
    office_types = strawberry.field(
        resolver=reference.office_types,
        graphql_type=list[OfficeType],
        description="All types of offices.",
    )
    offices = strawberry.field(
        resolver=offices.listing,
        graphql_type=Connection[Office],
        description="Offices by name or, `near` a place, by distance.",
    )
    office = strawberry.field(
        resolver=nodes.office, graphql_type=Office | None, description="One office."
    )
    reviews = strawberry.field(
        resolver=reviews.inbox,
        graphql_type=Connection[Review],
        description="Reviews of which a structure lies in the viewer's scope.",
    )
    review = strawberry.field(
        resolver=nodes.review,
        graphql_type=Review | None,
        description="One review; null when missing or not in scope.",
    )
    roles = strawberry.field(
        resolver=access.roles,
        graphql_type=list[RoleRights],
        description="The table of rights: what each role may do.",
    )
    accounts = strawberry.field(
        resolver=access.accounts,
        graphql_type=Connection[Account],
        description="People and machines that hold, or held, something the viewer administers.",
    )
    account = strawberry.field(
        resolver=nodes.account,
        graphql_type=Account | None,
        description="One account; null when missing or not in scope.",
    )
    grants = strawberry.field(
        resolver=access.grants,
        graphql_type=Connection[Grant],
        description="Grants over what the viewer administers, the latest first.",
    )
    audit_trail = strawberry.field(
        resolver=audit.trail,
        graphql_type=Connection[AuditEntry],
        description="What was done, by whom and from where, the latest first: in the networks of "
        "whoever manages them, and everything for administrators.",
    )


@strawberry.type(description="What can be changed. Each is done whole or not at all.")
class Mutation:
    review_reply = strawberry.field(
        resolver=change(replies.reply, ReplyPayload),
        graphql_type=ReplyPayload,
        description="Publish a reply for one's own structure. Refused with NOT_FOUND, BAD_ID, "
        "BAD_INPUT or ALREADY_REPLIED.",
    )
    reply_edit = strawberry.field(
        resolver=change(replies.edit, ReplyPayload),
        graphql_type=ReplyPayload,
        description="Put another text in place of a reply. Refused with NOT_FOUND, BAD_ID, "
        "BAD_INPUT, STALE_VERSION or ALREADY_WITHDRAWN.",
    )
    reply_withdraw = strawberry.field(
        resolver=change(replies.withdraw, ReplyPayload),
        graphql_type=ReplyPayload,
        description="Take a reply back: its structure is to be answered again. Refused with "
        "NOT_FOUND, BAD_ID, STALE_VERSION or ALREADY_WITHDRAWN.",
    )
    grant_give = strawberry.field(
        resolver=change(giving.give, GrantPayload),
        graphql_type=GrantPayload,
        description="Give a role over a scope that one administers. The same again changes "
        "nothing. Refused with BEYOND_OWN_RIGHTS, SELF_GRANT, NOT_FOUND, BAD_ID or BAD_INPUT.",
    )
    grant_revoke = strawberry.field(
        resolver=change(giving.revoke, GrantPayload),
        graphql_type=GrantPayload,
        description="Take a grant back: within two seconds it opens nothing. Refused with "
        "NOT_FOUND, BAD_ID or ALREADY_REVOKED.",
    )
    service_account_create = strawberry.field(
        resolver=change(giving.create_machine, ServiceAccountPayload),
        graphql_type=ServiceAccountPayload,
        description="Let a machine in, with a first token. Refused with BEYOND_OWN_RIGHTS, "
        "NOT_FOUND, BAD_ID or BAD_INPUT.",
    )
    service_account_rotate = strawberry.field(
        resolver=change(giving.rotate, ServiceAccountPayload),
        graphql_type=ServiceAccountPayload,
        description="Give a machine a new token, while its old ones go on for a while. Refused "
        "with NOT_FOUND, BAD_ID or BAD_INPUT.",
    )
    access_token_revoke = strawberry.field(
        resolver=change(giving.revoke_token, AccessTokenPayload),
        graphql_type=AccessTokenPayload,
        description="End a machine's token: within two seconds it opens nothing. Refused with "
        "NOT_FOUND, BAD_ID or ALREADY_REVOKED.",
    )
    account_deactivate = strawberry.field(
        resolver=change(giving.deactivate, AccountPayload),
        graphql_type=AccountPayload,
        description="Shut an account out, if one administers all that it holds. Refused with "
        "NOT_FOUND, BAD_ID, BAD_INPUT or ALREADY_REVOKED.",
    )
    account_reactivate = strawberry.field(
        resolver=change(giving.reactivate, AccountPayload),
        graphql_type=AccountPayload,
        description="Let an account in again, with the grants it has. Refused with NOT_FOUND, "
        "BAD_ID or ALREADY_ACTIVE.",
    )


schema = RelaisSchema(
    query=Query,
    mutation=Mutation,
    types=[
        Reply,
        Review,
        ReviewStructure,
        Office,
        Network,
        Account,
        Grant,
        AccessToken,
        AuditEntry,
    ],
)
