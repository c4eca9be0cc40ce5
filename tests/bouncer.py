"""A PgBouncer in transaction mode, in front of the PostgreSQL of the tests."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from time import sleep

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
                _run("dpkg", "--extract", str(package), str(folder))
            return str(folder / "usr/sbin/pgbouncer"), ":".join(map(str, folder.glob("usr/lib/*")))
        pytest.skip("PgBouncer is missing: sudo apt-get install pgbouncer")
    return found, ""


@cache
def _packages() -> list[Path]:
    """The package, and what it needs that few have."""
    if not list(CACHE.glob("*.deb")):
        CACHE.mkdir(parents=True, exist_ok=True)
        needed = re.findall(
            r"Depends: (lib(?:event|c-?ares)\S*)", _run("apt-cache", "depends", "pgbouncer")
        )
        _run("apt-get", "download", "pgbouncer", *needed, cwd=CACHE)
    return list(CACHE.glob("*.deb"))


def _run(*command: str, cwd: Path | None = None) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=cwd).stdout


@contextmanager
def bounced(config: Settings) -> Iterator[Settings]:
    """`config` by way of a PgBouncer with POOL connections."""
    folder, port, user = Path(mkdtemp(prefix="relais-pgb-")), free_port(), None
    command, libraries = program(folder)
    name, home = config.database_url.split("@/")[1].split("?host=")
    (folder / "users").write_text('"relais" ""\n')
    (folder / "ini").write_text(CONFIG.format(home=home, port=port, folder=folder, pool=POOL))
    if os.geteuid() == 0:  # it refuses to run as root
        user = Path(home).owner()
        folder.chmod(0o755)
    running = subprocess.Popen(
        [command, "-q", folder / "ini"],
        env={**os.environ, "LD_LIBRARY_PATH": libraries},
        user=user,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _listens(port):
            assert running.poll() is None
        url = f"postgres://relais@127.0.0.1:{port}/{name}"
        yield config.model_copy(
            update={"database_url": url, "database_direct_url": config.database_url}
        )
    finally:
        running.terminate()
        running.wait()
        shutil.rmtree(folder)


def _listens(port: int) -> bool:
    with suppress(OSError):
        socket.create_connection(("127.0.0.1", port)).close()
        return True
    sleep(0.02)
    return False
