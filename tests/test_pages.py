from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auth import scope
from auth.permissions import PERMISSIONS
from auth.viewer import Held, Viewer
from models.account import Role
from models.network import Network
from models.review import Review
from resolvers.page import MAX_SIZE, Order, Page, connect, either_way
from resolvers.review_rows import REVIEW
from resolvers.reviews import ORDERS
from resolvers.selection import NOTHING, Selection
from tests import factories as make
from tests.client import Client

NODES = Selection({"nodes": Selection({"sourceId": NOTHING})})
PAGE = """query ($first: Int, $after: String, $last: Int, $before: String, $by: ReviewOrder) {
  reviews(first: $first, after: $after, last: $last, before: $before, orderBy: $by) {
    nodes { title } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  } }"""
HOSTILE = settings(
    max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None
)


async def walk(viewer: Viewer, order: Order, size: int, *, backward: bool) -> list[int]:
    """The keys of all reviews, page by page from one end to the other."""
    keys: list[int] = []
    cursor = None
    for _ in range(20):
        page = Page(last=size, before=cursor) if backward else Page(first=size, after=cursor)
        found = await connect(REVIEW, scope.reviews(viewer), NODES, order, page)
        page_keys = [row.key for row in found.nodes]
        keys = page_keys + keys if backward else keys + page_keys
        info = found.page_info
        if not (info.has_previous_page if backward else info.has_next_page):
            return keys
        cursor = info.start_cursor if backward else info.end_cursor
    pytest.fail("The pages have no end.")


@HOSTILE
@given(
    days=st.lists(st.tuples(st.integers(0, 2), st.none() | st.integers(3, 5)), max_size=12),
    size=st.integers(1, 5),
    name=st.sampled_from(sorted(ORDERS, key=str)),
    descending=st.booleans(),
)
@pytest.mark.usefixtures("world")
async def test_pages_in_either_direction_are_the_whole_list_even_on_equal_and_null_keys(
    days: list[tuple[int, int | None]], size: int, name: Any, descending: bool
) -> None:
    await Review.all().delete()
    office = await make.office()
    made = [(await make.review(office, day=day, replied=to), day, to) for day, to in days]
    published = name.value == "published_at"
    sign = -1 if descending else 1
    expected = sorted(
        made,
        key=lambda one: (
            (key := one[1] if published else one[2]) is None,
            sign * (key or 0),
            sign * one[0].id,
        ),
    )
    network = await Network.get(code="caf")
    viewer = Viewer(1, "test", None, (Held(Role.READER, PERMISSIONS[Role.READER], network.id),))
    order = either_way(ORDERS[name], descending=descending)

    forward = await walk(viewer, order, size, backward=False)

    assert forward == [one[0].id for one in expected]
    assert await walk(viewer, order, size, backward=True) == forward


async def three_reviews() -> str:
    office = await make.office()
    for day in (1, 2, 3):
        await make.review(office, title=str(day), day=day)
    return await make.person(Role.OFFICE_AGENT, office=office)


async def test_a_page_says_where_it_lies(api: Client) -> None:
    agent = await three_reviews()

    whole = (await api.data(agent, PAGE, first=3))["reviews"]
    second = (await api.data(agent, PAGE, first=1, after=whole["edges"][0]["cursor"]))["reviews"]

    cursor = whole["edges"][1]["cursor"]
    assert second == {
        "nodes": [{"title": "2"}],
        "edges": [{"cursor": cursor}],
        "pageInfo": {
            "hasNextPage": True,
            "hasPreviousPage": True,
            "startCursor": cursor,
            "endCursor": cursor,
        },
    }


async def test_a_page_may_lie_between_two_cursors(api: Client) -> None:
    agent = await three_reviews()
    edges = (await api.data(agent, PAGE))["reviews"]["edges"]

    page = await api.data(agent, PAGE, after=edges[0]["cursor"], before=edges[2]["cursor"])

    assert page["reviews"]["nodes"] == [{"title": "2"}]


async def test_what_arrives_in_the_meantime_moves_no_page(api: Client) -> None:
    agent = await three_reviews()
    first = (await api.data(agent, PAGE, first=1))["reviews"]
    newest = await Review.get(title="3")
    await newest.delete()

    after = await api.data(agent, PAGE, first=1, after=first["pageInfo"]["endCursor"])

    assert after["reviews"]["nodes"] == [{"title": "2"}]


@pytest.mark.parametrize(
    ("arguments", "code", "field"),
    [
        ({"first": -1}, "BAD_INPUT", ["first"]),
        ({"first": MAX_SIZE + 1}, "BAD_INPUT", ["first"]),
        ({"last": MAX_SIZE + 1}, "BAD_INPUT", ["last"]),
        ({"first": 1, "last": 1}, "BAD_INPUT", ["last"]),
        ({"after": ""}, "BAD_CURSOR", ["after"]),
        ({"after": "é\x00"}, "BAD_CURSOR", ["after"]),
        ({"before": "WyJwdWJsaXNoZWQ6ZGVzYyIsbnVsbCwxXQ"}, "BAD_CURSOR", ["before"]),
        ({"after": "WyJwdWJsaXNoZWQ6ZGVzYyIsIngiLDFd"}, "BAD_CURSOR", ["after"]),
    ],
)
async def test_a_page_that_cannot_be_is_refused(
    api: Client, arguments: dict[str, Any], code: str, field: list[str]
) -> None:
    answer = await api.ask(await three_reviews(), PAGE, **arguments)

    assert [error["extensions"] for error in answer["errors"]] == [{"code": code, "field": field}]


async def test_a_cursor_of_another_order_is_refused(api: Client) -> None:
    agent = await three_reviews()
    cursor = (await api.data(agent, PAGE))["reviews"]["edges"][0]["cursor"]

    answer = await api.ask(agent, PAGE, after=cursor, by={"direction": "ASC"})

    assert answer["errors"][0]["extensions"] == {"code": "BAD_CURSOR", "field": ["after"]}


async def test_the_total_is_counted_only_when_asked_and_up_to_a_cap(
    api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = await three_reviews()
    monkeypatch.setattr("resolvers.page.COUNT_CAP", 2)
    query = "{ reviews(first: 1) { totalCount totalCountCapped nodes { title } } }"

    data = await api.data(agent, query)

    expected = {"totalCount": 2, "totalCountCapped": True, "nodes": [{"title": "3"}]}
    assert data["reviews"] == expected
