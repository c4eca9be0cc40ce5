"""Anything by its global id, through the same gate as everything else."""

from typing import Annotated

import strawberry

from models import ids
from resolvers import (
    access,
    audit,
    comments,
    contacts,
    documents,
    events,
    exports,
    flags,
    improvements,
    indicators,
    near,
    procedures,
    reference,
    reports,
    reviews,
    saved_filters,
    submissions,
    tags,
    templates,
    transfers,
    webhooks,
)
from resolvers.context import Info
from resolvers.rows import Row
from resolvers.selection import selected

NodeId = Annotated[strawberry.ID, strawberry.argument(description="A global id.")]
ReviewId = Annotated[strawberry.ID, strawberry.argument(description="Id of a `Review`.")]
AccountId = Annotated[strawberry.ID, strawberry.argument(description="Id of an `Account`.")]
OfficeId = Annotated[strawberry.ID, strawberry.argument(description="Id of an `Office`.")]


_FINDERS = {
    "AccessToken": access.token_by_key,
    "Account": access.account_by_key,
    "AuditEntry": audit.by_key,
    "BusinessTag": tags.by_key,
    "Comment": comments.by_key,
    "ContactRequest": contacts.by_key,
    "Event": events.by_key,
    "Document": documents.by_key,
    "DocumentReport": reports.by_key,
    "Export": exports.by_key,
    "Grant": access.grant_by_key,
    "Improvement": improvements.by_key,
    "IndicatorResult": indicators.by_key,
    "Network": reference.by_key,
    "Office": near.by_key,
    "Procedure": procedures.by_key,
    "Reply": reviews.reply_by_key,
    "ReplyTemplate": templates.by_key,
    "Review": reviews.by_key,
    "ReviewFlag": flags.by_key,
    "ReviewStructure": reviews.structure_by_key,
    "SavedFilter": saved_filters.by_key,
    "Submission": submissions.by_key,
    "Transfer": transfers.by_key,
    "WebhookDelivery": webhooks.delivery_by_key,
    "WebhookEndpoint": webhooks.by_key,
}


THINGS = {
    "account": access.account_by_key,
    "comment": comments.by_key,
    "flag": flags.by_key,
    "contact_request": contacts.by_key,
    "delivery": webhooks.delivery_by_key,
    "endpoint": webhooks.by_key,
    "export": exports.by_key,
    "grant": access.grant_by_key,
    "improvement": improvements.by_key,
    "network": reference.by_key,
    "reply": reviews.reply_by_key,
    "report": reports.by_key,
    "review": reviews.by_key,
    "saved_filter": saved_filters.by_key,
    "structure": reviews.structure_by_key,
    "submission": submissions.by_key,
    "tag": tags.by_key,
    "transfer": transfers.by_key,
    "template": templates.by_key,
    "token": access.token_by_key,
}
"""How the fields of payloads are read, in the transaction of the change and through the gate."""


async def node(info: Info, id: NodeId) -> Row | None:  # noqa: A002  (Relay names it)
    """Whatever has this id; nothing when it is not there, or not in scope."""
    type_name, key = ids.decode(id, "id")
    find = _FINDERS.get(type_name)
    return await find(info, key, selected(info)) if find else None


async def review(info: Info, id: ReviewId) -> Row | None:  # noqa: A002  (Relay names it)
    """The review of this id; nothing when it is not there, or not in scope."""
    return await reviews.by_key(info, ids.key_of("Review", id, "id"), selected(info))


async def account(info: Info, id: AccountId) -> Row | None:  # noqa: A002  (Relay names it)
    """The account of this id; nothing when it is not there, or not in scope."""
    return await access.account_by_key(info, ids.key_of("Account", id, "id"), selected(info))


async def office(info: Info, id: OfficeId) -> Row | None:  # noqa: A002  (Relay names it)
    """The office of this id."""
    return await near.by_key(info, ids.key_of("Office", id, "id"), selected(info))
