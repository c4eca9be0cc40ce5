"""What every use case is given beside its own arguments."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import strawberry

from auth.budget import Bill, Budgets
from auth.viewer import Viewer
from models.audit import Doer
from models.cache import Cache
from models.errors import Refusal
from models.outward import Outward
from models.tombstone import Marks


@dataclass(frozen=True, slots=True)
class Context:
    """One request: who asks, from where, in which language; and what the service has at hand.

    `marks` know again what was erased; who changes nothing needs none. `explain` says whether the
    schema may be asked for, and names that might have been meant.
    """

    viewer: Viewer
    cache: Cache
    doer: Doer
    translate: Callable[[str], str]
    outward: Outward
    marks: Marks = field(default_factory=lambda: Marks(()))
    again: Callable[[], Awaitable[Viewer]] | None = None
    """The viewer as of now, for those who follow what happens; None for a single answer."""
    explain: bool = True
    bill: Bill = field(default_factory=lambda: Bill(Budgets(), 0))

    def sentence(self, refusal: Refusal) -> str:
        """What a refusal says, for people, in the language of the request."""
        return self.translate(refusal.message).format(**refusal.values)


Info: TypeAlias = strawberry.Info[Context, None]
