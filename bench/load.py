"""Asks a server over so many connections for so long, and tells how long each answer took.

`python -m bench.load` reads what to ask as JSON, and writes what came of it as JSON: a process of
its own, so that its work is not counted as a server's.
"""

import asyncio
import sys
from dataclasses import asdict, dataclass, field
from time import perf_counter
from typing import cast

import orjson
import uvloop


@dataclass
class Load:
    """What to ask: whole requests, in turn; each once only when they change something."""

    host: str
    port: int
    requests: list[str]
    connections: int
    seconds: float
    once: bool = False


@dataclass
class Heard:
    """What came of it."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    failures: int = 0
    sample: str = ""


class Connection(asyncio.Protocol):
    """One connection that asks, waits for the whole answer, and asks again."""

    def __init__(self, load: "Asking") -> None:
        self._load = load
        self._buffer = bytearray()
        self._awaited = -1
        self._asked_at = 0.0
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is of no such class
        self._ask()

    def _ask(self) -> None:
        request = self._load.next()
        if request is None:
            self._transport.close()
            return
        self._buffer.clear()
        self._awaited = -1
        self._asked_at = perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Part of an answer, or its end."""
        self._buffer += data
        if self._awaited < 0:
            head = self._buffer.find(b"\r\n\r\n")
            if head < 0:
                return
            headers = bytes(self._buffer[:head]).lower()
            at = headers.index(b"content-length:") + 15
            self._awaited = head + 4 + int(headers[at:].split(b"\r\n", 1)[0])
        if len(self._buffer) >= self._awaited:
            self._load.heard(perf_counter() - self._asked_at, self._buffer)
            self._ask()

    def connection_lost(self, _: Exception | None) -> None:
        """The end of it."""
        self._load.over()


class Asking:
    """What all connections of a load share."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._requests = [request.encode() for request in load.requests]
        self._asked = 0
        self._open = load.connections
        self.ended = asyncio.get_running_loop().create_future()
        self._stop_at = perf_counter() + load.seconds
        self.result = Heard()

    def next(self) -> bytes | None:
        """The next request; None when it is time to stop."""
        spent = self._load.once and self._asked >= len(self._requests)
        if spent or perf_counter() >= self._stop_at:
            return None
        self._asked += 1
        return self._requests[(self._asked - 1) % len(self._requests)]

    def heard(self, seconds: float, answer: bytearray) -> None:
        """An answer came."""
        self.result.latencies.append(seconds)
        good = answer.startswith(b"HTTP/1.1 200") and b'"errors":' not in answer
        self.result.failures += not good
        if not good or not self.result.sample:
            self.result.sample = answer.decode(errors="replace")

    def over(self) -> None:
        """A connection was closed."""
        self._open -= 1
        if not self._open and not self.ended.done():
            self.ended.set_result(None)


async def ask(load: Load) -> Heard:
    """Ask until the time is over, or every request was sent."""
    asking, loop = Asking(load), asyncio.get_running_loop()
    begun = perf_counter()
    for _ in range(load.connections):
        await loop.create_connection(lambda: Connection(asking), load.host, load.port)
    await asking.ended
    asking.result.seconds = perf_counter() - begun
    return asking.result


def main() -> None:
    """One load, from standard input to standard output."""
    load = Load(**orjson.loads(sys.stdin.buffer.read()))
    sys.stdout.buffer.write(orjson.dumps(asdict(uvloop.run(ask(load)))))


if __name__ == "__main__":
    main()
