"""What every use case is given beside its own arguments."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import strawberry

from auth.viewer import Viewer
from models.audit import Doer
from models.cache import Cache


@dataclass(frozen=True, slots=True)
class Context:
    """One request: who asks and from where, in which language, and what is remembered."""

    viewer: Viewer
    cache: Cache
    doer: Doer
    translate: Callable[[str], str]


Info: TypeAlias = strawberry.Info[Context, None]
