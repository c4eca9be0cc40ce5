"""The composition root: settings, database, schema, HTTP. `python -m app` serves."""

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route, WebSocketRoute

from auth.budget import Budgets
from auth.credentials import Credentials
from auth.issuers import Issuers
from auth.jwks import client
from auth.provider import Provider
from auth.sessions import Sessions
from auth.tokens import signing_keys
from jobs import log
from jobs.command import Away, answering, misfit
from jobs.migrate import exposed
from jobs.rollup import keep_folding
from jobs.scrape import scraped
from jobs.work import at_work
from models.cache import Cache
from models.outward import Outward
from models.signal import relay
from models.sql import database
from models.trace import traced
from schema.attachments import Attachments
from schema.barometer import Barometer
from schema.documents import Documents
from schema.downloads import Downloads
from schema.errors import UNAVAILABLE
from schema.figures import Figures
from schema.health import Ready, alive
from schema.http import GraphQL, away, fault, no_route, unauthenticated
from schema.ide import Ide
from schema.language import Language
from schema.presence import Seats
from schema.requests import Requests
from schema.sign_in import SignIn
from schema.socket import Sockets
from schema.stopping import Stopping
from schema.wire import SERVER
from settings import Settings, WrongSettings, settings

GRACE = 20
"""Seconds that requests in flight get when the service is told to stop."""


def create() -> Starlette:
    """The service, as the environment sets it."""
    log.begin(settings().log_level)
    return build(settings())


def build(config: Settings) -> Starlette:
    """The service, as `config` sets it."""
    keys = signing_keys(config.token_key_file)
    cache = Cache(config.cache_url, keys.secret("cache"))
    outward = Outward(keys.seals("webhooks"), config.webhook_loopback)
    http = client()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with database(config.tortoise()), relay(), AsyncExitStack() as stack:
            stack.enter_context(traced(config.otlp_endpoint))
            await stack.enter_async_context(scraped(config))
            if config.dialect == "sqlite":  # one process does everything
                await stack.enter_async_context(at_work(config, keys))
            folding = asyncio.create_task(keep_folding())
            with stopping.heard():
                logging.getLogger("relais").info("serving")
                yield
            folding.cancel()
            await asyncio.gather(folding, return_exceptions=True)
            await cache.close()
        await http.aclose()

    sessions = _sessions(config, http)
    credentials = Credentials(keys, Issuers(config.issuers, http), sessions)
    known = Middleware(AuthenticationMiddleware, backend=credentials, on_error=unauthenticated)
    sign_in = SignIn(sessions, keys, cache, outward).routes(credentials) if sessions else []
    budgets = Budgets(config.cost_budget, config.cost_restored)
    barometer = Barometer(
        cache, outward, public=config.public_barometer, sign_in=sessions is not None
    )
    seats, stopping = Seats(), Stopping(config.drain_seconds)
    graphql = GraphQL(
        cache,
        outward,
        credentials,
        seats,
        stopping.over,
        documents=Documents.read(config.trusted_documents, only=config.trusted_only),
        budgets=budgets,
        invalid=int(config.invalid_status),
        explain=config.explain,
    )
    sockets = Sockets(cache, outward, credentials, seats)
    app = Starlette(
        routes=[
            Route("/graphql", graphql.serve, methods=["GET", "POST"], middleware=[known]),
            WebSocketRoute("/graphql", sockets.serve),
            *Attachments(config.attachment_dir).routes(known),
            Route("/figures.csv", Figures(cache, outward, budgets).serve, middleware=[known]),
            *barometer.routes(credentials),
            Route("/exports/{id}", Downloads(config.export_dir).serve, middleware=[known]),
            Route("/healthz", alive),
            Route("/readyz", Ready(stopping, misfit).serve),
            *sign_in,
            *Ide(sign_in=sessions is not None).routes(credentials),
        ],
        exception_handlers={
            404: no_route,
            405: no_route,
            500: fault,
            **dict.fromkeys(UNAVAILABLE, away),
        },
        middleware=[
            Middleware(Requests, stopping=stopping),
            *_shared(config),
            Middleware(Language),
        ],
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return app


def _shared(config: Settings) -> list[Middleware]:
    """What lets pages of other origins ask with a token; never with the session of a browser."""
    if not config.allowed_origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=config.allowed_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["authorization", "content-type", "x-request-id"],
            expose_headers=["x-request-id", "retry-after", "ratelimit", "ratelimit-policy"],
        )
    ]


def _sessions(config: Settings, http: httpx.AsyncClient) -> Sessions | None:
    if not config.oidc_issuer or config.oidc_client_secret_file is None:
        return None
    provider = Provider(
        http,
        issuer=config.oidc_issuer,
        client_id=config.oidc_client_id,
        client_secret=config.oidc_client_secret_file.read_text().strip(),
        public_url=config.public_url,
        scope=config.oidc_scope,
        acr=config.oidc_acr,
        amr=config.oidc_amr,
    )
    return Sessions(provider)


def main() -> None:
    """Serve until told to stop."""
    config = settings()
    signing_keys(config.token_key_file)
    log.begin(config.log_level)
    # uvicorn ends a signal by raising it again, for whoever listened before: to stop is no failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    asyncio.run(_fit(config))
    uvicorn.run(
        "app:create",
        factory=True,
        host=config.host,
        port=config.port,
        workers=config.workers,
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=[str(one) for one in config.trusted_proxies],
        timeout_graceful_shutdown=GRACE,
        **SERVER,
    )


async def _fit(config: Settings) -> None:
    """Stop the process when the database is of another release. One that is away may come."""
    async with database(config.tortoise()):
        try:
            await answering()
        except Away as error:
            logging.getLogger("relais").warning("%s", error)
            return
        if wrong := await misfit():
            raise WrongSettings(f"RELAIS_DATABASE_URL: the database {wrong}.")
        if wrong := await exposed():
            raise WrongSettings(f"RELAIS_DATABASE_URL: {wrong}.")


if __name__ == "__main__":
    main()
