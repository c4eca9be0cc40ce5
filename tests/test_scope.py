"""What lies outside a viewer's scope does not exist for them, on any path."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import ids
from models.account import Account, Grant, Role
from models.network import Department, Network
from models.office import Office
from models.review import Review, ReviewStructure
from tests import factories as make
from tests.client import Client

PATHS = """query ($review: ID!, $structure: ID!) {
  reviews { totalCount nodes { id } } review(id: $review) { id }
  asReview: node(id: $review) { id } asStructure: node(id: $structure) { id }
}"""
REPLY = """mutation ($id: ID!) { reviewReply(id: $id, body: "Merci.") {
  structure { id } reply { id } userErrors { code } } }"""

# The rules in plain words: an organisation of six offices, and who may reach which.
OFFICES = [
    ("caf", "69", None),
    ("caf", "69", 0),
    ("caf", "69", 1),
    ("caf", "01", None),
    ("police", "69", None),
    ("police", "01", None),
]
GRANTS: list[tuple[Role, str | None, str | None, int | None]] = [
    (Role.OFFICE_AGENT, None, None, 0),
    (Role.OFFICE_AGENT, None, None, 1),
    (Role.OFFICE_AGENT, None, None, 3),
    (Role.OFFICE_AGENT, None, None, 5),
    (Role.DEPARTMENT_MANAGER, "caf", "69", None),
    (Role.DEPARTMENT_MANAGER, "police", "01", None),
    (Role.NETWORK_MANAGER, "caf", None, None),
    (Role.ANALYST, None, None, None),
    (Role.ANALYST, "caf", None, None),
]


def reaches(grant: tuple[Role, str | None, str | None, int | None], office: int) -> bool:
    """Whether a grant reaches what concerns an office: the oracle."""
    role, network, department, seat = grant
    its_network, its_department, above = OFFICES[office]
    if role is Role.ANALYST:
        return False
    if role is Role.OFFICE_AGENT:
        return office == seat or (above is not None and reaches(grant, above))
    return its_network == network and department in {None, its_department}


async def organisation() -> list[Office]:
    offices: list[Office] = []
    for network, department, above in OFFICES:
        parent = offices[above] if above is not None else None
        offices.append(await make.office(network, department, parent=parent))
    return offices


async def seen(api: Client, person: str, review: Review, structure: ReviewStructure) -> Any:
    review_id, structure_id = (
        ids.encode("Review", review.id),
        ids.encode("ReviewStructure", structure.id),
    )
    return await api.data(person, PATHS, review=review_id, structure=structure_id)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(
    grants=st.lists(st.sampled_from(GRANTS), max_size=3, unique=True),
    reviews=st.lists(
        st.lists(st.integers(0, 5), min_size=1, max_size=3, unique=True), min_size=1, max_size=4
    ),
)
async def test_a_viewer_finds_what_the_rules_say_and_answers_their_own_part(
    api: Client, grants: list[Any], reviews: list[list[int]]
) -> None:
    await Review.all().delete()
    offices = await organisation()
    person = await make.person(Role.ANALYST)
    account = await Account.get(subject=person)
    await Grant.filter(account=account).delete()
    for role, network, department, seat in grants:
        await Grant.create(
            account=account,
            role=role,
            network=await Network.get(code=network or OFFICES[seat][0])
            if network or seat is not None
            else None,
            department=await Department.get(code=department) if department else None,
            office=offices[seat] if seat is not None else None,
        )
    made = [await make.review(*(offices[n] for n in concerned)) for concerned in reviews]
    within = {
        review.id: any(reaches(grant, office) for grant in grants for office in concerned)
        for review, concerned in zip(made, reviews, strict=True)
    }

    for review, concerned in zip(made, reviews, strict=True):
        for structure in await ReviewStructure.filter(review=review).order_by("position"):
            answer = await seen(api, person, review, structure)
            assert answer == expected(review, structure, within)
            reply = await api.data(person, REPLY, id=ids.encode("ReviewStructure", structure.id))
            own = any(reaches(grant, concerned[structure.position - 1]) for grant in grants)
            codes = [error["code"] for error in reply["reviewReply"]["userErrors"]]
            assert codes == ([] if own else ["NOT_FOUND"])


def expected(review: Review, structure: ReviewStructure, within: dict[int, bool]) -> Any:
    one = {"id": ids.encode("Review", review.id)} if within[review.id] else None
    listed = sorted((key for key, there in within.items() if there), reverse=True)
    return {
        "reviews": {
            "totalCount": len(listed),
            "nodes": [{"id": ids.encode("Review", key)} for key in listed],
        },
        "review": one,
        "asReview": one,
        "asStructure": one and {"id": ids.encode("ReviewStructure", structure.id)},
    }


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
