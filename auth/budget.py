"""What an account may ask for: a bucket that leaks, filled by what its requests cost."""

import time
from collections import OrderedDict
from collections.abc import Callable
from math import ceil

MAX_ACCOUNTS = 10_000
"""Accounts whose spending is remembered: the one that asked longest ago is forgotten first."""


class Budgets:
    """`most` at once for each account, of which `rate` comes back each second; 0: no end of it.

    Within the process only, like the count of bad credentials: several processes allow as many
    times as much. It keeps one account from slowing the others down; it bills nobody.
    """

    def __init__(
        self, most: int = 0, rate: int = 1, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.most = most
        self.rate = rate
        self._clock = clock
        self._empty_at: OrderedDict[int, float] = OrderedDict()

    def available(self, account: int) -> int:
        """What `account` may still spend."""
        wait = max(self._empty_at.get(account, 0.0) - self._clock(), 0.0)
        return max(self.most - ceil(wait * self.rate), 0)

    def wait(self, account: int, cost: int) -> int:
        """How many seconds `account` has to wait before it can spend `cost`."""
        short = cost - self.available(account)
        return ceil(short / self.rate) if self.most and short > 0 else 0

    def spend(self, account: int, cost: int) -> None:
        """Take `cost` from an account; a negative one gives back."""
        now = self._clock()
        self._empty_at[account] = max(self._empty_at.get(account, now), now) + cost / self.rate
        self._empty_at.move_to_end(account)
        while len(self._empty_at) > MAX_ACCOUNTS:
            self._empty_at.popitem(last=False)


class Bill:
    """What one request of an account costs, and whether it only wants to know."""

    def __init__(self, budgets: Budgets, account: int, *, preview: bool = False) -> None:
        self.preview = preview
        self.requested = 0
        self.actual = 0
        self.wait = 0
        self._budgets = budgets
        self._account = account
        self._paid = 0

    def pay(self) -> bool:
        """Pay beforehand, once, what the request may cost at most; whether the account can."""
        if self._paid:
            return True
        self.wait = self._budgets.wait(self._account, self.requested)
        if self.wait == 0:
            self._paid = self.actual = self.requested
            self._budgets.spend(self._account, self._paid)
        return self.wait == 0

    def settle(self, actual: int) -> None:
        """Get back what it did not cost."""
        self.actual = actual
        if self._paid:
            self._budgets.spend(self._account, actual - self._paid)

    def told(self) -> dict[str, int | None]:
        """The bill as clients get it."""
        most = self._budgets.most
        return {
            "requested": self.requested,
            "actual": self.actual,
            "available": self._budgets.available(self._account) if most else None,
            "restoreRate": self._budgets.rate if most else None,
        }

    def headers(self) -> dict[str, str]:
        """The same as headers: those of the IETF's draft on rate limits, and how long to wait."""
        most, rate = self._budgets.most, self._budgets.rate
        if not most:
            return {}
        left = self._budgets.available(self._account)
        retry = {"retry_after": str(self.wait)} if self.wait else {}
        return retry | {
            "ratelimit_policy": f'"cost";q={most};w={ceil(most / rate)}',
            "ratelimit": f'"cost";r={left};t={ceil((most - left) / rate)}',
        }
