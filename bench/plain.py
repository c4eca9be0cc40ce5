"""What one writes first: Strawberry's own server over Tortoise's models, which prefetch."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Any, Self

import strawberry
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL

from models import reply, review
from models.sql import database
from settings import Settings

BESIDE = ("structures__network", "structures__office", "structures__replies")


@strawberry.type
class Network:
    code: str


@strawberry.type
class Office:
    name: str


@strawberry.type
class Reply:
    id: strawberry.ID
    body: str
    published_at: datetime | None
    version: int

    @classmethod
    def of(cls, row: reply.Reply) -> Self:
        """What is told of a row."""
        return cls(
            id=strawberry.ID(str(row.id)),
            body=row.body,
            published_at=row.published_at,
            version=row.version,
        )


@strawberry.type
class Structure:
    id: strawberry.ID
    position: int
    answered: bool
    replied_at: datetime | None
    network: Network
    office: Office | None
    reply: Reply | None

    @classmethod
    def of(cls, row: review.ReviewStructure) -> Self:
        """What is told of a row."""
        published = [one for one in row.replies if one.state == reply.ReplyState.PUBLISHED]
        return cls(
            id=strawberry.ID(str(row.id)),
            position=row.position,
            answered=row.answered,
            replied_at=row.replied_at,
            network=Network(code=row.network.code),
            office=Office(name=row.office.name) if row.office else None,
            reply=Reply.of(published[0]) if published else None,
        )


@strawberry.type
class Review:
    id: strawberry.ID
    source: str
    source_id: str
    title: str
    description: str
    sentiment: int
    written_on: date | None
    published_at: datetime
    posted_as: str | None
    country: str | None
    postal_code: str | None
    improvement: str | None
    action: str | None
    version: int
    structures: list[Structure]

    @classmethod
    def of(cls, row: Any) -> Self:
        """What is told of a row, which has its structures beside it."""
        return cls(
            id=strawberry.ID(str(row.id)),
            source=row.source,
            source_id=row.source_id,
            title=row.title,
            description=row.description,
            sentiment=int(row.sentiment),
            written_on=row.written_on,
            published_at=row.published_at,
            posted_as=row.posted_as,
            country=row.country,
            postal_code=row.postal_code,
            improvement=row.improvement,
            action=row.action,
            version=row.version,
            structures=sorted(map(Structure.of, row.structures), key=lambda one: one.position),
        )


async def reviews(office: strawberry.ID, first: int) -> list[Review]:
    """The newest of an office."""
    of_office = review.Review.filter(structures__office_id=int(office))
    newest = of_office.order_by("-published_at", "-id").limit(first)
    return [Review.of(row) for row in await newest.prefetch_related(*BESIDE)]


async def one(key: strawberry.ID) -> Review | None:
    """One of them."""
    row = await review.Review.get_or_none(id=int(key)).prefetch_related(*BESIDE)
    return Review.of(row) if row else None


@strawberry.type
class Query:
    reviews: list[Review] = strawberry.field(resolver=reviews)
    review: Review | None = strawberry.field(resolver=one)


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[None]:
    """Open the database as its owner, whom no wall holds back."""
    url = f"postgres://postgres:@/{os.environ['BENCH_DATABASE']}?host={os.environ['BENCH_HOST']}"
    async with database(Settings(database_url=url).tortoise(system=True)):
        yield


app = Starlette(routes=[Route("/graphql", GraphQL(strawberry.Schema(Query)))], lifespan=lifespan)
