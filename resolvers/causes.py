"""How much is wrong with something, compared with the networks it is of."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from auth import scope
from models.figures import Estimate, Figures, change, wilson
from models.sql import Sql
from resolvers.context import Info
from resolvers.figures import Key
from resolvers.names import Axis
from resolvers.offices import OFFICE
from resolvers.rows import Noun, Row, select
from resolvers.selection import Selection


@dataclass(frozen=True, slots=True)
class Cause:
    """Of so many, how many are wrong, and how many would be expected to."""

    count: int
    wrong: int
    expected: float
    elsewhere: tuple[int, int]
    """The wrong ones and all of the rest of the networks."""
    thing: Row | Axis | None = None
    oldest: date | None = None

    @property
    def share(self) -> Estimate | None:
        """The wrong ones of all."""
        return wilson(self.wrong, self.count)

    @property
    def excess(self) -> float:
        """More than in the networks as a whole."""
        return self.wrong - self.expected

    @property
    def significant(self) -> bool | None:
        """Whether chance does not explain it."""
        moved = change(self.elsewhere, (self.wrong, self.count))
        return moved.significant if moved else None

    @property
    def negative(self) -> int:
        """The wrong ones, where that is what they are."""
        return self.wrong

    @property
    def late(self) -> int:
        """Likewise."""
        return self.wrong

    @property
    def due(self) -> int:
        """All, where they are those that might be late."""
        return self.count

    @property
    def axis(self) -> Row | Axis | None:
        """Where it is an axis."""
        return self.thing

    @property
    def office(self) -> Row | Axis | None:
        """Where it is an office."""
        return self.thing

    @property
    def procedure(self) -> Row | Axis | None:
        """Where it is a procedure."""
        return self.thing


def compared(
    own: Mapping[Key, Figures], peers: Mapping[Key, Figures], wrong: Callable[[Figures], int]
) -> Cause:
    """`own` by network, beside those networks as wholes."""
    told, whole, expected = sum(own.values(), Figures({})), Figures({}), 0.0
    for key, sums in own.items():
        network = peers.get(key[:1], sums)
        expected += sums.count * wrong(network) / network.count if network.count else 0.0
        whole = whole + network
    rest = (max(0, wrong(whole) - wrong(told)), max(0, whole.count - told.count))
    return Cause(told.count, wrong(told), expected, rest)


def by_thing(found: Mapping[Key, Figures]) -> dict[int, dict[Key, Figures]]:
    """What is told by network and thing, by thing: each with its networks."""
    told: dict[int, dict[Key, Figures]] = {}
    for (network, key), sums in found.items():
        if key:
            told.setdefault(int(key), {})[network,] = sums
    return told


async def things(info: Info, noun: Noun, keys: Iterable[int], wanted: Selection) -> dict[int, Row]:
    """Offices, or procedures, by their keys."""
    viewer = info.context.viewer
    scoped = scope.offices(viewer) if noun is OFFICE else scope.procedures(viewer)
    among = scoped.narrow(where=[Sql(f"{noun.alias}.id IN ??", (list(keys),))])
    return {one.key: one for one in await select(noun, among, wanted)}
