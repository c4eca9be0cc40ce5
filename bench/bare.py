"""The least that could be done: the one ideal statement, asyncpg, orjson, and no GraphQL."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

INBOX = """
SELECT r.id, r.source, r.source_id, r.title, r.description, r.sentiment, r.written_on,
  r.published_at, r.posted_as, r.country, r.postal_code, r.improvement, r.action, r.version,
  s.id, s.position, s.answered, s.replied_at, n.code, o.name, p.id, p.body, p.published_at,
  p.version
FROM (SELECT review_id, published_at FROM review_structure WHERE {where}
  ORDER BY published_at DESC, review_id DESC LIMIT {limit}) page
JOIN review r ON r.id = page.review_id
JOIN review_structure s ON s.review_id = page.review_id
JOIN network n ON n.id = s.network_id
LEFT JOIN office o ON o.id = s.office_id
LEFT JOIN reply p ON p.structure_id = s.id AND p.state = 'published'
ORDER BY page.published_at DESC, page.review_id DESC, s.position
"""
SATISFACTION = """
SELECT network_id, to_char(published_at AT TIME ZONE 'Europe/Paris', 'YYYY-MM') AS month, count(*),
  avg((sentiment = 1)::int)::float FROM review_structure
WHERE published_at >= ($1::text || ' 00:00 Europe/Paris')::timestamptz
  AND published_at < ($2::text || ' 24:00 Europe/Paris')::timestamptz GROUP BY 1, 2
"""
NEAR = """
SELECT o.name, o.distance, sum(s.n)::int, sum(s.positive)::float / sum(s.n)
FROM (SELECT id, name, sqrt(power((latitude - $1) * 111.2, 2) + power((longitude - $2) * 77.6, 2))
    AS distance FROM office
  WHERE latitude BETWEEN $1 - 0.27 AND $1 + 0.27 AND longitude BETWEEN $2 - 0.39 AND $2 + 0.39
  ORDER BY distance LIMIT 20) o
LEFT JOIN rollup s ON s.level = 3 AND s.office_id = o.id AND s.month BETWEEN 202511 AND 202610
GROUP BY 1, 2 ORDER BY 2
"""
CHANGES = """
SELECT id, at, type, subject, item FROM event WHERE network_id = $1 ORDER BY id LIMIT 50
"""
REVIEW = (
    *("id", "source", "sourceId", "title", "description", "sentiment", "writtenOn"),
    *("publishedAt", "postedAs", "country", "postalCode", "improvement", "action", "version"),
)


def shaped(records: list[asyncpg.Record]) -> list[dict[str, object]]:
    """Records as reviews with their structures and replies."""
    reviews: list[dict[str, object]] = []
    structures: list[dict[str, object]] = []
    last = None
    for record in records:
        row = tuple(record)
        if row[0] != last:
            last, structures = row[0], []
            reviews.append({**dict(zip(REVIEW, row[:14], strict=True)), "structures": structures})
        reply = {"id": row[20], "body": row[21], "publishedAt": row[22], "version": row[23]}
        structures.append(
            {
                "id": row[14],
                "position": row[15],
                "answered": row[16],
                "repliedAt": row[17],
                "network": {"code": row[18]},
                "office": row[19] and {"name": row[19]},
                "reply": reply if row[20] else None,
            }
        )
    return reviews


def told(value: object) -> Response:
    """`value` as JSON."""
    return Response(orjson.dumps(value), media_type="application/json")


async def office(request: Request) -> Response:
    """The inbox of an office."""
    text = INBOX.format(where="office_id = $1", limit=50)
    rows = await request.app.state.pool.fetch(text, int(request.path_params["office"]))
    return told(shaped(rows))


async def network(request: Request) -> Response:
    """Unanswered negative reviews of a network in a department."""
    where = "network_id = $1 AND department_id = $2 AND NOT answered AND sentiment = -1"
    text = INBOX.format(where=where, limit=50)
    asked = request.path_params
    rows = await request.app.state.pool.fetch(text, int(asked["network"]), asked["department"])
    return told(shaped(rows))


async def one(request: Request) -> Response:
    """One review."""
    text = INBOX.format(where="review_id = $1", limit=1)
    rows = await request.app.state.pool.fetch(text, int(request.path_params["review"]))
    return told(shaped(rows))


async def search(request: Request) -> Response:
    """The newest reviews of a network that hold a word."""
    where = (
        "network_id = $1 AND review_id IN"
        " (SELECT review_id FROM review_search WHERE words @@ to_tsquery('simple', $2))"
    )
    text = INBOX.format(where=where, limit=50)
    asked = request.path_params
    rows = await request.app.state.pool.fetch(text, int(asked["network"]), asked["word"])
    return told(shaped(rows))


async def satisfaction(request: Request) -> Response:
    """Figures by network and month, over the structures themselves."""
    asked = await request.json()
    rows = await request.app.state.pool.fetch(SATISFACTION, asked["from"], asked["to"])
    return told([tuple(row) for row in rows])


async def near(request: Request) -> Response:
    """The nearest offices with their figures."""
    rows = await request.app.state.pool.fetch(NEAR, 45.75, 4.85)
    return told([tuple(row) for row in rows])


async def changes(request: Request) -> Response:
    """The first events of a network."""
    rows = await request.app.state.pool.fetch(CHANGES, int(request.path_params["network"]))
    return told([dict(row) for row in rows])


async def reply(request: Request) -> Response:
    """Reply for a structure: two statements in a transaction."""
    structure = int(request.path_params["structure"])
    async with request.app.state.pool.acquire() as held, held.transaction():
        made = await held.fetchval(
            "INSERT INTO reply (structure_id, state, greeting, body, signature, published_at,"
            " version) VALUES ($1, 'published', '', $2, '', now(), 1) RETURNING id",
            structure,
            (await request.json())["body"],
        )
        await held.execute(
            "UPDATE review_structure SET answered = TRUE, replied_at = now() WHERE id = $1",
            structure,
        )
    return told({"reply": {"id": made, "version": 1}})


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """A pool as large as the service's."""
    host, name = os.environ["BENCH_HOST"], os.environ["BENCH_DATABASE"]
    async with asyncpg.create_pool(
        host=host, database=name, user="postgres", min_size=10, max_size=10
    ) as pool:
        app.state.pool = pool
        yield


app = Starlette(
    routes=[
        Route("/office/{office}", office, methods=["POST"]),
        Route("/network/{network}/{department}", network, methods=["POST"]),
        Route("/review/{review}", one, methods=["POST"]),
        Route("/search/{network}/{word}", search, methods=["POST"]),
        Route("/satisfaction", satisfaction, methods=["POST"]),
        Route("/near", near, methods=["POST"]),
        Route("/changes/{network}", changes, methods=["POST"]),
        Route("/reply/{structure}", reply, methods=["POST"]),
    ],
    lifespan=lifespan,
)
