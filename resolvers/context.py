"""What every use case is given beside its own arguments."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import strawberry

from auth.budget import Bill, Budgets
from auth.viewer import Viewer
from models.audit import Doer
from models.cache import Cache


@dataclass(frozen=True, slots=True)
class Context:
    """One request: who asks and from where, in which language, what is remembered and paid.

    `explain` says whether the schema may be asked for, and names that might have been meant.
    """

    viewer: Viewer
    cache: Cache
    doer: Doer
    translate: Callable[[str], str]
    explain: bool = True
    bill: Bill = field(default_factory=lambda: Bill(Budgets(), 0))


Info: TypeAlias = strawberry.Info[Context, None]
