"""The servers that are compared, each a process of its own, and what they use of the machine."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import orjson

from bench.cluster import Cluster

RIVAL = Path(__file__).parent / "postgraphile"
PLAIN = "plain Strawberry"
WALLED = "PostGraphile, RLS"
TICK = os.sysconf("SC_CLK_TCK")
STARTS_WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs."""

    name: str
    port: int
    process: int
    metrics: int = 0
    """Where it tells its own figures, if it does."""

    def cpu(self) -> float:
        """Seconds of processor time that it has used, with its children."""
        return sum(map(cpu_of, family(self.process)))

    def peak(self) -> int:
        """Bytes of memory that it held at most, with its children."""
        return sum(map(_peak, family(self.process)))


def family(process: int) -> list[int]:
    """A process and all those below it."""
    found = [process]
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        for child in task.read_text().split():
            found += family(int(child))
    return found


def cpu_of(process: int) -> float:
    """Seconds of processor time that a process has used, and children of it that ended."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    except FileNotFoundError:
        return 0.0
    # Children that ended count with who waited for them.
    return sum(map(int, fields[11:15])) / TICK


def _peak(process: int) -> int:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


@contextmanager
def ours(cluster: Cluster) -> Iterator[Server]:
    """The service itself, as it is deployed: behind row level security."""
    port, metrics = _free_port(), _free_port()
    settings = {"RELAIS_PORT": str(port), "RELAIS_LOG_LEVEL": "warning", "RELAIS_COST_BUDGET": "0"}
    settings["RELAIS_METRICS_PORT"] = str(metrics)
    command = [sys.executable, "-m", "app"]
    with _running("Relais", command, cluster.environment() | settings, port) as server:
        yield replace(server, metrics=metrics)


@contextmanager
def bare(cluster: Cluster) -> Iterator[Server]:
    """Starlette, asyncpg and orjson with the ideal statements, and no GraphQL."""
    port = _free_port()
    command = [sys.executable, "-m", "uvicorn", "bench.bare:app", "--port", str(port)]
    command += ["--no-access-log", "--log-level", "warning"]
    with _running("bare limit", command, _told(cluster), port) as server:
        yield server


@contextmanager
def plain(cluster: Cluster) -> Iterator[Server]:
    """Strawberry over Tortoise as one writes it first: as its owner, and without a scope."""
    port = _free_port()
    command = [sys.executable, "-m", "uvicorn", "bench.plain:app", "--port", str(port)]
    command += ["--no-access-log", "--log-level", "warning"]
    with _running(PLAIN, command, _told(cluster), port) as server:
        yield server


@contextmanager
def postgraphile(cluster: Cluster, reach: dict[str, str] | None) -> Iterator[Server]:
    """PostGraphile over the same tables; with `reach`, behind the same row level security."""
    if not (RIVAL / "node_modules").exists():
        sys.stderr.write("installing PostGraphile\n")
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=RIVAL, check=True)  # noqa: S607
    port = _free_port()
    told = _told(cluster) | {"BENCH_PORT": str(port), "NODE_ENV": "production"}
    if reach:
        told["BENCH_REACH"] = orjson.dumps(reach).decode()
    command = [str(RIVAL / "node_modules/.bin/node"), str(RIVAL / "server.mjs")]
    name = WALLED if reach else "PostGraphile"
    with _running(name, command, told, port) as server:
        yield server


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _told(cluster: Cluster) -> dict[str, str]:
    return {**os.environ, "BENCH_HOST": str(cluster.home), "BENCH_DATABASE": cluster.name}


@contextmanager
def _running(
    name: str, command: list[str], environment: dict[str, str], port: int
) -> Iterator[Server]:
    process = subprocess.Popen(command, env=environment)  # noqa: S603  (ours)
    try:
        _await(name, port, process)
        yield Server(name, port, process.pid)
    finally:
        process.terminate()
        process.wait(30)


def _await(name: str, port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        try:
            urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).close()
        except (URLError, TimeoutError) as error:
            if hasattr(error, "code"):  # it answers, if only that there is nothing
                return
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"{name} did not start")
