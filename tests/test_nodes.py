from typing import Any

import pytest

from models import ids
from models.account import Account, Role
from models.network import Network
from models.review import ReviewStructure
from tests import factories as make
from tests.client import Client

NODE = """query ($id: ID!) { node(id: $id) { __typename id
  ... on Review { title structures { office { name } } } ... on Office { name parent { name } }
  ... on ReviewStructure { answered ...Shared } ... on Reply { body } ... on Network { code } } }
fragment Shared on ReviewStructure { network { code } }"""


async def test_everything_with_an_id_is_found_by_it(api: Client) -> None:
    office = await make.office(name="Caf de Lyon")
    review = await make.review(office, replied=1)
    structure = await ReviewStructure.get(review=review).prefetch_related("replies")
    network = await Network.get(code="caf")
    agent = await make.person(Role.OFFICE_AGENT, office=office)
    kept: dict[tuple[str, int], dict[str, Any]] = {
        ("Review", review.id): {
            "title": "Attente",
            "structures": [{"office": {"name": "Caf de Lyon"}}],
        },
        ("ReviewStructure", structure.id): {"answered": True, "network": {"code": "caf"}},
        ("Reply", structure.replies[0].id): {"body": "Merci."},
        ("Office", office.id): {"name": "Caf de Lyon", "parent": None},
        ("Network", network.id): {"code": "caf"},
    }

    for (type_name, key), rest in kept.items():
        global_id = ids.encode(type_name, key)
        data = await api.data(agent, NODE, id=global_id)
        assert data["node"] == {"__typename": type_name, "id": global_id, **rest}


async def test_a_withdrawn_reply_is_no_longer_found(api: Client) -> None:
    office = await make.office()
    review = await make.review(office, replied=1)
    structure = await ReviewStructure.get(review=review).prefetch_related("replies")
    reply = structure.replies[0]
    agent = await make.person(Role.OFFICE_AGENT, office=office)
    person = await Account.get(subject=agent)
    await reply.withdraw(by=person.id, expected_version=1)

    data = await api.data(agent, NODE, id=ids.encode("Reply", reply.id))

    assert data == {"node": None}


@pytest.mark.parametrize("type_name", ["Account", "Nothing", "Office"])
async def test_an_id_of_nothing_that_is_there_finds_nothing(api: Client, type_name: str) -> None:
    agent = await make.person(Role.ANALYST)

    assert await api.data(agent, NODE, id=ids.encode(type_name, 999_999)) == {"node": None}


@pytest.mark.parametrize(
    "global_id", ["", "Review:1", "UmV2aWV3OjE", "UmV2aWV3OjAx", "UmV2aWV3Oi0x", "é", "\x00"]
)
async def test_an_id_that_was_never_issued_is_refused(api: Client, global_id: str) -> None:
    answer = await api.ask(await make.person(Role.ANALYST), NODE, id=global_id)

    assert answer["errors"][0]["extensions"] == {"code": "BAD_ID", "field": ["id"]}


async def test_an_id_of_another_type_is_told_apart(api: Client) -> None:
    query = "query ($id: ID!) { office(id: $id) { id } }"

    answer = await api.ask(await make.person(Role.ANALYST), query, id=ids.encode("Review", 1))

    assert answer["errors"][0]["message"] == "This id is of type Review, not Office."
