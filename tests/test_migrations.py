import pytest
from tortoise.context import get_current_context
from tortoise.exceptions import IntegrityError
from tortoise.migrations.autodetector import MigrationAutodetector

from jobs.migrate import migrate
from models.reply import Reply
from models.review import ReviewStructure
from models.sql import Sql, connection, fetch
from settings import Settings
from tests import factories as make

CATALOGUE = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
    " AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'tortoise%' ORDER BY name",
    "postgres": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    " AND tablename NOT LIKE 'tortoise%' UNION ALL"
    " SELECT stxname, 'statistics' FROM pg_statistic_ext UNION ALL"
    " SELECT table_name || '.' || column_name, data_type || coalesce(collation_name, '')"
    " FROM information_schema.columns WHERE table_schema = 'public'"
    " AND table_name NOT LIKE 'tortoise%' ORDER BY 1",
}
GUARDS = {
    "mention_unread": "WHERE read_at IS NULL",
    "reply_live": "WHERE withdrawn_at IS NULL",
    "worklist_network": "WHERE NOT answered",
    "worklist_office": "WHERE NOT answered",
}


async def catalogue() -> list[tuple[str, str]]:
    dialect = connection().capabilities.dialect
    return [(row[0], row[1]) for row in await fetch(Sql(CATALOGUE[dialect]))]


@pytest.mark.usefixtures("owned")
async def test_migrations_go_back_to_nothing_and_forward_to_the_same() -> None:
    before = await catalogue()

    await migrate("zero")
    between = await catalogue()
    await migrate()

    assert between == []
    assert await catalogue() == before


@pytest.mark.usefixtures("owned")
@pytest.mark.parametrize(("index", "condition"), GUARDS.items())
async def test_what_tortoise_cannot_say_is_in_the_catalogue(index: str, condition: str) -> None:
    definition = dict(await catalogue())[index].replace("(", "").replace(")", "")

    assert condition in definition


@pytest.mark.usefixtures("owned")
async def test_the_migrations_say_all_that_the_models_say(config: Settings) -> None:
    context = get_current_context()
    assert context
    assert context.apps
    detector = MigrationAutodetector(context.apps, config.tortoise()["apps"])

    assert await detector.changes() == []


@pytest.mark.usefixtures("owned")
async def test_a_structure_cannot_have_two_live_replies_whatever_wrote_them() -> None:
    review = await make.review(await make.office(), replied=1)
    structure = await ReviewStructure.get(review=review)

    with pytest.raises(IntegrityError):
        await Reply.create(structure=structure, body="Encore.")
