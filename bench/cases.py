"""What is asked: the same of each server, in its own words, with the same shape of answer."""

from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson

from bench.cluster import Cluster
from models import ids

SCALARS = """id source sourceId title description sentiment writtenOn publishedAt postedAs country
  postalCode improvement action version"""
OURS = f"""{SCALARS} structures {{ id position answered repliedAt network {{ code }}
  office {{ name }} reply {{ id body publishedAt version }} }}"""
THEIRS = """rowId: id source sourceId title description sentiment writtenOn publishedAt postedAs
  country postalCode improvement action version
  reviewStructuresByReviewId(orderBy: POSITION_ASC) { nodes { rowId: id position answered
  repliedAt networkByNetworkId { code } officeByOfficeId { name }
  repliesByStructureId(condition: {state: "published"}) { nodes { rowId: id body publishedAt
  version } } } }"""
THEIRS = THEIRS.replace("rowId: id", "id")
YEAR = {"from": "2025-07-01", "to": "2026-06-30"}
PAGED = "orderBy: [PUBLISHED_AT_DESC, REVIEW_ID_DESC], first: 50"


@dataclass(frozen=True, slots=True)
class Asked:
    """What one server is asked: bodies by turns, at a path."""

    path: str
    bodies: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that clients ask for."""

    name: str
    viewer: str
    ours: Asked
    bare: Asked
    theirs: Asked | None = None
    plain: Asked | None = None
    changes: bool = False
    walled: bool = True
    """Whether the rival is asked behind row level security too: whole tables take it minutes."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the database holds, to ask about."""

    office: int
    network: int
    network_code: str
    department: str
    reviews: list[int]
    open: list[int]
    since: str = ""

    @classmethod
    async def read(cls, cluster: Cluster) -> "Facts":
        """Of an office with many reviews and none below it, and its network."""
        db = await asyncpg.connect(host=str(cluster.home), user="postgres", database=cluster.name)
        try:
            ((office, network, department),) = await db.fetch(
                "SELECT office_id, network_id, min(department_id) FROM review_structure"
                " WHERE department_id IS NOT NULL AND office_id IN (SELECT id FROM office o"
                " WHERE NOT EXISTS (SELECT 1 FROM office b WHERE b.parent_id = o.id))"
                " GROUP BY 1, 2 ORDER BY count(*) DESC, 1 LIMIT 1"
            )
            of_network = "SELECT {} FROM review_structure WHERE network_id = $1"
            some = of_network.format("review_id") + " ORDER BY id LIMIT 1000"
            unanswered = of_network.format("id") + " AND NOT answered ORDER BY id LIMIT 60000"
            return cls(
                office,
                network,
                await db.fetchval("SELECT code FROM network WHERE id = $1", network),
                department,
                [row[0] for row in await db.fetch(some, network)],
                [row[0] for row in await db.fetch(unanswered, network)],
            )
        finally:
            await db.close()


