"""The table of contents: what can be asked, and what can be changed."""

import strawberry

from resolvers import nodes, offices, reference, replies, reviews, viewers
from schema.limits import RelaisSchema
from schema.node import Connection, Node
from schema.office import Department, Network, Office, OfficeType, Region
from schema.payloads import ReplyPayload, change
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


@strawberry.type(description="What can be changed. Each is done whole or not at all.")
class Mutation:
    review_reply = strawberry.field(
        resolver=change(replies.reply),
        graphql_type=ReplyPayload,
        description="Publish a reply for one's own structure. Refused with NOT_FOUND, BAD_ID, "
        "BAD_INPUT or ALREADY_REPLIED.",
    )
    reply_edit = strawberry.field(
        resolver=change(replies.edit),
        graphql_type=ReplyPayload,
        description="Put another text in place of a reply. Refused with NOT_FOUND, BAD_ID, "
        "BAD_INPUT, STALE_VERSION or ALREADY_WITHDRAWN.",
    )
    reply_withdraw = strawberry.field(
        resolver=change(replies.withdraw),
        graphql_type=ReplyPayload,
        description="Take a reply back: its structure is to be answered again. Refused with "
        "NOT_FOUND, BAD_ID, STALE_VERSION or ALREADY_WITHDRAWN.",
    )


schema = RelaisSchema(
    query=Query, mutation=Mutation, types=[Reply, Review, ReviewStructure, Office, Network]
)
