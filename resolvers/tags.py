"""Business tags: what a network sorts what it is told by."""

from typing import Annotated

import strawberry

from auth import scope
from auth.permissions import Permission
from models import ids
from models.audit import Deed, Place
from models.errors import BadInput
from models.network import Network
from models.review import Sentiment
from models.said import MAX_NAME
from models.sql import Sql
from models.tag import MAX_PUT, BusinessTag, put_tags
from resolvers import reference
from resolvers.context import Info
from resolvers.done import Done
from resolvers.locked import locked
from resolvers.names import Sentiment as SentimentName
from resolvers.routing import ExpectedVersion, StructureId, held
from resolvers.rows import Row, select
from resolvers.selection import NOTHING, Selection, selected
from resolvers.work_rows import BUSINESS_TAG


@strawberry.input(description="A business tag, and what the user felt of that subject.")
class TagInput:
    tag: strawberry.ID = strawberry.field(description="Id of the `BusinessTag`.")
    polarity: SentimentName = strawberry.field(description="What the user felt of it.")


NetworkId = Annotated[strawberry.ID, strawberry.argument(description="Id of the `Network`.")]
NetworkCode = Annotated[str, strawberry.argument(description="Code of the network.")]
TagId = Annotated[strawberry.ID, strawberry.argument(description="Id of the `BusinessTag`.")]
Name = Annotated[
    str,
    strawberry.argument(
        description=f"What it is called: 1 to {MAX_NAME} characters, once in a network, whatever "
        "the case and accents."
    ),
]
NewName = Annotated[
    str | None, strawberry.argument(description="What it is to be called; as it is, without.")
]
Active = Annotated[
    bool | None,
    strawberry.argument(
        description="Whether it can be put on reviews, as it is when left out; where it was put, "
        "it stays."
    ),
]
Tags = Annotated[
    list[TagInput],
    strawberry.argument(
        description=f"All of its tags, at most {MAX_PUT}: they take the place of those it has."
    ),
]


async def create(info: Info, network: NetworkId, name: Name) -> Done:
    """A new tag of a network that one administers as a whole."""
    key = ids.key_of("Network", network, "network")
    scoped = scope.configurable_networks(info.context.viewer)
    found = await locked(Network, reference.NETWORK, scoped, key, "network")
    return _changed("tag.created", await BusinessTag.add(found, name))


async def update(
    info: Info,
    id: TagId,  # noqa: A002  (its name in the API)
    expected_version: ExpectedVersion,
    name: NewName = None,
    active: Active = None,
) -> Done:
    """Call a tag otherwise, or take it out of use."""
    key = ids.key_of("BusinessTag", id, "id")
    scoped = scope.configurable_tags(info.context.viewer)
    found = await locked(BusinessTag, BUSINESS_TAG, scoped, key)
    await found.change(name, active, expected_version=expected_version)
    return _changed("tag.updated", found)


async def put(
    info: Info,
    id: StructureId,  # noqa: A002  (its name in the API)
    tags: Tags,
    expected_version: ExpectedVersion,
) -> Done:
    """Say by which subjects a structure's part of a review is sorted."""
    if len(tags) > MAX_PUT:
        raise BadInput("At most {most} values.", "tags", most=MAX_PUT)
    found = await held(info, id, Permission.REPLY)
    felt = {ids.key_of("BusinessTag", one.tag, "tags"): Sentiment(one.polarity) for one in tags}
    if len(felt) < len(tags):
        raise BadInput("The same tag is given twice.", "tags")
    await put_tags(found, felt, expected_version=expected_version)
    facts = {"tags": [one.tag for one in tags], "version": found.version}
    return Done(Deed("structure.tagged", id, Place.of(found), facts), structure=found.id)


async def listing(info: Info, network: NetworkCode) -> list[Row]:
    """The tags of a network, in alphabetical order, those out of use too."""
    (key,) = await reference.network_keys(info, [network], "network")
    of = Sql("b.network_id = ?", (key,))
    scoped = scope.business_tags(info.context.viewer).narrow(where=[of])
    rows = await select(BUSINESS_TAG, scoped, selected(info) | _FOLDED)
    return sorted(rows, key=lambda row: row.folded)


async def by_key(info: Info, key: int, selection: Selection) -> Row | None:
    """The tag of `key`."""
    scoped = scope.business_tags(info.context.viewer).narrow(where=[Sql("b.id = ?", (key,))])
    return next(iter(await select(BUSINESS_TAG, scoped, selection)), None)


_FOLDED = Selection({"folded": NOTHING})


def _changed(action: str, found: BusinessTag) -> Done:
    facts = {"name": found.name, "active": found.active, "version": found.version}
    place = Place(found.network_id)
    return Done(Deed(action, ids.encode("BusinessTag", found.id), place, facts), tag=found.id)