def cases(facts: Facts) -> list[Case]:
    """All of them."""
    return [
        Case(
            "inbox of an office, 50 reviews",
            "agent",
            _ours(f"{{ reviews(first: 50) {{ nodes {{ {OURS} }} }} }}"),
            _bare(f"/office/{facts.office}"),
            _theirs(
                f"{{ allReviewStructures(condition: {{officeId: {_big(facts.office)}}}, {PAGED})"
                f" {{ nodes {{ reviewByReviewId {{ {THEIRS} }} }} }} }}"
            ),
            _ours(f"{{ reviews(office: {facts.office}, first: 50) {{ {OURS} }} }}"),
        ),
        Case(
            "unanswered and negative in a department, 50 reviews",
            "manager",
            _ours(
                "query ($where: ReviewFilter) {"
                f" reviews(first: 50, where: $where) {{ nodes {{ {OURS} }} }} }}",
                where={
                    "departments": [facts.department],
                    "answered": False,
                    "sentiments": ["NEGATIVE"],
                },
            ),
            _bare(f"/network/{facts.network}/{facts.department}"),
            _theirs(
                f"{{ allReviewStructures(condition: {{networkId: {_big(facts.network)},"
                f' departmentId: "{facts.department}", answered: false, sentiment: -1}}, {PAGED})'
                f" {{ nodes {{ reviewByReviewId {{ {THEIRS} }} }} }} }}"
            ),
        ),
        Case(
            "one review",
            "manager",
            Asked(
                "/graphql",
                [
                    _body(
                        f"query ($id: ID!) {{ review(id: $id) {{ {OURS} }} }}",
                        id=ids.encode("Review", key),
                    )
                    for key in facts.reviews
                ],
            ),
            Asked("/review/{}", [{"at": key} for key in facts.reviews]),
            Asked(
                "/graphql",
                [
                    _body(
                        f"query ($id: BigInt!) {{ reviewByRowId(rowId: $id) {{ {THEIRS} }} }}",
                        id=str(key),
                    )
                    for key in facts.reviews
                ],
            ),
            Asked(
                "/graphql",
                [
                    _body(f"query ($id: ID!) {{ review(key: $id) {{ {OURS} }} }}", id=str(key))
                    for key in facts.reviews
                ],
            ),
        ),
        Case(
            "full text in a network, 50 reviews",
            "manager",
            _ours(f'{{ reviews(first: 50, where: {{text: "attente"}}) {{ nodes {{ {OURS} }} }} }}'),
            _bare(f"/search/{facts.network}/attent"),
        ),
        Case(
            "satisfaction by network and month",
            "analyst",
            _ours(
                "query ($period: Period!) { satisfaction(period: $period, groupBy: [NETWORK],"
                " by: MONTH) { cells { network { code } from count rate { value } } } }",
                period=YEAR,
            ),
            Asked("/satisfaction", [YEAR]),
            # By network and sentiment: it groups by no month.
            _theirs(
                "{ allReviewStructures { groupedAggregates(groupBy:"
                " [NETWORK_ID, SENTIMENT]) { keys distinctCount { rowId } } } }"
            ),
            walled=False,
        ),
        Case(
            "near me, 20 offices with their figures",
            "analyst",
            _ours(
                "{ offices(first: 20, where: {near: {latitude: 45.75, longitude: 4.85, km: 30}})"
                " { nodes { name distanceKm satisfaction { count rate { value } shrunkRate } } } }"
            ),
            _bare("/near"),
        ),
        Case(
            "changes, 50 events",
            "manager",
            _ours(
                "query ($after: String) { changes(after: $after, first: 50)"
                " { nodes { id position at type subject item } endCursor hasNextPage } }",
                after=facts.since,
            ),
            _bare(f"/changes/{facts.network}"),
            _theirs(
                f"{{ allEvents(condition: {{networkId: {_big(facts.network)}}},"
                " orderBy: PRIMARY_KEY_ASC, first: 50) { nodes { id rowId at type subject item }"
                " pageInfo { endCursor hasNextPage } } }"
            ),
        ),
        Case(
            "post a reply",
            "manager",
            Asked(
                "/graphql",
                [
                    _body(
                        'mutation ($id: ID!) { reviewReply(id: $id, body: "Bonjour, merci.")'
                        " { reply { id version } userErrors { code } } }",
                        id=ids.encode("ReviewStructure", key),
                    )
                    for key in facts.open
                ],
            ),
            Asked("/reply/{}", [{"at": key, "body": "Bonjour, merci."} for key in facts.open]),
            Asked(
                "/graphql",
                [
                    _body(
                        "mutation ($id: BigInt!, $at: Datetime!) {"
                        ' createReply(input: {reply: {structureId: $id, state: "published",'
                        ' greeting: "", body: "Bonjour, merci.", signature: "", version: 1,'
                        " publishedAt: $at}}) { reply { id version } }"
                        " updateReviewStructureByRowId(input: {rowId: $id, reviewStructurePatch:"
                        " {answered: true, repliedAt: $at}}) { clientMutationId } }",
                        id=str(key),
                        at="2026-11-24T12:00:00Z",
                    )
                    for key in facts.open
                ],
            ),
            changes=True,
        ),
    ]


def _big(key: int) -> str:
    return f'"{key}"'


def _body(query: str, **variables: Any) -> dict[str, Any]:
    return {"query": query, "variables": variables}


def _ours(query: str, **variables: Any) -> Asked:
    return Asked("/graphql", [_body(query, **variables)])


_theirs = _ours


def _bare(path: str) -> Asked:
    return Asked(path, [{}])


def requests(asked: Asked, headers: dict[str, str]) -> list[str]:
    """Whole requests over HTTP."""
    made = []
    for body in asked.bodies:
        sent = orjson.dumps({name: value for name, value in body.items() if name != "at"}).decode()
        lines = [f"POST {asked.path.format(body.get('at'))} HTTP/1.1", "host: localhost"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines += ["content-type: application/json", f"content-length: {len(sent.encode())}"]
        made.append("\r\n".join([*lines, "", sent]))
    return made
