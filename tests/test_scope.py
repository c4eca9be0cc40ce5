"""What lies outside a viewer's scope does not exist for them, on any path."""

from typing import Any

import pytest

from models import ids
from models.account import Grant, Role
from models.review import Review, ReviewStructure
from tests import factories as make
from tests.client import Client

PATHS = """query ($review: ID!, $structure: ID!) {
  reviews { totalCount nodes { id } } review(id: $review) { id }
  asReview: node(id: $review) { id } asStructure: node(id: $structure) { id }
}"""
REPLY = """mutation ($id: ID!) { reviewReply(id: $id, body: "Merci.") {
  structure { id } reply { id } userErrors { code } } }"""


async def seen(api: Client, person: str, review: Review, structure: ReviewStructure) -> Any:
    review_id, structure_id = (
        ids.encode("Review", review.id),
        ids.encode("ReviewStructure", structure.id),
    )
    return await api.data(person, PATHS, review=review_id, structure=structure_id)


async def test_foreign_and_missing_are_told_apart_by_no_mutation(api: Client) -> None:
    mine, foreign = await make.office(), await make.office()
    made = await make.review(foreign, replied=1)
    agent = await make.person(Role.OFFICE_AGENT, office=mine)
    structure = await ReviewStructure.get(review=made).prefetch_related("replies")
    edit = """mutation ($id: ID!) { a: replyEdit(id: $id, body: "x", expectedVersion: 1) {
      userErrors { code message field } }
      b: replyWithdraw(id: $id, expectedVersion: 1) { userErrors { code message field } } }"""

    there = await api.data(agent, edit, id=ids.encode("Reply", structure.replies[0].id))
    nowhere = await api.data(agent, edit, id=ids.encode("Reply", 999_999))

    assert there == nowhere
    assert there["a"]["userErrors"][0]["code"] == "NOT_FOUND"


async def test_a_shared_review_is_seen_whole_by_each_and_answered_in_part(api: Client) -> None:
    caf, police = await make.office(), await make.office("police")
    made = await make.review(caf, police)
    agent = await make.person(Role.OFFICE_AGENT, office=caf)
    first, second = await ReviewStructure.filter(review=made).order_by("position")

    answer = await seen(api, agent, made, second)
    refused = await api.data(agent, REPLY, id=ids.encode("ReviewStructure", second.id))
    done = await api.data(agent, REPLY, id=ids.encode("ReviewStructure", first.id))

    assert answer["asStructure"] == {"id": ids.encode("ReviewStructure", second.id)}
    assert refused["reviewReply"]["userErrors"] == [{"code": "NOT_FOUND"}]
    assert done["reviewReply"]["userErrors"] == []


@pytest.mark.parametrize("role", [Role.ANALYST, Role.NETWORK_MANAGER])
async def test_the_directory_is_open_to_every_role(api: Client, role: Role) -> None:
    await make.office(name="Caf de Lyon")
    network = None if role is Role.ANALYST else "police"
    person = await make.person(role, network=network)

    data = await api.data(person, "{ offices { nodes { name } } }")

    assert data == {"offices": {"nodes": [{"name": "Caf de Lyon"}]}}


async def test_a_grant_of_verbatims_without_a_network_reaches_nothing(api: Client) -> None:
    await make.review(await make.office())
    person = await make.person(Role.ANALYST)
    await Grant.filter(account__subject=person).update(role=Role.NETWORK_MANAGER)

    data = await api.data(person, "{ reviews { nodes { id } } }")

    assert data == {"reviews": {"nodes": []}}


async def test_a_viewer_is_told_which_structures_are_theirs_to_answer(api: Client) -> None:
    caf, police = await make.office(), await make.office("police")
    made = await make.review(caf, police)
    second = await ReviewStructure.get(review=made, position=2)
    agent = await make.person(Role.OFFICE_AGENT, office=caf)
    query = """query ($id: ID!) { reviews { nodes { structures { viewerCan { reply } } } }
      node(id: $id) { ... on ReviewStructure { viewerCan { reply } } } }"""

    data = await api.data(agent, query, id=ids.encode("ReviewStructure", second.id))

    mine, theirs = {"viewerCan": {"reply": True}}, {"viewerCan": {"reply": False}}
    assert data["reviews"]["nodes"] == [{"structures": [mine, theirs]}]
    assert data["node"] == theirs
