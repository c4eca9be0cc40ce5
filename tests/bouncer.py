"""A PgBouncer in transaction mode, in front of the PostgreSQL of the tests."""

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import asyncpg
import pytest

from settings import Settings
from tests.servers import free_port

CACHE = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "relais-pgbouncer"
POOL = 2
"""Connections to PostgreSQL that those who ask share: fewer than they are."""

CONFIG = """[databases]
* = host={home}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = {pool}
query_wait_timeout = 10
"""


def program(folder: Path) -> tuple[str, str]:
    """PgBouncer, and where libraries of its own are; skips the test where there is none.

    On Debian and Ubuntu its package is fetched and unpacked into `folder`, which takes no rights.
    """
    found = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")
    if not found:
        with suppress(OSError, subprocess.CalledProcessError):
            for package in _packages():
                subprocess.run(["dpkg", "--extract", package, folder], check=True)
            return str(folder / "usr/sbin/pgbouncer"), ":".join(map(str, folder.glob("usr/lib/*")))
        pytest.skip("PgBouncer is missing: sudo apt-get install pgbouncer")
    return found, ""


@cache
def _packages() -> list[Path]:
    """The package, and what it needs that few have."""
    if not list(CACHE.glob("*.deb")):
        CACHE.mkdir(parents=True, exist_ok=True)
        about = subprocess.run(
            ["apt-cache", "depends", "pgbouncer"], check=True, capture_output=True, text=True
        )
        needed = re.findall(r"Depends: (lib(?:event|c-?ares)\S*)", about.stdout)
        asked = ["apt-get", "download", "pgbouncer", *needed]
        subprocess.run(asked, cwd=CACHE, check=True, capture_output=True)
    return list(CACHE.glob("*.deb"))


@asynccontextmanager
async def bounced(config: Settings) -> AsyncIterator[Settings]:
    """`config` by way of a PgBouncer with POOL connections."""
    folder, port, user = Path(mkdtemp(prefix="relais-pgb-")), free_port(), None
    command, libraries = program(folder)
    name, home = config.database_url.split("@/")[1].split("?host=")
    (folder / "users").write_text('"relais" ""\n')
    (folder / "ini").write_text(CONFIG.format(home=home, port=port, folder=folder, pool=POOL))
    if os.geteuid() == 0:  # it refuses to run as root
        user = Path(home).owner()
        folder.chmod(0o755)
    environ = {**os.environ, "LD_LIBRARY_PATH": libraries}
    running = subprocess.Popen(
        [command, "-q", folder / "ini"], env=environ, user=user, stderr=subprocess.DEVNULL
    )
    try:
        url = f"postgres://relais@127.0.0.1:{port}/{name}"
        async with asyncio.timeout(10):
            while not await _answers(url):
                assert running.poll() is None
                await asyncio.sleep(0.02)
        yield config.model_copy(
            update={"database_url": url, "database_direct_url": config.database_url}
        )
    finally:
        running.terminate()
        running.wait()
        shutil.rmtree(folder)


async def _answers(url: str) -> bool:
    try:
        await (await asyncpg.connect(url, statement_cache_size=0)).close()
    except (OSError, asyncpg.PostgresError):
        return False
    return True
