from models.account import Role
from models.review import Sentiment
from tests import factories as make
from tests.client import Client

TITLES = "query ($where: ReviewFilter) { reviews(where: $where) { nodes { title } } }"


async def test_an_agent_sees_the_reviews_of_the_office_and_those_below(api: Client) -> None:
    seat = await make.office()
    desk = await make.office(parent=seat)
    await make.review(seat, title="siège", day=1)
    await make.review(desk, title="accueil", day=2)
    await make.review(await make.office(), title="ailleurs")
    agent = await make.person(Role.OFFICE_AGENT, office=seat)

    data = await api.data(agent, TITLES)

    assert data == {"reviews": {"nodes": [{"title": "accueil"}, {"title": "siège"}]}}
