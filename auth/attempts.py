"""How many bad credentials a source, or an account that is named, may bring."""

import time
from collections.abc import Callable
from heapq import heappop, heappush, heapreplace
from itertools import count
from math import ceil

from auth.refused import TooManyAttempts

ALLOWED = 20
"""Failures that a key may have at once."""

FORGIVEN = 3.0
"""Seconds after which one more failure of a key is forgiven."""

MAX_KEYS = 10_000
"""Keys whose failures are remembered."""


class Attempts:
    """Counts failures in a leaky bucket for each key, a short string that means nothing here.

    Within the process only: this bounds the work that guessing makes, and keeps no secret, since
    nobody guesses a token of 256 bits. Several processes allow as many times the failures.
    When there are too many keys the emptiest bucket is forgotten, so that fresh keys, however
    many, do not wash out a full one.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._uses = count()
        # When it will be empty, its last use, its key: the least is the emptiest, now and later.
        self._buckets: dict[str, tuple[float, int, str]] = {}
        # One entry for each bucket, as it once was: none is greater than the bucket is by now.
        self._queue: list[tuple[float, int, str]] = []

    def check(self, *keys: str) -> None:
        """Raises TooManyAttempts when one of `keys` has used up its failures."""
        now = self._clock()
        empty_at = max((self._buckets[key][0] for key in keys if key in self._buckets), default=now)
        wait = empty_at - now - (ALLOWED - 1) * FORGIVEN
        if wait > 0:
            raise TooManyAttempts(ceil(wait))

    def failed(self, *keys: str) -> None:
        """Counts a failure for each of `keys`; a full bucket stays full, and gets no fuller."""
        now = self._clock()
        for key in keys:
            empty_at = max(self._buckets[key][0], now) if key in self._buckets else now
            filled = min(empty_at + FORGIVEN, now + ALLOWED * FORGIVEN)
            bucket = (filled, next(self._uses), key)
            if key not in self._buckets:
                if len(self._buckets) >= MAX_KEYS:
                    self._forget_the_emptiest()
                heappush(self._queue, bucket)
            self._buckets[key] = bucket

    def _forget_the_emptiest(self) -> None:
        while (latest := self._buckets[self._queue[0][2]]) is not self._queue[0]:
            heapreplace(self._queue, latest)
        del self._buckets[heappop(self._queue)[2]]
