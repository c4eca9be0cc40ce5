"""What every use case is given beside its own arguments."""

from dataclasses import dataclass
from typing import TypeAlias

import strawberry

from auth.viewer import Viewer
from models.cache import Cache


@dataclass(frozen=True, slots=True)
class Context:
    """One request: who asks, and what is remembered between requests."""

    viewer: Viewer
    cache: Cache


Info: TypeAlias = strawberry.Info[Context, None]
