"""The service answers what tests/oracle.py says, on every path: nothing leaks, nothing lacks."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resolvers import ids
from tests import oracle
from tests.client import Client
from tests.facts import Part, Question, Reply, Review, World
from tests.worlds import OVERSEER, VIEWER, person, questions, settle, worlds

EXAMPLES = int(os.environ.get("ORACLE_EXAMPLES", "0"))
"""How many worlds to try, at random; without it a few, and always the same."""

slowly = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    derandomize=not EXAMPLES,
)
bases = count(1_000_000, 1_000)  # far from the keys that the service counts up by itself
NOWHERE = 900
"""A key of nothing."""

SHOWN = """
fragment review on Review { id title sentiment publishedAt axes { relation }
  structures { ...part } }
fragment part on ReviewStructure { id position network { code } department { code } office { id }
  channels answered repliedAt reply { ...reply } viewerCan { reply validate transfer } }
fragment reply on Reply { id body version }
fragment account on Account { id grants { id } tokens { id } }"""
LISTS = f"""query ($actions: [String!]) {{
  viewer {{ id can grants {{ id }} }}
  reviews(first: 100) {{ totalCount totalCountCapped nodes {{ ...review }} }}
  grants(first: 100) {{ totalCount nodes {{ id }} }}
  accounts(first: 100) {{ totalCount nodes {{ ...account }} }}
  auditTrail(first: 100, where: {{ actions: $actions }}) {{ totalCount nodes {{ id }} }} }}
{SHOWN}"""
PAGE = """query ($where: ReviewFilter, $orderBy: ReviewOrder,
  $first: Int, $after: String, $last: Int, $before: String) {
  reviews(where: $where, orderBy: $orderBy,
    first: $first, after: $after, last: $last, before: $before) {
    totalCount nodes { id } edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
ANYTHING = """fragment node on Node { __typename id ...review ...part ...reply ...account
  ... on Office { network { code } parent { id } } }"""
DONE = "{ userErrors { code message field } reply { body version } structure { id answered } }"
DEEDS = {
    "reply": 'reviewReply(id: $i{n}, body: "Fait.")',
    "edit": 'replyEdit(id: $i{n}, body: "Fait.", expectedVersion: $v{n})',
    "withdraw": "replyWithdraw(id: $i{n}, expectedVersion: $v{n})",
}
AFTER = """{ reviews(first: 100) { nodes { id structures { id answered reply { body version }
  viewerCan { reply validate transfer } } } }
  open: reviews(where: { answered: false }) { totalCount } }"""


@dataclass(frozen=True)
class Deed:
    """Something to be tried: a reply for a part, or an edit or withdrawal of a reply."""

    kind: str
    key: int
    version: int = 1


@dataclass
class Asker:
    """Someone in a world, who remembers what the service said."""

    api: Client
    world: World
    who: int
    said: list[bytes] = field(default_factory=list)

    async def data(self, query: str, **variables: Any) -> Any:
        headers = self.api.headers(person(self.world, self.who))
        body = {"query": query, "variables": variables}
        answer = await self.api.http.post("/graphql", json=body, headers=headers)
        self.said.append(answer.content)
        assert "errors" not in answer.json(), answer.text
        return answer.json()["data"]

    def id(self, kind: str, key: int) -> str:
        return ids.encode(kind, self.world.base + key)

    def ids(self, kind: str, keys: Sequence[int]) -> list[dict[str, str]]:
        return [{"id": self.id(kind, key)} for key in keys]

    # What is to be shown of each thing to someone who sees it.

    def review(self, one: Review) -> dict[str, Any]:
        return {
            "id": self.id("Review", one.key),
            "title": one.word,
            "sentiment": one.sentiment,
            "publishedAt": one.published.isoformat(),
            "axes": {"relation": one.relation},
            "structures": [self.part(part, n) for n, part in enumerate(one.parts, 1)],
        }

    def part(self, one: Part, position: int) -> dict[str, Any]:
        at = one.place
        return {
            "id": self.id("ReviewStructure", one.key),
            "position": position,
            "network": {"code": at.network},
            "department": at.department and {"code": at.department},
            "office": at.office and {"id": self.id("Office", at.office)},
            "channels": sorted(one.channels),
            "answered": one.answered,
            "repliedAt": one.replied and one.replied.isoformat(),
            "reply": one.reply and self.reply(one.reply),
            "viewerCan": self.can(one),
        }

    def reply(self, one: Reply) -> dict[str, Any]:
        return {"id": self.id("Reply", one.key), "body": one.body, "version": one.version}

    def can(self, one: Part) -> dict[str, bool]:
        own = oracle.rights(self.world, self.who, one.place)
        return {right: right in own for right in ("reply", "validate", "transfer")}

    def account(self, key: int) -> dict[str, Any]:
        world, who = self.world, self.who
        grants = [one for one in world.grants if one.account == key]
        governed = oracle.governs(world, who, key)
        tokens = [token for token, account in world.tokens if account == key and governed]
        shown = [one.key for one in grants if oracle.administers(world, who, one)]
        return {
            "id": self.id("Account", key),
            "grants": self.ids("Grant", shown),
            "tokens": self.ids("AccessToken", tokens),
        }

    def everything(self) -> dict[tuple[str, int], dict[str, Any]]:
        """All that has an id and is theirs to see, as it is to be shown."""
        found = self._reviews() | self._access()
        for office in self.world.offices:
            above = {"parent": {"id": self.id("Office", office.parent)} if office.parent else None}
            found["Office", office.key] = {"network": {"code": office.network}, **above}
        return found

    def _reviews(self) -> dict[tuple[str, int], dict[str, Any]]:
        found = {}
        for review in self.world.reviews:
            if not oracle.sees(self.world, self.who, review):
                continue
            found["Review", review.key] = self.review(review)
            for n, part in enumerate(review.parts, 1):
                found["ReviewStructure", part.key] = self.part(part, n)
                if part.reply:
                    found["Reply", part.reply.key] = self.reply(part.reply)
        return found

    def _access(self) -> dict[tuple[str, int], dict[str, Any]]:
        world, who = self.world, self.who
        grants = [one.key for one in world.grants if oracle.administers(world, who, one)]
        known = [one for one in world.accounts if oracle.knows(world, who, one)]
        tokens = [key for key, account in world.tokens if oracle.governs(world, who, account)]
        told = [
            key for key, place in world.entries if "read_audit" in oracle.rights(world, who, place)
        ]
        plain = {"Grant": grants, "AccessToken": tokens, "AuditEntry": told}
        found: dict[tuple[str, int], dict[str, Any]] = {
            (kind, key): {} for kind, keys in plain.items() for key in keys
        }
        return found | {("Account", one): self.account(one) for one in known}


def things(world: World) -> list[tuple[str, int]]:
    """All that has an id, by type and key, and what has none."""
    parts = [part for review in world.reviews for part in review.parts]
    keys = {
        "Review": [one.key for one in world.reviews],
        "ReviewStructure": [one.key for one in parts],
        "Reply": [reply.key for one in parts for reply in one.replies],
        "Office": [one.key for one in world.offices],
        "Grant": [one.key for one in world.grants],
        "Account": list(world.accounts),
        "AccessToken": [key for key, _ in world.tokens],
        "AuditEntry": [key for key, _ in world.entries],
    }
    return [(kind, key) for kind, found in keys.items() for key in (*found, NOWHERE)]


async def compare(
    asker: Asker,
    asked: Sequence[tuple[Question, int, bool]] = (),
    deeds: Sequence[Deed] = (),
    named: Sequence[tuple[str, int]] = (),
) -> World:
    """Ask on every path and compare with the oracle; the world as it is after the deeds."""
    await compare_lists(asker)
    await compare_nodes(asker, named or things(asker.world))
    for question, size, backward in asked:
        await compare_pages(asker, question, size, backward=backward)
    asker.world = await compare_deeds(asker, deeds)
    await compare_state(asker)
    return asker.world


async def compare_lists(asker: Asker) -> None:
    world, who, theirs = asker.world, asker.who, asker.everything()
    data = await asker.data(LISTS, actions=[f"test.{world.base}"])

    def listed(kind: str) -> list[int]:
        return sorted((key for one, key in theirs if one == kind), reverse=True)

    can = {right.upper() for right in oracle.rights(world, who)}
    assert (data["viewer"]["id"], set(data["viewer"]["can"])) == (asker.id("Account", who), can)
    held = sorted(one.key for one in oracle.held(world, who))
    assert data["viewer"]["grants"] == asker.ids("Grant", held)
    reviews = oracle.listed(world, who, Question())
    assert data["reviews"] == {
        "totalCount": len(reviews),
        "totalCountCapped": False,
        "nodes": [asker.review(one) for one in reviews],
    }
    accounts = [asker.account(key) for key in sorted(listed("Account"))]
    assert data["accounts"] == {"totalCount": len(accounts), "nodes": accounts}
    for name, kind in (("grants", "Grant"), ("auditTrail", "AuditEntry")):
        keys = listed(kind)
        assert data[name] == {"totalCount": len(keys), "nodes": asker.ids(kind, keys)}


async def compare_nodes(asker: Asker, named: Sequence[tuple[str, int]]) -> None:
    """Each by `node`, and by the field of its type where there is one."""
    theirs, names, fields, wanted = asker.everything(), {}, [], {}
    for n, (kind, key) in enumerate(named):
        names[f"i{n}"] = asker.id(kind, key)
        fields.append(f"n{n}: node(id: $i{n}) {{ ...node }}")
        shown = theirs.get((kind, key))
        whole = shown if shown is None else {"__typename": kind, "id": names[f"i{n}"], **shown}
        wanted[f"n{n}"] = whole
        if kind in {"Review", "Account", "Office"}:
            fields.append(f"o{n}: {kind.lower()}(id: $i{n}) {{ __typename id }}")
            wanted[f"o{n}"] = whole and {"__typename": kind, "id": names[f"i{n}"]}
    arguments = ", ".join(f"${name}: ID!" for name in names)
    query = f"query ({arguments}) {{ {' '.join(fields)} }} {ANYTHING} {SHOWN}"
    assert await asker.data(query, **names) == wanted


async def compare_pages(asker: Asker, asked: Question, size: int, *, backward: bool) -> None:
    """A list, walked by its cursors from one end to the other, and between two of them."""
    found = oracle.listed(asker.world, asker.who, asked)
    order = {
        "field": f"{asked.by.upper()}_AT",
        "direction": "DESC" if asked.descending else "ASC",
    }
    common = {"where": condition(asker, asked), "orderBy": order}
    cursors: list[str] = []

    async def page(items: Sequence[Review], way: dict[str, Any], *, ends: tuple[bool, bool]) -> Any:
        nodes = asker.ids("Review", [one.key for one in items])
        data = (await asker.data(PAGE, **common, **way))["reviews"]
        edges = [edge["cursor"] for edge in data["edges"]]
        assert data == {
            "totalCount": len(found),
            "nodes": nodes,
            "edges": [{"cursor": at, "node": one} for at, one in zip(edges, nodes, strict=True)],
            "pageInfo": {
                "hasPreviousPage": ends[0],
                "hasNextPage": ends[1],
                "startCursor": edges[0] if edges else None,
                "endCursor": edges[-1] if edges else None,
            },
        }
        return edges

    cut = oracle.pages(found, size, backward=backward)
    for n, items in enumerate(cut):
        more, past = n < len(cut) - 1, n > 0
        if backward:
            way = {"last": size, **({"before": cursors[0]} if past else {})}
            cursors = await page(items, way, ends=(more, past)) + cursors
        else:
            way = {"first": size, **({"after": cursors[-1]} if past else {})}
            cursors += await page(items, way, ends=(past, more))
    if len(cursors) > 1:
        between = {"after": cursors[0], "before": cursors[-1]}
        await page(found[1:-1], {"first": 100, **between}, ends=(True, False))


def condition(asker: Asker, asked: Question) -> dict[str, Any]:
    """A question's filter, as the service takes it."""
    where: dict[str, Any] = {
        name: sorted(values)
        for name in ("networks", "departments", "channels", "sentiments")
        if (values := getattr(asked, name)) is not None
    }
    if asked.offices is not None:
        where["offices"] = [asker.id("Office", key) for key in sorted(asked.offices)]
    if asked.answered is not None:
        where["answered"] = asked.answered
    if asked.axis is not None:
        polarity = {} if asked.axis == "any" else {"polarity": asked.axis}
        where["axes"] = [{"axis": "RELATION", **polarity}]
    for name, day in (("publishedFrom", asked.since), ("publishedTo", asked.until)):
        if day is not None:
            where[name] = day.isoformat()
    return where | ({"text": asked.word} if asked.word else {})


async def compare_deeds(asker: Asker, deeds: Sequence[Deed]) -> World:
    """Try deeds, one after the other in one request; the world as they leave it."""
    if not deeds:
        return asker.world
    world, variables = asker.world, dict[str, Any]()
    kinds, fields, wanted = [], [], []
    for n, deed in enumerate(deeds):
        variables[f"i{n}"] = asker.id(
            "ReviewStructure" if deed.kind == "reply" else "Reply", deed.key
        )
        kinds.append(f"$i{n}: ID!")
        if deed.kind != "reply":
            variables[f"v{n}"] = deed.version
            kinds.append(f"$v{n}: Int!")
        fields.append(f"d{n}: {DEEDS[deed.kind].format(n=n)} {DONE}")
        world, answer = done(asker, world, deed)
        wanted.append(answer)
    query = f"mutation ({', '.join(kinds)}) {{ {' '.join(fields)} }}"
    data = await asker.data(query, **variables)
    told = [
        {**data[f"d{n}"], "userErrors": [error["code"] for error in data[f"d{n}"]["userErrors"]]}
        for n in range(len(deeds))
    ]
    assert told == wanted
    return world


def done(asker: Asker, world: World, deed: Deed) -> tuple[World, dict[str, Any]]:
    """The world after a deed, and what is to be told of it."""
    found = [
        (review, part, reply)
        for review in world.reviews
        for part in review.parts
        for reply in (part.replies if deed.kind != "reply" else (None,))
        if deed.key == (reply.key if reply else part.key)
    ]
    nothing = {"reply": None, "structure": None}
    if not found:
        return world, {"userErrors": ["NOT_FOUND"], **nothing}
    (review, part, reply) = found[0]
    code = oracle.refusal(world, asker.who, part, reply, deed.version)
    if code:
        return world, {"userErrors": [code], **nothing}
    if reply is None:
        live: Reply | None = Reply(0, "Fait.")
        kept = (*part.replies, Reply(0, "Fait."))
    else:
        new = replace(reply, version=reply.version + 1)
        new = (
            replace(new, withdrawn=True) if deed.kind == "withdraw" else replace(new, body="Fait.")
        )
        live = None if new.withdrawn else new
        kept = tuple(new if one is reply else one for one in part.replies)
    left = replace(part, replies=kept, answered=live is not None)
    whole = replace(review, parts=tuple(left if one is part else one for one in review.parts))
    after = tuple(whole if one is review else one for one in world.reviews)
    shown = {
        "reply": live and {"body": live.body, "version": live.version},
        "structure": {"id": asker.id("ReviewStructure", part.key), "answered": left.answered},
    }
    seen = oracle.sees(world, asker.who, review)
    return replace(world, reviews=after), {"userErrors": [], **(shown if seen else nothing)}


async def compare_state(asker: Asker) -> None:
    """What is so after deeds: all that was done, and nothing else."""

    def reply(part: Part) -> Any:
        return part.reply and {"body": part.reply.body, "version": part.reply.version}

    def shown(part: Part) -> dict[str, Any]:
        key, can = asker.id("ReviewStructure", part.key), asker.can(part)
        return {"id": key, "answered": part.answered, "reply": reply(part), "viewerCan": can}

    world, who = asker.world, asker.who
    nodes = [
        {"id": asker.id("Review", one.key), "structures": [shown(part) for part in one.parts]}
        for one in oracle.listed(world, who, Question())
    ]
    unanswered = len(oracle.listed(world, who, Question(answered=False)))
    wanted = {"reviews": {"nodes": nodes}, "open": {"totalCount": unanswered}}
    assert await asker.data(AFTER) == wanted


def attempts(world: World, wanted: Sequence[tuple[str, int, bool]]) -> list[Deed]:
    """Deeds on what is there: each a kind, which one, and whether its version is the right one."""
    parts = [part for review in world.reviews for part in review.parts]
    replies = [reply for part in parts for reply in part.replies]
    found = []
    for kind, n, known in wanted:
        among: Sequence[Part | Reply] = parts if kind == "reply" else replies
        one = among[n % len(among)] if among else None
        version = one.version if isinstance(one, Reply) and known else 9
        found.append(Deed(kind, one.key if one else NOWHERE, version))
    return found


walks = st.lists(st.tuples(questions(), st.integers(1, 3), st.booleans()), min_size=1, max_size=3)
tries = st.lists(
    st.tuples(
        st.sampled_from(list(DEEDS)), st.integers(0, 11), st.sampled_from([True, True, False])
    ),
    min_size=1,
    max_size=5,
)


@settings(slowly, max_examples=EXAMPLES or 40)
@given(world=worlds(), asked=walks, wanted=tries)
async def test_the_service_answers_what_the_rules_say_on_every_path(
    api: Client, world: World, asked: Any, wanted: Any
) -> None:
    world = replace(world, base=next(bases))
    await settle(world)

    after = await compare(Asker(api, world, VIEWER), asked, attempts(world, wanted))

    await compare_state(Asker(api, after, OVERSEER))
