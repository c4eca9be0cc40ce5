"""What was erased does not come back, from its source or in the same words."""

from collections.abc import Iterable, Sequence

from models import text
from models.errors import Erased
from models.tombstone import Tombstone, Trace
from models.wall import lifted
from resolvers.context import Info


def words(kind: str, *texts: str) -> Trace | None:
    """By which words something that is brought in would be known again."""
    return Trace.told(kind, *map(text.clean, texts))


async def met(info: Info, traces: Iterable[Trace | None]) -> set[Trace]:
    """Those among `traces` that were erased."""
    async with lifted():
        return await Tombstone.met(info.context.marks, traces)


def refuse(gone: set[Trace], *traces: Trace | None, field: Sequence[str]) -> None:
    """Raise Erased, naming `field`, when one of `traces` is among those that were."""
    if gone.intersection(traces):
        message = "This was erased for good, and does not come back: leave it out."
        raise Erased(message, *field)
