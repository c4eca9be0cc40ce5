"""Whether the service is alive, and ready to answer."""

from starlette.requests import Request
from starlette.responses import Response
from tortoise.exceptions import BaseORMException

from models.sql import Sql, fetch
from schema.errors import UNAVAILABLE
from schema.http import answer


async def alive(_: Request) -> Response:
    """The process answers."""
    return answer({"status": "alive"})


async def ready(_: Request) -> Response:
    """The database answers, and holds the tables."""
    try:
        await fetch(Sql("SELECT 1 FROM review_structure LIMIT 1"))
    except (BaseORMException, *UNAVAILABLE):
        return answer({"status": "not ready"}, 503)
    return answer({"status": "ready"})
