"""A server that is told to stop: it leaves, and after a while it stops."""

import asyncio
import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

log = logging.getLogger("relais")

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Stopping:
    """How far a server is with stopping.

    Told to by SIGTERM, it is `leaving` for `drain` seconds: it answers still, but says that it is
    not ready, so that a load balancer sends nothing more. Then it is `over`: what is followed ends,
    and uvicorn takes no more requests, answers those that it has, and closes WebSockets with 1012.
    SIGINT, and a second SIGTERM, make it stop at once.
    """

    def __init__(self, drain: float) -> None:
        self.leaving = False
        self.over = asyncio.Event()
        self._drain = drain

    @contextmanager
    def heard(self) -> Iterator[None]:
        """While it lasts, signals to stop are heard here first, and by uvicorn in the end."""
        loop = asyncio.get_running_loop()
        before = {number: signal.getsignal(number) for number in SIGNALS}

        def stop(number: int, frame: FrameType | None) -> None:
            then = before[signal.Signals(number)]
            if callable(then):
                loop.call_soon_threadsafe(self._begin, number, lambda: then(number, frame))

        handled = [number for number in SIGNALS if callable(before[number])]
        for number in handled:
            signal.signal(number, stop)
        try:
            yield
        finally:
            for number in handled:
                signal.signal(number, before[number])

    def _begin(self, number: int, stop: Callable[[], object]) -> None:
        def end() -> None:
            log.info("stopping")
            self.over.set()
            stop()

        wait = self._drain if number == signal.SIGTERM and not self.leaving else 0.0
        self.leaving = True
        if wait:
            log.info("told to stop: not ready from now on, stopping in %s s", wait)
            asyncio.get_running_loop().call_later(wait, end)
        else:
            end()
