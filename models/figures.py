"""What figures say: rates with their intervals, changes, delays; each formula with its source.

Everything is null where there is nothing to divide by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import erfc, sqrt
from typing import Self

from models.rollup import DAY, DELAYS

Z = 1.959963984540054
"""The 97.5% point of the normal law: of 100 intervals, 95 hold the true value."""

ALPHA = 0.05
"""A change is significant when chance alone would bring one as large in fewer cases than this."""

LEAST_EXPECTED = 5.0
"""Reviews to be expected in each cell of the comparison, below which nothing is said of a change
(Cochran 1954)."""

MOST_WEIGHT = 200.0
"""Reviews that the peers of an office weigh at most."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value, and the 95% interval it was drawn from."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Change:
    """From one share to another, in points of 100."""

    points: float
    p_value: float | None
    significant: bool | None


def wilson(successes: float, count: int) -> Estimate | None:
    """A share of `count` with its score interval (Wilson 1927)."""
    if not count:
        return None
    share = successes / count
    bottom = 1 + Z * Z / count
    centre = (share + Z * Z / (2 * count)) / bottom
    half = Z / bottom * sqrt(share * (1 - share) / count + Z * Z / (4 * count * count))
    return Estimate(share, max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half)))


def scaled(estimate: Estimate | None, low: float, high: float) -> Estimate | None:
    """A share as a value between `low` and `high`."""
    if estimate is None:
        return None
    ends = (low + (high - low) * one for one in (estimate.value, estimate.low, estimate.high))
    return Estimate(*ends)


def change(before: tuple[int, int], after: tuple[int, int]) -> Change | None:
    """Between two shares, each (successes, count): the pooled two-proportion z test, two-sided."""
    (was, of), (now, out_of) = before, after
    if not of or not out_of:
        return None
    points = 100 * (now / out_of - was / of)
    pooled = (was + now) / (of + out_of)
    if min(of, out_of) * min(pooled, 1 - pooled) < LEAST_EXPECTED:
        return Change(points, None, None)
    error = sqrt(pooled * (1 - pooled) * (1 / of + 1 / out_of))
    p_value = erfc(abs(points) / 100 / error / sqrt(2))
    return Change(points, p_value, p_value < ALPHA)


def percentile(classes: Sequence[int], share: float) -> float | None:
    """Days within which `share` of the delays lie, from how many are in each of the classes.

    Within a class they are taken to be spread evenly: the error is less than the width of the
    class. Beyond the last bound nothing is known but that: then it is the last bound.
    """
    rank, below, low = share * sum(classes), 0, 0
    for count, high in zip(classes, DELAYS, strict=False):
        if count and below + count >= rank:
            return (low + (high - low) * (rank - below) / count) / DAY
        below, low = below + count, high
    return DELAYS[-1] / DAY if sum(classes) else None


@dataclass(frozen=True, slots=True)
class Peers:
    """The moments of the offices of a network: what a prior is fitted by."""

    offices: int
    count: int
    positive: int
    squares: int
    """Sum of count * count."""
    positive_squares: float
    """Sum of positive * positive / count."""


@dataclass(frozen=True, slots=True)
class Prior:
    """What is known of an office before its first review, from its peers: a beta law."""

    rate: float
    weight: float

    @classmethod
    def fitted(cls, peers: "Peers") -> Self | None:
        """By moments over `peers`; null when there is no review of any of them.

        The rate is that of all together. The weight is how many reviews it stands for: few when
        offices differ more than chance has it, at most 200 when they don't (Kleinman 1973).
        """
        if not peers.count:
            return None
        rate = peers.positive / peers.count
        spread, free = rate * (1 - rate), peers.offices - 1
        effective = peers.count - peers.squares / peers.count - free
        if spread == 0 or effective <= 0:
            return cls(rate, MOST_WEIGHT)
        observed = peers.positive_squares - peers.count * rate * rate
        between = (observed - free * spread) / effective
        weight = spread / between - 1 if between > 0 else MOST_WEIGHT
        return cls(rate, min(MOST_WEIGHT, max(1.0, weight)))

    def shrunk(self, positive: int, count: int) -> float:
        """The rate of an office, drawn towards that of its peers the more, the fewer reviews."""
        return (positive + self.weight * self.rate) / (count + self.weight)


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums of what rollups measure, by its name there. They add up; what is absent is none."""

    sums: Mapping[str, int]

    def __getitem__(self, name: str) -> int:
        return self.sums.get(name, 0)

    def __add__(self, other: "Figures") -> "Figures":
        names = {**self.sums, **other.sums}
        return Figures({name: self[name] + other[name] for name in names})

    @property
    def count(self) -> int:
        """Structures concerned."""
        return self["n"]

    @property
    def neutral(self) -> int:
        """Neither positive nor negative."""
        return self["n"] - self["positive"] - self["negative"]

    @property
    def rate(self) -> Estimate | None:
        """Positive of all."""
        return wilson(self["positive"], self["n"])

    @property
    def net(self) -> Estimate | None:
        """(Positive - negative) of all."""
        return scaled(self._middle, -1, 1)

    @property
    def score(self) -> Estimate | None:
        """(10 positive + 5 neutral) of all."""
        return scaled(self._middle, 0, 10)

    @property
    def _middle(self) -> Estimate | None:
        """Where the mean feeling lies between all negative, 0, and all positive, 1."""
        return wilson(self["positive"] + self.neutral / 2, self["n"])

    @property
    def delays(self) -> list[int]:
        """Replies in each class of delays."""
        return [self[f"delay_{number}"] for number in range(len(DELAYS) + 1)]

    @property
    def mean_delay(self) -> float | None:
        """Days from publication to the first reply."""
        replies = sum(self.delays)
        return self["delay"] / replies / DAY if replies else None

    def on(self, axis: str) -> "Figures":
        """What reviews say on a general tag, as if it were all they say."""
        felt = {name: self[f"{axis}_{name}"] for name in ("positive", "negative")}
        return Figures({"n": sum(felt.values()) + self[f"{axis}_neutral"], **felt})
