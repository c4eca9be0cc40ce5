"""The composition root: settings, database, schema, HTTP. `python -m app` serves."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.routing import Route

from auth.tokens import BearerTokens, signing_keys
from models.cache import Cache
from models.sql import database
from schema.health import alive, ready
from schema.http import GraphQL, fault, no_route, unauthenticated
from settings import Settings, settings


def create() -> Starlette:
    """The service, as the environment sets it."""
    return build(settings())


def build(config: Settings) -> Starlette:
    """The service, as `config` sets it."""
    keys, cache = signing_keys(config.token_key_file), Cache(config.cache_url)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with database(config.tortoise()):
            yield
        await cache.close()

    return Starlette(
        routes=[
            Route("/graphql", GraphQL(cache).serve, methods=["POST"]),
            Route("/healthz", alive),
            Route("/readyz", ready),
        ],
        middleware=[
            Middleware(
                AuthenticationMiddleware, backend=BearerTokens(keys), on_error=unauthenticated
            )
        ],
        exception_handlers={404: no_route, 405: no_route, 500: fault},
        lifespan=lifespan,
    )


def main() -> None:
    """Serve until told to stop."""
    config = settings()
    signing_keys(config.token_key_file)
    logging.basicConfig(level=config.log_level.upper(), format="%(levelname)s %(name)s %(message)s")
    uvicorn.run(
        "app:create",
        factory=True,
        host=config.host,
        port=config.port,
        workers=config.workers,
        log_level=config.log_level,
        access_log=False,
        server_header=False,
    )


if __name__ == "__main__":
    main()
